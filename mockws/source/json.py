"""JSON text becomes a value, under the guarantees that YAML has: limits, no duplicate keys, the place of everything.

The standard decoder does the work. What it lets through (depth, NaN, twins, lone surrogates) is looked for before or
after it with one regular expression; places are worked out only when somebody asks.
"""

import functools
import itertools
import json
import re
from collections.abc import Iterator
from typing import Any, NoReturn

from mockws.errors import Unreadable
from mockws.source import scalar, wording
from mockws.source.encoding import decode
from mockws.source.limits import DEFAULT, Limits
from mockws.source.text import Lines, Text, quoted
from mockws.source.tokens import STRING, layout

_BRACKETS = re.compile(r"[\[\]{}]")
_HOLDS_SOMETHING = re.compile(r"[\[{](?!\s*[\]}])")
_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?")
_CONSTANT = re.compile(r"-?Infinity|NaN")
_STEP = {"[": 1, "{": 1, "]": -1, "}": -1}
_SURROGATE_ESCAPE = re.compile(r"\\u[dD][89a-fA-F]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")


def read_json(content: bytes, name: str, limits: Limits = DEFAULT) -> Text:
    """Read a JSON file; raise Unreadable for all that is wrong with it."""
    lines = decode(content, name, limits)
    _measure(lines, limits)
    value = _decode(lines)
    if _SURROGATE_ESCAPE.search(lines.characters):
        _refuse_lone_surrogates(lines)
    return Text(name, value, lines, functools.cache(functools.partial(layout, lines)))


def _measure(lines: Lines, limits: Limits) -> None:
    """Hold the limits before the decoder runs: it recurses, and it builds what it reads."""
    bare = STRING.sub("s", lines.characters)
    brackets = _BRACKETS.findall(bare)
    if max(itertools.accumulate(map(_STEP.__getitem__, brackets)), default=0) > limits.depth:
        raise _too_deep(lines, limits)
    if 1 + bare.count(",") + bare.count(":") + len(_HOLDS_SOMETHING.findall(bare)) > limits.nodes:
        message = f"the file holds too much: at most {limits.nodes:,} keys and values are read"
        raise lines.refuse("json_nodes", message, advice="split it into several files")
    if any(_too_long(number, limits) for number in _NUMBER.findall(bare)):
        raise _long_number(lines, limits)


def _decode(lines: Lines) -> Any:
    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        mapping = dict(pairs)
        if len(mapping) != len(pairs):
            layout(lines)  # knows the places, and raises
        return mapping

    def real(number: str) -> float:
        try:
            return scalar.real(number)
        except ValueError as error:
            offset = next((match.start() for match in _outside(lines, _NUMBER) if match.group() == number), None)
            raise lines.refuse("json_number", str(error), offset, advice="quote it if it is meant as text") from None

    def constant(word: str) -> NoReturn:
        offset = next((match.start() for match in _outside(lines, _CONSTANT)), None)
        raise lines.refuse("json_syntax", f"JSON has no {word}", offset, advice="write null, or a number")

    decoder = json.JSONDecoder(object_pairs_hook=unique, parse_float=real, parse_constant=constant)
    try:
        return decoder.decode(lines.characters)
    except json.JSONDecodeError as error:
        raise wording.json_error(lines, problem=error.msg, offset=error.pos) from None


def _too_deep(lines: Lines, limits: Limits) -> Unreadable:
    def enter(before: tuple[int, int], bracket: re.Match[str]) -> tuple[int, int]:
        return before[0] + _STEP[bracket.group()], bracket.start()

    steps = itertools.accumulate(_outside(lines, _BRACKETS), enter, initial=(0, 0))
    offset = next((offset for depth, offset in steps if depth > limits.depth), None)
    message = f"the nesting is too deep: at most {limits.depth} levels are read"
    return lines.refuse("json_depth", message, offset, advice="move inner parts to 'components' and use '$ref'")


def _too_long(number: str, limits: Limits) -> bool:
    return len(number) > limits.digits and len(number.lstrip("-")) > limits.digits


def _long_number(lines: Lines, limits: Limits) -> Unreadable:
    numbers = _outside(lines, _NUMBER)
    offset = next((number.start() for number in numbers if _too_long(number.group(), limits)), None)
    message = f"the number has more than {limits.digits:,} digits"
    return lines.refuse("json_number", message, offset, advice="quote it if it is meant as text")


def _refuse_lone_surrogates(lines: Lines) -> None:
    for match in STRING.finditer(lines.characters):
        if _SURROGATE_ESCAPE.search(match.group()) and _SURROGATE.search(json.loads(match.group())):
            raise lines.refuse(
                "json_surrogate",
                f"the text {quoted(match.group())} has half of a surrogate pair",
                match.start(),
                advice=r"write both halves, as in \ud83d\ude00, or the character itself",
            )


def _outside(lines: Lines, pattern: re.Pattern[str]) -> Iterator[re.Match[str]]:
    """Find a pattern wherever it stands outside of texts."""
    matches = re.finditer(f"{STRING.pattern}|(?P<hit>{pattern.pattern})", lines.characters, re.DOTALL)
    return (match for match in matches if match["hit"] is not None)
