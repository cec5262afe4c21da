"""Clients that AsyncAPI's own CLI generates from the bundled documents; `scripts/clients` fetches it, and runs these.

A client is generated for the application that the document describes: it says what the document's operations `send`.
The bundled documents are the server's, so the mock is put on the other side: `--perspective client`.
"""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from npm import node

from mockws.testing import MockServer

HERE = Path(__file__).parent
FOLDER = os.environ.get("ASYNCAPI_CLI")  # where npm has put it
PATIENCE = 60  # seconds
CODE, REASON = 4401, "that is all"

pytestmark = pytest.mark.skipif(FOLDER is None, reason="AsyncAPI's CLI is half a gigabyte: scripts/clients fetches it")


@dataclass(frozen=True)
class Talk:
    """What the client of a document says, and what it is greeted with."""

    server: str
    path: str
    operation: str
    message: str
    greeting: str | None = None


TALKS = {
    "chat": Talk("local", "/rooms/lobby", "tell", "ChatMessage", "ChatMessage"),
    "market-data": Talk("local", "/feed?version=1", "heartbeat", "heartbeat", "ping"),
    "order-api": Talk("local", "/accepted-orders", "orderAccepted", "OrderAccepted"),
    "trading-secure": Talk("production", "/v1/trading/fills?access_token=t-1", "fill", "fill"),
    "user-events": Talk("local", "/user/events/user123/login", "userEvent", "UserEvent", "Acknowledge"),
}


def generate(language: str, document: str, server: str, folder: Path) -> None:
    metrics = folder / "metrics.json"
    metrics.write_text('{"analyticsEnabled": "false", "infoMessageShown": "true", "userID": "none"}', "utf-8")
    command = [
        f"{FOLDER}/node_modules/.bin/asyncapi", "generate", "client", language, document, "--no-interactive",
        "--output", str(folder / "client"), "--param", f"server={server}",
    ]  # fmt: skip
    environment = {**os.environ, "ASYNCAPI_METRICS_CONFIG_PATH": str(metrics)}
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def fake(document: str, message: str) -> Any:
    command = [sys.executable, "-m", "mockws", "fake", document, message]
    done = subprocess.run(command, cwd=HERE.parents[1], capture_output=True, text=True, timeout=PATIENCE, check=True)
    return json.loads(done.stdout)


def command(language: str) -> list[str]:
    if language == "python":
        return [sys.executable, str(HERE / "with_generated.py")]
    return node(str(HERE / "with_generated.cjs"))


@pytest.mark.parametrize("language", ["javascript", "python"])
@pytest.mark.parametrize("name", TALKS)
def test_a_generated_client_talks_to_the_mock(name: str, language: str, tmp_path: Path) -> None:
    document, talk = f"specification/{name}.yaml", TALKS[name]
    generate(language, str(HERE.parents[1] / document), talk.server, tmp_path)

    with MockServer(document, perspective="client") as mock:
        if talk.greeting:
            mock.on_open().reply(talk.greeting)
        mock.expect_message(talk.message).close(CODE, REASON)
        message = fake(document, talk.message)
        told: dict[str, Any] = {
            "folder": str(tmp_path / "client"),
            "url": mock.url + talk.path,
            "operation": talk.operation,
            "message": message,
            "hears": talk.greeting is not None,
        }
        variables = {**os.environ, "NODE_PATH": f"{FOLDER}/node_modules"}
        done = subprocess.run(
            [*command(language), json.dumps(told)],
            env=variables, capture_output=True, text=True, timeout=PATIENCE, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        seen = json.loads(done.stdout)

        mock.assert_received(talk.message, exactly=message)
        mock.assert_all_valid()
        assert seen["closed"] == {"code": CODE, "reason": REASON}
        assert (seen["heard"] is not None) == told["hears"]
