"""Damages documents at random and loads them, until the time is up or something is raised that should not be."""

import sys
import time

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_mutations import VALUES, try_damaged

BATCH = 500


def run(seconds: float) -> int:
    """Try batches of documents, and give how many there were."""
    until, count = time.monotonic() + seconds, 0
    while time.monotonic() < until:
        attempt()
        count += BATCH
    return count


@settings(max_examples=BATCH, deadline=None, suppress_health_check=list(HealthCheck), database=None)
@given(st.sampled_from(VALUES), st.integers(1, 12), st.data())
def attempt(value: object, times: int, draw: st.DataObject) -> None:
    """Try one document; hypothesis makes it as small as it can where it fails."""
    try_damaged(value, times, draw)


if __name__ == "__main__":
    print(f"{run(float(sys.argv[1]))} damaged documents loaded, or were refused with a reason")
