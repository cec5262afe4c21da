"""Throws damaged input at the targets in turn, until the time is up or something is raised that should not be."""

import random
import sys
import time
from collections import Counter
from itertools import cycle

from targets import TARGETS, throw

BATCH = 200


def run(seconds: float, seed: int, names: list[str]) -> Counter[str]:
    """Try batches, each with a seed of its own, and give how many inputs there were for each target."""
    until, counts = time.monotonic() + seconds, Counter[str]()
    for number, name in enumerate(cycle(names)):
        if time.monotonic() > until:
            break
        throw(TARGETS[name], times=BATCH, seed=seed + number)
        counts[name] += BATCH
    return counts


def main(seconds: str = "60", seed: str = "", *names: str) -> None:
    """Print the seed first: it is what repeats a failure."""
    unknown = [name for name in names if name not in TARGETS]
    if unknown:
        raise SystemExit(f"there is no target {', '.join(unknown)}; there are {', '.join(TARGETS)}")
    begun = int(seed or random.randrange(1_000_000))
    print(f"seed {begun}", flush=True)
    for name, count in run(float(seconds), begun, list(names or TARGETS)).items():
        print(f"{name}: {count} damaged inputs were read, or refused with a reason")


if __name__ == "__main__":
    main(*sys.argv[1:])
