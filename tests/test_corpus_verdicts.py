"""What is said of documents, held against what their source, or AsyncAPI's own parser, says of them.

The corpus lies beside the project, as in `test_corpus`; without it these tests are skipped.
"""

from pathlib import Path
from typing import Any

import pytest

from mockws.asyncapi.load import Options, load
from mockws.diagnostic import Diagnostic, Severity
from mockws.errors import DocumentRefused
from mockws.links.files import DocumentFiles
from mockws.source.pointer import join
from test_corpus import CORPUS, listed, loaded_or_refused, needs_corpus


def said(path: Path) -> tuple[Diagnostic, ...]:
    """Give all that `mockws check` says of a document."""
    try:
        return load(str(path), DocumentFiles(str(path), [str(path.parents[1])]), Options(thorough=True)).diagnostics
    except DocumentRefused as refused:
        return refused.diagnostics


def judged(source_says: str, *parts: str) -> list[dict[str, Any]]:
    entries = [each for each in listed("asyncapi-invalid") if Path(each["file"]).suffix in (".yaml", ".yml", ".json")]
    wanted = [each for each in entries if each["source_says"] == source_says and not set(parts).isdisjoint(each)]
    return [each for each in wanted if not any(name in each["file"] for name in EXPLAINED)]


# Where we judge otherwise than the source, and why: docs/reference/conformance.md.
EXPLAINED = (
    "valid-with-hyphen",
    "valid-extra-parameter",
    "valid-parameter-not-defined",
    "valid-external-ref-messageTraits",
    "valid-external-ref-operationTraits",
    "valid-extra-variable",
    "valid-variable-not-defined",
    "kafka/0.1.0/Message Bindings Object/Fields Types/invalid-key-type",
    "013-valid-valid-case-3-0-0-version",  # a channel in place of a reference to it
    "144-invalid-invalid-schema-components-channels-case",  # version 2.0 has no such components: told as that
    "147-warning-valid-case-with-non-supported-schema-format",  # told at the payload, as schema-format
    "206-valid-valid-case-required-channel-under-root-server",  # a reference to the web
    "212-valid-valid-case-required-operation-under-root-channel",
)
REMOTE = ("ref_scheme", "ref_remote")  # a reference to the web stops the reading, before rules come to their turn


def without_prefix(entry: dict[str, Any]) -> str:
    return str(entry["file"]).removeprefix("asyncapi-invalid/")


@needs_corpus
@pytest.mark.parametrize("entry", judged("invalid", "reason"), ids=without_prefix)
def test_document_that_the_tck_calls_invalid_has_errors(entry: dict[str, Any]) -> None:
    assert [each for each in said(CORPUS / entry["file"]) if each.severity is Severity.ERROR]


@needs_corpus
@pytest.mark.parametrize("entry", judged("valid", "reason"), ids=without_prefix)
def test_document_that_the_tck_calls_valid_has_no_errors(entry: dict[str, Any]) -> None:
    assert [each for each in said(CORPUS / entry["file"]) if each.severity is Severity.ERROR] == []


@needs_corpus
@pytest.mark.parametrize(
    "entry", [each for kind in ("invalid", "warning", "info") for each in judged(kind, "rule")], ids=without_prefix
)
def test_broken_rule_of_the_parser_is_told_at_its_place(entry: dict[str, Any]) -> None:
    diagnostics = said(CORPUS / entry["file"])
    if any(each.code in REMOTE for each in diagnostics):
        assert entry["source_says"] == "invalid"
        assert [each for each in diagnostics if each.severity is Severity.ERROR]
        return
    pointers = [each.pointer for each in diagnostics if each.code == entry["rule"]]

    for expected in entry["expected_errors"]:
        place = join("", *map(str, expected.get("path", ())))
        assert [each for each in pointers if meet(each, place)], f"{place}: {pointers}"


def meet(one: str, other: str) -> bool:
    """Tell whether of two places one is in the other; what is missing can be told at its parent."""
    return f"{one}/".startswith(f"{other}/") or f"{other}/".startswith(f"{one}/")


@needs_corpus
@pytest.mark.parametrize("entry", judged("valid", "rule"), ids=without_prefix)
def test_kept_rule_of_the_parser_is_not_told(entry: dict[str, Any]) -> None:
    told = [each for each in said(CORPUS / entry["file"]) if each.severity is Severity.ERROR]

    assert [each for each in told if each.code == entry["rule"]] == []


@needs_corpus
@pytest.mark.parametrize("folder", ["asyncapi-ws", "asyncapi-other"])
def test_what_the_parser_calls_valid_is_served(folder: str) -> None:
    entries = [each for each in listed(folder) if each["official_parser"]["ok"]]
    refused = {each["file"]: said(CORPUS / each["file"])[0].code for each in entries if is_refused(each["file"])}

    assert set(refused.values()) <= {"no-channels", *REMOTE}


def is_refused(name: str) -> bool:
    return loaded_or_refused(CORPUS / name) is None
