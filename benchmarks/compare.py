"""Compares mockws with what a team would write by hand: the same messages, server and client on a core each, in turn.

Run it as `scripts/bench`. Rates of a machine mean little, so medians of ratios within a round are what is told: of
rates, and of the processor's time that a message takes, which other work on the machine disturbs less. How busy the
load generator was is told too, as a proof that it is not what was measured.
"""

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import material
from servers import CLIENT_CORE, Server, by_hand, mockoon, mockws, pinned, plain

HERE = Path(__file__).parent
BUSY = 0.95  # of its core: above, the load generator is what was measured
LISTENERS = 10_000
LEFT_OUT = (
    "Scalar's mock server: what npm has of it (0.14) speaks no WebSocket",
    "Mokapi: what npm has of it (0.52) opens the channel, and answers no message without a script of one's own",
)


@dataclass(frozen=True)
class Profile:
    """One way to put load on a server."""

    name: str
    connections: int
    in_flight: int = 1


PROFILES = (
    Profile("1 connection", 1),
    Profile("50 connections", 50),
    Profile("1,000 connections", 1000),
    Profile("50 connections, 16 in flight", 50, 16),
)


class Bench:
    """All that is needed for measuring, in one folder."""

    def __init__(self, folder: Path, modules: Path | None, rounds: int, seconds: float) -> None:
        self.folder = folder
        self.modules = modules
        self.rounds = rounds
        self.seconds = seconds
        self.load = folder / "wsload"
        self.busiest = 0.0
        compiler = ["cc", "-O2", "-o", str(self.load), str(HERE / "wsload.c"), "-lz"]
        subprocess.run(compiler, check=True)

    def file(self, name: str, content: Any) -> Path:
        """Write something down for a server."""
        path = self.folder / name
        path.write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")
        return path

    def run(self, server: Server, *options: str, path: str = "/orders") -> dict[str, Any]:
        """Put load on a server once."""
        place = ["127.0.0.1", str(server.port), path]
        command = pinned(CLIENT_CORE, [str(self.load), "-P", str(server.process.pid), *options, *place])
        said = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()[-1]
        result: dict[str, Any] = json.loads(said)
        self.busiest = max(self.busiest, result.get("client_cpu", 0.0))
        if result["errors"] or result.get("mismatched") or result.get("closed"):
            raise SystemExit(f"{server.name} did not answer as it should: {said}")
        return result

    def rounds_of(self, profile: Profile, servers: Sequence[Server], orders: Path) -> dict[str, list[dict[str, Any]]]:
        """Measure all servers in turn, round by round: what disturbs one disturbs the others."""
        options = ["-c", str(profile.connections), "-d", str(profile.in_flight), "-t", str(self.seconds), "-w", "0.5"]
        found: dict[str, list[dict[str, Any]]] = {server.name: [] for server in servers}
        for _ in range(self.rounds):
            for server in servers:
                found[server.name].append(self.run(server, *options, "-p", str(orders), "-e", "order.accepted"))
        return found

    def compare(self, title: str, profiles: Sequence[Profile], servers: Sequence[Server], orders: Path) -> None:
        """Print how many times as fast the first server is as each of the others."""
        print(f"\n## {title}\n")
        print(
            "| Load | "
            + " | ".join(f"{each.name}, messages/s (p99)" for each in servers)
            + " | ratios, with quartiles |"
        )
        print("|---|" + "---|" * (len(servers) + 1))
        for profile in profiles:
            found = self.rounds_of(profile, servers, orders)
            first, *others = (found[each.name] for each in servers)
            cells = [_rate(found[each.name]) for each in servers]
            told = [
                f"{_ratio(first, other)} of {server.name}" for other, server in zip(others, servers[1:], strict=True)
            ]
            print(f"| {profile.name} | {' | '.join(cells)} | {'; '.join(told)} |", flush=True)


def _rate(results: Sequence[dict[str, Any]]) -> str:
    rate = statistics.median(each["per_second"] for each in results)
    return f"{rate:,.0f} ({statistics.median(each['p99_us'] for each in results) / 1000:.1f} ms)"


def _ratio(ours: Sequence[dict[str, Any]], theirs: Sequence[dict[str, Any]]) -> str:
    """Give the median of the ratios within the rounds, the quartiles around it, and the median by processor time."""
    pairs = list(zip(ours, theirs, strict=True))
    ratios = sorted(mine["per_second"] / other["per_second"] for mine, other in pairs)
    low, high = ratios[len(ratios) // 4], ratios[-1 - len(ratios) // 4]
    cost = statistics.median(other["server_us_per_msg"] / mine["server_us_per_msg"] for mine, other in pairs)
    return f"{statistics.median(ratios):.2f}x ({low:.2f} to {high:.2f}; by processor time {cost:.2f}x)"


def against_others(bench: Bench) -> None:
    """One kind of order, and eight."""
    for count, title in ((1, "One kind of message"), (8, "Eight kinds, told apart by a property")):
        orders = bench.file(f"orders{count}.ndjson", material.messages(count))
        schemas = bench.file(f"schemas{count}.json", material.schemas(count))
        servers = [mockws("mockws", bench.file(f"document{count}.json", material.document(count)))]
        servers += [by_hand(schemas, bench.modules)] if bench.modules else []
        servers += [plain(schemas)]
        if bench.modules and count == 1:
            servers += [mockoon(bench.file("mockoon.json", material.environment()), bench.modules)]
        bench.compare(title, PROFILES if count == 1 else PROFILES[1::2], servers, orders)
        for each in servers:
            each.stop()


def expected_elsewhere(bench: Bench) -> None:
    """A thousand expectations for another channel must not be felt."""
    document = bench.file("two.json", material.document(1, channels=2))
    stubs = bench.file("stubs.json", material.expectations(1000, "orders1"))
    servers = [mockws("1,000 expectations elsewhere", document, "--stubs", str(stubs)), mockws("none", document)]
    orders = bench.file("orders.ndjson", material.messages(1))
    bench.compare("Expectations on another channel", PROFILES[1::2], servers, orders)
    for each in servers:
        each.stop()


def many_listeners(bench: Bench) -> None:
    """Say one thing to everybody, and hold connections that say nothing."""
    document = bench.file("document.json", material.document(1))
    stubs = bench.file("all.json", material.to_everybody())
    orders = bench.file("orders.ndjson", material.messages(1))
    server = mockws("mockws", document, "--stubs", str(stubs), "--max-connections", str(LISTENERS + 1))
    told = bench.run(server, "-m", "fanout", "-c", str(LISTENERS), "-k", "7", "-p", str(orders))
    took = statistics.median(each["last_ms"] for each in told["rounds"])
    print(f"\n## Many connections\n\n- one message to {LISTENERS:,} listeners: {took:.0f} ms until the last has it")
    server.stop()
    server = mockws("mockws", document, "--max-connections", str(LISTENERS + 1))
    bench.run(server, "-c", "100", "-t", "0.5", "-p", str(orders))  # all that is made once is made
    before, options = server.memory(), ("-m", "idle", "-c", str(LISTENERS), "-t", "3")
    command = pinned(CLIENT_CORE, [str(bench.load), *options, "127.0.0.1", str(server.port), "/orders"])
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as holding:
        assert holding.stdout is not None
        holding.stdout.readline()  # it says when they are all open
        each = (server.memory() - before) / LISTENERS
    print(f"- {LISTENERS:,} connections that say nothing: {each / 1024:.1f} KiB each")
    server.stop()


def starts(bench: Bench) -> None:
    """Start, with a small document and a large one."""
    print("\n## Starting\n")
    for name, content in (("1 channel", json.dumps(material.document(1))), ("2 MB", material.large())):
        document = bench.file("start.json", content)
        taken = []
        for _ in range(max(bench.rounds, 3)):
            server = mockws("mockws", document)
            taken.append(server.seconds)
            server.stop()
        print(f"- {name} ({len(content):,} bytes): {statistics.median(taken):.2f} s until it takes connections")


def node_modules(folder: Path) -> Path | None:
    """Install what the server by hand needs; say why, where that is not possible."""
    if not (shutil.which("node") and shutil.which("npm")):
        print("left out: Node, ws + ajv: there is no Node here")
        return None
    shutil.copy(HERE / "peers" / "package.json", folder)
    done = subprocess.run(["npm", "install", "--no-audit", "--no-fund", "--silent"], cwd=folder, check=False)
    if done.returncode:
        print("left out: Node, ws + ajv: npm cannot install them")
    return None if done.returncode else folder


PARTS: dict[str, Callable[[Bench], None]] = {
    "others": against_others,
    "expectations": expected_elsewhere,
    "many": many_listeners,
    "starts": starts,
}


def main() -> None:
    """Measure, and print what came of it as Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], help="what to measure (default: all)")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=2.0)
    chosen = parser.parse_args()
    if (os.cpu_count() or 1) < 2 or not shutil.which("taskset"):
        raise SystemExit("measuring needs two cores and taskset (Linux)")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        bench = Bench(folder, node_modules(folder), chosen.rounds, chosen.seconds)
        python = f"Python {platform.python_version()}"
        print(f"{_processor()}, {os.cpu_count()} cores, {platform.system()}, {python}, load {os.getloadavg()[0]:.1f}")
        for each in chosen.parts or PARTS:
            PARTS[each](bench)
    print(f"\nThe load generator used at most {bench.busiest:.0%} of its core.")
    if bench.busiest > BUSY:
        print("That is too much: in the fastest case it was measured, and not the server.")
    for left_out in LEFT_OUT:
        print(f"Left out: {left_out}.")


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


if __name__ == "__main__":
    main()
