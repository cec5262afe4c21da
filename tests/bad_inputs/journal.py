"""The journal of a mock, as far as it is not about the neighbour."""

from typing import Any

from bad_inputs.served import Served, until
from bad_inputs.wire import asked


def newest(served: Served) -> int:
    """Give the number of the newest entry."""
    page = asked(served.port, "GET", "/__admin/journal?limit=1").json()
    return int(page["last"])


def since(served: Served, mark: int) -> list[dict[str, Any]]:
    """Give what happened after an entry, to everybody but the neighbour."""
    found: list[dict[str, Any]] = []
    while True:
        page = asked(served.port, "GET", f"/__admin/journal?after={mark}&limit=1000").json()
        found += [each for each in page["entries"] if each.get("address") != "/neighbour"]
        if len(page["entries"]) < 1000:
            return found
        mark = page["entries"][-1]["seq"]


def wait_for(served: Served, mark: int, event: str, **wanted: Any) -> list[dict[str, Any]]:
    """Wait for an entry."""

    def found() -> list[dict[str, Any]]:
        entries = since(served, mark)
        fitting = [each for each in entries if each["event"] == event and wanted.items() <= each.items()]
        return entries if fitting else []

    entries: list[dict[str, Any]] = until(found, 10, f"a {event} in the journal")
    return entries
