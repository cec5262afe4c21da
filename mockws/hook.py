"""An HTTP request that belongs to an operation: one that brings its message about, or shows what came of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

TIMEOUT = 10.0  # seconds


@dataclass(frozen=True)
class Hook:
    """A request, and what it is to be answered; of its host a mock knows nothing."""

    url: str
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None  # JSON, or a text
    status: int = 200
    expected: Any = None  # the body of the answer; none: any
    timeout: float = TIMEOUT

    @property
    def path(self) -> str:
        return urlsplit(self.url).path or "/"

    @property
    def query(self) -> list[tuple[str, str]]:
        return parse_qsl(urlsplit(self.url).query, keep_blank_values=True)

    @property
    def target(self) -> str:
        """Give path and query, as they are written."""
        query = urlsplit(self.url).query
        return f"{self.path}?{query}" if query else self.path
