"""What a template and a matcher see of a moment: plain JSON values and registered functions, nothing of ours."""

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any
from uuid import UUID

from mockws.codec import Frame
from mockws.engine.events import Opening
from mockws.engine.making import Making
from mockws.engine.state import Connection, World
from mockws.errors import TemplateFailed
from mockws.expect.expectation import Facts
from mockws.expect.matchers import Subject
from mockws.expression import MISSING
from mockws.schema.schema import Schema

# What a template may come to: a function that is called wrongly, or not at all, makes no JSON.
TEMPLATE_FAILURES = (TemplateFailed, TypeError, ValueError, AttributeError, OverflowError)


def facts_of(connection: Connection) -> Facts:
    """Give what of a connection matchers may look at."""
    opening = connection.opening
    return Facts(
        id=connection.id,
        path_parameters=connection.parameters,
        query_parameters=dict(opening.query),
        headers=dict(opening.headers),
        cookies=opening.cookies(),
        subprotocol=connection.subprotocol,
        groups=frozenset(connection.groups),
    )


def facts_of_opening(identity: str, opening: Opening, parameters: Mapping[str, str]) -> Facts:
    """Give the facts of a handshake that was refused."""
    query, headers = dict(opening.query), dict(opening.headers)
    return Facts(identity, parameters, query, headers, opening.cookies(), None, frozenset())


def message_view(subject: Subject, name: str | None) -> dict[str, Any]:
    """Show a message to templates."""
    frame = subject.frame
    shown: dict[str, Any] = {"name": name, "json": None if subject.value is MISSING else subject.value}
    shown["text"] = frame if isinstance(frame, str) else None
    shown["base64"] = base64.b64encode(frame).decode() if isinstance(frame, bytes) else None
    return shown


def connection_view(connection: Connection) -> dict[str, Any]:
    """Show a connection to templates."""
    facts = facts_of(connection)
    return {
        "id": connection.id,
        "pathParameters": dict(facts.path_parameters),
        "queryParameters": dict(facts.query_parameters),
        "headers": dict(facts.headers),
        "cookies": dict(facts.cookies),
        "subprotocol": facts.subprotocol,
        "values": dict(connection.values),
        "groups": sorted(connection.groups),
    }


@dataclass(frozen=True, slots=True)
class Chance:
    """Everything random of one run, from the seed: the same run draws the same."""

    seed: str

    def random(self) -> Random:
        return Random(self.seed)

    def functions(self, making: Making) -> dict[str, Callable[..., Any]]:
        """Give the functions that templates may call."""
        dice = self.random()

        def uuid() -> str:
            return str(UUID(int=dice.getrandbits(128), version=4))

        def random(low: float = 0.0, high: float = 1.0) -> float:
            whole = isinstance(low, int) and isinstance(high, int)
            return dice.randint(int(low), int(high)) if whole else dice.uniform(low, high)

        def faker(provider: str) -> Any:
            schema = Schema({"type": "string", "x-faker": provider})
            return schema.fake(f"{self.seed}|{dice.random()}", now=making.now, manner=making.manner)

        return {"uuid": uuid, "random": random, "faker": faker}


def context_for(
    world: World,
    connection: Connection | None,
    subject: Subject | None,
    name: str | None,
    functions: Mapping[str, Callable[..., Any]],
    at: float,
    more: Mapping[str, Any],
) -> dict[str, Any]:
    """Put together what a template sees."""
    shown: dict[str, Any] = {
        "message": message_view(subject, name) if subject is not None else {},
        "connection": connection_view(connection) if connection is not None else {},
        "state": states_of(world, connection),
        "now": world.making.moment(at).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        **functions,
        **more,
    }
    return shown


def states_of(world: World, connection: Connection | None) -> Mapping[str, str]:
    """Give the state of each scenario, as seen from a connection."""
    own = connection.states if connection is not None else {}
    return {**world.states, **own}


def subject_of(frame: Frame, value: Any) -> Subject:
    """Make a matcher's subject of a frame that is decoded already."""
    if isinstance(frame, bytes):
        return Subject.of_frame(frame)
    return Subject.of_frame(frame) if value is frame else Subject(frame, value)
