"""What a template sees of a value, and what becomes of a value that it made: read-only views in, plain JSON out.

A view has no methods that a template could call, so that nothing which others see can be changed by one.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

import minijinja

from mockws.codec import encode_json
from mockws.errors import MockwsError, TemplateFailed
from mockws.expect.growth import NUMBER

FUEL = 20_000
MAX_OUTPUT = 1 << 20
MAX_RANGE = 10_000
INTEGERS = range(-(1 << 63), 1 << 64)  # what others read as it was written
# What a function may raise over the arguments that a template hands it.
FUNCTION_FAILED = (MockwsError, TypeError, ValueError, ArithmeticError, AttributeError, LookupError, RecursionError)
# These make as much text as a number in them says, before anybody could look.
UNBOUNDED = ("batch", "center", "chain", "format", "indent", "slice", "truncate", "wordwrap", "xmlattr", "zip")


class View:
    """A JSON object or array, to be looked at only; names with an underscore are out of a template's reach."""

    __slots__ = ("_value",)

    def __init__(self, value: Any) -> None:
        self._value = value

    def __getitem__(self, key: Any) -> Any:
        # The engine looks for an attribute where there is no such key; `items` is the only one there is.
        if key == "items" and isinstance(self._value, dict):
            return view_of(self._value.get("items"))
        return view_of(self._value[key])

    def __iter__(self) -> Iterator[Any]:
        return iter(self._value) if isinstance(self._value, dict) else map(view_of, self._value)

    def __len__(self) -> int:
        return len(self._value)

    def __str__(self) -> str:
        return encode_json(self._value)


class ObjectView(View):
    """An object; the engine tells one by its `items`, which it never calls."""

    __slots__ = ()
    items = None


class ArrayView(View):
    """An array."""

    __slots__ = ()


Mapping.register(ObjectView)
Sequence.register(ArrayView)


def view_of(value: Any) -> Any:
    """Show a value to a template."""
    if isinstance(value, dict):
        return ObjectView(value)
    return ArrayView(value) if isinstance(value, list) else value


def plain(value: Any) -> Any:
    """Give the JSON value of what an expression came to; raises TemplateFailed where it came to something else."""
    made = _plain(value)
    if isinstance(made, str | list | dict) and not isinstance(value, View):
        size = len(made) if isinstance(made, str) else len(encode_json(made))
        if size > MAX_OUTPUT:
            raise TemplateFailed("", f"it makes more than {MAX_OUTPUT} characters")
    return made


def _plain(value: Any) -> Any:
    match value:
        case View():
            return value._value
        case dict():
            return {_text(key): _plain(inner) for key, inner in value.items()}
        case list() | tuple() if len(value) <= MAX_OUTPUT // 2:
            return [_plain(inner) for inner in value]
        case str():
            return str(value)
        case None | bool():
            return value
        case int() if value in INTEGERS:
            return value
        case float() if math.isfinite(value):
            return value
    raise TemplateFailed("", f"what it makes is no JSON value: {_named(value)}")


def _named(value: Any) -> str:
    return f"{value.__name__} is a function, to be called" if callable(value) else type(value).__name__


def _text(value: Any) -> str:
    """Write a value into a text: a string as it is, nothing as nothing, all else as JSON."""
    made = _plain(value)
    return "" if made is None else made if isinstance(made, str) else encode_json(made)


@minijinja.pass_state
def _written(state: Any, value: Any) -> str:
    return _counted(state, _text(value))


def _counted(state: Any, text: str) -> str:
    """Count what one rendering makes, while it makes it: a loop over a long text ends in time."""
    made = (state.get_temp("made") or 0) + len(text)
    if made > MAX_OUTPUT:
        raise TemplateFailed("", f"it makes more than {MAX_OUTPUT} characters")
    state.set_temp("made", made)
    return text


@minijinja.pass_state  # type: ignore[arg-type]  # its stub knows filters without arguments only
def _replaced(state: Any, value: Any, old: Any, new: Any) -> str:
    text, piece, other = _text(value), _text(old), _text(new)
    if len(text) + text.count(piece) * len(other) > MAX_OUTPUT:
        raise TemplateFailed("", f"it makes more than {MAX_OUTPUT} characters")
    return _counted(state, text.replace(piece, other))


@minijinja.pass_state
def _joined(state: Any, value: Iterable[Any], between: Any = "") -> str:
    texts, mark = [_text(each) for each in value], _text(between)
    if sum(map(len, texts)) + len(mark) * len(texts) > MAX_OUTPUT:
        raise TemplateFailed("", f"it makes more than {MAX_OUTPUT} characters")
    return _counted(state, mark.join(texts))


def _multiplied(value: Any) -> Any:
    """Let numbers be multiplied, and nothing else: a text times a number is that text so many times."""
    if isinstance(value, int | float):
        return value
    raise TemplateFailed("", f"only numbers are multiplied, not {type(value).__name__}")


@minijinja.pass_state
def _as_json(state: Any, value: Any) -> str:
    return _counted(state, encode_json(_plain(value)))


@minijinja.pass_state
def _escaped(state: Any, value: Any) -> str:
    """Escape a text for a URL; a mapping becomes the arguments of a query."""
    made = _plain(value)
    if isinstance(made, dict):
        pairs = (f"{quote(key)}={quote(_text(inner))}" for key, inner in made.items() if inner is not None)
        return _counted(state, "&".join(pairs))
    return _counted(state, quote(_text(made)))


def _numbers(*bounds: int) -> list[int]:
    """Count as `range` does, and not beyond all measure."""
    counted = range(*bounds)
    if len(counted) > MAX_RANGE:
        raise TemplateFailed("", f"a range has at most {MAX_RANGE} numbers")
    return list(counted)


def environment() -> minijinja.Environment:
    """Make the engine that templates run in: no loader, no methods, no filter without a bound."""
    made = minijinja.Environment(
        undefined_behavior="chainable", auto_escape_callback=lambda _: False, pycompat=False, debug=False, fuel=FUEL
    )
    made.finalizer = _written
    made.add_filter("replace", _replaced)
    made.add_filter("join", _joined)
    made.add_filter("tojson", _as_json)
    made.add_filter("string", _written)
    made.add_filter("urlencode", _escaped)
    made.add_filter(NUMBER, _multiplied)
    made.add_global("range", _numbers)
    for name in UNBOUNDED:
        made.remove_filter(name)
    return made
