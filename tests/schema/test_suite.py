"""The official JSON-Schema-Test-Suite: no answer is wrong, and every schema that something fits can be faked.

`scripts/jsonschema-suite` measures all of it; here are the drafts that are at hand, with a few fakes of each schema.
`JSON_SCHEMA_SUITE` names another folder of the suite's tests.
"""

import importlib.util
import os
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
SUITE = Path(os.environ.get("JSON_SCHEMA_SUITE", ROOT.parent / "shared" / "corpus" / "jsonschema" / "suite" / "tests"))
FAKES = 3


def measuring() -> Any:
    """Load the script's own code."""
    spec = importlib.util.spec_from_file_location("jsonschema_suite", ROOT / "scripts" / "jsonschema_suite.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # its dataclasses look it up
    spec.loader.exec_module(module)
    return module


MEASURE = measuring()


@pytest.mark.skipif(not SUITE.is_dir(), reason="the official suite is not at hand: scripts/jsonschema-suite fetches it")
@pytest.mark.parametrize("name", [name for name in MEASURE.DRAFTS if (SUITE / name).is_dir()] or ["draft7"])
def test_the_suite_is_passed_and_faked(name: str) -> None:
    score = MEASURE.measured(SUITE / name, MEASURE.DRAFTS[name], fakes=FAKES)

    assert (score.wrong, score.not_faked, score.refused) == ([], [], [])
    assert score.tests > 500
    assert score.fakes > 200


def test_the_measure_tells_what_is_wrong(tmp_path: Path) -> None:
    folder = tmp_path / "tests" / "draft7"
    folder.mkdir(parents=True)
    (folder / "lies.json").write_text(
        '[{"description": "a lie", "schema": {"type": "null"}, "tests": '
        '[{"description": "one", "data": 1, "valid": true}]},'
        ' {"description": "nothing", "schema": false, "tests": [{"description": "one", "data": 1, "valid": true}]}]'
    )

    score = MEASURE.measured(folder, MEASURE.DRAFTS["draft7"])

    assert [len(each) for each in (score.wrong, score.not_faked, score.refused)] == [2, 1, 0]
