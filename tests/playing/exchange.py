"""An exchange: one sentence about the mock, a document, and a play that shows it. Read from a YAML file.

Reading is all that is done here, and it is strict: an unknown key, an unknown setting or an unknown line is an error.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import zip_longest
from pathlib import Path
from typing import Any

from mockws.errors import MockwsError
from mockws.expect.model import StubFile
from mockws.expect.reading import problems, read_credentials, read_stub_file
from mockws.links.stubs import Stubs
from mockws.settings import OPTIONS, Settings, read_option
from mockws.source.read import read
from mockws.source.text import Text
from playing.lines import AdminSend, Connect, Document, Line, NotUnderstood, Refused, Sent, read_line

BUNDLED = Path(__file__).parents[2] / "stubs"
KEYS = frozenset({"about", "document", "documents", "settings", "stubs", "play"})


@dataclass(frozen=True, slots=True)
class Step:
    """One line of a play, and where it stands."""

    number: int  # of the line in the file
    text: str
    line: Line


@dataclass(frozen=True, slots=True)
class Exchange:
    """One golden exchange."""

    file: str
    about: str
    document: str  # the name of a file
    settings: Settings
    steps: tuple[Step, ...]
    documents: Mapping[str, str] = field(default_factory=dict)  # name -> text, of those that stand in the exchange
    stubs: Stubs = field(default_factory=Stubs)

    def place_document(self, folders: tuple[Path, ...], workshop: Path) -> Path:
        """Give the path of the document; one that stands in the exchange is written into the workshop first."""
        for name, text in self.documents.items():
            (workshop / name).write_text(text, encoding="utf-8")
        found = [folder / self.document for folder in (workshop, *folders) if (folder / self.document).is_file()]
        if not found:
            raise NotUnderstood(f"{self.file}: there is no document {self.document}")
        return found[0]

    def settings_beside(self, document: Path) -> Settings:
        """Give the settings; overlays that are named in them stand beside the document."""
        return replace(self.settings, overlay=tuple(str(document.parent / each) for each in self.settings.overlay))


def read_exchange(path: Path) -> Exchange:
    """Read one file; raises NotUnderstood, which names the file and the line."""
    return exchange_of(path.read_bytes(), path.name)


def exchange_of(content: bytes, name: str) -> Exchange:
    """Read an exchange from a file's content; raises NotUnderstood."""
    try:
        text = read(content, name)
        return _exchange(text, name)
    except MockwsError as problem:
        raise NotUnderstood(f"{name}: {problem}") from None


def _exchange(text: Text, name: str) -> Exchange:
    value = text.value
    if (
        not isinstance(value, dict)
        or not isinstance(value.get("about"), str)
        or not isinstance(value.get("play"), list)
    ):
        raise NotUnderstood(f"{name}: an exchange has about: (a sentence), document: and play: (a list of lines)")
    unknown = value.keys() - KEYS
    if unknown:
        raise NotUnderstood(f"{name}: {', '.join(sorted(unknown))} is none of {', '.join(sorted(KEYS))}")
    documents = value.get("documents", {})
    document = value.get("document") or next(iter(documents), "")
    steps = tuple(_step(text, name, index, line) for index, line in enumerate(value["play"]))
    _check_order(steps, name)
    settings, stubs = _settings(value.get("settings", {}), name), _stubs(value.get("stubs"), name)
    return Exchange(name, value["about"], document, settings, steps, documents, stubs)


def _stubs(value: Any, name: str) -> Stubs:
    """Compile the stub file that stands in an exchange, or one of the bundled ones, by its name."""
    if value is None:
        return Stubs()
    if isinstance(value, str):
        value, name = read((BUNDLED / value).read_bytes(), value).value, value
    wrong = problems(value, StubFile)
    if wrong:
        raise NotUnderstood(f"{name}: stubs: {'; '.join(map(str, wrong))}")
    return Stubs(read_stub_file(value, name), read_credentials(value))


def _settings(chosen: Mapping[str, Any], name: str) -> Settings:
    unknown = chosen.keys() - OPTIONS.keys()
    if unknown:
        raise NotUnderstood(f"{name}: there is no setting {', '.join(sorted(unknown))}")
    fixed: dict[str, Any] = {"port": 0, "watch": False, "log_format": "none"}
    return Settings(**fixed, **{key: read_option(key, value, name) for key, value in chosen.items()})


def _step(text: Text, name: str, index: int, line: Any) -> Step:
    number = text.locate(f"/play/{index}").line or 0
    if not isinstance(line, str):
        raise NotUnderstood(f"{name}:{number}: YAML does not read this as a line; put it into single quotes")
    try:
        return Step(number, line, read_line(line))
    except NotUnderstood as problem:
        raise NotUnderstood(f"{name}:{number}: {problem}") from None


def _check_order(steps: tuple[Step, ...], name: str) -> None:
    """A send says at once what became of it, and a document is judged before anyone connects."""
    begun = False
    for step, after in zip_longest(steps, steps[1:]):
        follows = after.line if after else None
        told = isinstance(follows, Sent) or (isinstance(follows, Refused) and follows.client is None)
        if isinstance(step.line, AdminSend) and not told:
            raise NotUnderstood(f"{name}:{step.number}: after a send comes sent N, or refused STATUS")
        begun = begun or isinstance(step.line, Connect)
        if begun and isinstance(step.line, Document):
            raise NotUnderstood(f"{name}:{step.number}: what is said about the document comes first")
