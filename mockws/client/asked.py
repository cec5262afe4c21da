"""What is asked of the admin API, as a value, and the two ways to ask it: now, or awaited.

A request is described once, by a function that sends nothing. `endpoint` makes a method of it, for both faces.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, ParamSpec, Protocol, TypeVar, overload
from urllib.parse import quote

from msgspec import UNSET

from mockws.expect.model import wire_name

P = ParamSpec("P")
T = TypeVar("T")
METHODS = ("GET", "POST", "PUT", "DELETE")


@dataclass(frozen=True)
class Asked(Generic[T]):
    """One request: where it goes, what it says, and the type of its answer."""

    route: str  # method and path, as openapi.json has them: "GET /connections/{id}"
    answer: type[T]
    parts: Mapping[str, str] = field(default_factory=dict)  # parameters of the path
    query: Mapping[str, Any] = field(default_factory=dict)
    body: Any = UNSET

    @property
    def method(self) -> str:
        return self.route.partition(" ")[0]

    @property
    def path(self) -> str:
        """Write the path, with its parameters filled in; a slash in one of them stays a slash."""
        template = self.route.partition(" ")[2]
        return template.format_map({name: quote(value, safe="/") for name, value in self.parts.items()})


def given(**fields: Any) -> dict[str, Any]:
    """Make a body, or a query, of what is given: names as they are written, and null only as a message."""
    named = {wire_name(name): value for name, value in fields.items() if value is not UNSET}
    return {name: value for name, value in named.items() if value is not None or name == "json"}


class Now(Protocol):
    """A face that answers at once."""

    def _now(self, asked: Asked[T]) -> T: ...


class Soon(Protocol):
    """A face whose answers are awaited."""

    def _soon(self, asked: Asked[T]) -> Awaitable[T]: ...


class Endpoint(Generic[P, T]):
    """A method of both faces, made of the description of a request."""

    def __init__(self, describe: Callable[P, Asked[T]]) -> None:
        self.describe = describe
        self.__doc__ = describe.__doc__
        self.__wrapped__ = describe  # so that help() and editors show its arguments

    @overload
    def __get__(self, face: None, kind: type) -> "Endpoint[P, T]": ...
    @overload
    def __get__(self, face: Now, kind: type) -> Callable[P, T]: ...
    @overload
    def __get__(self, face: Soon, kind: type) -> Callable[P, Awaitable[T]]: ...
    def __get__(self, face: Any, kind: type) -> Any:
        if face is None:
            return self
        ask = face._now if hasattr(face, "_now") else face._soon

        def method(*args: P.args, **kwargs: P.kwargs) -> Any:
            return ask(self.describe(*args, **kwargs))

        method.__doc__ = self.__doc__
        return method
