"""The process and its machine: what is missing at the start, signals, descriptors, and streams that nobody reads."""

import contextlib
import json
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping

from bad_inputs.case import Case, Seen, Watch
from bad_inputs.served import Served, until
from bad_inputs.stage import Stage, World, unharmed
from bad_inputs.wire import TEXT, Wire, asked, frame, handshake, head, opened

MANY = 1000
CROWD = 300  # clients, where a mock may have 256 descriptors
SLEEPING = {"id": "sleep", "trigger": {"channel": "orders"}, "actions": [{"delay": "60s"}, {"reply": {"text": "ok"}}]}


def play(case: Case, stage: Stage) -> Seen:
    given = case["input"]
    if isinstance(given, str):
        return IN_WORDS[given](stage)
    folder = stage.laid_out(World())
    return ended(stage.run(folder, given["arguments"], environment=given.get("environment", {})), place="")


def ended(served: Served, place: str) -> Seen:
    seen = Seen(facts={"place": place})
    seen.code = served.exit_code()
    seen.output = served.said()
    return seen


def refused(stage: Stage, *flags: str, place: str) -> Seen:
    """Start a mock that cannot start."""
    folder = stage.laid_out(World())
    return ended(stage.run(folder, ["serve", "spec.yaml", "--log-format", "json", *flags]), place)


def _port_in_use(stage: Stage) -> Seen:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        return refused(stage, "--port", port, place=f"port {port} on 127.0.0.1")


def _no_certificate(stage: Stage) -> Seen:
    flags = ("--port", "0", "--ssl-certfile", "missing.pem", "--ssl-keyfile", "key.pem")
    return refused(stage, *flags, place="missing.pem")


@contextlib.contextmanager
def asleep(stage: Stage, clients: int) -> Iterator[tuple[Served, list[Wire]]]:
    """Give a mock of which many clients wait for an answer that takes a minute."""
    stubs = json.dumps({"version": 1, "expectations": [SLEEPING]})
    served = stage.begun(World(stubs=stubs))
    wires = [opened(served.port) for _ in range(clients)]
    try:
        for each in wires:
            each.say(frame(TEXT, b"1"))
        until(lambda: _ran(served) == clients, what="all of them asleep")
        yield served, wires
    finally:
        for each in wires:
            each.socket.close()
        served.kill()


def _ran(served: Served) -> int:
    return int(asked(served.port, "GET", "/__admin/expectations/sleep").json()["status"]["ran"])


def _told_to_end(stage: Stage) -> Seen:
    seen = Seen()
    with asleep(stage, MANY) as (served, wires):
        watch = Watch(served.pid)
        served.signal(signal.SIGTERM)
        codes = {(each.parting() or (0, ""))[0] for each in wires}
        assert served.exit_code() == 0
        seen.seconds = watch.seconds()
        seen.facts["exit_within_s"] = seen.seconds
        seen.facts["clients_see"] = codes.pop() if len(codes) == 1 else codes
        seen.facts["tracebacks"] = served.said().count("Traceback")
    return seen


def _told_twice(stage: Stage) -> Seen:
    """The second signal comes while clients that answer nothing are waited for."""
    seen = Seen()
    with asleep(stage, 5) as (served, wires):
        served.signal(signal.SIGTERM)
        assert (wires[0].parting() or (0, ""))[0] == 1012
        watch = Watch(served.pid)
        served.signal(signal.SIGTERM)
        assert served.exit_code() == 0
        seen.facts["exit_within_s"] = watch.seconds()
        assert "Traceback" not in served.said()
    return seen


def _no_descriptors(stage: Stage) -> Seen:
    seen = Seen()
    folder = stage.laid_out(World())
    served = stage.run(folder, World().arguments(), descriptors=256).ready()
    wires: list[Wire] = []
    try:
        for _ in range(CROWD):
            wire = Wire(served.port)
            wires.append(wire)
            line, headers = handshake("/orders", served.port)
            wire.say(head(line, headers))
        answers = [each.answer(5) for each in wires]
        statuses = [each.status if each is not None else 0 for each in answers]
        seen.answer = next((each for each in answers if each is not None and each.status == 503), None)
        assert statuses.count(101) > 100, statuses
        seen.facts["admin_still_answers"] = asked(served.port, "GET", "/__admin/health").status == 200
    finally:
        for wire in wires:
            wire.socket.close()
    until(lambda: asked(served.port, "GET", "/__admin/health").json()["connections"] == 0, what="room again")
    others = [each for each in served.lines() if each["event"] in ("log", "text")]
    seen.facts["log_bytes_max"] = len(json.dumps(others))
    served.kill()
    return seen


def _silent_under_tls(stage: Stage) -> Seen:
    seen = Seen()
    folder = stage.laid_out(World())
    certificate(folder)
    flags = ("--ssl-certfile", "cert.pem", "--ssl-keyfile", "key.pem")
    served = stage.run(folder, [*World().arguments(), *flags])
    until(lambda: served._is_ready())
    with Wire(served.port) as wire:
        watch = Watch(served.pid)
        while wire.more(time.monotonic() + 15):
            pass
        seen.ended, seen.seconds = wire.ended, watch.seconds()
    assert served.ended() is None
    served.kill()
    assert "Traceback" not in served.said()
    return seen


def certificate(folder: object) -> None:
    """Write a certificate of one's own making, and its key."""
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
         "-keyout", f"{folder}/key.pem", "-out", f"{folder}/cert.pem", "-days", "2", "-subj", "/CN=localhost"],
        check=True, capture_output=True, timeout=20,
    )  # fmt: skip


def _gone_without_a_word(stage: Stage) -> Seen:
    """A client takes nothing any more while much is said to it, and answers no ping: as where its line is down."""
    seen = Seen()
    limits = ("--ping-interval", "300ms", "--ping-timeout", "300ms", "--stop-timeout", "1s", "--max-outbox", "64MiB")
    with stage.mock(World(flags=(*World().flags, *limits), alone=True)) as served, unharmed(served):
        before = asked(served.port, "GET", "/__admin/health").json()["connections"]
        with opened(served.port, receive_buffer=4096):
            big = {"to": {"channel": "orders"}, "text": "x" * (1 << 20), "validate": False}
            for _ in range(8):
                answer = asked(served.port, "POST", "/__admin/send", big)
                assert answer.status in (200, 409), answer
            watch = Watch(served.pid)
            until(lambda: asked(served.port, "GET", "/__admin/health").json()["connections"] == before)
            seen.seconds = watch.seconds()
        seen.facts["connections"] = 0
    return seen


def _log_nobody_reads(stage: Stage) -> Seen:
    """The log leads into a pipe that is full, and then to where nothing is; messages are answered all the same."""
    for stream in ("full", "closed"):
        _speak_with_its_log(stream, stage)
    return Seen(facts={"process": "alive", "messages": "still answered"})


def _speak_with_its_log(stream: str, stage: Stage) -> None:
    folder, port = stage.laid_out(World()), free_port()
    arguments = [each if each != "0" else str(port) for each in World().arguments()]
    served = stage.run(folder, arguments, stderr=stream, stdout=stream)
    until(lambda: served.ended() is not None or is_listening(port), what=f"a mock with its log {stream}")
    with opened(port) as wire:
        for number in range(500):
            wire.say(frame(TEXT, str(number).encode()))
            assert wire.message() == str(number).encode()
    assert served.ended() is None, stream
    served.signal(signal.SIGTERM)
    assert served.exit_code(6) == 0, stream


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def is_listening(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False


IN_WORDS: Mapping[str, Callable[[Stage], Seen]] = {
    "port already in use": _port_in_use,
    "TLS certificate file missing": _no_certificate,
    "silent TCP client on the TLS port": _silent_under_tls,
    "SIGTERM with 1000 handlers in a delay of 60 s": _told_to_end,
    "second SIGTERM or SIGINT": _told_twice,
    "RLIMIT_NOFILE 256, 1000 clients": _no_descriptors,
    "half-open client (link down) with data pending": _gone_without_a_word,
    "stdout is closed or a full pipe": _log_nobody_reads,
}
