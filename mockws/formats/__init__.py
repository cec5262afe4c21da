"""Formats other than plain JSON: how values are written on the wire, and the schemas of Avro and Protobuf."""
