"""What the user asks for: one grammar for stub files, HTTP bodies and Python."""
