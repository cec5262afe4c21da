"""How fast schemas are: a fake and a spoiled value per payload, beside the validation of the same.

Run it as `python benchmarks/schema.py [DOCUMENT ...]`; without a document it takes those of `specification/`. It prints
medians over all payloads, in microseconds, and how many validations a fake costs.
"""

import statistics
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from mockws.app import load_document
from mockws.contract import Message
from mockws.errors import MockwsError
from mockws.schema.schema import Schema
from mockws.settings import Settings

ROUNDS = 30
LIMIT = 300.0  # microseconds that a fake may take, in the median
SPECIFICATION = Path(__file__).parent.parent / "specification"


def payloads(documents: list[str]) -> Iterator[tuple[str, Schema]]:
    """Give the payloads of all messages, each once."""
    for document in documents:
        try:
            contract = load_document(document, Settings()).contract
        except MockwsError as problem:
            print(f"left out: {problem}", file=sys.stderr)
            continue
        found: dict[int, Message] = {
            id(each.payload): each for channel in contract.channels for each in channel.messages
        }
        yield from ((f"{document}: {each.name}", each.payload) for each in found.values() if each.payload.can_fake)


def microseconds(deed: Callable[[int], object]) -> float:
    """Measure something that is done with another seed each time: the median."""
    deed(-1)
    times = []
    for seed in range(ROUNDS):
        begun = time.perf_counter()
        deed(seed)
        times.append(time.perf_counter() - begun)
    return statistics.median(times) * 1e6


def main(documents: list[str]) -> int:
    fakes, spoils, judged, slowest = [], [], [], ("", 0.0)
    for name, schema in payloads(documents):
        value = schema.fake(0)
        fakes.append(microseconds(schema.fake))
        spoils.append(microseconds(schema.spoil))
        judged.append(microseconds(lambda _, schema=schema, value=value: schema.accepts(value)))  # type: ignore[misc]
        slowest = max(slowest, (name, fakes[-1]), key=lambda pair: pair[1])
    fake, judging = statistics.median(fakes), statistics.median(judged)
    print(f"{len(fakes)} payloads")
    print(f"a fake:      {fake:8.1f} us, {fake / judging:.0f} validations (limit {LIMIT:.0f} us)")
    print(f"spoiled:     {statistics.median(spoils):8.1f} us")
    print(f"validation:  {judging:8.2f} us")
    print(f"slowest:     {slowest[1]:8.1f} us, {slowest[0]}")
    return 0 if fake <= LIMIT else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or sorted(map(str, SPECIFICATION.glob("*.yaml")))))
