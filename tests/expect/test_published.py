"""The published JSON Schema: valid, complete, and of one mind with what checks stub files."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from mockws.cli.main import run
from mockws.expect.model import StubFile
from mockws.expect.published import DIALECT, MEANINGS, PUBLISHED, published
from mockws.expect.reading import problems
from mockws.source.read import read

ROOT = Path(__file__).parents[2]
FILE = ROOT / "docs" / "reference" / "stub-file.schema.json"
BUNDLED = sorted((ROOT / "stubs").glob("*.yaml"))
LINE = "# yaml-language-server: $schema=../docs/reference/stub-file.schema.json"


def fits(value: Any) -> bool:
    return bool(Draft202012Validator(json.loads(FILE.read_text("utf-8"))).is_valid(value))


def stub(**keys: Any) -> dict[str, Any]:
    return {"expectations": [{"trigger": {}, **keys}]}


@pytest.mark.parametrize("name", PUBLISHED)
def test_what_is_printed_is_a_json_schema(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["schema", name]) == 0

    printed = json.loads(capsys.readouterr().out)
    assert (printed["$schema"], printed["$id"]) == (DIALECT, f"urn:mockws:{name}:1")
    Draft202012Validator.check_schema(printed)


def test_the_file_in_the_reference_is_what_is_printed() -> None:
    assert json.loads(FILE.read_text("utf-8")) == published("stubs"), "run scripts/docs"


@pytest.mark.parametrize("path", BUNDLED, ids=lambda path: path.name)
def test_bundled_stub_files_fit_and_name_the_schema_for_editors(path: Path) -> None:
    text = path.read_text("utf-8")

    assert fits(read(text.encode(), path.name).value)
    assert text.splitlines()[0] == LINE


@pytest.mark.parametrize(
    "value",
    [
        {"expectation": []},
        {"version": 2},
        {"credentials": [{"token": "t"}]},
        stub(tmies=1),
        {"expectations": [{"trigger": {"chanel": "room"}}]},
        stub(actions=[{"reply": {"txt": "hi"}}]),
        stub(actions=[{"reply": {"text": "hi"}, "delay": 5}]),
        stub(actions=[{}]),
        stub(actions=[{"delay": 1.5}]),
        [],
    ],
)
def test_what_is_not_known_is_refused(value: Any) -> None:
    assert not fits(value)


@pytest.mark.parametrize(
    "value",
    [
        {},
        stub(),
        stub(timeToLive="5s", actions=[{"delay": 500}, {"delay": {"type": "fixed", "value": "1s"}}]),
        stub(actions=[{"send": {"to": {"group": "x", "except": "originating"}, "json": [1]}}]),
    ],
)
def test_what_is_known_fits(value: Any) -> None:
    assert fits(value)
    assert problems(value, StubFile) == []


@pytest.mark.parametrize("name", MEANINGS)
def test_only_keys_that_are_there_have_a_meaning(name: str) -> None:
    known = published("stubs")["$defs"][name]["properties"]

    assert MEANINGS[name].keys() - known.keys() == set()
    assert all("description" in known[key] for key in MEANINGS[name])


def test_a_duration_is_explained_wherever_one_is_wanted() -> None:
    definitions = published("stubs")["$defs"]

    assert definitions["Trigger"]["properties"]["every"]["$ref"] == "#/$defs/Duration"
    assert {"$ref": "#/$defs/Duration"} in definitions["Action"]["properties"]["delay"]["anyOf"]
