"""Traits: what several messages or operations have in common, merged into each as its version says."""

import posixpath
from dataclasses import replace
from typing import Any
from urllib.parse import urljoin

from mockws.asyncapi.document import Node, is_url


def with_traits(node: Node, *, trait_wins: bool) -> Node:
    """Give the node with its traits merged in, by JSON Merge Patch (RFC 7386).

    AsyncAPI 2.x, "Traits Merge Mechanism": a trait is merged over its target. 3.x turned that round: the target wins.
    """
    traits = node.get("traits")
    layers = [_rebased(trait.value, trait.file, node.file) for trait in traits.elements()] if traits else []
    layers = [layer for layer in layers if isinstance(layer, dict)]
    if not layers:
        return node
    own = {key: value for key, value in node.value.items() if key != "traits"}
    first, *others = (own, *layers) if trait_wins else (*layers, own)
    merged: Any = first
    for layer in others:
        merged = _patched(merged, layer)
    return replace(node, value=merged)


def _patched(target: Any, patch: Any) -> Any:
    if not isinstance(patch, dict):
        return patch
    patched = dict(target) if isinstance(target, dict) else {}
    for key, value in patch.items():
        if key not in patched:
            patched[key] = (
                value  # as it is: a null in it (`const: null`) is a value that nothing is there to be removed by
            )
        elif value is None:
            del patched[key]
        else:
            patched[key] = _patched(patched[key], value)
    return patched


def _rebased(value: Any, file: str, onto: str) -> Any:
    """Write the references of a trait as they must read in the file that it is merged into."""
    if file == onto:
        return value
    if isinstance(value, list):
        return [_rebased(each, file, onto) for each in value]
    if not isinstance(value, dict):
        return value
    reference = value.get("$ref")
    if isinstance(reference, str) and "://" not in reference:
        path, hash_, fragment = reference.partition("#")
        if is_url(file):
            return {**value, "$ref": urljoin(file, path) + hash_ + fragment}
        target = posixpath.join(posixpath.dirname(file), path) if path else file
        return {**value, "$ref": posixpath.relpath(target, posixpath.dirname(onto) or ".") + hash_ + fragment}
    return {key: _rebased(each, file, onto) for key, each in value.items()}
