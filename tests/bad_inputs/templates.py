"""Templates: put in force over the admin API, and run by a message."""

import json
from typing import Any

from bad_inputs.case import Case, Seen, repeated, timed
from bad_inputs.journal import newest, since
from bad_inputs.served import Served, until
from bad_inputs.wire import TEXT, asked, frame, opened

SENT = "sent"


def play(case: Case, served: Served) -> Seen:
    given, seen, mark = case["input"], Seen(), newest(served)
    text = repeated(given["text_repeat"]) if "text_repeat" in given else given.get("text")
    actions = given.get("actions", [{"reply": {"text": text}}])
    body = {"id": "case", "priority": 1, "trigger": {"channel": "orders"}, "actions": actions}
    with timed(seen, served.pid):
        seen.answer = asked(served.port, "PUT", "/__admin/expectations/case", body, within=20)
    if seen.answer.status == 200:
        _run(given, served, mark, seen)
        asked(served.port, "DELETE", "/__admin/expectations/case")
    return seen


def _run(given: dict[str, Any], served: Served, mark: int, seen: Seen) -> None:
    said = repeated(given["say_repeat"]) if "say_repeat" in given else given.get("say", '"hello"')
    with opened(served.port) as wire:
        wire.say(frame(TEXT, said.encode()))
        seen.entries = until(lambda: _came_of_it(served, mark), 20, "anything")
        answers = [each for each in seen.entries if each.get("direction") == "out"]
        if answers:
            seen.said = [wire.message() or b""]
        if any(each["event"] in ("close", "fault") for each in seen.entries):
            seen.close = wire.parting()
    seen.facts["faults"] = json.dumps([each for each in seen.entries if each["event"] == "fault"])


def _came_of_it(served: Served, mark: int) -> list[dict[str, Any]]:
    entries = since(served, mark)
    ends = ("close", "fault")
    return entries if any(each["event"] in ends or each.get("direction") == "out" for each in entries) else []
