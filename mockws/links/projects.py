"""What a command is pointed at: a document, or a Specmatic project that names one; with its overlays and examples.

Nothing of a project lies outside its folder, unless that was allowed; repositories and the web are not read.
"""

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from mockws.diagnostic import Diagnostic, Place, Severity
from mockws.errors import ProjectRefused, Unreadable
from mockws.links.files import content_of
from mockws.settings import Settings
from mockws.source.read import read
from mockws.specmatic.project import LOCAL, Named, Project, Side, Spec, is_project

EXAMPLES = "examples"
ANOTHER = "to serve another one, name it: mockws serve"


@dataclass(frozen=True)
class Entry:
    """A document, and what belongs to it."""

    document: str
    overlays: tuple[str, ...] = ()
    examples: tuple[Path, ...] = ()  # folders
    roots: tuple[str, ...] = ()  # folders that references may lead into, besides the document's own
    notes: tuple[Diagnostic, ...] = ()
    files: frozenset[Path] = frozenset()  # that this was read from

    def over(self, settings: Settings) -> Settings:
        """Give settings with what the project says; the overlays that were asked for are laid over its own."""
        overlays, roots = (*self.overlays, *settings.overlay), (*settings.allow_ref_root, *self.roots)
        return replace(settings, overlay=overlays, allow_ref_root=roots)


def entry_of(name: str, roots: Sequence[str] = (), prefers: Side = Side.CONSUMES) -> Entry:
    """Find the document that a name stands for; raises ProjectRefused.

    Of a project with several, `prefers` tells which side's are looked at first.
    """
    path = Path(name)
    if not is_project(path.name):
        return Entry(name, examples=(_beside(path),))
    return _Chosen(_project(path), path, (path.parent, *map(Path, roots)), prefers).entry()


def _beside(document: Path) -> Path:
    """Specmatic's own place for the examples of a document."""
    return document.with_name(f"{document.stem}_examples")


def _project(path: Path) -> Project:
    try:
        return Project.read(read(content_of(path), str(path)), os.environ)
    except Unreadable as problem:
        place = Place(problem.file, problem.line, problem.column)
        told = Diagnostic(Severity.ERROR, problem.code, problem.message, place, "", problem.advice)
        raise ProjectRefused((told,), (str(path),)) from None


@dataclass(frozen=True)
class _Chosen:
    """Which document of a project is meant."""

    project: Project
    path: Path
    roots: tuple[Path, ...]
    prefers: Side

    def entry(self) -> Entry:
        local = [each for each in self.project.specs if not each.remote]
        if not local:
            raise self._of_others(self.project.specs[0])
        for spec in local:
            self._checked(spec.document)
        ours = [each for each in local if len(local) == 1 or self._is_asyncapi(each.document)]
        if not ours:
            first = local[0].document
            raise self.project.refused("specmatic-empty", f"{first.path} is no AsyncAPI document", first.pointer)
        ours.sort(key=lambda each: each.side is not self.prefers)
        spec = ours[0]
        document = str(self._at(spec.document))
        return Entry(
            document,
            tuple(str(self._checked(each)) for each in spec.overlays) or tuple(self._overlay_beside(Path(document))),
            tuple(self._folders(spec, Path(document))),
            (str(self.path.parent),),
            tuple(self._notes(spec, ours)),
            frozenset({self.path.absolute(), *(self._at(each.document).absolute() for each in local)}),
        )

    def _of_others(self, spec: Spec) -> ProjectRefused:
        told = f"{spec.document.path} is to be had from {spec.remote}, and is not fetched"
        return self.project.refused("specmatic-remote", told, spec.document.pointer, LOCAL)

    def _at(self, named: Named) -> Path:
        return Path(os.path.normpath(self.path.parent / named.path))

    def _checked(self, named: Named) -> Path:
        """Give a path that is there, and within the project; raises ProjectRefused."""
        path = self._at(named)
        self._within(path, named)
        if not path.exists():
            raise self.project.refused("missing", f"there is no such file: {path}", named.pointer, "mend the path")
        return path

    def _within(self, path: Path, named: Named) -> None:
        real = path.resolve()
        if not any(real.is_relative_to(root.resolve()) for root in self.roots):
            advice = f"allow it with --allow-ref-root {real if real.is_dir() else real.parent}"
            raise self.project.refused(
                "ref_outside_root", f"{named.path} leads out of the project's folder", named.pointer, advice
            )

    def _is_asyncapi(self, named: Named) -> bool:
        """Tell whether a file is for us; one that cannot be read is, so that its reader says what is wrong."""
        try:
            value = read(content_of(self._at(named)), named.path).value
        except Unreadable:
            return True
        return isinstance(value, dict) and "asyncapi" in value

    def _overlay_beside(self, document: Path) -> Iterable[str]:
        overlay = document.with_name(f"{document.stem}_overlay.yaml")
        return (str(overlay),) if overlay.is_file() else ()

    def _folders(self, spec: Spec, document: Path) -> Iterator[Path]:
        """Give the folders of examples: those that are named, else where they usually are."""
        named = [self._checked(each) for each in spec.examples]
        usual = (_beside(document), document.parent / EXAMPLES, self.path.parent / EXAMPLES)
        yield from dict.fromkeys((*named, _beside(document)) if named else usual)

    def _notes(self, spec: Spec, ours: Sequence[Spec]) -> Iterator[Diagnostic]:
        told = self.project.told
        others = [each for each in ours if each is not spec and each.document.path != spec.document.path]
        for each in others:
            words = f"{each.document.path} is left out: {spec.document.path} is taken, and there is one at a time"
            advice = f"{ANOTHER} {self._at(each.document)}"
            yield told(Severity.WARNING, "specmatic-several", words, each.document.pointer, advice)
        for each in self.project.specs:
            if each.remote:
                words = f"{each.document.path} is left out: it is to be had from {each.remote}, and is not fetched"
                yield told(Severity.INFO, "specmatic-remote", words, each.document.pointer, LOCAL)
            elif each not in ours:
                words = f"{each.document.path} is left out: it is no AsyncAPI document"
                yield told(Severity.INFO, "specmatic-left-out", words, each.document.pointer)
