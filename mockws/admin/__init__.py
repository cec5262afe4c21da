"""The admin API: HTTP in, events to the driver; the state of the mock out, as JSON."""
