"""Every bad input has its outcome, and a mock that was given one is as it was before.

What cases look like, and what else must hold of each, is told in README.md beside this file.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bad_inputs.case import Case, cases_of
from bad_inputs.outcomes import check
from bad_inputs.play import played
from bad_inputs.stage import Stage

HERE = Path(__file__).parent
# Another file of cases may be played instead of our own.
GIVEN = os.environ.get("MOCKWS_BAD_INPUTS")
FILES = [Path(GIVEN)] if GIVEN else sorted((HERE / "cases").glob("*.yaml"))
CASES = [case for path in FILES for case in cases_of(path)]

pytestmark = pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="what a process holds is read from /proc")


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    stage = Stage(tmp_path_factory.mktemp("mocks"))
    yield stage
    stage.close()


def parameters() -> list[Any]:
    return [pytest.param(case, id=case["id"], marks=marks_of(case)) for case in CASES]


def marks_of(case: Case) -> list[pytest.MarkDecorator]:
    reason = case.get("not_yet")
    return [pytest.mark.xfail(reason=reason, strict=True)] if reason else []


@pytest.mark.parametrize("case", parameters())
def test_it_has_its_outcome_and_does_no_harm(case: Case, stage: Stage) -> None:
    seen = played(case, stage)

    check(case, seen)


def test_each_case_has_a_name_of_its_own() -> None:
    names = [case["id"] for case in CASES]

    assert len(names) == len(set(names))
