"""How fakes are to be made: dictionary files (values of the user's own for fields, in YAML or JSON), and the locale."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from mockws.diagnostic import Diagnostic, Place, Severity
from mockws.engine.making import Making
from mockws.errors import BadSetting, StubsRefused, Unreadable
from mockws.links.files import content_of
from mockws.names import closest
from mockws.schema.dictionary import Dictionary, Entry, entry_of
from mockws.schema.schema import PLAINLY, Manner, known_locales
from mockws.settings import Settings
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


def manner_of(settings: Settings, files: DictionaryFiles | None = None) -> Manner:
    """Tell how fakes are made; raises BadSetting, StubsRefused."""
    files = files or DictionaryFiles(settings.dictionary)
    return Manner(_locale(settings.locale), files.load())


def making_of(settings: Settings, files: DictionaryFiles | None = None) -> Making:
    """Tell in which circumstances things are made up; raises BadSetting, StubsRefused."""
    made = Making(manner_of(settings, files))
    if settings.seed is None:
        made.epoch = datetime.now(UTC)
    return made


def _locale(name: str) -> str:
    """Hold a locale against those that there are; raises BadSetting."""
    spelled = name.replace("-", "_")
    known = () if spelled == PLAINLY.locale else known_locales()
    if known and spelled not in known:
        hint = closest(spelled, known)
        advice = f", did you mean {hint}?" if hint else ""
        raise BadSetting("locale", f"there is no locale {name!r}{advice}", "--locale")
    return spelled


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
