"""Real clients against the mock: each has the same conversation, and sees all of it that it can see."""

import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import browser
import pytest
import terminal
from conversation import DOCUMENT, JOURNAL, SEEN, told
from npm import node, packages

from mockws.testing import MockServer

HERE = Path(__file__).parent
PATIENCE = 60  # seconds
Told = dict[str, Any]
Seen = dict[str, Any]


def run(command: list[str], told: Told, **environment: str) -> Seen:
    line = [*command, json.dumps(told)]
    variables = {**os.environ, **environment}
    done = subprocess.run(line, env=variables, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.returncode == 0, done.stderr
    seen: Seen = json.loads(done.stdout)
    return seen


def python(script: str, library: str) -> Callable[[Path, Told], Seen]:
    def converse(_: Path, told: Told) -> Seen:
        if importlib.util.find_spec(library) is None:
            pytest.skip(f"there is no {library} here; scripts/test installs it")
        return run([sys.executable, str(HERE / script)], told)

    return converse


def with_node(_: Path, told: Told) -> Seen:
    return run(node(str(HERE / "with_node.mjs")), told)


def with_ws(_: Path, told: Told) -> Seen:
    return run(node(str(HERE / "with_node.mjs")), told, CLIENTS=str(packages()))


def with_wscat(_: Path, told: Told) -> Seen:
    return terminal.converse(packages(), node(), told)


@dataclass(frozen=True)
class Client:
    """How a client has the conversation, and what of it no client of its kind is told."""

    converse: Callable[[Path, Told], Seen]
    untold: frozenset[str] = frozenset()


CLIENTS = {
    "websockets": Client(python("with_websockets.py", "websockets")),
    "aiohttp": Client(python("with_aiohttp.py", "aiohttp")),
    "websocket-client": Client(python("with_websocket_client.py", "websocket")),
    "node": Client(with_node, frozenset({"pong"})),
    "ws": Client(with_ws),
    "wscat": Client(with_wscat, frozenset({"subprotocol"})),
    "chromium": Client(browser.converse, frozenset({"pong"})),
}


@pytest.mark.parametrize("name", CLIENTS)
def test_a_real_client_sees_what_the_document_promises(name: str, tmp_path: Path) -> None:
    client = CLIENTS[name]
    with MockServer(DOCUMENT) as mock:
        mock.on_open("orders").ping()
        seen = client.converse(tmp_path, told(mock))
        mock.admin.verify({"event": "close"}, times={"exactly": 2}, within="5s")
        entries = [(each.event, each.direction) for each in mock.journal if each.connection == "c1"]

    assert seen == {name: SEEN[name] for name in SEEN if name not in client.untold}
    assert sorted(map(str, entries)) == sorted(map(str, JOURNAL))
