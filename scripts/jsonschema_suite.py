"""Measures our schemas against the official JSON-Schema-Test-Suite: every answer, and fakes of every schema.

The suite is in the sdist of the package `jsonschema`. Nothing is ever fetched: what a schema refers to elsewhere is put
into its `definitions`, as the mock does with the files that a document refers to.
"""

import json
import re
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mockws.errors import BrokenSchema, CannotFake
from mockws.schema.schema import Draft, Schema

DRAFTS = {
    "draft4": Draft.D4,
    "draft6": Draft.D6,
    "draft7": Draft.D7,
    "draft2019-09": Draft.D2019,
    "draft2020-12": Draft.D2020,
}
FAKES = 30
# Where we differ from the suite, on purpose: where it begins, and why.
DELIBERATE = {
    "draft2020-12/format.json": "formats are asserted in every draft",
    "draft2019-09/vocabulary.json": "metaschemas of one's own are not followed",
    "draft2020-12/vocabulary.json": "metaschemas of one's own are not followed",
}
ELSEWHERE = "http://localhost:1234/"
NAMED = re.compile(rf"'({ELSEWHERE}[^'#]*)")


@dataclass(frozen=True)
class Group:
    """One schema of the suite, with the values that it is tried on."""

    place: str
    schema: Any
    tests: tuple[Any, ...]
    draft: Draft
    optional: bool

    @property
    def satisfiable(self) -> bool:
        return any(test["valid"] for test in self.tests)


@dataclass
class Score:
    """What became of one draft's groups."""

    tests: int = 0
    wrong: list[str] = field(default_factory=list)
    schemas: int = 0
    fakes: int = 0
    not_faked: list[str] = field(default_factory=list)
    deliberate: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    seconds: float = 0.0


def groups_of(folder: Path, draft: Draft) -> Iterator[Group]:
    """Read the groups of one draft: those that are required, and those of formats."""
    for path in sorted(folder.rglob("*.json")):
        name = path.relative_to(folder)
        optional = name.parts[0] == "optional" and "format" not in name.parts
        for group in json.loads(path.read_text("utf-8")):
            place = f"{folder.name}/{name}: {group['description']}"
            yield Group(place, group["schema"], tuple(group["tests"]), draft, optional)


def compiled(group: Group, remotes: Path, score: Score) -> Schema | None:
    """Compile a group's schema, with what it refers to; note why it cannot be."""
    document, found = group.schema, {}
    while True:
        try:
            return Schema(document, draft=group.draft)
        except BrokenSchema as broken:
            missing = NAMED.search(str(broken)) if broken.code == "ref_scheme" else None
            if missing is None or missing[1] in found:
                score.refused.append(f"{group.place}: {broken}")
                return None
            found[missing[1]] = _named(missing[1], remotes, group.draft)
            document = _with_definitions(group.schema, found)


def _named(url: str, remotes: Path, draft: Draft) -> Any:
    schema = json.loads((remotes / url.removeprefix(ELSEWHERE)).read_text("utf-8"))
    keyword = "id" if draft is Draft.D4 else "$id"
    if not isinstance(schema, dict):
        return schema
    return {keyword: url, "allOf": [schema]} if schema.get(keyword, url) != url else {keyword: url, **schema}


def _with_definitions(schema: Any, found: dict[str, Any]) -> dict[str, Any]:
    dialect = {"$schema": schema["$schema"]} if isinstance(schema, dict) and "$schema" in schema else {}
    return {**dialect, "allOf": [schema], "definitions": found}


def judge(group: Group, schema: Schema, score: Score) -> None:
    """Hold every answer of a schema against the suite's."""
    for test in group.tests:
        score.tests += 1
        if schema.accepts(test["data"]) is not test["valid"]:
            reason = DELIBERATE.get(group.place.partition(":")[0])
            told = f"{group.place}: {test['description']} ({'valid' if test['valid'] else 'invalid'})"
            (score.deliberate if reason else score.wrong).append(f"{told}: {reason}" if reason else told)


def fake(group: Group, schema: Schema, score: Score, *, fakes: int = FAKES) -> None:
    """Fake a schema that something fits, with many seeds."""
    score.schemas += 1
    for seed in range(fakes):
        try:
            value = schema.fake(seed)
        except CannotFake as problem:
            score.not_faked.append(f"{group.place}: {problem}")
            return
        if not schema.accepts(value):
            score.not_faked.append(f"{group.place}: {value!r} does not fit")
            return
        score.fakes += 1


def measured(folder: Path, draft: Draft, *, fakes: int = FAKES) -> Score:
    """Measure one draft."""
    score = Score()
    began = time.perf_counter()
    for group in groups_of(folder, draft):
        if group.optional:
            continue
        schema = compiled(group, folder.parents[1] / "remotes", score)
        if schema is None:
            continue
        judge(group, schema, score)
        if group.satisfiable:
            fake(group, schema, score, fakes=fakes)
    score.seconds = time.perf_counter() - began
    return score


def main(tests: str) -> int:
    """Print a line for each draft, and each failure; tell whether there was none."""
    failed = False
    for name, draft in DRAFTS.items():
        score = measured(Path(tests) / name, draft)
        failed = failed or bool(score.wrong or score.not_faked)
        print(  # a script's output
            f"{name}: {score.tests - len(score.wrong) - len(score.deliberate)} of {score.tests} answers right, "
            f"{score.schemas - len(score.not_faked)} of {score.schemas} schemas faked ({score.fakes} fakes), "
            f"{len(score.deliberate)} answers differ on purpose, {len(score.refused)} schemas refused, "
            f"{score.seconds:.1f} s"
        )
        for kind in ("wrong", "not_faked", "deliberate", "refused"):
            for line in getattr(score, kind):
                print(f"  {kind.replace('_', ' ')}: {line}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
