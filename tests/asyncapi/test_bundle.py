"""A document in one piece: mended, and with what it has from other files."""

import json
from typing import Any

from mockws.asyncapi.bundle import COPIES, bundled
from mockws.asyncapi.load import load
from mockws.errors import Unreadable

FILES = {
    "api.yaml": """
asyncapi: 3.0.0
info: {title: T, version: 1.0.0}
channels:
  chat:
    address: /chat
    messages:
      Say: {$ref: 'parts/messages.yaml#/Say'}
operations:
  say: {action: receive, channel: {$ref: '#/channels/chat'}}
""",
    "parts/messages.yaml": """
Say:
  payload: {$ref: '#/schemas/say'}
  examples: [{payload: {$ref: 'no reference, but a text'}}]
schemas:
  say: {type: object, properties: {next: {$ref: '#/schemas/say'}, who: {$ref: '../who.yaml'}}}
""",
    "who.yaml": "{type: string, maxLength: 5}",
}


def read(name: str) -> bytes:
    if name not in FILES:
        raise Unreadable("missing", "there is no such file", name)
    return FILES[name].encode()


def bundle_of(entry: str = "api.yaml") -> Any:
    return bundled(load(entry, read).document)


def test_what_stands_in_other_files_comes_along() -> None:
    bundle = bundle_of()

    assert bundle["channels"]["chat"]["messages"]["Say"] == {"$ref": f"#/{COPIES}/Say"}
    assert bundle[COPIES]["Say"]["payload"] == {"$ref": "#/components/schemas/say"}
    assert bundle["components"]["schemas"]["say"]["properties"]["who"] == {"$ref": f"#/{COPIES}/who"}
    assert bundle[COPIES]["who"] == {"type": "string", "maxLength": 5}


def test_circles_stay_circles() -> None:
    say = bundle_of()["components"]["schemas"]["say"]

    assert say["properties"]["next"] == {"$ref": "#/components/schemas/say"}


def test_what_only_looks_like_a_reference_is_left_alone() -> None:
    assert bundle_of()[COPIES]["Say"]["examples"][0]["payload"] == {"$ref": "no reference, but a text"}


def test_a_bundle_is_the_same_contract() -> None:
    whole = json.dumps(bundle_of()).encode()

    contract = load("bundle.json", lambda _: whole).contract

    assert [channel.name for channel in contract.channels] == ["chat"]
    assert contract.channels[0].messages[0].payload.accepts({"who": "ada", "next": {}})
    assert not contract.channels[0].messages[0].payload.accepts({"next": {"who": "too long"}})


def test_a_document_of_one_file_is_itself() -> None:
    single = {"api.yaml": FILES["api.yaml"].replace("{$ref: 'parts/messages.yaml#/Say'}", "{payload: {type: object}}")}

    bundle = bundled(load("api.yaml", lambda name: single[name].encode()).document)

    assert COPIES not in bundle
    assert bundle["operations"] == {"say": {"action": "receive", "channel": {"$ref": "#/channels/chat"}}}
