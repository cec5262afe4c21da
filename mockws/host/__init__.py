"""Doing: feeds events to the engine, and carries its actions out on sockets and timers."""
