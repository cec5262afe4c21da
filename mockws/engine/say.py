"""What a script says: a payload as it was written, or a message of the document, and whom it is for."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from msgspec import UNSET, UnsetType

from mockws.codec import Frame, Kind, encode_json
from mockws.contract import Channel, Contract, Message
from mockws.engine.actions import Action, Entry, Send, SendInPieces
from mockws.engine.book import Rule
from mockws.engine.compose import Composer
from mockws.engine.context import facts_of
from mockws.engine.delivery import Result
from mockws.engine.outgoing import as_read, nearest, read_as, says
from mockws.engine.pace import Value
from mockws.engine.replay import GROUP, after, missed
from mockws.engine.send import merged
from mockws.engine.state import Connection, World
from mockws.errors import TemplateFailed, UnknownName
from mockws.expect.expectation import Step
from mockws.expect.model import Audience, GroupNamed
from mockws.expect.template import as_text


@dataclass(slots=True)
class Scene:
    """One moment of a script: who it is about, what templates see, and what has been done so far."""

    rule: Rule
    connection: Connection | None  # none: there is no originator, or it is gone
    origin: Connection | None  # the originator, gone or not: its room is still known
    context: dict[str, Any]
    at: float
    step: Step
    value: Value | UnsetType = UNSET  # of a stream's sequence
    actions: list[Action] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    note: str = ""  # on what is said
    example: str | None = None  # of the document, that is said

    def result(self) -> Result:
        return tuple(self.actions), tuple(self.entries)

    @property
    def cause(self) -> str:
        return f"expectation {self.rule.id}"

    def tell(self, event: str, note: str, **more: Any) -> None:
        """Write down what happened."""
        who = self.origin.id if self.origin else None
        entry = Entry(self.at, event, who, note=note, cause=self.cause, expectation=self.rule.id, **more)
        self.entries.append(entry)


class Sayer:
    """Says what scripts want said; what breaks the contract is not said, unless `validate: false`."""

    def __init__(self, world: World) -> None:
        self._world = world

    def adopt(self, contract: Contract, composer: Composer) -> None:
        """Speak by this contract from now on."""
        self._contract = contract
        self._composer = composer
        self._channels = {channel.name: channel for channel in contract.channels}

    def say(self, scene: Scene) -> None:
        """Say one step's payload to whom it is for; raises TemplateFailed, CannotFake, UnknownName."""
        audience, scene.note, scene.example = self._audience(scene), "", None
        name, frame = self._payload(scene)
        if not audience:
            self._missed(scene, name, frame)
            return
        for _ in range(scene.step.action.duplicate):
            self._post(scene, audience, name, frame)

    def _missed(self, scene: Scene, name: str | None, frame: Frame) -> None:
        """Write down what nobody heard; whoever comes later may ask for it (`replay`)."""
        note, where = "no one is there to hear it", self._where(scene, name)
        address = scene.origin.address if scene.origin is not None else None
        scene.tell(
            "undelivered",
            note,
            direction="out",
            message=name,
            frame=frame,
            channel=where,
            address=address,
            details=_details(scene),
        )

    def replay(self, scene: Scene) -> None:
        """Say again what was said in a room while the client was away; raises TemplateFailed."""
        step, connection = scene.step, scene.connection
        assert connection is not None
        group = step.action.of.group if isinstance(step.action.of, GroupNamed) else None
        group = as_text(step.group(scene.context)) if step.group else group
        since = step.json(scene.context) if step.json else step.action.since
        found = missed(self._world.journal.since(0), connection, self._replayed(scene), group)
        for recorded in after(found, None if since is UNSET else since, step.path, self._world.making.epoch):
            entry = recorded.entry
            assert entry.frame is not None
            scene.actions.append(Send((connection.id,), entry.frame))
            connection.sent += 1
            scene.entries.append(
                Entry(
                    scene.at,
                    "message",
                    connection.id,
                    entry.channel,
                    connection.address,
                    "out",
                    entry.message,
                    entry.frame,
                    cause=f"{scene.cause} replays {recorded.seq}",
                    expectation=scene.rule.id,
                )
            )

    def _replayed(self, scene: Scene) -> str | None:
        """Name the channel that is replayed: the one that is named, else the script's own."""
        named = scene.step.action.of
        channel = self._contract.channel(named) if isinstance(named, str) else self._channel(scene)
        return channel.name if channel is not None else None

    def _post(self, scene: Scene, audience: Sequence[Connection], name: str | None, frame: Frame) -> None:
        where, rule, details = self._where(scene, name), scene.rule.id, _details(scene)
        to, pieces = tuple([each.id for each in audience]), scene.step.pieces
        scene.actions.append(Send(to, frame) if pieces is None else SendInPieces(to, frame, pieces))
        for each in audience:
            each.sent += 1
            entry = Entry(
                scene.at,
                "message",
                each.id,
                where,
                each.address,
                "out",
                name,
                frame,
                note=scene.note,
                cause=scene.cause,
                expectation=rule,
                details=details,
                example=scene.example,
            )
            scene.entries.append(entry)

    def _where(self, scene: Scene, name: str | None) -> str | None:
        """Name the channel of what is said; none where its message is another channel's."""
        channel = self._channel(scene)
        there = self._contract.messages_of(channel) if channel is not None and name is not None else ()
        foreign = name is not None and all(each.name != name for each in there)
        return None if channel is None or foreign else channel.name

    def _payload(self, scene: Scene) -> tuple[str | None, Frame]:
        """Make what is said: the name of its message, where it is one of the document's, and the frame."""
        step, action = scene.step, scene.step.action
        if scene.value is not UNSET:
            return self._judged_value(scene, scene.value(scene.context))
        if step.frame is not None:
            return self._judged(scene, step.frame)
        if action.text is not UNSET:
            return self._judged(scene, as_text(step.text(scene.context)) if step.text else action.text)
        if action.json is not UNSET:
            return self._judged_value(scene, step.json(scene.context) if step.json else action.json)
        return self._of_document(scene)

    def _of_document(self, scene: Scene) -> tuple[str, Frame]:
        step, action = scene.step, scene.step.action
        channel = self._channel(scene)
        message = self._message(action.message, channel)
        if action.generate == "invalid":
            return self._broken(scene, message)
        example = action.example if action.example is not UNSET else None
        said = self._composer.fake(message, scene.connection) if action.generate else None
        said = said or self._composer.say(message, scene.connection, example)
        parameters = scene.origin.parameters if scene.origin else {}
        said = self._composer.placed(said, (channel,) if channel else (), parameters)
        scene.example = said.name
        overrides = step.overrides(scene.context) if step.overrides else action.with_
        value = merged(said.value, overrides) if overrides else said.value
        if action.validate and message.kind is not Kind.BINARY:
            _check(message, value)
        return message.name, message.encode(value)

    def _broken(self, scene: Scene, message: Message) -> tuple[str, Frame]:
        """Say a message that breaks its schema; nothing is filled in that could mend it, but what is asked for."""
        said = self._composer.invalid(message, scene.connection)
        overrides = scene.step.overrides(scene.context) if scene.step.overrides else scene.step.action.with_
        scene.note = said.source
        return message.name, message.encode(merged(said.value, overrides) if overrides else said.value)

    def _judged(self, scene: Scene, frame: Frame) -> tuple[str | None, Frame]:
        """What is said as it is written is one of the messages that the mock may send there."""
        there = [message for channel in self._heard_on(scene) for message in self._contract.outgoing(channel)]
        for each in there:
            read = read_as(each, frame)
            if read is not None:
                return each.name, read
        if there and scene.step.action.validate:
            raise TemplateFailed(there[0].name, nearest((each, as_read(each, frame)) for each in there))
        return None, frame

    def _judged_value(self, scene: Scene, value: Any) -> tuple[str | None, Frame]:
        """The same for a value: it goes out as the message that it is would, MessagePack or Avro as the case may be."""
        text = encode_json(value)
        there = [message for channel in self._heard_on(scene) for message in self._contract.outgoing(channel)]
        for each in there:
            if says(each, value):
                return each.name, text if each.codec is None else each.encode(value)
        if there and scene.step.action.validate:
            raise TemplateFailed(there[0].name, nearest((each, value) for each in there))
        all_coded = bool(there) and all(each.codec is not None for each in there)
        return None, there[0].encode(value) if all_coded else text

    def _heard_on(self, scene: Scene) -> Iterable[Channel]:
        """Give the channels that what is said will be heard on: the script's own, else those of whoever hears it."""
        to = getattr(scene.step.action, "to", "originating")
        anywhere = to == "all" or (isinstance(to, Audience) and to.channel is UNSET)
        own = None if anywhere else self._channel(scene)
        if own is not None:
            return (own,)
        found = (channel for each in self._audience(scene) for channel in each.route.channels)
        return {channel.name: channel for channel in found}.values()

    def _message(self, name: str, channel: Channel | None) -> Message:
        """Find a message on the script's own channel, else anywhere."""
        try:
            return self._contract.message(name, (channel,) if channel is not None else ())
        except UnknownName:
            return self._contract.message(name)

    def _channel(self, scene: Scene) -> Channel | None:
        """Give the channel that a script is about: its trigger's, or the only one where its originator is."""
        to = getattr(scene.step.action, "to", None)
        if isinstance(to, Audience) and to.channel is not UNSET:
            return self._contract.channel(to.channel)
        if scene.rule.channel is not None:
            return self._channels.get(scene.rule.channel)
        there = scene.origin.route.channels if scene.origin is not None else ()
        return there[0] if len(there) == 1 else None

    def _audience(self, scene: Scene) -> Sequence[Connection]:
        to = getattr(scene.step.action, "to", "originating")
        if scene.step.kind == "reply" or to == "originating":
            return [scene.connection] if scene.connection is not None else []
        if to == "all":
            return list(self._world.connections.values())
        if isinstance(to, Audience):
            return [each for each in self._named(to, scene) if to.except_ is UNSET or each is not scene.connection]
        return [each for each in self._in_room(scene) if to == "channel" or each is not scene.connection]

    def _in_room(self, scene: Scene) -> Iterable[Connection]:
        """`others` and `channel` mean the originator's own room; without one, everybody on the channel."""
        channel = self._channel(scene)
        parameters = scene.origin.parameters if scene.origin is not None else {}
        if channel is not None:
            return self._world.at(channel, parameters)
        route = scene.origin.route if scene.origin is not None else None
        return [each for each in self._world.connections.values() if route in (None, each.route)]

    def _named(self, to: Audience, scene: Scene) -> Iterable[Connection]:
        there: Iterable[Connection] = self._world.connections.values()
        if to.address is not UNSET:
            there = self._world.at_address(to.address)
        elif to.channel is not UNSET:
            there = self._world.at(self._contract.channel(to.channel), {})
        if to.group is not UNSET:
            group = as_text(scene.step.group(scene.context)) if scene.step.group else to.group
            there = [each for each in there if group in each.groups]
        matcher = scene.step.audience
        return [each for each in there if matcher is None or not matcher.differences(facts_of(each))]


def _details(scene: Scene) -> dict[str, Any]:
    """Note the group that something is said to: a replay asks for it."""
    to = getattr(scene.step.action, "to", None)
    if not isinstance(to, Audience) or to.group is UNSET:
        return {}
    return {GROUP: as_text(scene.step.group(scene.context)) if scene.step.group else to.group}


def _check(message: Message, value: Any) -> None:
    violations = message.payload.violations(value, limit=1)
    if violations:
        raise TemplateFailed(message.name, f"it does not fit the document: {violations[0]}")
