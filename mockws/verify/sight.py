"""What a frame is, as a client sees it: which messages of the document it fits, or what is wrong with it."""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from mockws.codec import Frame, Kind, Undecodable, decode_json, encode, encode_json
from mockws.contract import Contract, Message

LONGEST = 200


def fitting(messages: Iterable[Message], frame: Frame) -> tuple[Message, ...]:
    """Give the messages that a frame may be, the most demanding first."""
    value = decode_json(frame) if isinstance(frame, str) else frame
    found = [message for message in messages if is_one(message, frame, value)]
    return tuple(sorted(found, key=lambda message: -len(message.required)))


def is_one(message: Message, frame: Frame, value: Any) -> bool:
    """Tell whether a frame, and the JSON that it may be, fits a message."""
    if message.codec is not None:
        decoded = message.decode(frame)
        return not isinstance(decoded, Undecodable) and message.payload.accepts(decoded)
    if isinstance(frame, bytes):
        return message.kind is Kind.BINARY or (message.kind is Kind.LOOSE and message.payload.document in (True, {}))
    if message.kind is Kind.TEXT:
        return message.payload.accepts(frame)
    if message.kind is Kind.BINARY:
        return False
    if isinstance(value, Undecodable):
        return message.kind is Kind.LOOSE and message.payload.accepts(frame)
    return message.payload.accepts(value)


def value_of(frame: Frame) -> Any:
    """Decode a frame as far as it goes: JSON, else itself."""
    value = decode_json(frame) if isinstance(frame, str) else frame
    return frame if isinstance(value, Undecodable) else value


def meaning_of(message: Message, frame: Frame) -> Any:
    """Decode a frame as a message that it is known to be."""
    return value_of(frame) if message.codec is None else message.decode(frame)


def gist(frame: Frame) -> Frame:
    """Give what a frame says, however it is written: servers write JSON in their own way."""
    value = value_of(frame)
    return frame if isinstance(value, bytes) else msgspec.json.encode(value, order="sorted")


def frame_of(message: Message, value: Any) -> Frame:
    """Write a value as a frame of this message; raises CannotEncode."""
    if message.codec is not None:
        return message.encode(value)
    if message.kind is Kind.BINARY and isinstance(value, str):
        return value.encode("utf-8", "surrogatepass")
    return encode(value, message.kind)


def is_clearly(message: Message, frame: Frame, among: Iterable[Message]) -> bool:
    """Tell whether a frame is this message and no other: no other that fits demands, or knows, as much of it."""

    def weight(each: Message) -> tuple[int, int]:
        value = meaning_of(each, frame)
        keys = value.keys() if isinstance(value, dict) else frozenset()
        return len(each.required), len(each.properties.keys() & keys)

    others = [each for each in fitting(among, frame) if each.name != message.name]
    return all(weight(each) < weight(message) for each in others)


def is_telling(message: Message) -> bool:
    """Tell whether a message demands anything: one that does not fits everything, and shows nothing."""
    return bool(message.required or message.tells)


def wrong_with(frame: Frame, messages: Sequence[Message], contract: Contract) -> str:
    """Say why a frame is none of these messages."""
    if not messages:
        return _elsewhere(frame, contract) or "nothing is sent here"
    readable = [(message, _read_as(message, frame)) for message in messages]
    judged = [(each, value) for each, value in readable if not isinstance(value, Undecodable)]
    if not judged:
        message, problem = readable[0]
        return problem.message if isinstance(problem, Undecodable) else f"it is not {message.title}"
    told = [(each, value, found) for each, value in judged if (found := each.payload.violations(value))]
    elsewhere = _elsewhere(frame, contract)
    if elsewhere or not told:
        return elsewhere or "it does not fit"
    message, _, violations = min(told, key=lambda one: (-_alike(one[0], one[1]), len(one[2])))
    return f"{message.title}: " + "; ".join(str(each) for each in violations[:3])


def _read_as(message: Message, frame: Frame) -> Any:
    """Read a frame as a message is written; Undecodable, with what is wrong, where it is not that."""
    if message.codec is not None:
        value = message.decode(frame)
        wrong = f"not {message.codec.name}, as {message.title} is: "
    else:
        if isinstance(frame, bytes):
            return Undecodable("binary", f"a binary frame, where {message.title} is text")
        value, wrong = decode_json(frame), "not JSON: "
    return Undecodable(value.code, wrong + value.message) if isinstance(value, Undecodable) else value


def _alike(message: Message, value: Any) -> int:
    if not isinstance(value, dict):
        return 0
    tells = ((value.get(name), allowed) for name, allowed in message.tells.items())
    told = sum(3 for own, allowed in tells if isinstance(own, str | int) and own in allowed)
    return told + len(message.properties.keys() & value.keys())


def _elsewhere(frame: Frame, contract: Contract) -> str:
    for channel in contract.channels:
        found = fitting([each for each in contract.outgoing(channel) if is_telling(each)], frame)
        if found:
            return f"{found[0].title} belongs on {channel.address}"
    return ""


def shown(frame: Frame | None, messages: Iterable[Message] = ()) -> str:
    """Show a frame in a line; bytes as what they say, where they are written as one of these messages."""
    if frame is None:
        return ""
    text = frame if isinstance(frame, str) else _unpacked(frame, messages) or f"binary {frame[:60].hex()}"
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def _unpacked(frame: bytes, messages: Iterable[Message]) -> str:
    """Say what bytes say, by the first of these messages whose format they are in."""
    for message in messages:
        value = message.decode(frame) if message.codec is not None else None
        if message.codec is not None and not isinstance(value, Undecodable):
            return f"{encode_json(value)} ({message.codec.name}, {len(frame)} bytes)"
    return ""
