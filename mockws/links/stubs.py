"""Stub files: which there are, and what is in them; a payload file is read from its stub file's folder, and below."""

import glob
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from mockws.diagnostic import Diagnostic, Place, Severity
from mockws.errors import BadExpectation, StubsRefused, Unreadable
from mockws.expect.expectation import Compiled
from mockws.expect.model import AcceptedCredential, StubFile
from mockws.expect.reading import problems, read_credentials, read_expectations
from mockws.links.files import content_of
from mockws.source.read import read
from mockws.source.text import Text

ENDINGS = (".yaml", ".yml", ".json")
MAX_FILES = 1000
ADVICE: Mapping[str, str] = {  # code -> what to do
    "stub-schema": "docs/reference/stubs.md has all keys",
    "duplicate_id": "give one of them another id",
    "file_outside": "put it beside the stub file, or below",
    "unknown_channel": "`mockws routes` lists the channels",
    "unknown_message": "`mockws routes` lists the messages",
    "unknown_scheme": "it is a name below components.securitySchemes of the document",
    "credential_kind": "token for bearer, oauth2 and openIdConnect; username and password for basic; key for API keys",
    "credential_unseen": "leave it out",
}
WHOLE = "a stub file has the keys version, document, credentials and expectations"


@dataclass(frozen=True, slots=True)
class Stubs:
    """What all stub files together say."""

    expectations: tuple[Compiled, ...] = ()
    credentials: tuple[AcceptedCredential, ...] = ()


@dataclass
class StubFiles:
    """The stub files of one mock: files, folders and globs, read anew each time."""

    places: Sequence[str]
    document: str
    read_paths: set[Path] = field(default_factory=set)
    notes: list[Diagnostic] = field(default_factory=list)  # on files that are left out
    _origins: dict[str, tuple[Text, str]] = field(default_factory=dict)  # id -> its file, and where it stands there
    _listings: list[tuple[Text, str]] = field(default_factory=list)  # the same of each credential, in their order

    def load(self) -> Stubs:
        """Read all files; raises StubsRefused with everything that is wrong in any of them."""
        self.read_paths, self.notes, self._origins, self._listings = set(), [], {}, []
        found: list[Stubs] = []
        diagnostics: list[Diagnostic] = []
        for path, name in self._named_files():
            try:
                found.append(self._of_file(path, name))
            except StubsRefused as refused:
                diagnostics += refused.diagnostics
        if diagnostics:
            raise StubsRefused(tuple(diagnostics))
        return Stubs(
            tuple(each for stubs in found for each in stubs.expectations),
            tuple(each for stubs in found for each in stubs.credentials),
        )

    def files(self) -> list[Path]:
        """List the files, each once, in the order of the places and then of their names."""
        return list(dict.fromkeys(path for place in self.places for path in _files_at(place)))

    def watched(self) -> set[Path]:
        """Name what a change of may concern stub files: the files, and the folders where others may come."""
        folders = (folder for place in self.places for folder in _folders_at(place))
        return {*self.read_paths, *(path.absolute() for path in (*folders, *self.files()))}

    def refusal(self, identity: str, problem: BadExpectation) -> StubsRefused:
        """Say what is wrong with an expectation that was read, at its place in its file."""
        text, pointer = self._origins[identity]
        within = problem.pointer if problem.pointer.startswith(pointer) else pointer + problem.pointer
        return StubsRefused((_told(text, problem.code, problem.message, within),))

    def file_of(self, identity: str) -> str | None:
        """Name the file that an expectation was read from."""
        origin = self._origins.get(identity)
        return origin[0].name if origin else None

    def refused_credential(self, problem: BadExpectation) -> StubsRefused:
        """Say what is wrong with a credential that was read; the pointer is one into all of them."""
        _, place, *rest = problem.pointer.split("/")
        text, pointer = self._listings[int(place)]
        return StubsRefused((_told(text, problem.code, problem.message, "/".join((pointer, *rest))),))

    def _named_files(self) -> list[tuple[Path, str]]:
        files = self.files()
        if len(files) > MAX_FILES:
            message = f"there are more than {MAX_FILES} stub files"
            raise StubsRefused((_error("too_many", message, Place(str(files[MAX_FILES]))),))
        return list(zip(files, names_of(files), strict=True))

    def _of_file(self, path: Path, name: str) -> Stubs:
        text = self._text(path)
        if not self._is_meant(text, path):
            self.notes.append(_left_out(text, "", "it has no expectations"))
            return Stubs()
        wrong = problems(text.value, StubFile)
        if wrong:
            raise StubsRefused(tuple(_told(text, "stub-schema", each.message, each.pointer) for each in wrong))
        if not self.is_ours(text, path):
            self.notes.append(_left_out(text, "/document", f"it is for {text.value['document']}"))
            return Stubs()
        found, bad = read_expectations(text.value, name, Payloads(path.parent, self.read_paths))
        if bad:
            raise StubsRefused(tuple(_told(text, each.code, each.message, each.pointer) for each in bad))
        self._register(found, text)
        credentials = read_credentials(text.value)
        self._listings += [(text, f"/credentials/{place}") for place in range(len(credentials))]
        return Stubs(found, credentials)

    def _text(self, path: Path) -> Text:
        self.read_paths.add(path.absolute())
        try:
            return read(content_of(path), str(path))
        except Unreadable as problem:
            place = Place(problem.file, problem.line, problem.column)
            raise StubsRefused((_error(problem.code, problem.message, place, "", problem.advice),)) from None

    def _register(self, found: Iterable[Compiled], text: Text) -> None:
        """Remember where each expectation stands; one id is one expectation, whatever the file."""
        twins = []
        for place, each in enumerate(found):
            pointer = f"/expectations/{place}"
            first = self._origins.setdefault(each.id, (text, pointer))
            if first[0] is not text:
                message = f"there is an expectation {each.id!r} at {first[0].locate(first[1])} too"
                twins.append(_told(text, "duplicate_id", message, f"{pointer}/id"))
        if twins:
            raise StubsRefused(tuple(twins))

    def _is_meant(self, text: Text, path: Path) -> bool:
        """JSON that lies about in a folder may be a payload, or a schema; a file that is named is always meant."""
        if path.suffix != ".json" or path in map(Path, self.places):
            return True
        return isinstance(text.value, dict) and not text.value.keys().isdisjoint({"expectations", "credentials"})

    def is_ours(self, text: Text, path: Path) -> bool:
        """A file may name its document, as seen from itself or by the end of its path; another's is left out."""
        named = text.value.get("document")
        if named is None:
            return True
        parts, served = Path(named).parts, Path(self.document).absolute()
        return served.parts[-len(parts) :] == parts or (path.parent / named).resolve() == served.resolve()


def names_of(paths: Sequence[Path]) -> list[str]:
    """Name files by the ends of their paths, as short as tells them apart: ids are made of these names."""
    names = [path.name for path in paths]
    for length in range(2, max((len(path.parts) for path in paths), default=0) + 1):
        counts = Counter(names)
        if len(counts) == len(names):
            break
        names = [
            "/".join(path.parts[-length:]) if counts[name] > 1 else name
            for path, name in zip(paths, names, strict=True)
        ]
    return names


@dataclass(frozen=True)
class Payloads:
    """Reads payload files for one stub file: from its folder and below, wherever links lead."""

    folder: Path
    read_paths: set[Path] = field(default_factory=set)

    def __call__(self, name: str) -> bytes:
        path = self.folder / name
        if "\0" in name or not path.resolve().is_relative_to(self.folder.resolve()):
            raise BadExpectation("file_outside", f"{name!r} is outside of the stub file's folder", "")
        self.read_paths.add(path.absolute())
        try:
            return content_of(path)
        except Unreadable as problem:
            raise BadExpectation(f"file_{problem.code}", f"{name}: {problem.message}", "") from None


def _files_at(place: str) -> Iterable[Path]:
    path = Path(place)
    if path.is_dir():
        return sorted(each for each in path.rglob("*") if each.suffix in ENDINGS and each.is_file())
    if glob.has_magic(place) and not path.exists():
        return sorted(each for each in _matches(place) if each.is_file())
    return (path,)


def _folders_at(place: str) -> Iterator[Path]:
    """Give the folders in which a new file or folder would count."""
    path = Path(place)
    if path.is_dir():
        yield from (path, *(each for each in path.rglob("*") if each.is_dir()))
        return
    for parent in path.parents if glob.has_magic(place) else ():
        yield from (each for each in _matches(str(parent)) if each.is_dir())
        if not glob.has_magic(str(parent)):
            return


def _matches(pattern: str) -> list[Path]:
    found = glob.glob(pattern, recursive=True)  # noqa: PTH207  # a pattern may be absolute, which Path.glob refuses
    return [Path(each) for each in found]


def _left_out(text: Text, pointer: str, why: str) -> Diagnostic:
    return Diagnostic(Severity.INFO, "stub-left-out", f"left out: {why}", text.locate(pointer), pointer)


def _told(text: Text, code: str, message: str, pointer: str) -> Diagnostic:
    advice = ADVICE.get(code, "") if pointer else WHOLE
    return _error(code, f"{pointer or '/'}: {message}", text.locate(pointer, key=True), pointer, advice)


def _error(code: str, message: str, place: Place, pointer: str = "", advice: str = "") -> Diagnostic:
    return Diagnostic(Severity.ERROR, code, message, place, pointer, advice)
