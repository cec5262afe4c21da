"""One door for every file: JSON or YAML, by the name and by the first character.

Which reader takes a file is decided here, and nothing else.
"""

from mockws.errors import Unreadable
from mockws.source.json import read_json
from mockws.source.limits import DEFAULT, Limits
from mockws.source.text import Text
from mockws.source.yaml import read_yaml

_MAY_BE_JSON = (b"{", b"[", b"\xef\xbb\xbf{", b"\xef\xbb\xbf[")


def read(content: bytes, name: str, limits: Limits = DEFAULT) -> Text:
    """Read a document, stub, scenario or configuration file; raise Unreadable."""
    if name.lower().endswith(".json"):
        return _named_json(content, name, limits)
    if content.lstrip().startswith(_MAY_BE_JSON):
        return _maybe_json(content, name, limits)
    return read_yaml(content, name, limits)


def _named_json(content: bytes, name: str, limits: Limits) -> Text:
    try:
        return read_json(content, name, limits)
    except Unreadable as error:
        if error.code == "json_syntax" and _is_yaml(content, name, limits):
            error.advice = "the text is YAML: name the file .yaml"
        raise


def _maybe_json(content: bytes, name: str, limits: Limits) -> Text:
    try:
        return read_json(content, name, limits)
    except Unreadable as error:
        # YAML's flow style looks like JSON; what is JSON, but has twins or is too deep, is no better as YAML.
        if error.code != "json_syntax":
            raise
    return read_yaml(content, name, limits)


def _is_yaml(content: bytes, name: str, limits: Limits) -> bool:
    try:
        return isinstance(read_yaml(content, name, limits).value, dict | list)
    except Unreadable:
        return False
