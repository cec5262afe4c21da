"""A client that AsyncAPI's CLI has generated in Python: it hears a message, says one, and is sent away."""

import contextlib
import importlib
import json
import queue
import re
import sys
import threading
from typing import Any

PATIENCE = 20  # seconds


def converse(folder: str, url: str, operation: str, message: Any, *, hears: bool) -> dict[str, Any]:
    sys.path.insert(0, folder)
    module = importlib.import_module("client")
    client = next(each for each in vars(module).values() if getattr(each, "__module__", "") == "client")(url)
    opened, heard, closed = threading.Event(), queue.Queue[Any](), queue.Queue[Any]()

    def end(_: object, code: int, reason: str) -> None:
        client.close()  # or it connects again
        closed.put({"code": code, "reason": reason})

    client.on_open, client.on_close = lambda _: opened.set(), end
    client.register_message_handler(lambda text: heard.put(json.loads(text)))
    client.connect()
    assert opened.wait(PATIENCE)
    said = heard.get(timeout=PATIENCE) if hears else None
    getattr(client, re.sub(r"(?<!^)(?=[A-Z])", "_", operation).lower())(message)
    return {"heard": said, "closed": closed.get(timeout=PATIENCE)}


with contextlib.redirect_stdout(sys.stderr):  # it tells the terminal what it does
    seen = converse(**json.loads(sys.argv[1]))
print(json.dumps(seen))
