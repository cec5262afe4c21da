"""Golden exchanges: read from YAML files, and played on the bare engine or over real sockets."""
