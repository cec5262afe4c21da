"""The reference of mockws.testing, made of its docstrings: each class with its members, then the functions.

What a class has of another that is told of too stands there only.
"""

import inspect
from typing import Any

from mockws import testing
from mockws.testing.mocked import Mocked

ORDER = (
    "MockServer", "Mock", "AsyncMock", "Session", "Expectation", "Script", "Connection", "Clock", "Journal", "Faults",
    "Step", "received", "sent",
)  # fmt: skip
MADE_BY_TESTS = {"MockServer", "Mock", "Script"}  # the arguments of the others are nobody's business
OF_ANOTHER = {"AsyncMock": "All that `Mock` has; what is here is awaited."}


def python_names() -> str:
    """Tell of all names, in the order in which a reader meets them."""
    return "\n\n".join(_told(name, getattr(testing, name)) for name in ORDER)


def _told(name: str, value: Any) -> str:
    if not isinstance(value, type):
        return f"### {name}\n\n`{name}{_arguments(value)}`: {_about(value)}"
    made = _arguments(value) if name in MADE_BY_TESTS else ""
    rows = [f"| `{each}{_arguments(member)}` | {_about(member)} |" for each, member in _members(name, value)]
    table = ["| Name | Meaning |", "|---|---|", *rows] if rows else []
    more = " ".join(filter(None, [OF_ANOTHER.get(name, ""), _more(value)]))
    parts = [f"### {name}", *([f"`{name}{made}`"] if made else []), f"{_about(value)} {more}".strip(), "\n".join(table)]
    return "\n\n".join(filter(None, parts))


def _members(name: str, value: type) -> list[tuple[str, Any]]:
    owners = [value, Mocked] if name == "Mock" else [value]
    found = [(each, member) for owner in owners for each, member in vars(owner).items()]
    return [(each, member) for each, member in found if not each.startswith("_") and inspect.getdoc(member)]


def _more(value: type) -> str:
    bases = [f"`{each.__name__}`" for each in value.__bases__ if each.__name__ in testing.__all__]
    return f"It has all that {' and '.join(bases)} has." if bases else ""


def _arguments(value: Any) -> str:
    """Show the names of arguments; what matches and what is said is told of once, above."""
    if not callable(getattr(value, "__wrapped__", value)):
        return ""
    parameters = inspect.signature(getattr(value, "__wrapped__", value)).parameters.values()
    shown = [f"**{each.name}" if each.kind is each.VAR_KEYWORD else each.name for each in parameters]
    return f"({', '.join(each for each in shown if each != 'self')})"


def _about(value: Any) -> str:
    return " ".join((inspect.getdoc(value) or "").split()).replace("|", "&#124;")
