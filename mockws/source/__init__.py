"""Bytes become values here, with the place of every value and a limit on every size."""
