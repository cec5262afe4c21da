"""Contracts in a form in which two can be compared: schemas with their definitions numbered as they are met."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from mockws.contract import Contract
from mockws.schema.schema import Schema
from mockws.source.pointer import parse


def told(contract: Contract) -> Any:
    """Tell all that a contract promises, as plain values."""
    return _told(contract)


def _told(value: Any) -> Any:
    if isinstance(value, Schema):
        return _numbered(value.document)
    if is_dataclass(value):
        return {each.name: _told(getattr(value, each.name)) for each in fields(value) if each.compare}
    if isinstance(value, Mapping):
        return {key: _told(inner) for key, inner in value.items() if key != "$ref"}
    if isinstance(value, list | tuple):
        return [_told(inner) for inner in value]
    if isinstance(value, frozenset):
        return sorted(map(repr, value))
    return type(value).__name__ if " object at 0x" in repr(value) else repr(value)  # not where it is in memory


def _numbered(document: Any) -> Any:
    """Name each definition by the turn in which it is met; their names come from the files that they stand in."""
    if not isinstance(document, dict):
        return document
    definitions = document.get("definitions", {})
    names: dict[str, int] = {}
    made: dict[int, Any] = {}

    def walk(value: Any) -> Any:
        if isinstance(value, list):
            return [walk(each) for each in value]
        if not isinstance(value, dict):
            return value
        reference = value.get("$ref")
        tokens = parse(reference) if isinstance(reference, str) and reference.startswith("#/definitions/") else ()
        if len(tokens) != 2 or tokens[1] not in definitions:
            return {key: walk(each) for key, each in value.items()}
        if tokens[1] not in names:
            names[tokens[1]] = number = len(names)
            made[number] = walk(definitions[tokens[1]])
        return {"$ref": names[tokens[1]]}

    top = walk({key: each for key, each in document.items() if key != "definitions"})
    return {"schema": top, "definitions": made}
