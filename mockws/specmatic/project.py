"""`specmatic.yaml`, versions 2 and 3: which documents a project has, with their overlays and examples.

Paths are relative to the file. Nothing is read from anywhere else here: what is in a repository or on the web is named,
and refused by whoever wants it.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from posixpath import join as joined
from typing import Any

from mockws.diagnostic import Diagnostic, Severity
from mockws.errors import ProjectRefused
from mockws.source.pointer import join, resolve
from mockws.source.text import Text

NAMES = ("specmatic.yaml", "specmatic.yml", "specmatic.json")
VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)(?::([^{}]*))?\}")
REMOTE = ("git", "web")
LOCAL = "clone it, and name its folder as `filesystem: {directory: ...}`"


class Side(StrEnum):
    """Whose interface a document describes: the project's own, or one that it depends on."""

    PROVIDES = "provides"
    CONSUMES = "consumes"


@dataclass(frozen=True, slots=True)
class Named:
    """A path that the project names, and where it does."""

    path: str
    pointer: str


@dataclass(frozen=True, slots=True)
class Spec:
    """A specification of the project."""

    side: Side
    document: Named
    overlays: tuple[Named, ...] = ()
    examples: tuple[Named, ...] = ()
    remote: str = ""  # what it is to be had from, if that is no folder


@dataclass
class Project:
    """What one file says."""

    text: Text
    environment: Mapping[str, str]
    specs: list[Spec] = field(default_factory=list)

    @classmethod
    def read(cls, text: Text, environment: Mapping[str, str]) -> "Project":
        """Read a project; raises ProjectRefused."""
        project = cls(text, environment)
        root = project.mapping(text.value, "")
        readers = {2: project._version_2, 3: project._version_3}
        version = root.get("version")
        known = version if isinstance(version, int) and not isinstance(version, bool) else 0
        if known not in readers:
            advice = "known are 2 and 3; `specmatic config upgrade` rewrites older ones"
            raise project.refused("specmatic-version", f"version {version!r} of specmatic.yaml", "/version", advice)
        project.specs = list(readers[known](root))
        if not project.specs:
            raise project.refused("specmatic-empty", "no specification is named here", "", "name one below `provides`")
        return project

    def refused(self, code: str, message: str, pointer: str, advice: str = "") -> ProjectRefused:
        """Make the error that says what is wrong with a place of the file."""
        return ProjectRefused((self.told(Severity.ERROR, code, message, pointer, advice),), (self.text.name,))

    def told(self, severity: Severity, code: str, message: str, pointer: str, advice: str = "") -> Diagnostic:
        return Diagnostic(severity, code, message, self.text.locate(pointer), pointer, advice)

    def mapping(self, value: Any, pointer: str) -> Mapping[str, Any]:
        """Give an object; raises ProjectRefused where it is something else."""
        if isinstance(value, dict):
            return value
        raise self.refused("specmatic-config", f"{pointer or 'the file'} should be an object", pointer)

    def listed(self, value: Any, pointer: str) -> Iterator[tuple[Any, str]]:
        """Give the members of a list, each with its pointer; raises ProjectRefused where it is something else."""
        if not isinstance(value, list):
            raise self.refused("specmatic-config", f"{pointer} should be a list", pointer)
        for place, each in enumerate(value):
            yield each, join(pointer, place)

    def path(self, value: Any, pointer: str, folder: str = "") -> Named:
        """Read a path: `${NAME:default}` in it is a variable of the environment."""
        if not isinstance(value, str) or not value:
            raise self.refused("specmatic-config", f"{pointer} should be a path", pointer)
        return Named(joined(folder, VARIABLE.sub(self._variable, value)), pointer)

    def _variable(self, found: re.Match[str]) -> str:
        return self.environment.get(found[1]) or found[2] or ""

    # Version 2

    def _version_2(self, root: Mapping[str, Any]) -> Iterator[Spec]:
        shared = tuple(self.path(each, place) for each, place in self.listed(root.get("examples", []), "/examples"))
        for contract, pointer in self.listed(root.get("contracts", []), "/contracts"):
            source = self.mapping(contract, pointer)
            for side in Side:
                for entry, place in self.listed(source.get(side, []), join(pointer, side)):
                    yield from self._entry(entry, place, side, source, pointer, shared)

    def _entry(
        self,
        entry: Any,
        pointer: str,
        side: Side,
        source: Mapping[str, Any],
        origin: str,
        shared: tuple[Named, ...],
    ) -> Iterator[Spec]:
        """Read one entry of `provides`: a path, or several with what they have in common."""
        folder, remote = self._source(source, origin)
        if not isinstance(entry, dict):
            yield Spec(side, self.path(entry, pointer, folder), (), shared, remote)
            return
        own = self.listed(entry.get("examples", []), join(pointer, "examples"))
        examples = (*shared, *(self.path(each, place) for each, place in own))
        for each, place in self.listed(entry.get("specs", []), join(pointer, "specs")):
            yield Spec(side, self.path(each, place, folder), (), examples, remote)

    def _source(self, source: Mapping[str, Any], pointer: str) -> tuple[str, str]:
        """Tell the folder that paths begin in, or what they are to be had from instead."""
        for kind in REMOTE:
            if kind in source:
                where = self.mapping(source[kind], join(pointer, kind)).get("url", "")
                return "", f"{kind} {where}".strip()
        local = self.mapping(source.get("filesystem", {}), join(pointer, "filesystem"))
        if "directory" not in local:
            return "", ""
        return self.path(local["directory"], join(pointer, "filesystem", "directory")).path, ""

    # Version 3

    def _version_3(self, root: Mapping[str, Any]) -> Iterator[Spec]:
        if "systemUnderTest" in root:
            own = self.mapping(root["systemUnderTest"], "/systemUnderTest")
            yield from self._service(own.get("service", {}), "/systemUnderTest/service", Side.PROVIDES)
        others = self.mapping(root.get("dependencies", {}), "/dependencies")
        for each, pointer in self.listed(others.get("services", []), "/dependencies/services"):
            service = self.mapping(each, pointer).get("service", {})
            yield from self._service(service, join(pointer, "service"), Side.CONSUMES)

    def _service(self, value: Any, pointer: str, side: Side) -> Iterator[Spec]:
        service = self.mapping(value, pointer)
        defined, place = self._followed(service, pointer)
        examples = tuple(self._examples(defined, pointer if "data" in service else place))
        overlays = self._overlays(defined, pointer if "runOptions" in service else place)
        for each, at in self.listed(defined.get("definitions", []), join(place, "definitions")):
            definition, within = self.mapping(each, at).get("definition", {}), join(at, "definition")
            source, origin = self._followed(self.mapping(definition, within).get("source", {}), join(within, "source"))
            folder, remote = self._source(source, origin)
            for spec, here in self.listed(definition.get("specs", []), join(within, "specs")):
                yield self._spec(spec, here, Spec(side, Named("", ""), (), examples, remote), folder, overlays)

    def _spec(self, value: Any, pointer: str, like: Spec, folder: str, overlays: Mapping[str, Named]) -> Spec:
        """Read one specification: a path, or an object with an id that run options refer to."""
        if isinstance(value, dict):
            inner, within = self.mapping(value.get("spec", {}), join(pointer, "spec")), join(pointer, "spec", "path")
            document = self.path(inner.get("path"), within, folder)
            laid = tuple(overlays[name] for name in (str(inner.get("id", "")),) if name in overlays)
        else:
            document, laid = self.path(value, pointer, folder), ()
        return Spec(like.side, document, laid, like.examples, like.remote)

    def _examples(self, service: Mapping[str, Any], pointer: str) -> Iterator[Named]:
        data, within = self._followed(service.get("data", {}), join(pointer, "data"))
        for each, place in self.listed(data.get("examples", []), join(within, "examples")):
            entry, at = self._followed(each, place)
            for folder, where in self.listed(entry.get("directories", []), join(at, "directories")):
                yield self.path(folder, where)

    def _overlays(self, service: Mapping[str, Any], pointer: str) -> dict[str, Named]:
        """Give the overlays that run options name, by the id of the specification that they are for."""
        options, within = self._followed(service.get("runOptions", {}), join(pointer, "runOptions"))
        ours, place = self.mapping(options.get("asyncapi", {}), join(within, "asyncapi")), join(within, "asyncapi")
        found: dict[str, Named] = {}
        for each, at in self.listed(ours.get("specs", []), join(place, "specs")):
            spec = self.mapping(self.mapping(each, at).get("spec", {}), join(at, "spec"))
            if "overlayFilePath" in spec:
                found[str(spec.get("id", ""))] = self.path(spec["overlayFilePath"], join(at, "spec", "overlayFilePath"))
        return found

    def _followed(self, value: Any, pointer: str) -> tuple[Mapping[str, Any], str]:
        """Follow a `$ref` into the file; what stands beside it goes before what it refers to."""
        node = self.mapping(value, pointer)
        reference = node.get("$ref")
        if reference is None:
            return node, pointer
        try:
            target = resolve(self.text.value, str(reference))
        except (LookupError, ValueError):
            advice = "references lead to places of this file, such as #/components/services/orders"
            raise self.refused("specmatic-ref", f"{reference!r} leads nowhere", join(pointer, "$ref"), advice) from None
        beside = {key: each for key, each in node.items() if key != "$ref"}
        return {**self.mapping(target, pointer), **beside}, str(reference).removeprefix("#")


def is_project(name: str) -> bool:
    """Tell whether a file is a project, by its name."""
    return name.lower() in NAMES
