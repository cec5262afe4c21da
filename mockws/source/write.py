"""A JSON value becomes YAML text that `read_yaml` reads back unchanged, whatever is in it.

PyYAML writes for readers of YAML 1.1: what only YAML 1.2 takes for a number or a word is put into quotes here.
"""

from typing import Any

import yaml

from mockws.source import scalar
from mockws.source.limits import DEFAULT

WIDTH = 120


class _Dumper(yaml.SafeDumper):
    """Writes no anchors: the reader counts what they stand for."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002  # PyYAML's signature
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = None if text.isprintable() and _stays_text(text) else '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


def _stays_text(text: str) -> bool:
    try:
        return isinstance(scalar.plain(text, digits=DEFAULT.digits), str)
    except ValueError:
        return False


_Dumper.add_representer(str, _text)


def yaml_text(value: Any) -> str:
    """Write a JSON value as YAML; small collections stand on one line."""
    written: str = yaml.dump(
        value, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=WIDTH, default_flow_style=None
    )
    return written


class _Pages(_Dumper):
    """Writes as people write documents: every key on a line of its own, long texts as they are."""


def _long_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    lines = text.split("\n")
    if len(lines) == 1 or not all(line.isprintable() for line in lines):
        return _text(dumper, text)
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|")


_Pages.add_representer(str, _long_text)


def document_text(value: Any) -> str:
    """Write a whole document as YAML."""
    written: str = yaml.dump(
        value, Dumper=_Pages, sort_keys=False, allow_unicode=True, width=WIDTH, default_flow_style=False
    )
    return written
