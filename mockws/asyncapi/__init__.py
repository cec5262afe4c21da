"""AsyncAPI text in, a `Contract` out: the only room that knows AsyncAPI."""
