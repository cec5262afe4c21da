"""Addresses of channels: templates such as `/rooms/{room}`, and the book that finds the one for a request path.

A path is compared segment by segment, each decoded as strict UTF-8. Literal segments win over parameters. Nothing here
knows what is found at an address.
"""

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar
from urllib.parse import quote, unquote_to_bytes

from mockws.errors import BadPath

T = TypeVar("T")
PARAMETER = re.compile(r"\{([^{}/]+)\}")
UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f]")
UNRESERVED = "-._~!$&'()*+,;=:@"  # RFC 3986, 3.3: pchar, what a segment holds without an escape


def segments_of(path: str) -> tuple[str, ...]:
    """Split a raw request path and decode each segment; raises BadPath where that is not UTF-8."""
    try:
        return tuple(_decoded(segment) for segment in path.removeprefix("/").split("/"))
    except UnicodeDecodeError:
        raise BadPath(path) from None


def path_in(text: str) -> str:
    """Give the decoded path of an address as people write it: `x`, `/x`, `ws://host/x?y`; raises BadPath."""
    _, mark, rest = text.partition("://")
    path = rest.partition("/")[2] if mark else text
    return "/" + "/".join(segments_of(path.partition("#")[0].partition("?")[0]))


def filled(template: str, values: Mapping[str, object]) -> str:
    """Write the path for these parameter values, percent-encoded; a parameter without a value stays as it is."""
    if "{" not in template:
        return template

    def value_of(found: re.Match[str]) -> str:
        name = found.group(1)
        return quote(str(values[name]), safe=UNRESERVED) if name in values else found.group(0)

    return PARAMETER.sub(value_of, template)


def _decoded(segment: str) -> str:
    return unquote_to_bytes(segment).decode("utf-8") if "%" in segment else segment


@dataclass(frozen=True, slots=True)
class Segment:
    """One part between two slashes: a literal text, or a pattern with parameters in it."""

    text: str
    names: tuple[str, ...]
    enums: tuple[tuple[str, ...], ...]
    pattern: re.Pattern[str]

    @property
    def literal(self) -> bool:
        return not self.names

    def match(self, text: str) -> dict[str, str] | None:
        """Give the parameters' values, or None where the text does not fit or is not in an enum."""
        found = self.pattern.fullmatch(text)
        if found is None or UNPRINTABLE.search(text):
            return None
        for value, enum in zip(found.groups(), self.enums, strict=True):
            if enum and value not in enum:
                return None
        return dict(zip(self.names, found.groups(), strict=True))


def _segment(text: str, enums: Mapping[str, Sequence[str]]) -> Segment:
    names = tuple(PARAMETER.findall(text))
    literals = PARAMETER.split(text)[::2]
    pattern = "(.+?)".join(re.escape(literal) for literal in literals)
    return Segment(text, names, tuple(tuple(enums.get(name, ())) for name in names), re.compile(pattern, re.DOTALL))


@dataclass(frozen=True)
class Address:
    """Where a channel is: literal segments and `{parameters}`, some of which admit only the values of an enum."""

    template: str
    enums: Mapping[str, Sequence[str]] = field(default_factory=dict, compare=False)
    segments: tuple[Segment, ...] = field(init=False, repr=False, compare=False)
    parameters: tuple[str, ...] = field(init=False, compare=False)

    def __post_init__(self) -> None:
        parts = self.template.removeprefix("/").split("/")
        object.__setattr__(self, "segments", tuple(_segment(part, self.enums) for part in parts))
        object.__setattr__(self, "parameters", tuple(PARAMETER.findall(self.template)))

    def __str__(self) -> str:
        return self.template

    def fill(self, values: Mapping[str, object]) -> str:
        """Write the path for these parameter values, percent-encoded; a parameter without a value stays as it is."""
        return filled(self.template, values)

    def match(self, path: str) -> dict[str, str] | None:
        """Give the parameters' values of a raw path, or None; raises BadPath."""
        texts = segments_of(path)
        if len(texts) != len(self.segments):
            return None
        values: dict[str, str] = {}
        for segment, text in zip(self.segments, texts, strict=True):
            found = segment.match(text)
            if found is None:
                return None
            values |= found
        return values


class Crossing(Generic[T]):
    """A point where paths part: by literal text first, then by pattern in the order they came."""

    def __init__(self) -> None:
        self.literal: dict[str, Crossing[T]] = {}
        self.patterns: dict[tuple[str, tuple[tuple[str, ...], ...]], tuple[Segment, Crossing[T]]] = {}
        self.here: list[T] = []

    def branch(self, segment: Segment) -> "Crossing[T]":
        if segment.literal:
            return self.literal.setdefault(segment.text, Crossing())
        return self.patterns.setdefault((segment.text, segment.enums), (segment, Crossing()))[1]

    def prune(self, segment: Segment) -> None:
        """Cut a branch off that leads nowhere any more."""
        branch = self.branch(segment)
        if branch.here or branch.literal or branch.patterns:
            return
        if segment.literal:
            del self.literal[segment.text]
        else:
            del self.patterns[segment.text, segment.enums]

    def find(self, texts: Sequence[str], values: dict[str, str]) -> tuple[T, dict[str, str]] | None:
        if not texts:
            return (self.here[0], values) if self.here else None
        literal = self.literal.get(texts[0])
        found = literal.find(texts[1:], values) if literal else None
        return found or self._by_pattern(texts, values)

    def _by_pattern(self, texts: Sequence[str], values: dict[str, str]) -> tuple[T, dict[str, str]] | None:
        for segment, crossing in self.patterns.values():
            matched = segment.match(texts[0])
            found = crossing.find(texts[1:], values | matched) if matched is not None else None
            if found:
                return found
        return None


class AddressBook(Generic[T]):
    """Finds what lives at a path among any number of addresses, in time that depends on the path's length alone."""

    def __init__(self, entries: Sequence[tuple[Address, T]] = ()) -> None:
        self._root: Crossing[T] = Crossing()
        self._addresses: list[Address] = []
        for address, value in entries:
            self._add(address, value)

    def __iter__(self) -> Iterator[Address]:
        return iter(self._addresses)

    def _add(self, address: Address, value: T) -> None:
        crossing = self._root
        for segment in address.segments:
            crossing = crossing.branch(segment)
        crossing.here.append(value)
        self._addresses.append(address)

    def find(self, path: str) -> tuple[T, dict[str, str]] | None:
        """Give what lives at a raw path and the parameters' values, or None; raises BadPath."""
        return self._root.find(segments_of(path), {})

    def nearest(self, path: str, *, limit: int = 3) -> tuple[Address, ...]:
        """Name the addresses that look most like a path, best first."""
        shown = {address.template: address for address in self._addresses}
        close = difflib.get_close_matches(path[:200], list(shown)[:2000], n=limit, cutoff=0.3)
        return tuple(shown[template] for template in close) or tuple(self._addresses[:limit])
