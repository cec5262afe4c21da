"""What an example says, as a template: what came under a name, what is new each time, and all else as it stands."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from mockws.codec import encode_json
from mockws.source.pointer import join, parse
from mockws.specmatic.example import Example
from mockws.specmatic.fitting import Fitted, holes_of
from mockws.specmatic.values import REFERENCE, SAMPLES, leaves, wanted_of

PLAIN_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
NEW_EACH_TIME = {"datetime": "{{ now }}", "uuid": "{{ uuid() }}"}  # type by Specmatic's name -> template
MARKS = ("{{", "{%", "{#")


def captured(payload: Any, root: str) -> dict[str, str]:
    """Give the names under which an example keeps what comes, each with the expression that finds it."""
    return {name: root + _path(pointer) for pointer, name in _named(payload)}


def _named(payload: Any) -> Iterator[tuple[str, str]]:
    for pointer, leaf in leaves(payload):
        wanted = wanted_of(leaf) if isinstance(leaf, str) else None
        if wanted is not None and wanted.name:
            yield pointer, wanted.name


def _path(pointer: str) -> str:
    return "".join(_step(token) for token in parse(pointer))


def _step(token: str) -> str:
    if token.isdecimal():
        return f"[{token}]"
    return f".{token}" if PLAIN_KEY.fullmatch(token) else f"[{encode_json(token)}]"


def constants(example: Example) -> dict[str, Any]:
    """Give a value for each name that the example keeps something under: it stands for what will come."""
    parts = [each.payload for each in (example.receive, example.send) if each is not None]
    for fixture in (*example.before, *example.after):
        parts += [fixture.body, fixture.answer, *fixture.path.split("/"), *re.split(r"[/?&=]", fixture.path)]
    return {wanted.name: wanted.samples[0] for part in parts for wanted in holes_of(part).values() if wanted.name}


def concrete(value: Any, known: Mapping[str, Any]) -> Any:
    """Put a value in the place of each value string, and of each reference to what is known."""
    if isinstance(value, dict):
        return {key: concrete(inner, known) for key, inner in value.items()}
    if isinstance(value, list):
        return [concrete(inner, known) for inner in value]
    if not isinstance(value, str):
        return value
    wanted = wanted_of(value)
    if wanted is not None:
        return known.get(wanted.name, wanted.samples[0] if wanted.samples else SAMPLES["string"])
    single = REFERENCE.fullmatch(value)
    if single is not None:
        return known.get(single["path"], value)
    return REFERENCE.sub(lambda found: str(known.get(found["path"], found[0])), value)


def written(payload: Any, fitted: Fitted, names: Mapping[str, str], pointer: str = "") -> Any:
    """Write a payload with templates: names that came with the request, and what is new each time."""
    if isinstance(payload, dict):
        return {key: written(inner, fitted, names, join(pointer, key)) for key, inner in payload.items()}
    if isinstance(payload, list):
        return [written(inner, fitted, names, join(pointer, place)) for place, inner in enumerate(payload)]
    if not isinstance(payload, str):
        return payload
    value, wanted = _at(fitted.value, pointer), fitted.holes.get(pointer)
    if any(each["path"] in names for each in REFERENCE.finditer(payload)):
        return _pieced(payload, names)
    fresh = NEW_EACH_TIME.get(wanted.kind) if wanted is not None and value in wanted.samples else None
    return fresh or escaped(value)


def _pieced(text: str, names: Mapping[str, str]) -> str:
    """Write a text in which references stand among other things."""
    pieces, end = [], 0
    for found in REFERENCE.finditer(text):
        if found["path"] in names:
            pieces += [escaped(text[end : found.start()]), f"{{{{ {names[found['path']]} }}}}"]
            end = found.end()
    return "".join((*pieces, escaped(text[end:])))


def escaped(text: Any) -> Any:
    """Keep what looks like a template from being one."""
    if isinstance(text, str) and any(mark in text for mark in MARKS):
        return f"{{% raw %}}{text}{{% endraw %}}"
    return text


def _at(value: Any, pointer: str) -> Any:
    for token in parse(pointer):
        value = value[int(token)] if isinstance(value, list) else value[token]
    return value
