"""The watch over the tests themselves: what it lets pass, and what it does not."""

import os
from pathlib import Path
from typing import Any

import pytest

from watched import Watch


@pytest.mark.parametrize(
    ("event", "arguments"),
    [
        ("open", ("/etc/passwd", "r", 0)),
        ("open", (str(Path.home() / ".ssh" / "id"), "rb", 0)),
        ("open", ("/usr/lib/new", "w", 0)),
        ("open", ("/proc/../root/x", None, os.O_CREAT)),
        ("open", (f"{os.__file__}/../../../../../../../../../etc/shadow", None, 0)),
        ("socket.connect", (None, ("192.0.2.1", 80))),
        ("socket.sendto", (None, ("2001:db8::1", 53, 0, 0))),
        ("socket.getaddrinfo", ("example.org", 80, 0, 0, 0)),
        ("socket.getaddrinfo", (b"localhost.example.org", 80, 0, 0, 0)),
    ],
)
def test_what_is_outside_is_noted(event: str, arguments: Any) -> None:
    watch = Watch()
    watch.hear(event, arguments)

    assert len(watch.seen) == 1


@pytest.mark.parametrize(
    ("event", "arguments"),
    [
        ("open", (__file__, "r", 0)),
        ("open", ("specification/chat.yaml", "r", 0)),
        ("open", (os.__file__, "rb", 0)),
        ("open", (7, "w", 0)),
        ("socket.connect", (None, ("127.0.0.1", 80))),
        ("socket.connect", (None, ("::1", 80, 0, 0))),
        ("socket.connect", (None, "/tmp/a.sock")),
        ("socket.getaddrinfo", ("localhost", 80, 0, 0, 0)),
        ("socket.getaddrinfo", (None, 80, 0, 0, 0)),
        ("socket.getaddrinfo", ("192.0.2.1", 80, 0, 0, 0)),
        ("import", ("os", None, None, None, None)),
    ],
)
def test_what_is_ours_is_not(event: str, arguments: Any) -> None:
    watch = Watch()
    watch.hear(event, arguments)

    assert watch.seen == []


def test_a_link_leads_where_it_leads(tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to("/etc")
    watch = Watch()
    watch.hear("open", (str(link / "passwd"), "r", 0))

    assert watch.seen == [f"read {link / 'passwd'}"]


def test_it_listens_to_this_very_process(tmp_path: Path, monkeypatch: Any) -> None:
    from watched import WATCH

    outside = tmp_path / "outside"
    outside.write_text("x")
    monkeypatch.setattr(WATCH, "_read", ("/nowhere/",))
    outside.read_text()
    seen = [*WATCH.seen]
    WATCH.seen.clear()

    assert seen == [f"read {outside}"]
