"""What an invalid message leads to, as `--on-invalid` says: a close, a problem document, or an error message."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from mockws.codec import Frame, encode_json
from mockws.contract import Channel, Contract, Message
from mockws.engine.actions import Close, Entry, Send
from mockws.engine.compose import Composer, Request, Said
from mockws.engine.delivery import Result, cut, send_to
from mockws.engine.reception import Reading
from mockws.engine.state import Connection
from mockws.errors import CannotFake
from mockws.schema.schema import Violation

TEXTS = ("message", "error", "errorMessage", "error_message", "reason", "detail", "description")


@dataclass(frozen=True, slots=True)
class Invalid:
    """Reacts to messages that fit nothing."""

    contract: Contract
    composer: Composer
    policy: str

    def react(self, connection: Connection, reading: Reading, frame: Frame, at: float) -> Result:
        """Journal an invalid message, and do what the policy is."""
        entry = Entry(
            at,
            "message",
            connection.id,
            address=connection.address,
            direction="in",
            message=reading.closest.name if reading.closest else None,
            frame=frame,
            outcome="invalid",
            violations=reading.violations,
            note=reading.reason,
        )
        actions, entries = POLICIES[self.policy](self, connection, reading, at)
        return actions, (entry, *entries)

    def ignore(self, _connection: Connection, _reading: Reading, _at: float) -> Result:
        return (), ()

    def close(self, connection: Connection, reading: Reading, _at: float) -> Result:
        return (Close(connection.id, reading.code, cut(reading.reason)),), ()

    def problem(self, connection: Connection, reading: Reading, at: float) -> Result:
        """Say what was wrong in a problem document (RFC 9457); it is no message of the contract."""
        frame = encode_json(_problem(reading))
        connection.sent += 1
        cause = "on-invalid problem"
        entry = Entry(at, "message", connection.id, None, connection.address, "out", None, frame, cause=cause)
        return (Send((connection.id,), frame),), (entry,)

    def error(self, connection: Connection, reading: Reading, at: float) -> Result:
        """Say the contract's own error message for this channel, where it has exactly one; else close."""
        found = self._error_messages(connection)
        if len(found) != 1:
            return self.close(connection, reading, at)
        channel, message = found[0]
        try:
            said = self.composer.say(message, connection)
            if reading.closest is not None:
                said = self.composer.filled(said, Request(reading.closest, reading.value), connection)
            said = self.composer.placed(_with_reason(said, reading), (channel,), connection.parameters)
            frame = self.composer.frame(said)
        except CannotFake:
            return self.close(connection, reading, at)
        return send_to((connection,), frame, message, channel, at, cause=f"on-invalid error ({said.source})")

    def _error_messages(self, connection: Connection) -> list[tuple[Channel, Message]]:
        """Find the error messages here; those that only clients say are none of ours."""
        found: dict[str, tuple[Channel, Message]] = {}
        for channel in connection.route.channels:
            theirs = {message.name for message, _ in self.contract.incoming(channel)}
            theirs -= {message.name for message in self.contract.outgoing(channel)}
            for message in self.contract.messages_of(channel):
                if message.is_error and message.name not in theirs:
                    found[message.name] = (channel, message)
        marked = [each for each in found.values() if each[1].marked_error]
        return marked or list(found.values())


POLICIES: Mapping[str, Callable[[Invalid, Connection, Reading, float], Result]] = {
    "close": Invalid.close,
    "problem": Invalid.problem,
    "ignore": Invalid.ignore,
    "error": Invalid.error,
}


def _problem(reading: Reading) -> dict[str, Any]:
    problem: dict[str, Any] = {"type": "about:blank", "title": "invalid message", "detail": reading.reason}
    if reading.closest is not None:
        problem["message"] = reading.closest.name
    problem["errors"] = [_error(each) for each in reading.violations]
    return problem


def _error(violation: Violation) -> dict[str, str]:
    told = {"pointer": violation.pointer, "message": violation.message}
    return {**told, "schemaLocation": str(violation.place)} if violation.place is not None else told


def _with_reason(said: Said, reading: Reading) -> Said:
    """Put the reason where an error message has a text for it."""
    if not isinstance(said.value, dict):
        return said
    for name in TEXTS:
        if name in said.message.properties:
            value = {**said.value, name: reading.reason}
            if said.message.payload.accepts(value):
                return Said(said.message, value, said.source, None, said.name)
    return said
