"""The decider: events in, actions out. It knows no socket, no clock and no dice."""
