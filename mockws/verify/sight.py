"""What a frame is, as a client sees it: which messages of the document it fits, or what is wrong with it."""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from mockws.codec import Frame, Kind, Undecodable, decode_json, encode
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
    value = value_of(frame)
    keys = value.keys() if isinstance(value, dict) else frozenset()

    def weight(each: Message) -> tuple[int, int]:
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
    value = decode_json(frame) if isinstance(frame, str) else frame
    if isinstance(value, Undecodable):
        return f"not JSON: {value.message}"
    if isinstance(frame, bytes):
        return f"a binary frame, where {messages[0].title} is text"
    judged = [(message, message.payload.violations(value)) for message in messages]
    told = [(message, violations) for message, violations in judged if violations]
    elsewhere = _elsewhere(frame, contract)
    if elsewhere or not told:
        return elsewhere or "it does not fit"
    message, violations = min(told, key=lambda pair: (-_alike(pair[0], value), len(pair[1])))
    return f"{message.title}: " + "; ".join(str(each) for each in violations[:3])


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


def shown(frame: Frame | None) -> str:
    """Show a frame in a line."""
    if frame is None:
        return ""
    text = frame if isinstance(frame, str) else f"binary {frame[:60].hex()}"
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
