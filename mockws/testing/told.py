"""What a failed assertion prints: what was expected, what came nearest, and what came and went."""

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from mockws.client.client import Client
from mockws.client.views import EntryView
from mockws.errors import Refused, near_misses_told

SHOWN = 15  # entries of the journal
TITLE = "what came and went"
LONGEST = 120  # characters of a payload


def failure(client: Client, problem: Refused) -> AssertionError:
    """Make an AssertionError of what was not so; raises whatever else was refused."""
    if problem.status != 409:
        raise problem
    lines = [problem.detail.partition("; entry ")[0]]
    near = near_misses_told(problem.problem)
    lines += ["what came nearest:", *_indented(near)] if near else []
    return AssertionError("\n".join([*lines, *happened(client)]))


def happened(client: Client) -> list[str]:
    """Say, line by line, what the journal has last."""
    first = client.journal(limit=1)
    entries = client.journal(after=max(0, first.last - SHOWN)).entries
    more = bool(entries) and first.entries[0].seq < entries[0].seq
    told = _indented(map(line_of, entries)) or ["  nothing"]
    return [f"{TITLE}{', last' if more else ''}:", *told]


def line_of(entry: EntryView) -> str:
    """Say what an entry is, in one line."""
    arrow = {"in": "<-", "out": "->"}.get(entry.direction or "", "--")
    what = [entry.connection, entry.event, entry.message, _payload(entry), entry.outcome, entry.code, _note(entry)]
    wrong = "".join(f"; {each.pointer or '/'}: {each.message}" for each in entry.errors[:2])
    return f"{entry.seq} {arrow} {' '.join(str(each) for each in what if each not in (None, ''))}{wrong}"


def _note(entry: EntryView) -> str:
    """Give the note, unless it says how a message was answered, or what its errors say."""
    usual = entry.event == "message" and (entry.outcome == "spec" or entry.errors)
    return "" if usual or entry.note is None else entry.note


def _payload(entry: EntryView) -> str:
    if entry.event != "message":
        return entry.address or "" if entry.event in ("open", "refused", "http") else ""
    said: Any = entry.text if entry.text is not None else entry.base64
    whole = said if said is not None else msgspec.json.encode(entry.json).decode()
    return whole if len(whole) <= LONGEST else f"{whole[:LONGEST]}..."


def _indented(lines: Iterable[str]) -> list[str]:
    return [f"  {line}" for line in lines]


def pages(client: Client, **chosen: str) -> Iterator[EntryView]:
    """Give all entries of the journal that are chosen, page by page."""
    following: int | None = 0
    while following is not None:
        page = client.journal(after=following, limit=1000, **chosen)
        yield from page.entries
        following = page.next
