"""Servers that are faulty on purpose, and one that is not: what `mockws test` has to tell apart."""
