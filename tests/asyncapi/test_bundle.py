"""A document in one piece: mended, and with what it has from other files."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from alike import told
from mockws.asyncapi.bundle import COPIES, bundled
from mockws.asyncapi.load import Loaded, Options, load
from mockws.errors import Unreadable
from mockws.source.write import document_text

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


def reader(files: dict[str, str]) -> Callable[[str], bytes]:
    def read_one(name: str) -> bytes:
        if name not in files:
            raise Unreadable("missing", "there is no such file", name)
        return files[name].encode()

    return read_one


def loaded(files: dict[str, str], options: Options | None = None) -> Loaded:
    return load("api.yaml", reader(files), options)


def again(first: Loaded) -> Loaded:
    """Load the bundle of a document, alone."""
    return load("bundle.yaml", reader({"bundle.yaml": document_text(bundled(first.document))}))


TWO = """asyncapi: 2.6.0
info: {title: T, version: 1.0.0}
channels:
  chat:
    publish: {message: {$ref: 'parts.yaml#/said'}}
    subscribe:
      message: {oneOf: [{$ref: 'parts.yaml#/heard'}, {$ref: whole.yaml}, {$ref: '#/components/messages/own'}]}
components: {messages: {own: {payload: {type: number}}}}
"""
PARTS = """
said: {payload: {type: string}, examples: [{$ref: example.yaml}, {payload: {$ref: nothing}}]}
heard: {payload: {$ref: '#/components/schemas/odd name'}}
components: {schemas: {odd name: {type: object, properties: {self: {$ref: '#/components/schemas/odd%20name'}}}}}
"""


def test_messages_of_version_2_keep_their_names() -> None:
    first = loaded(
        {"api.yaml": TWO, "parts.yaml": PARTS, "whole.yaml": "{payload: {}}", "example.yaml": "{payload: hi}"}
    )

    assert told(again(first).contract) == told(first.contract)
    assert [each.name for each in again(first).contract.channels[0].messages] == [
        "said",
        "heard",
        "chat.subscribe.message",
        "own",
    ]


def test_what_was_not_read_is_referred_to_from_where_the_bundle_is() -> None:
    text = FILES["who.yaml"][:-1] + ", x-more: {$ref: 'https://example.com/x'}, x-near: {$ref: far/../near.yaml#/a}}"
    bundle = bundled(loaded({**FILES, "who.yaml": text}).document)

    assert bundle[COPIES]["who"]["x-near"] == {"$ref": "near.yaml#/a"}
    assert bundle[COPIES]["who"]["x-more"] == {"$ref": "https://example.com/x"}


def test_what_cannot_be_followed_stays_as_it_is() -> None:
    text = FILES["who.yaml"][:-1] + ", x-more: {$ref: 'file:///x'}}"
    bundle = bundled(loaded({**FILES, "who.yaml": text}).document)

    assert bundle[COPIES]["who"]["x-more"] == {"$ref": "file:///x"}


def test_copies_do_not_go_where_a_reference_stands() -> None:
    api = FILES["api.yaml"] + "components: {schemas: {$ref: 'more.yaml'}}\n"
    first = loaded({**FILES, "api.yaml": api, "more.yaml": "{other: {type: string}}"})

    assert COPIES in bundled(first.document)
    assert told(again(first).contract) == told(first.contract)


def test_two_of_one_name_do_not_meet() -> None:
    api = FILES["api.yaml"] + "components: {schemas: {say: {type: integer}}}\n"

    schemas = bundled(loaded({**FILES, "api.yaml": api}).document)["components"]["schemas"]

    assert schemas["say"] == {"type": "integer"}
    assert schemas["say-2"]["type"] == "object"


def test_overlays_are_in_the_bundle() -> None:
    overlay = "overlay: 1.0.0\ninfo: {title: O, version: '1'}\nactions: [{target: $.info, update: {title: Laid}}]"
    first = loaded({**FILES, "o.yaml": overlay}, Options(overlays=("o.yaml",)))

    assert bundled(first.document)["info"]["title"] == "Laid"
    assert again(first).contract.title == "Laid"


@pytest.mark.parametrize("path", sorted(Path("specification").glob("*.yaml")), ids=lambda path: path.name)
def test_a_bundled_document_is_the_same_contract(path: Path) -> None:
    first = load(str(path), lambda name: Path(name).read_bytes())

    assert told(again(first).contract) == told(first.contract)
