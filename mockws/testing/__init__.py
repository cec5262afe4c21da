"""Mocks in tests: a server in this process, or a running one, with expectations and assertions that read aloud."""

from mockws.client.views import EntryView
from mockws.testing.connection import Connection
from mockws.testing.expectation import Expectation
from mockws.testing.journal import Clock, Faults, Journal
from mockws.testing.mock import AsyncMock, Mock, Session
from mockws.testing.script import Script
from mockws.testing.server import MockServer
from mockws.testing.wanted import Step, received, sent

__all__ = [
    "AsyncMock",
    "Clock",
    "Connection",
    "EntryView",
    "Expectation",
    "Faults",
    "Journal",
    "Mock",
    "MockServer",
    "Script",
    "Session",
    "Step",
    "received",
    "sent",
]
