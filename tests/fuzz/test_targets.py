"""Damaged input is read or refused with a reason, whatever is wrong with it; `scripts/fuzz` tries for longer."""

import pytest
from targets import TARGETS, throw

TIMES = {"documents": 300, "files": 150, "overlays": 100, "schemas": 200, "frames": 300}
TIMES |= {"documents-as-bytes": 100, "stubs": 100, "messages": 200, "templates": 300, "wire": 300}


@pytest.mark.parametrize("name", TARGETS)
def test_damaged_input_is_read_or_refused(name: str) -> None:
    throw(TARGETS[name], times=TIMES[name])
