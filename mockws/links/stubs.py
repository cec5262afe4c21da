"""Stub files: which there are, and what is in them; a payload file is read from its stub file's folder, and below."""

import glob
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from mockws.diagnostic import Diagnostic, Place, Severity
from mockws.errors import BadExpectation, StubsRefused, Unreadable
from mockws.expect.expectation import Compiled
from mockws.expect.model import StubFile
from mockws.expect.reading import problems, read_stub_file
from mockws.source.read import read
from mockws.source.text import Text

ENDINGS = (".yaml", ".yml", ".json")
MAX_FILES = 1000
MAX_BYTES = 5 << 20


@dataclass
class StubFiles:
    """The stub files of one mock: files, folders and globs, read anew each time."""

    places: Sequence[str]
    document: str
    read_paths: set[Path] = field(default_factory=set)
    skipped: list[str] = field(default_factory=list)
    _origins: dict[str, tuple[Text, str]] = field(default_factory=dict)  # id -> its file, and where it stands there

    def load(self) -> tuple[Compiled, ...]:
        """Read all expectations; raises StubsRefused with everything that is wrong in any of the files."""
        self.read_paths = {Path(place).absolute() for place in self.places if not glob.has_magic(place)}
        self.skipped = []
        self._origins = {}
        found: list[Compiled] = []
        diagnostics: list[Diagnostic] = []
        for path in self.files():
            try:
                found += self._of_file(path)
            except StubsRefused as refused:
                diagnostics += refused.diagnostics
        diagnostics += _twins(found)
        if diagnostics:
            raise StubsRefused(tuple(diagnostics))
        return tuple(found)

    def files(self) -> list[Path]:
        """List the files, each once, in the order of the places and then of their names."""
        listed = [path for place in self.places for path in _files_at(place)]
        return list(dict.fromkeys(listed))[:MAX_FILES]

    def watched(self) -> set[Path]:
        """Name what a change of may concern stub files: the files, and the folders where others may come."""
        return {*self.read_paths, *(path.absolute() for path in self.files())}

    def _of_file(self, path: Path) -> tuple[Compiled, ...]:
        self.read_paths.add(path.absolute())
        try:
            text = read(_content(path), str(path))
        except Unreadable as problem:
            place = Place(problem.file, problem.line, problem.column)
            raise StubsRefused((_error(problem.code, problem.message, place, "", problem.advice),)) from None
        wrong = problems(text.value, StubFile)
        if wrong:
            raise StubsRefused(tuple(_told(text, "stub-schema", each.message, each.pointer) for each in wrong))
        if not self._is_ours(text):
            self.skipped.append(str(path))
            return ()
        try:
            found = read_stub_file(text.value, path.name, _Payloads(path.parent, self.read_paths))
        except BadExpectation as problem:
            raise StubsRefused((_told(text, problem.code, problem.message, problem.pointer),)) from None
        self._origins |= {each.id: (text, f"/expectations/{place}") for place, each in enumerate(found)}
        return found

    def refusal(self, identity: str, problem: BadExpectation) -> StubsRefused:
        """Say what is wrong with an expectation that was read, at its place in its file."""
        text, pointer = self._origins[identity]
        within = problem.pointer if problem.pointer.startswith(pointer) else pointer + problem.pointer
        return StubsRefused((_told(text, problem.code, problem.message, within),))

    def _is_ours(self, text: Text) -> bool:
        """A file may name its document: where another one is served, it is left out."""
        named = text.value.get("document")
        return named is None or Path(named).name == Path(self.document).name


@dataclass(frozen=True)
class _Payloads:
    """Reads payload files for one stub file: from its folder and below, wherever links lead."""

    folder: Path
    read_paths: set[Path]

    def __call__(self, name: str) -> bytes:
        path = self.folder / name
        if not path.resolve().is_relative_to(self.folder.resolve()):
            raise BadExpectation("file_outside", f"{name} is outside of the stub file's folder", "")
        self.read_paths.add(path.absolute())
        try:
            return _content(path)
        except Unreadable as problem:
            raise BadExpectation(f"file_{problem.code}", f"{name}: {problem.message}", "") from None


def _files_at(place: str) -> Iterable[Path]:
    path = Path(place)
    if path.is_dir():
        return sorted(each for each in path.rglob("*") if each.suffix in ENDINGS and each.is_file())
    if glob.has_magic(place):
        found = glob.glob(place, recursive=True)  # noqa: PTH207  # a pattern may be absolute, which Path.glob refuses
        return sorted(Path(each) for each in found if Path(each).is_file())
    return (path,)


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise Unreadable("missing", "there is no such file", str(path)) from None
    except OSError as problem:
        raise Unreadable("unreadable", f"the file cannot be read: {problem.strerror}", str(path)) from None


def _told(text: Text, code: str, message: str, pointer: str) -> Diagnostic:
    return _error(code, f"{pointer or '/'}: {message}", text.locate(pointer, key=True), pointer)


def _error(code: str, message: str, place: Place, pointer: str = "", advice: str = "") -> Diagnostic:
    return Diagnostic(Severity.ERROR, code, message, place, pointer, advice)


def _twins(found: Iterable[Compiled]) -> Iterable[Diagnostic]:
    known: set[str] = set()
    for each in found:
        if each.id in known:
            yield _error("duplicate_id", f"two stub files have an expectation {each.id!r}", Place(each.id))
        known.add(each.id)
