"""Dictionary files: values of the user's own for fields, in YAML or JSON, compiled into what fakes are made with."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mockws.diagnostic import Diagnostic, Place, Severity
from mockws.errors import StubsRefused, Unreadable
from mockws.links.files import content_of
from mockws.schema.dictionary import Dictionary, Entry, entry_of
from mockws.source.pointer import escape
from mockws.source.read import read
from mockws.source.text import Text

ADVICE = "docs/reference/fakes.md shows how one is written"


@dataclass
class DictionaryFiles:
    """The dictionary files of one mock, read anew each time."""

    places: Iterable[str]
    paths: tuple[Path, ...] = field(init=False)

    def __post_init__(self) -> None:
        self.paths = tuple(Path(place).absolute() for place in self.places)

    def load(self) -> Dictionary:
        """Read all of them; raises StubsRefused with everything that is wrong in any."""
        entries: list[Entry] = []
        wrong: list[Diagnostic] = []
        for place in self.places:
            try:
                text = read(content_of(Path(place)), place)
            except Unreadable as problem:
                at = Place(problem.file, problem.line, problem.column)
                wrong.append(Diagnostic(Severity.ERROR, problem.code, problem.message, at, "", problem.advice))
                continue
            for found in _entries(text):
                (entries if isinstance(found, Entry) else wrong).append(found)  # type: ignore[arg-type]  # by kind
        if wrong:
            raise StubsRefused(tuple(wrong))
        return Dictionary(entries)


def _entries(text: Text) -> Iterator[Entry | Diagnostic]:
    if not isinstance(text.value, dict):
        yield _told(text, "", "a dictionary is a mapping of fields to lists of values")
        return
    for key, values in text.value.items():
        pointer = f"/{escape(key)}"
        if not isinstance(values, list):
            yield _told(text, pointer, f"{key} must have a list of values, has {_kind(values)}")
            continue
        try:
            yield entry_of(key, values)
        except ValueError as problem:
            yield _told(text, pointer, f"{key!r} {problem}")


def _kind(value: Any) -> str:
    return "a mapping" if isinstance(value, dict) else repr(value)[:80]


def _told(text: Text, pointer: str, message: str) -> Diagnostic:
    return Diagnostic(Severity.ERROR, "dictionary", message, text.locate(pointer, key=True), pointer, ADVICE)
