"""Whatever is done to a mock in whatever order, it is as its model says; `scripts/stateful` tries for longer."""

from hypothesis import HealthCheck, Phase, settings
from machine import Machine

TestMachine = Machine.TestCase
TestMachine.settings = settings(
    max_examples=12,
    stateful_step_count=25,
    deadline=None,
    database=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
