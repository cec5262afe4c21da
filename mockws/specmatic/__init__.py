"""Specmatic's files: where a project's documents and examples are, and what its examples say."""
