"""What is said over an open connection: frames, JSON, and values that a schema judges."""

import json
import zlib
from collections.abc import Iterator
from typing import Any

from bad_inputs.case import Case, Seen, repeated, timed
from bad_inputs.journal import newest, since, wait_for
from bad_inputs.served import Served
from bad_inputs.stage import World
from bad_inputs.wire import PONG, TEXT, Wire, asked, frame, opened

DEFLATE = (("Sec-WebSocket-Extensions", "permessage-deflate"),)
MANY = 20_000  # frames in a piece
LONGEST = 30.0
BLOCK = 1 << 20


def world_of(case: Case) -> World:
    given = case["input"]
    flags = World().flags
    if given.get("extension") == "permessage-deflate":
        return World(flags=(*flags, "--compression"))
    if given.get("client_pongs") is False:
        return World(flags=(*flags, "--ping-interval", "300ms", "--ping-timeout", "300ms"))
    return World()


def play_frames(case: Case, served: Served) -> Seen:
    given, seen, mark = case["input"], Seen(), newest(served)
    wire = opened(served.port, headers=DEFLATE if given.get("extension") else ())
    with wire, timed(seen, served.pid):
        if "steps" in given:
            _be_killed(wire, served, mark, seen)
        elif given.get("client_pongs") is False:
            seen.close = wire.parting()
        elif case.get("hang_up"):
            wire.say(bytes.fromhex(given["hex"]))
        else:
            seen.size = wire.pour(frames_of(given), LONGEST)
            _look(case, wire, served, seen)
        seen.ended = wire.ended
    seen.entries = since(served, mark) if not seen.close else wait_for(served, mark, "close")
    seen.lines = [each for each in served.lines() if each["event"] == "log"]
    return seen


def _look(case: Case, wire: Wire, served: Served, seen: Seen) -> None:
    """Find out whether it is open still, and if not, by which close frame."""
    if "close" in case["expect"]:
        seen.close = wire.parting()
        return
    seen.is_open = wire.is_open(LONGEST)
    if not seen.is_open:
        seen.close = wire.parting()


def _be_killed(wire: Wire, served: Served, mark: int, seen: Seen) -> None:
    wire.say(frame(TEXT, b'{"last": "words"}'))
    wire.message()
    wire.reset()
    wait_for(served, mark, "close")


def frames_of(given: dict[str, Any]) -> Iterator[bytes]:
    if "hex" in given:
        yield bytes.fromhex(given["hex"])
        return
    piece = b"".join(_frame(each) for each in given["frames"])
    times = given.get("frames_times", 1)
    whole, rest = divmod(times, MANY)
    for _ in range(whole):
        yield piece * MANY
    if rest:
        yield piece * rest
    if "then" in given:
        yield b"".join(_frame(each) for each in given["then"]) * given["then_times"]


def _frame(given: dict[str, Any]) -> bytes:
    return frame(
        given["op"], _payload(given), fin=given.get("fin", 1), rsv=given.get("rsv", 0), mask=given.get("mask", True)
    )


def _payload(given: dict[str, Any]) -> bytes:
    if "hex" in given:
        return bytes.fromhex(given["hex"])
    if "repeat" in given:
        return repeated(given["repeat"]).encode()
    if "deflate_of" in given:
        return _bomb(given["deflate_of"]["unit"].encode(), given["deflate_of"]["times"])
    return str(given.get("payload", "")).encode("utf-8", "surrogatepass")


def _bomb(unit: bytes, times: int) -> bytes:
    """Write so much of a byte as a deflate stream: a block that looks at nothing before it, again and again."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = packer.compress(unit * BLOCK) + packer.flush(zlib.Z_FULL_FLUSH)
    return block * (times // BLOCK)


def text_of(given: dict[str, Any]) -> bytes:
    """Write out what a case says in a text frame."""
    if "hex" in given:
        return bytes.fromhex(given["hex"] + given.get("hex_more", ""))
    if "keys" in given:
        return json.dumps({f"k{n}": n for n in range(given["keys"])}).encode()
    told = given.get("repeat") or given.get("text_repeat")
    return (repeated(told) if told else str(given["text"])).encode("utf-8", "surrogatepass")


def say(case: Case, served: Served, path: str = "/orders", text: bytes | None = None) -> Seen:
    """Say something, and see what the journal says of it, and whether the connection stays."""
    seen, mark = Seen(), newest(served)
    seen.sent = text if text is not None else text_of(case["input"])
    with opened(served.port, path) as wire:
        with timed(seen, served.pid):
            wire.say(frame(TEXT, seen.sent))
            wait_for(served, mark, "message", direction="in")
        if case["expect"].get("echo_on_wire"):
            seen.said = [wire.message() or b""]
        seen.is_open = wire.is_open()
        seen.close = None if seen.is_open else wire.parting()
    seen.entries = since(served, mark)
    _ask_about(served, seen)
    return seen


def _ask_about(served: Served, seen: Seen) -> None:
    """See what the admin API shows of it: in JSON, and explained."""
    answer = asked(served.port, "GET", "/__admin/journal?limit=1000")
    seen.facts["api_content_type"] = answer.headers["content-type"]
    messages = [each for each in seen.entries if each["event"] == "message" and each.get("direction") == "in"]
    explained = asked(served.port, "POST", "/__admin/explain", {"seq": messages[-1]["seq"]})
    seen.facts["explained"] = explained.json()


def pongs(wire: Wire) -> int:
    """Count the pongs that have come."""
    count = 0
    while (found := wire.frame(0.2)) is not None:
        count += found[0] == PONG
    return count
