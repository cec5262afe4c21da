"""Where cases are played: mocks that are kept for the next case, and what must hold of a mock after every one."""

import contextlib
import itertools
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bad_inputs.neighbour import LATENCY, Neighbour
from bad_inputs.served import EXCHANGES, Mould, NotYet, Served, until
from bad_inputs.wire import asked

MOST_KEPT = 3  # mocks of one worker; the one that was not needed for the longest goes
GROWTH = 8.0  # MiB that a case may cost
LINES = 5  # of the log, besides what says what came and went
BACK = 10.0  # seconds until descriptors, tasks and connections are as they were
SETTLED = 5.0  # seconds until the memory is
TASKS_OF_A_LOOK = 2  # a request that is being answered while we look

NEIGHBOUR = {
    "address": "/neighbour",
    "messages": {
        "Ask": {
            "contentType": "application/json",
            "payload": {"type": "object", "required": ["id", "type"],
                        "properties": {"id": {"type": "integer"}, "type": {"const": "ask"}}},
        },
        "Told": {
            "contentType": "application/json",
            "payload": {"type": "object", "required": ["id", "type"],
                        "properties": {"id": {"type": "integer"}, "type": {"const": "told"}}},
        },
    },
}  # fmt: skip
ORDERS = {"address": "/orders", "messages": {"Order": {"contentType": "application/json", "payload": {}}}}
EVENTS = {
    "address": "/user/{id}/events",
    "parameters": {"id": {}},
    "messages": {"Event": {"contentType": "application/json", "payload": {}}},
}
LOGIN = {
    "address": "/login",
    "messages": {"Login": {"contentType": "application/json", "payload": {}}},
    "bindings": {"ws": {"query": {"type": "object", "required": ["token"],
                                  "properties": {"token": {"type": "string"}}}}},
}  # fmt: skip


def reference(*parts: str) -> dict[str, str]:
    return {"$ref": "#/" + "/".join(parts)}


def document_with(channels: Mapping[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    """Give a good document: a neighbour's channel, those of the cases, and what a case adds."""
    all_channels = {"neighbour": NEIGHBOUR, "orders": ORDERS, "events": EVENTS, "login": LOGIN, **(channels or {})}
    operations: dict[str, Any] = {
        f"take-{name}": {"action": "receive", "channel": reference("channels", name)} for name in all_channels
    }
    messages = ("channels", "neighbour", "messages")
    operations["take-neighbour"] |= {
        "messages": [reference(*messages, "Ask")],
        "reply": {"channel": reference("channels", "neighbour"), "messages": [reference(*messages, "Told")]},
    }
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Bad inputs", "version": "1.0.0"},
        "channels": all_channels,
        "operations": operations,
        **more,
    }


def text_of(document: Mapping[str, Any]) -> str:
    return json.dumps(document, indent=1)


ECHO = {"id": "echo", "trigger": {"channel": "orders"}, "actions": [{"reply": {"json": "{{ message.json }}"}}]}


@dataclass(frozen=True)
class World:
    """What a mock is started with; two cases with the same world share a mock."""

    document: str = text_of(document_with())
    stubs: str = json.dumps({"version": 1, "expectations": [ECHO]})
    flags: tuple[str, ...] = ("--on-invalid", "ignore", "--no-watch")
    more: tuple[tuple[str, Any], ...] = ()  # of the process
    files: tuple[tuple[str, str], ...] = ()  # others beside the document
    alone: bool = False  # nobody else gets this mock

    def arguments(self) -> list[str]:
        fixed = ["serve", "spec.yaml", "--port", "0", "--log-format", "json", "--stubs", "stubs"]
        return [*fixed, *self.flags]


@dataclass
class Stage:
    """The mocks of one worker."""

    folder: Path
    mould: Mould = field(default_factory=Mould)
    _kept: dict[World, Served] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    def new_folder(self) -> Path:
        made = self.folder / f"world-{next(self._numbers)}"
        made.mkdir()
        return made

    def laid_out(self, world: World) -> Path:
        """Write the files of a world into a new folder."""
        folder = self.new_folder()
        (folder / "stubs").mkdir()
        (folder / "spec.yaml").write_text(world.document, "utf-8")
        if world.stubs:
            (folder / "stubs" / "stubs.json").write_text(world.stubs, "utf-8")
        for name, text in world.files:
            (folder / name).write_text(text, "utf-8")
        return folder

    def run(self, folder: Path, arguments: list[str], **more: Any) -> Served:
        """Run a command of mockws in a folder."""
        return Served(self.mould, folder, arguments, more).start()

    @contextlib.contextmanager
    def mock(self, world: World) -> Iterator[Served]:
        """Give a mock of this world; one that a case has failed with is not used again."""
        served = self._kept.pop(world, None) or self.begun(world)
        try:
            yield served
        except BaseException:
            served.kill()
            raise
        if world.alone or served.ended() is not None:
            served.kill()
            return
        self._kept[world] = served
        if len(self._kept) > MOST_KEPT:
            self._kept.pop(next(iter(self._kept))).kill()

    def begun(self, world: World) -> Served:
        folder = self.laid_out(world)
        served = self.run(folder, world.arguments(), **dict(world.more)).ready()
        warm_up(served)
        return served

    def close(self) -> None:
        for served in self._kept.values():
            served.kill()
        self.mould.close()


def warm_up(served: Served) -> None:
    """Let a mock do once what each case lets it do: what that costs is not the case's doing."""
    with Neighbour(served) as neighbour:
        until(lambda: len(neighbour.times) > 5 or neighbour.troubles, what="the neighbour")
    for path in ("/connections", "/journal?limit=5", "/expectations"):
        assert asked(served.port, "GET", f"/__admin{path}").status == 200
    asked(served.port, "POST", "/__admin/explain", {"channel": "orders", "message": {"text": "{"}})


@dataclass(frozen=True)
class Shape:
    """How a mock is at one moment."""

    descriptors: int
    tasks: int
    connections: int
    memory: float

    @classmethod
    def of(cls, served: Served) -> "Shape":
        connections = asked(served.port, "GET", "/__admin/health").json()["connections"]
        return cls(served.descriptors(), served.spied()["tasks"], connections, served.memory())


def trimmed(served: Served) -> Shape:
    """Forget what happened so far, and look."""
    asked(served.port, "DELETE", "/__admin/journal")
    until(lambda: asked(served.port, "GET", "/__admin/health").json()["connections"] == 0, BACK, "an empty mock")
    return Shape.of(served)


@contextlib.contextmanager
def unharmed(
    served: Served, *, growth: float = GROWTH, latency: float = LATENCY, called: tuple[str, ...] = ()
) -> Iterator[None]:
    """Hold a mock to what must be so during and after every case; only those that are named may be `called`."""
    before, said = trimmed(served), len(served.lines())
    with Neighbour(served) as neighbour:
        until(lambda: len(neighbour.times) > 2 or neighbour.troubles, what="the neighbour")
        yield
        done = len(neighbour.times)
        until(lambda: len(neighbour.times) > done or neighbour.troubles, what="the neighbour, after the case")
    assert served.ended() is None, f"the mock ended with {served.code}: {served.said()[-2000:]}"
    assert neighbour.complaints(latency) == []
    check_seen(served, called)
    check_log(served, said)
    check_shape(served, before, growth)


def check_seen(served: Served, called: tuple[str, ...] = ()) -> None:
    """Look whether it called somebody, ran something, or opened what is none of its business."""
    seen = served.spied()
    assert [each for each in seen["called"] if each not in called] == [], "it called somebody"
    assert seen["ran"] == [], "it ran something"
    assert seen["opened"] == [], "it opened files that are none of its business"


def check_log(served: Served, since: int) -> None:
    said = served.lines()[since:]
    assert not any("traceback" in each or "Traceback" in each.get("text", "") for each in said), said[-5:]
    assert not any(each["event"] == "text" for each in said), said[-5:]
    others = [each for each in said if each["event"] not in EXCHANGES and each.get("category") != "exchange"]
    assert len(others) <= LINES, others
    raw = (served.folder / "err.txt").read_text("utf-8")
    assert all(line.isprintable() for line in raw.split("\n")), "there are control characters in the log"


def check_shape(served: Served, before: Shape, growth: float) -> None:
    """Look whether all that a case needed was given back."""
    asked(served.port, "DELETE", "/__admin/journal")

    back = False

    def is_back() -> bool:
        now = Shape.of(served)
        return (
            now.descriptors <= before.descriptors
            and now.tasks <= before.tasks
            and now.connections <= before.connections
        )

    with contextlib.suppress(NotYet):
        until(is_back, BACK)
        back = True
    assert back, f"was {before}, is {Shape.of(served)}; {_open_files(served)}"
    with contextlib.suppress(AssertionError):
        until(lambda: served.memory() - before.memory <= growth, SETTLED)
    grown = served.memory() - before.memory
    assert grown <= growth, f"it grew by {grown:.1f} MiB"


def _open_files(served: Served) -> list[str]:
    return [str(each.readlink()) for each in Path(f"/proc/{served.pid}/fd").iterdir()]
