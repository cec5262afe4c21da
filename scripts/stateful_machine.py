"""Plays the state machine of tests/stateful for longer than tests may take."""

import logging
import sys

from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test
from machine import Machine


def main(runs: str = "200", steps: str = "50") -> None:
    """Say how much was tried; hypothesis says what failed."""
    logging.disable(logging.ERROR)  # what is broken on purpose is told each time
    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=int(runs),
            stateful_step_count=int(steps),
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    print(f"{runs} runs of at most {steps} steps: mock and model agree")


if __name__ == "__main__":
    main(*sys.argv[1:])
