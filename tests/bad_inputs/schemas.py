"""Schemas: what loading says of them, what can be made of them, and what they say of a value."""

import json
import os
from typing import Any

from bad_inputs import messages
from bad_inputs.case import Case, Seen, repeated
from bad_inputs.files import looked_over
from bad_inputs.stage import GROWTH, Stage, World, document_with, reference, text_of, unharmed

PLACE = ("channels", "case", "messages", "Case", "payload")
OUTSIDE = "outside.json"  # lies beside the folder, and not in it


def nested(key: str, depth: int, *, branches: int, end: Any) -> Any:
    """Nest a keyword so deep, with so many branches each time, as one object that is shared."""
    schema = end
    for _ in range(depth):
        schema = {key: [schema] * branches}
    return schema


# A schema that is told in words -> the schema, and what else the document has.
IN_WORDS: dict[str, tuple[Any, dict[str, Any]]] = {
    "oneOf of two refs, nested 16 times (2^16 paths)": (
        {"$ref": "#/components/schemas/S16"},
        {
            "S0": {"type": "string"},
            **{
                f"S{n}": {"oneOf": [reference("components", "schemas", f"S{n - 1}")] * 2}
                for n in range(1, 17)
            },
        },
    ),
    "allOf nested 300 deep": (nested("allOf", 300, branches=1, end={"type": "string"}), {}),
}  # fmt: skip
SAID_IN_WORDS = {"array of 2000 objects": json.dumps([{"n": n} for n in range(2000)])}


def document_of(case: Case) -> str:
    schema = case["input"]["schema"]
    parts: dict[str, Any] = {}
    if isinstance(schema, str):
        schema, parts = IN_WORDS[schema]
    messages = {"Case": {"contentType": "application/json", "payload": _placed(schema)}}
    more = {"components": {"schemas": parts}} if parts else {}
    return text_of(document_with({"case": {"address": "/case", "messages": messages}}, **more))


def _placed(value: Any) -> Any:
    """A schema of its own would mean itself by `#`; within a document that is the document."""
    if isinstance(value, dict):
        if value.get("$ref") == "#":
            return reference(*PLACE)
        return {key: _placed(inner) for key, inner in value.items()}
    return value


def play(case: Case, stage: Stage) -> Seen:
    seen = loaded(case, stage) if "load" in case["expect"] else Seen()
    if "text" not in "".join(case["input"]) and case["expect"].get("load") != "warning":
        return seen
    world = World(document=document_of(case))
    with stage.mock(world) as served, unharmed(served, growth=max(GROWTH, case["expect"].get("rss_growth_mib", 0))):
        said = messages.say(case, served, "/case", text_for(case))
    said.findings, said.output, said.facts = seen.findings, seen.output, {**said.facts, **seen.facts}
    said.facts["runs_with_timeout_ms"] = said.seconds * 1000
    return said


def text_for(case: Case) -> bytes:
    given = case["input"]
    if "text_repeat" in given:
        text = repeated(given["text_repeat"])
        # What is no JSON by itself is meant as a text.
        return (text if text.isdecimal() or text[:1] in '["' else json.dumps(text)).encode()
    text = str(given.get("text", '"' + "a" * 50_000 + '"'))
    return SAID_IN_WORDS.get(text, text).encode()


def loaded(case: Case, stage: Stage) -> Seen:
    """Check the document, serve it strictly, and ask for a fake."""

    def lay(folder: Any) -> None:
        if "fs" in case["input"]:
            (folder.parent / OUTSIDE).write_text('{"type": "string", "title": "S3CR3T"}')
            (folder / "link.json").symlink_to(folder.parent / OUTSIDE)
            os.mkfifo(folder / "pipe.json")

    seen, folder = looked_over(stage, document_of(case), lay=lay)
    assert "S3CR3T" not in seen.output
    assert "root:" not in seen.output
    wanted = case["expect"].get("fake")
    if wanted is not None:
        made = stage.run(stage.new_folder(), ["fake", str(folder / "spec.yaml"), "Case"], allowed=[str(folder)])
        refused = made.exit_code() == 1 and "no value can be made" in made.said()
        seen.facts["fake"] = wanted if refused else made.said()[:200]
    return seen
