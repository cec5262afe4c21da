"""What every validator tells, whichever library it is compiled by: the keywords that failed, and where."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

Path = tuple[str | int, ...]
Document = bool | Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Fault:
    """One failed keyword, as a validator tells it."""

    keyword: str
    path: Path
    schema_path: Path
    expected: Any = None
    names: tuple[str, ...] = ()
    branches: tuple[tuple["Fault", ...], ...] = ()


class Validator(Protocol):
    """A schema, compiled; `accepts` may raise on what is no JSON value."""

    @property
    def accepts(self) -> Callable[[Any], bool]: ...

    def faults(self, value: Any) -> Iterator[Fault]: ...
