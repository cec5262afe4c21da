"""Compares what mockws says of documents with what AsyncAPI's own parser says: valid or not, and the broken rules.

`--list FOLDER...` prints the documents there are; with a file of the parser's verdicts it prints how far they agree,
and each disagreement.
"""

import json
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from mockws.asyncapi.load import Options, load
from mockws.diagnostic import Severity
from mockws.errors import DocumentRefused
from mockws.links.files import DocumentFiles

SUFFIXES = (".yaml", ".yml", ".json")
SHAPE = "asyncapi-document-resolved"
# The parser sees a broken shape where we know more: what was meant, and how it is mended.
MENDED = {
    "server-url", "server-host-in-2", "servers-list", "binding-key", "security-by-name", "operation-incomplete",
    "operations-in-2", "verb-in-3", "misplaced", "unexpected-type", "correlation-location", "reply-address",
}  # fmt: skip
# A broken schema is told by the parser twice, and here where it stands: of payload and components alike.
SCHEMA = "asyncapi2-schemas"
# The parser has one code for whatever it cannot read.
UNREAD = {"yaml_syntax", "json_syntax", "yaml_duplicate_key", "json_duplicate_key", "empty", "encoding"}


@dataclass(frozen=True)
class Verdict:
    """What one of the two says of a document."""

    valid: bool
    rules: frozenset[str]


def documents(folders: list[str]) -> Iterator[Path]:
    """Find the documents below folders: those that a manifest lists, where there is one, else all."""
    for folder in map(Path, folders):
        manifests = sorted(folder.rglob("manifest.json"))
        listed = [(path, entry) for path in manifests for entry in json.loads(path.read_text("utf-8"))]
        named = [_listed(path, entry) for path, entry in listed if "official_parser" in entry]
        yield from (path for path in named or sorted(folder.rglob("*")) if path.suffix in SUFFIXES and path.is_file())


def _listed(manifest: Path, entry: dict[str, str]) -> Path:
    return manifest.parents[1] / entry["file"]


def ours(path: Path) -> Verdict:
    """Say what mockws finds; references may lead anywhere in the repository that a document is from."""
    roots = [str(each) for each in path.parents[1:4]]
    try:
        found = load(str(path), DocumentFiles(str(path), roots), Options(thorough=True)).diagnostics
    except DocumentRefused as refused:
        found = refused.diagnostics
    return _verdict((str(each.severity), _code(each.code)) for each in found)


def _code(code: str) -> str:
    return SHAPE if code in MENDED else "parser" if code in UNREAD else code


def _verdict(said: Iterator[tuple[str, str]]) -> Verdict:
    errors = frozenset(SHAPE if code == SCHEMA else code for severity, code in said if severity == Severity.ERROR)
    return Verdict(valid=not errors, rules=errors)


def compare(verdicts: Path) -> None:
    """Print how many verdicts and rules agree, and what does not."""
    counts: Counter[str] = Counter()
    lines: list[str] = []
    for line in verdicts.read_text("utf-8").splitlines():
        entry = json.loads(line)
        path = Path(entry["file"])
        theirs = _verdict((each["severity"], each["code"]) for each in entry["diagnostics"])
        own = ours(path)
        counts["documents"] += 1
        counts["same verdict" if own.valid == theirs.valid else "other verdict"] += 1
        counts["same rules" if own == theirs else "other rules"] += 1
        lines += [f"{_sides(own, theirs)}: {path}"] if own != theirs else []
        counts.update(f"both: {rule}" for rule in own.rules & theirs.rules)
        counts.update(f"only here: {rule}" for rule in own.rules - theirs.rules)
        counts.update(f"only there: {rule}" for rule in theirs.rules - own.rules)
    for text in sorted(lines):
        print(text)
    for name, count in sorted(counts.items()):
        print(f"{count:>5}  {name}")


def _sides(own: Verdict, theirs: Verdict) -> str:
    verdict = "same verdict" if own.valid == theirs.valid else "valid here" if own.valid else "invalid here"
    here, there = (", ".join(sorted(each)) for each in (own.rules - theirs.rules, theirs.rules - own.rules))
    return f"{verdict}; only here: {here or '-'}; only there: {there or '-'}"


if __name__ == "__main__":
    if sys.argv[1] == "--list":
        sys.stdout.writelines(f"{path}\n" for path in documents(sys.argv[2:]))
    else:
        compare(Path(sys.argv[1]))
