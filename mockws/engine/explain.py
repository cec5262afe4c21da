"""What a message leads to, and why: a dry run that changes nothing, draws no chance and counts nothing.

It judges by the expectations and the state that there are now, whenever the message came.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from mockws.codec import Frame
from mockws.contract import Channel, Route
from mockws.engine.book import Rule
from mockws.engine.choose import Moment
from mockws.engine.credentials import REASON, Credential
from mockws.engine.distance import distance
from mockws.engine.engine import Engine
from mockws.engine.events import Opening
from mockws.engine.expected import channels_of, moment_of
from mockws.engine.plan import Via
from mockws.engine.reception import Candidate, Reading
from mockws.engine.search import facts_in, with_violations
from mockws.engine.state import Connection
from mockws.expect.matchers import Difference

MOST_JUDGED = 1000  # expectations
MOST_TOLD = 100  # of those, the nearest
MADE_UP = "(made up)"
Deed: TypeAlias = Literal["reply", "relay", "nothing", "close", "problem", "error", "ignore"]
Answering: TypeAlias = Literal["expectation", "conversation", "document", "nothing", "security"]
POLICY: Mapping[str, Deed] = {"close": "close", "problem": "problem", "error": "error", "ignore": "ignore"}
DOES: Mapping[Via, Deed] = {Via.NONE: "nothing", Via.RELAY: "relay"}  # all others: reply


@dataclass(frozen=True, slots=True)
class Judged:
    """One expectation: what keeps it from answering; nothing, where it does."""

    rule: Rule
    differences: tuple[Difference, ...] = ()


@dataclass(frozen=True, slots=True)
class Promise:
    """What the document would do by itself."""

    does: Deed
    how: str
    replies: tuple[str, ...] = ()
    channel: str | None = None
    operation: str | None = None
    code: int | None = None


@dataclass(frozen=True, slots=True)
class Explanation:
    """Who answers, and why nobody else does."""

    by: Answering
    reading: Reading
    promise: Promise
    judged: tuple[Judged, ...] = ()
    rule: Rule | None = None
    omitted: int = 0  # expectations that are further from it than those that are told


@dataclass(frozen=True, slots=True)
class Handshake:
    """A connection that there is not."""

    parameters: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    cookies: Mapping[str, str] = field(default_factory=dict)
    subprotocol: str | None = None
    groups: Iterable[str] = ()
    states: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Any] = field(default_factory=dict)


def explain(engine: Engine, connection: Connection, frame: Frame, at: float) -> Explanation:
    """Say what a message would lead to."""
    reading = engine.reception(connection.route).read(frame)
    promise = _promise(engine, reading)
    forbidden = _forbidden(engine, connection, reading)
    moment = moment_of(connection, reading, frame, at)
    listener = engine.expected.listener(connection.id, moment)
    judged = _judged(engine, moment, reading, frame, channels_of(connection, reading), taken=listener)
    rule = listener or next((each.rule for each in judged if not each.differences), None)
    told = _nearest(judged)
    if forbidden is not None:
        return Explanation("security", reading, forbidden, told, None, len(judged) - len(told))
    by: Answering = "conversation" if listener else "expectation" if rule else _by_document(promise)
    return Explanation(by, reading, promise, told, rule, len(judged) - len(told))


def _by_document(promise: Promise) -> Answering:
    return "nothing" if promise.does in ("nothing", "ignore") else "document"


def _judged(
    engine: Engine, moment: Moment, reading: Reading, frame: Frame, channels: list[str], *, taken: Rule | None
) -> list[Judged]:
    """Judge expectations in their order of precedence: those for this channel, then as many others as there is time."""
    book = engine.expected.book
    here = list(book.candidates("message", channels))
    found: list[Judged] = []
    for rule in here[:MOST_JUDGED]:
        differences = _differences(engine, rule, moment, reading, frame)
        if not differences and taken is not None:
            differences = (Difference("/priority", "to go first", f"after {taken.id}"),)
        elif not differences and rule.compiled.model.probability >= 1:
            taken = rule
        found.append(Judged(rule, differences))
    mine = {id(rule) for rule in here}
    others = (rule for rule in book.of_type("message") if id(rule) not in mine)
    for rule in sorted(others, key=lambda each: each.precedence)[: MOST_JUDGED - len(found)]:
        away = Difference("/channel", rule.channel or "", ", ".join(channels))
        found.append(Judged(rule, (away, *_differences(engine, rule, moment, reading, frame))))
    return found


def _differences(engine: Engine, rule: Rule, moment: Moment, reading: Reading, frame: Frame) -> tuple[Difference, ...]:
    found = list(engine.expected.chooser.misses(rule, moment))
    closest = reading.closest
    names = frozenset((closest.name, *closest.aliases)) if closest is not None else frozenset()
    return tuple(with_violations(found, rule.compiled.message, names, reading.violations, frame))


def _nearest(judged: list[Judged]) -> tuple[Judged, ...]:
    """Keep the nearest, in their order."""
    if len(judged) <= MOST_TOLD:
        return tuple(judged)
    nearest = sorted(range(len(judged)), key=lambda place: distance(judged[place].differences))[:MOST_TOLD]
    return tuple(judged[place] for place in sorted(nearest))


def _forbidden(engine: Engine, connection: Connection, reading: Reading) -> Promise | None:
    candidate = reading.candidate
    if candidate is None or not candidate.operation.security:
        return None
    credential = engine.credential(candidate.operation, connection.opening)
    if credential is Credential.GOOD:
        return None
    name = candidate.operation.name
    return Promise("close", f"{REASON[credential]} for operation {name}", operation=name, code=credential.value)


def _promise(engine: Engine, reading: Reading) -> Promise:
    candidate = reading.candidate
    return _invalid(engine, reading) if candidate is None else _planned(candidate)


def _invalid(engine: Engine, reading: Reading) -> Promise:
    policy = engine.settings.on_invalid
    code = reading.code if policy == "close" else None
    return Promise(POLICY[policy], f"--on-invalid {policy}: {reading.reason}", code=code)


def _planned(candidate: Candidate) -> Promise:
    plan = candidate.plan
    does = DOES.get(plan.via, "reply")
    how = plan.note if plan.via is Via.NONE else plan.via.value
    place = plan.channel or candidate.channel
    replies = tuple(message.name for message in plan.replies)
    return Promise(does, how, replies, place.name if replies else None, candidate.operation.name)


def routes_with(engine: Engine, channel: Channel) -> list[Route]:
    """Give the routes at which a channel is."""
    return [route for route in engine.contract.routes if any(each.name == channel.name for each in route.channels)]


def made_up(route: Route, handshake: Handshake, at: float) -> Connection:
    """Make a connection that is not there, for asking what would become of its messages."""
    samples = {each.name: each.sample for channel in route.channels for each in channel.parameters}
    own = {name: handshake.parameters.get(name, samples.get(name, name)) for name in route.path.parameters}
    headers = {name.lower(): value for name, value in handshake.headers.items()}
    if handshake.cookies:
        headers["cookie"] = "; ".join(f"{name}={value}" for name, value in handshake.cookies.items())
    offered = (handshake.subprotocol,) if handshake.subprotocol is not None else ()
    opening = Opening(route.path.fill(own), tuple(handshake.query.items()), tuple(headers.items()), offered)
    return Connection(
        MADE_UP,
        route,
        own,
        opening,
        at,
        headers={**{name.lower(): value for name, value in handshake.query.items()}, **headers},
        subprotocol=handshake.subprotocol,
        groups=set(handshake.groups),
        states=dict(handshake.states),
        values=dict(handshake.values),
    )


def recalled(engine: Engine, identity: str, address: str, at: float) -> Connection | None:
    """Give a connection of the journal: the one that is there, or as much of it as is still known."""
    live = engine.world.connections.get(identity)
    facts = facts_in(engine, identity)
    if live is not None or facts is None:
        return live
    found = engine.contract.book.find(address)
    if found is None:
        return None
    handshake = Handshake(
        facts.path_parameters, facts.query_parameters, facts.headers, {}, facts.subprotocol, facts.groups
    )  # fmt: skip
    return made_up(found[0], handshake, at)
