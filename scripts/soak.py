"""Runs profiles of what the mock has to bear, prints their figures, and tells whether the bars were kept."""

import argparse
import asyncio
import sys
import time
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from soaking import coming, ending, files, flooding, reading
from soaking.bars import Report
from soaking.clients import many_descriptors

Profile = Callable[[Report, float], Coroutine[Any, Any, None]]
PROFILES: Mapping[str, Profile] = {
    "cycles-clean": coming.cycles_clean,
    "cycles-reset": coming.cycles_reset,
    "cycles-half-open": coming.cycles_half_open,
    "cycles-tls": coming.cycles_tls,
    "killed": coming.killed,
    "storm": coming.storm,
    "slow-reader": reading.slow_reader,
    "slow-reader-tls": reading.slow_reader_tls,
    "drop-oldest": reading.drop_oldest,
    "pause": reading.paused,
    "asleep": reading.asleep,
    "tiny-frames": flooding.tiny_frames,
    "bomb": flooding.bomb,
    "slowloris": flooding.slowloris,
    "heads": flooding.heads,
    "descriptors": flooding.descriptors,
    "stop": ending.stop,
    "stop-twice": ending.stop_twice,
    "torn": files.torn,
    "full-disk": files.full_disk,
}


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/soak", description=__doc__)
    parser.add_argument("profiles", nargs="*", choices=[[], *PROFILES], metavar="PROFILE", help="default: all")
    parser.add_argument("--scale", type=float, default=1.0, help="how much of each (default 1)")
    parser.add_argument("--list", action="store_true", help="name the profiles, and what they do")
    return parser.parse_args()


def run(name: str, scale: float) -> bool:
    """Run a profile; tell whether all its bars were kept."""
    report = Report()
    print(f"{name}: {' '.join((PROFILES[name].__doc__ or '').split())}", flush=True)
    began = time.monotonic()
    try:
        asyncio.run(PROFILES[name](report, scale))
    except Exception as problem:  # noqa: BLE001  # whatever it is: the other profiles are tried all the same
        report.exactly("it went to its end", repr(problem), True)
    print(f"  {name} took {time.monotonic() - began:.0f} s\n", flush=True)
    return report.kept


def main() -> int:
    wanted = parsed()
    if wanted.list:
        for name, profile in PROFILES.items():
            print(f"{name:<18} {' '.join((profile.__doc__ or '').split())}")
        return 0
    many_descriptors()
    missed = [name for name in wanted.profiles or PROFILES if not run(name, wanted.scale)]
    print(f"missed: {', '.join(missed)}" if missed else "all bars were kept")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
