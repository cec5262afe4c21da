"""mockws: a mock WebSocket server that answers as an AsyncAPI document says."""

__version__ = "0.1.0"
