"""JSON Schema as a value: what a schema accepts, how a value breaks it, and a value that fits it."""
