"""Documents and stub files: what a start, a check and a reload say of bad ones."""

import contextlib
import json
import os
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from bad_inputs import names
from bad_inputs.case import Case, Seen, Watch, repeated, timed
from bad_inputs.journal import newest, since, wait_for
from bad_inputs.served import Served, until
from bad_inputs.silent import Silent
from bad_inputs.stage import ORDERS, Stage, World, document_with, reference, text_of, unharmed
from bad_inputs.wire import TEXT, asked, frame, opened
from mockws.links.webhook import DEADLINE

WATCHED = ("--on-invalid", "ignore")
Lay = Callable[[Path], None]
CHECKED = 20.0  # seconds
SHORTENED = 1.0  # seconds that a call may take here, instead of the real deadline


def looked_over(
    stage: Stage,
    document: str | bytes,
    *,
    stubs: tuple[str, str] | None = None,
    lay: Lay = lambda _: None,
    flags: tuple[str, ...] = (),
    look: bool = True,
) -> tuple[Seen, Path]:
    """Let `check` look at files, or else `serve --strict` begin with them; gives what it said."""
    folder = laid(stage, document, stubs, lay)
    seen = Seen()
    if look:
        checked = stage.run(folder, ["check", "spec.yaml", "--format", "json", *_with_stubs(folder), *flags])
        with timed(seen, checked.pid):
            seen.code = checked.exit_code(CHECKED)
        check_spied(checked)
        seen.findings, seen.output = diagnostics(checked), checked.said()
        return seen, folder
    begun = stage.run(
        laid(stage, document, stubs, lay),
        ["serve", "spec.yaml", "--port", "0", "--strict", "--log-format", "json", *_with_stubs(folder), *flags],
    )
    with timed(seen, begun.pid):
        until(lambda: begun.ended() is not None or any(each["event"] == "ready" for each in begun.lines()), CHECKED)
    seen.code, seen.output = begun.ended(), begun.said()
    if seen.code is not None:
        check_spied(begun)
    begun.kill()
    return seen, folder


def check_spied(ended: Served) -> None:
    seen = ended.spied_at_last()
    assert seen["opened"] == [], "it opened files that are none of its business"
    assert seen["called"] + seen["ran"] == [], "it called somebody, or ran something"


def diagnostics(checked: Served) -> list[dict[str, Any]]:
    with contextlib.suppress(ValueError):
        found: list[dict[str, Any]] = json.loads(checked.said())["diagnostics"]
        return found
    return []


def laid(stage: Stage, document: str | bytes, stubs: tuple[str, str] | None, lay: Lay) -> Path:
    folder = stage.new_folder()
    (folder / "spec.yaml").write_bytes(document if isinstance(document, bytes) else document.encode())
    if stubs is not None:
        (folder / "stubs").mkdir()
        (folder / "stubs" / f"stubs.{stubs[0]}").write_text(stubs[1])
    lay(folder)
    return folder


def _with_stubs(folder: Path) -> list[str]:
    return ["--stubs", "stubs"] if (folder / "stubs").exists() else []


# Documents


def document_of(given: Any) -> bytes:
    """Give the document that a case means."""
    if isinstance(given, str):
        return IN_WORDS[given]().encode()
    if "hex" in given:
        return bytes.fromhex(given["hex"])
    text = repeated(given["repeat"]) if "repeat" in given else given["text"]
    return TEXTS_IN_WORDS[text]().encode() if text in TEXTS_IN_WORDS else text.encode("utf-8", "surrogatepass")


def play_document(case: Case, stage: Stage) -> Seen:
    given, expect = case["input"], case["expect"]
    if isinstance(given, str) and given in CHANGES:
        return CHANGES[given](stage)
    content = document_of(given)
    if expect.get("start") == "ok":
        return served_with(content if isinstance(given, str) else embedded(content), stage, case)
    seen, _ = looked_over(stage, content, look="load" in expect)
    if "has" in str(expect.get("start", "")):
        seen.findings = looked_over(stage, content)[0].findings
    if "reload" in expect:
        seen.facts["reload"] = "kept_last_good" if is_kept(stage, content) else "lost"
    return seen


def embedded(fragment: bytes) -> bytes:
    """Put a piece of YAML into a good document, where an extension may say what it likes."""
    indented = "".join(f"  {line}\n" for line in fragment.decode().splitlines())
    return f"x-case:\n{indented}".encode() + _as_yaml(document_with())


def _as_yaml(document: Mapping[str, Any]) -> bytes:
    return "".join(f"{key}: {json.dumps(value)}\n" for key, value in document.items()).encode()


def served_with(document: bytes, stage: Stage, case: Case) -> Seen:
    seen = Seen()
    world = World(document=document.decode(), alone=True)
    watch = Watch()
    with stage.mock(world) as served:
        seen.seconds = watch.seconds() - served.waited()
        with unharmed(served):
            shown = asked(served.port, "GET", "/__admin/document").json()
            seen.facts["values"] = shown.get("x-case", {}).get("enum")
            if "match_ms_max" in case["expect"]:
                seen.facts["match_ms_max"] = _matched_within(served)
    return seen


def _matched_within(served: Served) -> float:
    """Tell how long a refused handshake takes, in ms: of several the quickest, as the machine has its moments."""
    best = 1000.0
    for number in range(0, 10_000, 500):
        watch = Watch(served.pid)
        asked(served.port, "GET", f"/many/{number}")
        best = min(best, watch.seconds() * 1000)
    return best


def is_kept(stage: Stage, content: bytes) -> bool:
    """Write a bad document over a good one that is served: all goes on, and health says what is wrong."""
    with stage.mock(World(flags=WATCHED, alone=True)) as served, unharmed(served):
        (served.folder / "spec.yaml").write_bytes(content)
        until(lambda: _health(served)["status"] == "DEGRADED", what="a complaint")
        problem = _health(served)["problem"]
        assert "line" in problem, problem
        with opened(served.port) as wire:
            wire.say(frame(TEXT, b"1"))
            return wire.message() == b"1"


def _health(served: Served) -> dict[str, Any]:
    found: dict[str, Any] = asked(served.port, "GET", "/__admin/health").json()
    return found


def _merge_bomb() -> str:
    keys = ", ".join(f"k{n}: {n}" for n in range(1000))
    return f"a: &a {{{keys}}}\nb:\n" + "".join(f"  x{n}:\n    <<: *a\n" for n in range(2000))


def _same_shape() -> str:
    def channel(name: str) -> dict[str, Any]:
        return {**ORDERS, "address": f"/a/{{{name}}}", "parameters": {name: {}}}

    return text_of(document_with({"one": channel("x"), "other": channel("y")}))


def _lost_reply() -> str:
    document = document_with()
    document["operations"]["take-orders"]["reply"] = {"channel": reference("channels", "nowhere")}
    return text_of(document)


def _many_channels() -> str:
    return text_of(document_with({f"many-{n}": {**ORDERS, "address": f"/many/{n}"} for n in range(10_000)}))


IN_WORDS: Mapping[str, Callable[[], str]] = {
    "addresses /a/{x} and /a/{y}": _same_shape,
    "a reply that points to a channel that is not there": _lost_reply,
    "spec with 10000 channels": _many_channels,
}
TEXTS_IN_WORDS: Mapping[str, Callable[[], str]] = {"merge key with 2000 copies of a 1000-key map": _merge_bomb}


@contextlib.contextmanager
def versions_watched(served: Served) -> Iterator[list[str]]:
    """Keep asking which version is served; each is told once, in the order in which they were seen."""
    seen: list[str] = []
    stop = threading.Event()

    def ask() -> None:
        while not stop.is_set():
            version = asked(served.port, "GET", "/__admin/document").json()["info"]["version"]
            if version not in seen:
                seen.append(version)
            stop.wait(0.02)

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    try:
        yield seen
    finally:
        stop.set()
        asking.join()


def _written_in_pieces(stage: Stage) -> Seen:
    """A document is written over in ten pieces, 120 ms apart: half-written YAML is often valid YAML."""
    seen = Seen()
    old, new = (_as_yaml(document_with(info={"title": "Bad inputs", "version": each})) for each in ("old", "new"))
    with stage.mock(World(document=old.decode(), flags=WATCHED, alone=True)) as served, unharmed(served):
        with versions_watched(served) as versions:
            pause = threading.Event()
            with (served.folder / "spec.yaml").open("wb", buffering=0) as file:
                step = len(new) // 10 + 1
                for start in range(0, len(new), step):
                    file.write(new[start : start + step])
                    pause.wait(0.12)
            until(lambda: "new" in versions, what="the new document")
        seen.facts["versions_seen"] = versions
        seen.facts["reloads"] = 1 if versions == ["old", "new"] and _health(served)["status"] == "UP" else versions
    return seen


def _swapped(stage: Stage) -> Seen:
    """What Kubernetes does to a mounted config map: a link to a link, of which the inner one is replaced."""
    seen = Seen()
    folder = stage.new_folder()
    old, new = (text_of(document_with(info={"title": "Bad inputs", "version": each})) for each in ("old", "new"))
    for name, text in (("..1", old), ("..2", new)):
        (folder / name).mkdir()
        (folder / name / "spec.yaml").write_text(text)
    (folder / "..data").symlink_to("..1")
    (folder / "spec.yaml").symlink_to("..data/spec.yaml")
    (folder / "stubs").mkdir()
    served = stage.run(folder, World(flags=WATCHED).arguments()).ready()
    with unharmed(served), versions_watched(served) as versions:
        (folder / "..next").symlink_to("..2")
        (folder / "..next").rename(folder / "..data")
        until(lambda: "new" in versions, what="the new document")
    served.kill()
    seen.facts["reloads"] = 1 if versions == ["old", "new"] else versions
    return seen


CHANGES: Mapping[str, Callable[[Stage], Seen]] = {
    "spec replaced in place in 10 writes of 120 ms each": _written_in_pieces,
    "Kubernetes configmap symlink swap": _swapped,
}

# Stub files


def play_stub(case: Case, stage: Stage) -> Seen:
    given, expect = case["input"], case["expect"]
    if "runs_max" in expect:
        return _set_off_by_itself(stage)
    if "concurrent_max" in expect:
        return _calling_out(stage)
    text = given.get("text") or repeated(given["repeat"]) if "text" in given or "repeat" in given else None
    if text is None:
        written = given["expectation"] if "expectation" in given else _made(given)
        text = json.dumps({"version": 1, "expectations": [{"id": "case", **written}]})
    if "status" in expect or "reload" in expect:
        return _stubs_replaced(stage, text)
    ending, flags = given.get("ending", "json"), tuple(given.get("flags", ()))
    seen, _ = looked_over(stage, text_of(document_with()), stubs=(ending, text), lay=_lay_of(given), flags=flags)
    if "times_ms" in expect:
        seen.facts["times_ms"] = seen.seconds * 1000
    return seen


def _made(given: Mapping[str, Any]) -> Any:
    """Make an expectation that is too long to be written down."""
    matcher: Any = {"equalTo": "x"}
    for _ in range(given.get("not_depth", 0)):
        matcher = {"not": matcher}
    if "path_depth" in given:
        matcher = {"matchesJsonPath": "$[?" + "(" * given["path_depth"] + "@.a" + ")" * given["path_depth"] + "]"}
    if "stub" in given:
        return names.expectation(given["stub"])
    actions = [{"reply": {"text": "x"}}] * given.get("actions", 1)
    return {"trigger": {"channel": "orders", "message": {"body": matcher}}, "actions": actions}


def _lay_of(given: Mapping[str, Any]) -> Lay:
    def lay(folder: Path) -> None:
        (folder.parent / "secret.txt").write_text("S3CR3T")
        for name in given.get("pipes", ()):
            os.mkfifo(folder / name)
        for name, target in given.get("links", {}).items():
            (folder / "stubs" / name).symlink_to(folder / target)

    return lay


def _stubs_replaced(stage: Stage, text: str) -> Seen:
    """Write a bad stub file beside a good one that is in force."""
    seen = Seen()
    with stage.mock(World(flags=WATCHED, alone=True)) as served, unharmed(served):
        (served.folder / "stubs" / "worse.json").write_text(text)
        until(lambda: _health(served)["status"] != "UP", what="a complaint")
        health = _health(served)
        kept = [each["id"] for each in asked(served.port, "GET", "/__admin/expectations").json()]
        seen.facts["health"], seen.facts["status"] = health, health["status"].lower()
        seen.facts["reload"] = "kept_last_good" if kept == ["echo"] else kept
    return seen


def _set_off_by_itself(stage: Stage) -> Seen:
    """An expectation says what it waits for itself, to everybody on its channel."""
    saying = {"send": {"to": "channel", "json": {"again": True}}}
    own = {"id": "loop", "trigger": {"channel": "orders"}, "actions": [saying]}
    seen = Seen()
    world = World(stubs=json.dumps({"version": 1, "expectations": [own]}), alone=True)
    with stage.mock(world) as served, unharmed(served), opened(served.port) as wire:
        wire.say(frame(TEXT, b'{"again": true}'))
        assert wire.message() == b'{"again":true}'
        assert wire.is_open()
        shown = asked(served.port, "GET", "/__admin/expectations/loop").json()
        seen.facts["runs_max"] = shown["status"]["ran"]
    return seen


def _calling_out(stage: Stage) -> Seen:
    """A script calls a server that takes calls, and never answers one."""
    seen = Seen()
    with Silent() as silent:
        call = {"id": "call", "trigger": {"channel": "orders"}, "actions": [{"http": {"url": silent.url, "json": {}}}]}
        world = World(
            stubs=json.dumps({"version": 1, "expectations": [call]}),
            flags=(*World().flags, "--allow-callbacks", silent.authority),
            alone=True,
            more=(("patched", (("mockws.links.webhook.DEADLINE", SHORTENED),)),),
        )
        with stage.mock(world) as served, unharmed(served, called=(silent.authority,)), opened(served.port) as wire:
            mark = newest(served)
            with timed(seen, served.pid):
                wire.say(frame(TEXT, b"1") * 40)
                until(lambda: silent.most >= 32, what="all calls at a time")
                assert wire.is_open()
                most = silent.most
                wait_for(served, mark, "callback")
            silent.hang_up()
            until(lambda: sum(each["event"] == "callback" for each in since(served, mark)) == 40, what="all calls")
        seen.facts |= {"timeout_s": DEADLINE, "concurrent_max": most}
    assert seen.seconds < SHORTENED * 5, seen.seconds
    return seen
