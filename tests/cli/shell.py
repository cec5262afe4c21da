"""A mock in a process of its own, and commands as a shell runs them."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

ROOT = Path(__file__).parents[2]
CHAT = str(ROOT / "specification" / "chat.yaml")
PATIENCE = 20.0


def environment(**more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MOCKWS_")}
    return {**kept, "PYTHONPATH": str(ROOT), "COLUMNS": "200", **more}


@contextmanager
def running(*arguments: str, document: str = CHAT) -> Iterator[str]:
    """Serve a document; give the URL of the mock."""
    command = [sys.executable, "-m", "mockws", "serve", document, "--port", "0", "--log-format", "json", *arguments]
    with subprocess.Popen(command, cwd=ROOT, env=environment(), stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        ready = next((each for each in map(json.loads, process.stderr) if each["event"] == "ready"), None)
        try:
            assert ready is not None
            yield ready["admin"].removesuffix("/__admin")
        finally:
            process.kill()


def mockws(*arguments: str, said: str = "", cwd: Path = ROOT, **more: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "mockws", *arguments]
    return subprocess.run(
        command, cwd=cwd, env=environment(**more), input=said, capture_output=True, text=True, timeout=PATIENCE,
        check=False,
    )  # fmt: skip


def ask(url: str, path: str, method: str = "POST", **body: Any) -> Any:
    request = Request(f"{url}/__admin{path}", json.dumps(body).encode(), {"Content-Type": "application/json"})
    request.method = method
    with urlopen(request, timeout=5) as answer:
        content = answer.read()
    return json.loads(content) if content else None
