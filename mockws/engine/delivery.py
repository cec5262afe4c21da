"""Who gets an answer: whoever asked, a room, or an address; and the frame that goes there, with an entry for each.

What the answer says is decided before (`compose`). Nobody there yet: it waits (`waiting`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mockws.codec import Frame
from mockws.contract import Channel, Message
from mockws.engine.actions import NONE, Action, Entry, Ping, Send
from mockws.engine.compose import Composer, Said
from mockws.engine.plan import Plan
from mockws.engine.reception import Candidate
from mockws.engine.state import Connection, World, path_of
from mockws.engine.waiting import Waiting
from mockws.expression import MISSING, Expression

MAX_REASON = 123  # bytes; RFC 6455, 5.5: a control frame holds 125, two of which are the close code

Result = tuple[tuple[Action, ...], tuple[Entry, ...]]
Told = tuple[tuple[Action, ...], tuple[Entry, ...], str]  # the same, and what is to be said about it


@dataclass(frozen=True, slots=True)
class Delivery:
    """Brings answers to whoever they are for."""

    world: World
    composer: Composer
    waiting: Waiting

    def relay(self, connection: Connection, candidate: Candidate, frame: Frame, at: float) -> Told:
        """Say to the others in the room what one of them said."""
        there = self.world.at(candidate.channel, connection.parameters)
        others = [each for each in there if each is not connection]
        cause = "relayed in the room"
        done, said = send_to(others, frame, candidate.message, candidate.channel, at, cause=cause)
        return done, said, "" if others else f"{candidate.plan.via}; no one else is here"

    def answer(self, connection: Connection, candidate: Candidate, request: Any, said: Said, at: float) -> Told:
        """Send an answer; where nobody is there yet, it waits for them."""
        plan = candidate.plan
        channel = plan.channel or candidate.channel
        if connection.parameters:
            said = self.composer.placed(said, (channel,), connection.parameters)
        frame, example = self.composer.frame(said), said.name
        cause = self.composer.cause(plan, candidate.message, said)
        if plan.address is not None:
            path = _named_path(plan.address, request, connection)
            if path is not None:
                return self._to_address(path, plan, said, frame, cause, at)
            cause += "; no reply address in it"
            if plan.channel is None or not _is_settled(plan.channel, connection):
                return *send_to((connection,), frame, said.message, plan.channel, at, cause=cause, example=example), ""
        # Several channels at one path, or topics over one socket: whoever asked is there, and gets the answer.
        if plan.channel is None or plan.channel in connection.route.channels:
            return *send_to((connection,), frame, said.message, channel, at, cause=cause, example=example), ""
        there = list(self.world.at(channel, connection.parameters))
        if there:
            return *send_to(there, frame, said.message, channel, at, cause=cause, example=example), ""
        kept = self.waiting.keep(channel, None, connection.parameters, frame, said.message, cause, at)
        return *kept, f"{plan.via}; no one is on {channel.name} to hear {said.message.name}"

    def _to_address(self, path: str, plan: Plan, said: Said, frame: Frame, cause: str, at: float) -> Told:
        message = said.message
        there = [each for each in self.world.connections.values() if each.is_at(path)]
        if there:
            sent = send_to(there, frame, message, plan.channel, at, cause=cause, example=said.name)
            return *sent, ""
        kept = self.waiting.keep(plan.channel, path, {}, frame, message, cause, at)
        return *kept, f"{plan.via}; no one is at {path} to hear {message.name}"


def _is_settled(channel: Channel, connection: Connection) -> bool:
    """Tell whether a reply channel has an address of its own that holds for whoever asks, too."""
    return channel.address != f"/{channel.name}" and {each.name for each in channel.parameters} <= set(
        connection.parameters
    )


def _named_path(address: Expression, request: Any, connection: Connection) -> str | None:
    """Give where `reply.address.location` sends the answer; without an address in the request, the channel's own."""
    named = address.read(request, connection.headers)
    return path_of(named) if isinstance(named, str) else None


def send_to(
    connections: Sequence[Connection],
    frame: Frame,
    message: Message,
    channel: Channel | None,
    at: float,
    *,
    cause: str,
    example: str | None = None,
) -> Result:
    """Send one frame to connections, with one entry for each."""
    if not connections:
        return (), ()
    channel_name, name = channel.name if channel else None, message.name or None
    entries = []
    for each in connections:
        each.sent += 1
        # By place: this is made for each of 10,000 listeners.
        entries.append(
            Entry(
                at, "message", each.id, channel_name, each.address, "out", name, frame,
                None, (), cause, "", None, NONE, None, example,
            )
        )  # fmt: skip
    return (Send(tuple([each.id for each in connections]), frame),), tuple(entries)


def ping(connection: Connection, at: float, *, cause: str, expectation: str | None = None) -> Result:
    """Ask a client for a pong."""
    entry = Entry(
        at, "ping", connection.id, address=connection.address, direction="out", cause=cause, expectation=expectation
    )
    return (Ping(connection.id, connection.ping()),), (entry,)


def misplaced(value: Any, channels: Iterable[Channel], parameters: Mapping[str, str]) -> str:
    """A parameter's `location` tells the room a message is for: say so where the address is another one's."""
    for parameter in (each for channel in channels for each in channel.parameters):
        text = parameters.get(parameter.name)
        if parameter.location is None or text is None:
            continue
        found = parameter.location.read(value, {})
        if found is not MISSING and str(found) != text:
            return f"the message says {parameter.name} {found}, the address says {text}"
    return ""


def cut(reason: str) -> str:
    """Cut a close reason to what fits into a close frame, at a character's edge."""
    return reason.encode("utf-8", "replace")[:MAX_REASON].decode("utf-8", "ignore")
