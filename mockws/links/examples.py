"""Specmatic's example files: which there are, and the expectations they come to; broken ones are left out, and told."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from mockws.contract import Contract
from mockws.diagnostic import Diagnostic, Place, Severity
from mockws.errors import BadExpectation, Unreadable
from mockws.expect.expectation import Compiled, no_files
from mockws.expect.reading import read_expectations
from mockws.links.files import content_of
from mockws.links.stubs import names_of
from mockws.source.read import read
from mockws.specmatic.example import Example, is_example, read_example
from mockws.specmatic.expectations import Draft, Translation, pointers

MAX_FILES = 1000
ADVICE = "docs/reference/specmatic.md tells what is read"


@dataclass
class ExampleFiles:
    """The examples of one document, read anew each time."""

    folders: Sequence[Path]
    notes: list[Diagnostic] = field(default_factory=list)  # what is wrong with them, and what is left out
    _origins: dict[str, tuple[Example, Draft]] = field(default_factory=dict)
    _good: dict[str, tuple[Compiled, ...]] = field(default_factory=dict)  # by file

    @property
    def errors(self) -> list[Diagnostic]:
        """Give the notes on what is broken, and so left out."""
        return [each for each in self.notes if each.severity is Severity.ERROR]

    def examples(self) -> list[tuple[str, Example]]:
        """Read all files that are examples, each with a name that no other has."""
        self.notes = []
        read_ = ((name, self._example(path)) for path, name in self._named())
        return [(name, example) for name, example in read_ if example is not None]

    def load(self, contract: Contract) -> tuple[Compiled, ...]:
        """Make expectations of all files; what is wrong is in the notes. One that broke stays as it was."""
        self.notes = []
        named = self._named()
        self._good = {name: self._of_file(path, name, contract) for path, name in named}
        return tuple(each for found in self._good.values() for each in found)

    def _named(self) -> list[tuple[Path, str]]:
        paths = list(self.paths())[:MAX_FILES]
        return list(zip(paths, names_of(paths), strict=True))

    def _of_file(self, path: Path, name: str, contract: Contract) -> tuple[Compiled, ...]:
        before = len(self.errors)
        example = self._example(path)
        found = tuple(self._expectations(name, example, contract)) if example is not None else ()
        return found if len(self.errors) == before else self._good.get(name, ())

    def paths(self) -> Iterator[Path]:
        """List the files, each once; what is hidden, or leads out of its folder by a link, is none."""
        seen: set[Path] = set()
        for folder in self.folders:
            for path in sorted(folder.rglob("*.json")) if folder.is_dir() else ():
                inside = path.relative_to(folder).parts
                real = path.resolve()
                if real in seen or not real.is_relative_to(folder.resolve()) or any(p[0] == "." for p in inside):
                    continue
                seen.add(real)
                if path.is_file():
                    yield path

    def watched(self) -> set[Path]:
        """Name what a change of may concern examples: the files, and the folders where others may come."""
        inner = (each for folder in self.folders if folder.is_dir() for each in folder.rglob("*") if each.is_dir())
        return {path.absolute() for path in (*self.folders, *inner, *self.paths())}

    def leave_out(self, identity: str, problem: BadExpectation) -> None:
        """Say what is wrong with an expectation that was made, at its place in its file."""
        self.notes.append(_told(*self._origins[identity], problem))

    def _example(self, path: Path) -> Example | None:
        try:
            text = read(content_of(path), str(path))
        except Unreadable as problem:
            place = Place(problem.file, problem.line, problem.column)
            self.notes.append(Diagnostic(Severity.ERROR, problem.code, problem.message, place, "", problem.advice))
            return None
        if not is_example(text):
            told = "left out: it has neither receive nor send"
            self.notes.append(Diagnostic(Severity.INFO, "specmatic-left-out", told, Place(text.name)))
            return None
        example, found = read_example(text, path.stem)
        self.notes += found
        return example

    def _expectations(self, name: str, example: Example, contract: Contract) -> Iterator[Compiled]:
        made = Translation.of(example, name, contract)
        self.notes += made.found
        found, wrong = read_expectations({"expectations": [each.stub for each in made.drafts]}, name, no_files)
        for problem in wrong:
            place = int(problem.pointer.split("/")[2]) if problem.pointer.startswith("/expectations/") else 0
            self.notes.append(_told(example, made.drafts[place], problem))
        drafts = {str(each.stub["id"]): each for each in made.drafts}
        for each in found:
            self._origins[each.id] = (example, drafts[each.id])
            yield each


def _told(example: Example, draft: Draft, problem: BadExpectation) -> Diagnostic:
    pointer = next(pointers(draft, problem.pointer))
    return example.told(Severity.ERROR, problem.code, problem.message, pointer, ADVICE)
