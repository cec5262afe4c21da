"""What the admin API works with: the sessions, the mock's health, and what only the composition root can do."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from mockws.admin.health import Health
from mockws.admin.views import Showing
from mockws.client.views import SavedView
from mockws.expect.expectation import Compiled
from mockws.host.sessions import Sessions

Save = Callable[[Sequence[Compiled]], Awaitable[SavedView]]  # raises CannotSave, CannotWrite


@dataclass
class Streams:
    """How many streams of the journal are open."""

    open: int = 0


@dataclass(frozen=True)
class Desk:
    """What the handlers have at hand."""

    sessions: Sessions
    health: Health
    document: Callable[[], Any]  # the AsyncAPI document as it is served
    save: Save  # writes expectations into a stub file
    showing: Showing
    streams: Streams = field(default_factory=Streams)
