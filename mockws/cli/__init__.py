"""The command line: each command parses, calls, prints, and sets the exit code."""
