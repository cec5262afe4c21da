"""What `--redact` names is masked wherever it is shown: journal, stream, connections, log."""

import json
from typing import Any

import msgspec
from starlette.testclient import TestClient

from mockws.app import Mock
from mockws.cli.log import Log
from mockws.engine.actions import Decision, Entry
from mockws.engine.events import Stopping
from mockws.redaction import MASK, Redaction
from mockws.settings import Settings

SECRET = "hunter2"
WS = "ws://127.0.0.1:8080"


def test_names_and_pointers_are_masked() -> None:
    with TestClient(
        Mock.of("specification/chat.yaml", Settings(watch=False, redact=("X-Tenant", "pin", "/text"))).app(),
        base_url="http://127.0.0.1:8080/__admin",
    ) as client:
        said = {"type": "chat", "user": "ada", "text": SECRET}
        with client.websocket_connect(f"{WS}/rooms/a?pin={SECRET}", headers={"x-tenant": SECRET}) as socket:
            socket.send_text(json.dumps(said))
            (connection,) = client.get("/connections").json()
            journal: list[dict[str, Any]] = []
            while not any(each["event"] == "message" for each in journal):
                journal = client.get("/journal").json()["entries"]
        everything = client.get("/journal.jsonl").text + json.dumps([connection, journal])

    message = next(each for each in journal if each["event"] == "message")
    assert message["json"] == {**said, "text": MASK}
    assert message["size"] == len(json.dumps(said))
    assert (connection["headers"]["x-tenant"], connection["query"]["pin"]) == (MASK, MASK)
    assert SECRET not in everything


def test_fields_are_masked_at_any_depth_and_what_is_no_json_is_left() -> None:
    redaction = Redaction.of(["pin", "/list/0/a~1b"])

    assert msgspec.json.decode(redaction.masked('{"x":{"PIN":1},"list":[{"a/b":2,"c":3}]}') or "") == {
        "x": {"PIN": MASK},
        "list": [{"a/b": MASK, "c": 3}],
    }
    assert redaction.masked("{pin}") == "{pin}"
    assert redaction.masked(b"\x00") == b"\x00"
    assert Redaction().masked('{"pin":1}') == '{"pin":1}'


def test_bytes_and_spaces_before_a_message_do_not_unmask_it() -> None:
    redaction = Redaction.of(["pin"])

    assert redaction.masked(' \n{"pin": 1}') == '{"pin":"[redacted]"}'
    assert redaction.masked(b'{"pin": 1}') == b'{"pin":"[redacted]"}'
    assert redaction.masked('{"a": 1}') == '{"a": 1}'
    assert redaction.masked("[" * 5000 + '{"pin":1}' + "]" * 5000) == MASK


def test_what_holds_a_secret_or_is_in_one_is_hidden() -> None:
    redaction = Redaction.of(["pin", "/a/1/b"])
    value = {"x": {"PIN": 1}, "a": [0, {"b": {"c": 2}}], "d": 3}

    hidden = ["/x", "/x/PIN", "", "/a", "/a/1", "/a/1/b", "/a/1/b/c", "/nowhere/pin"]
    assert [each for each in hidden if not redaction.hides(value, each)] == []
    assert [each for each in ("/d", "/a/0", "/nowhere", "/a/7") if redaction.hides(value, each)] == []


def test_the_log_masks_it_too(capfd: Any) -> None:
    entry = Entry(0.0, "message", "c1", address=f"/rooms/a?pin={SECRET}", frame=json.dumps({"pin": SECRET}))
    with Log("json", Redaction.of(["pin"])) as log:
        log.observe(Decision(Stopping(), (), (entry,)))

    printed = capfd.readouterr()
    assert MASK in printed.err + printed.out
    assert SECRET not in printed.err + printed.out
