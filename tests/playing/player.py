"""Plays an exchange on a stage, line by line, and says where it went otherwise.

A play is complete: what the mock says besides, and whom it closes besides, is a failure as well.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mockws.app import Mock
from mockws.codec import Frame, Undecodable
from mockws.contract import Message
from mockws.engine import events
from mockws.engine.actions import ENDINGS, Close, Ending, Entry, Send, SendInPieces
from mockws.engine.events import Fire
from mockws.errors import DocumentRefused, MockwsError
from mockws.links.stubs import Stubs
from playing.exchange import Exchange, Step
from playing.lines import (
    OUTCOMES,
    AdminSend,
    Answered,
    Asks,
    Connect,
    Connected,
    CutShort,
    Document,
    EndsWith,
    Exactly,
    Faked,
    Fires,
    Get,
    Hears,
    HearsNothing,
    Journal,
    Leaves,
    Like,
    Line,
    ReadAs,
    Refused,
    Says,
    SaysAs,
    Sent,
    StaysOpen,
    Valid,
    Verbatim,
    Wait,
    Wanted,
)
from playing.stage import SILENCE, Answer, CutOff, Ended, Heard, Opened, Stage, TurnedAway


class PlayFailed(AssertionError):
    """Something came otherwise than the play has it."""


def play(exchange: Exchange, document: Path, build: Callable[[Mock], Stage]) -> None:
    """Play an exchange; raises PlayFailed, which names the file, the line, and what came instead."""
    try:
        mock = Mock.of(str(document), exchange.settings_beside(document))
    except MockwsError as refusal:
        _check_refusal(exchange, refusal)
        return
    stage = build(mock)
    try:
        problem = stage.expect(exchange.stubs).answer if exchange.stubs != Stubs() else None
        if problem is not None:
            raise PlayFailed(f"{exchange.file}: stubs: {problem}")
        Player(exchange, stage).play()
    finally:
        stage.end()


def _check_refusal(exchange: Exchange, refusal: MockwsError) -> None:
    first = exchange.steps[0]
    said = "\n".join(map(str, refusal.diagnostics)) if isinstance(refusal, DocumentRefused) else str(refusal)
    match first.line:
        case Document(refused=True, words=words) if words in said and len(exchange.steps) == 1:
            return
        case _:
            raise PlayFailed(f"{exchange.file}:{first.number}: {first.text}\n  the document is refused: {said}")


@dataclass
class Client:
    """One party of the play."""

    connection: str | None
    answer: Answer
    heard: int = 0
    over: bool = False  # it left, or its end was told


@dataclass
class Player:
    """Goes through a play; each kind of line has its method."""

    exchange: Exchange
    stage: Stage
    clients: dict[str, Client] = field(default_factory=dict)
    answered: tuple[int, str] = (0, "")  # the last plain request
    sent: tuple[int, dict[str, Any]] = (0, {})  # the last admin send
    quiet: bool = False  # nothing was done since somebody listened in vain

    def play(self) -> None:
        for step in self.exchange.steps:
            problem = self._take(step.line)
            if problem:
                raise self._failure(step, problem)
        problem = self._untold()
        if problem:
            raise PlayFailed(f"{self.exchange.file}: at the end, on {self.stage.name}: {problem}")

    def _failure(self, step: Step, problem: str) -> PlayFailed:
        return PlayFailed(f"{self.exchange.file}:{step.number}: {step.text}\n  on {self.stage.name}: {problem}")

    def _take(self, line: Line) -> str:
        """Play one line; give what is wrong, or nothing."""
        try:
            return METHODS[type(line)](self, line)
        except (AssertionError, MockwsError, TimeoutError) as problem:
            return str(problem) or type(problem).__name__

    def _document(self, line: Document) -> str:
        said = "\n".join(str(each) for each in self.stage.loaded.diagnostics)
        if line.refused:
            return "the document is served"
        return "" if line.words in said else f"about the document there is said: {said or 'nothing'}"

    def _connect(self, line: Connect) -> str:
        before = self.clients.get(line.client)
        if before is not None and not before.over and isinstance(before.answer, Opened):
            return f"{line.client} is connected already"
        self.quiet = False
        answer = self.stage.connect(line)
        self.clients[line.client] = Client(answer.connection, answer)
        return ""

    def _connected(self, line: Connected) -> str:
        answer = self._client(line.client).answer
        if not isinstance(answer, Opened):
            return _not_opened(answer)
        if answer.seconds < line.after:
            return f"{line.client} was let in after {answer.seconds:.3f}s"
        if line.header is not None and line.header not in ((name.lower(), text) for name, text in answer.headers):
            return f"the headers are {answer.headers}"
        if line.subprotocol is not None and answer.subprotocol != line.subprotocol:
            return f"the subprotocol is {answer.subprotocol}"
        return f"the subprotocol is {answer.subprotocol}" if line.bare and answer.subprotocol else ""

    def _refused(self, line: Refused) -> str:
        if line.client is None:
            return self._send_refused(line)
        answer = self._client(line.client).answer
        if not isinstance(answer, TurnedAway):
            return f"{line.client} was let in" if isinstance(answer, Opened) else _not_opened(answer)
        fits = answer.status == line.status and line.words in answer.body
        return "" if fits else f"{line.client} was refused: {answer.status} {answer.body}"

    def _cut_short(self, line: CutShort) -> str:
        answer = self._client(line.client).answer
        return "" if isinstance(answer, CutOff) else f"the handshake was answered: {answer}"

    def _send_refused(self, line: Refused) -> str:
        status, body = self.sent
        told = json.dumps(body, ensure_ascii=False)
        fits = status == line.status and (line.words in told or line.words in str(body.get("detail")))
        return "" if fits else f"the send was answered {status} {told}"

    def _says(self, line: Says) -> str:
        client = self._client(line.client)
        self.quiet = False
        self.stage.say(self._line_of(client), line.frame)
        return ""

    def _says_as(self, line: SaysAs) -> str:
        client = self._client(line.client)
        return self._says(Says(line.client, self._message(client, line.message).encode(line.value)))

    def _hears(self, line: Hears) -> str:
        client = self._client(line.client)
        heard = self.stage.hear(self._line_of(client))
        if not isinstance(heard, str | bytes):
            return _told(heard)
        client.heard += 1
        return self._difference(client, line.wanted, heard)

    def _difference(self, client: Client, wanted: Wanted, heard: Frame) -> str:
        match wanted:
            case Exactly(value):
                fits = same(_value(heard), value)
            case Like(value):
                fits = _has(_value(heard), value)
            case Verbatim(frame):
                fits = heard == frame
            case ReadAs(name, value):
                read = self._message(client, name).decode(heard)
                return "" if same(read, value) else f"{_told(heard)}, which says {read}"
            case Valid(name):
                return self._violations(client, name, heard)
            case Faked(name):
                return self._violations(client, name, heard) or self._example_in(client, name, heard)
        return "" if fits else _told(heard)

    def _violations(self, client: Client, name: str, heard: Frame) -> str:
        message = self._message(client, name)
        value = message.decode(heard)
        if isinstance(value, Undecodable):
            return f"{_told(heard)}: {value.message}"
        found = () if isinstance(value, bytes) else message.payload.violations(value)
        return f"{_told(heard)}: {'; '.join(str(each) for each in found)}" if found else ""

    def _message(self, client: Client, name: str) -> Message:
        """Find the message of this name that is said where the client is."""
        happened = (outcome.event for outcome in self.stage.outcomes)
        opened = next(
            each for each in happened if isinstance(each, events.Connected) and each.connection == client.connection
        )
        return self.stage.loaded.contract.message(name, opened.route.channels)

    def _example_in(self, client: Client, name: str, heard: Frame) -> str:
        message = self._message(client, name)
        value = message.decode(heard)
        shown = any(same(value, each.payload) for each in message.examples)
        return f"{_told(heard)}, an example" if shown else ""

    def _hears_nothing(self, line: HearsNothing) -> str:
        client = self._client(line.client)
        heard = self.stage.hear(self._line_of(client), 0.001 if self.quiet else SILENCE)
        self.quiet = True
        return "" if heard is None else _told(heard)

    def _ends(self, line: EndsWith) -> str:
        client = self._client(line.client)
        heard = self.stage.hear(self._line_of(client))
        client.over = True
        fits = isinstance(heard, Ended) and heard.code == line.code and line.reason in heard.reason
        return "" if fits else _told(heard)

    def _leaves(self, line: Leaves) -> str:
        client = self._client(line.client)
        self.quiet = False
        self.stage.leave(self._line_of(client))
        client.over = True
        return ""

    def _stays_open(self, line: StaysOpen) -> str:
        client = self._client(line.client)
        if self.stage.is_open(self._line_of(client)):
            return ""
        return _told(self.stage.hear(self._line_of(client)))

    def _wait(self, line: Wait) -> str:
        self.quiet = False
        self.stage.wait(line.seconds)
        return ""

    def _admin_send(self, line: AdminSend) -> str:
        self.quiet = False
        body = dict(line.body)
        to = body.get("to")
        if isinstance(to, dict) and to.get("connection") in self.clients:  # in a play, connections go by their clients
            body["to"] = {**to, "connection": self.clients[to["connection"]].connection}
        self.sent = self.stage.send(body)
        return ""

    def _fires(self, line: Fires) -> str:
        self.quiet = False
        ran = self.stage.command(Fire(line.name, line.payload)).answer
        return "" if ran else f"no expectation with the trigger {line.name} ran"

    def _sent(self, line: Sent) -> str:
        status, body = self.sent
        fits = status == 200 and body.get("sent") == line.count
        return "" if fits else f"the send was answered {status} {json.dumps(body, ensure_ascii=False)}"

    def _get(self, line: Get) -> str:
        self.answered = self.stage.get(line.path)
        return ""

    def _asks(self, line: Asks) -> str:
        self.quiet = False
        self.answered = self.stage.ask(line.method, line.path, line.body)
        return ""

    def _answered(self, line: Answered) -> str:
        status, body = self.answered
        return "" if status == line.status and line.words in body else f"it was answered {status} {body}"

    def _journal(self, line: Journal) -> str:
        entries = [entry for entry in self._entries(line) if _is_of(entry, line)]
        if not entries:
            return "there is no such entry"
        last = entries[-1]
        told = f"{last.outcome or last.event}, {last.note!r}, {dict(last.details)}"
        fits = line.word in (last.outcome, last.event)
        said = line.words in last.note or line.words in map(str, last.details.values())
        return "" if fits and said else f"the entry says {told}"

    def _entries(self, line: Journal) -> list[Entry]:
        entries = [entry for outcome in self.stage.outcomes for entry in outcome.entries]
        if line.client is None:
            return entries
        connection = self._client(line.client).connection
        return [entry for entry in entries if connection is not None and entry.connection == connection]

    def _client(self, name: str) -> Client:
        assert name in self.clients, f"{name} has not connected"
        return self.clients[name]

    def _line_of(self, client: Client) -> str:
        if not isinstance(client.answer, Opened):
            raise AssertionError(_not_opened(client.answer))
        assert not client.over, "the connection has ended already"
        return client.answer.connection

    def _untold(self) -> str:
        """Tell what the play says nothing of: an end, a refusal, or a message."""
        for name, client in self.clients.items():
            if client.over or not isinstance(client.answer, Opened):
                continue
            actions = [action for outcome in self.stage.outcomes for action in outcome.actions]
            sent = [each for each in actions if isinstance(each, Send | SendInPieces) and client.connection in each.to]
            ends = (each for each in actions if isinstance(each, ENDINGS))
            ended = next((each for each in ends if each.connection == client.connection), None)
            if len(sent) > client.heard:
                return f"{name} {_told(sent[client.heard].frame)} besides"
            if ended is not None:
                return f"{name} was {_how(ended)}"
        return ""


METHODS: dict[type[Any], Callable[[Player, Any], str]] = {
    Document: Player._document,
    Connect: Player._connect,
    Connected: Player._connected,
    Refused: Player._refused,
    CutShort: Player._cut_short,
    Says: Player._says,
    SaysAs: Player._says_as,
    Hears: Player._hears,
    HearsNothing: Player._hears_nothing,
    EndsWith: Player._ends,
    Leaves: Player._leaves,
    StaysOpen: Player._stays_open,
    Wait: Player._wait,
    AdminSend: Player._admin_send,
    Fires: Player._fires,
    Sent: Player._sent,
    Get: Player._get,
    Asks: Player._asks,
    Answered: Player._answered,
    Journal: Player._journal,
}


def _is_of(entry: Entry, line: Journal) -> bool:
    """An outcome is one of a message that came in; of these the last counts. Events go by their name."""
    if line.word in OUTCOMES:
        return entry.direction == "in" and entry.event == "message"
    return entry.event == line.word


def _how(ended: Ending) -> str:
    return f"closed: {ended.code} {ended.reason}" if isinstance(ended, Close) else "cut off"


def _not_opened(answer: TurnedAway | CutOff) -> str:
    if isinstance(answer, CutOff):
        return "the handshake was cut off"
    return f"the handshake was refused: {answer.status} {answer.body}"


def _told(heard: Heard) -> str:
    """Say what came."""
    if heard is None:
        return "nothing came"
    if isinstance(heard, Ended):
        return f"was closed: {heard.code} {heard.reason!r}"
    return f"heard {heard!r}" if isinstance(heard, str) else f"heard binary {heard.hex()}"


def _value(frame: Frame) -> Any:
    try:
        return json.loads(frame) if isinstance(frame, str) else frame
    except ValueError:
        return Undecodable("json_syntax", frame if isinstance(frame, str) else "")


def same(one: Any, other: Any) -> bool:
    """Tell whether two values are the same JSON: 2 is 2.0, but true is not 1, and the order of keys does not count."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return bool(one == other)


def _has(value: Any, part: Any) -> bool:
    """Tell whether a value has all the fields of another one, with the same values."""
    if isinstance(value, dict) and isinstance(part, dict):
        return all(key in value and _has(value[key], inner) for key, inner in part.items())
    return same(value, part)
