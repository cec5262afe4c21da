"""References: what dangles is told once and is absent, what is forbidden stops everything, circles are fine."""

import json
from urllib.parse import quote

import pytest
from reading import channel, message, messages_told, read, receiving, refusal, three, told


def test_dangling_references_are_told_once_each_at_their_line() -> None:
    loaded = read(
        three("""channels:
  a: {address: a, servers: [{$ref: '#/servers/nowhere'}], messages: {m: {$ref: '#/components/messages/None'}}}
  b: {address: b, servers: [{$ref: '#/servers/nowhere'}], messages: {m: {$ref: '#/components/messages/None'}}}
operations: {o: {action: receive, channel: {$ref: '#/channels/a'}}, p: {action: send, channel: {$ref: '#/channels/b'}}}
""")
    )

    assert [each for each in told(loaded) if each[1] == "invalid-ref"] == [("error", "invalid-ref", 4)] * 2
    assert {route.path.template for route in loaded.contract.routes} >= {"/a", "/b"}


def test_dangling_reference_in_an_unused_component_is_told() -> None:
    loaded = read(
        receiving(" {type: object}") + "components: {messages: {M: {payload: {$ref: '#/components/schemas/S'}}}}"
    )

    assert ("error", "invalid-ref", 11) in told(loaded)


def test_what_looks_like_a_reference_in_an_example_is_none() -> None:
    loaded = read(receiving(" {type: object}\n        examples: [{payload: {$ref: '#/nowhere'}}]"))

    assert not loaded.diagnostics


def test_reference_is_relative_to_the_file_that_it_stands_in() -> None:
    loaded = read(
        receiving(" {$ref: 'parts/message.yaml#/payload'}"),
        parts__message="payload: {$ref: 'deep/schema.yaml'}",
        parts__deep__schema="{type: object, required: [id], properties: {id: {$ref: '../ids.yaml#/id'}}}",
        parts__ids="id: {type: integer}",
    )

    assert loaded.files == ("spec.yaml", "parts/message.yaml", "parts/deep/schema.yaml", "parts/ids.yaml")
    assert [each.pointer for each in message(loaded, "m").payload.violations({"id": "x"})] == ["/id"]


def test_file_may_refer_back_to_the_document() -> None:
    loaded = read(
        three("channels: {c: {address: c, messages: {m: {}}}}\noperations: {o: {$ref: 'ops/o.yaml'}}"),
        ops__o="{action: receive, channel: {$ref: '../spec.yaml#/channels/c'}}",
    )

    assert loaded.contract.operation("o").channel.name == "c"
    assert not loaded.diagnostics


def test_missing_file_dangles() -> None:
    loaded = read(receiving(" {$ref: 'nowhere.yaml#/a'}"))

    assert told(loaded) == [("error", "invalid-ref", 8)]
    assert "nowhere.yaml: there is no such file" in messages_told(loaded)
    assert message(loaded, "m").payload.accepts([1, "anything"])


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://example.com/a", "https://user:secret@example.com/"])
def test_reference_that_is_no_file_and_no_plain_url_is_refused_where_it_stands(url: str) -> None:
    first = refusal(receiving(f" {{$ref: '{url}'}}"))[0]

    assert (first.code, first.place.line) == ("ref_scheme", 8)
    assert url in first.message


def test_pointers_are_unescaped_and_percent_decoded() -> None:
    schemas = "a~b: {type: string}\nc/d: {type: integer}\né f: {type: boolean}\nlist: [{type: string}, {type: 'null'}]"
    loaded = read(
        receiving(
            " {type: array, items: [{$ref: 's.yaml#/a~0b'}, {$ref: 's.yaml#/c~1d'}, {$ref: './s%2eyaml#/%C3%A9%20f'},"
            " {$ref: 's.yaml#/list/1'}]}"
        ),
        s=schemas,
    )

    payload = message(loaded, "m").payload
    assert not loaded.diagnostics
    assert payload.accepts(["", 1, True, None])
    assert [each.pointer for each in payload.violations([1, "", "", ""])] == ["/0", "/1", "/2", "/3"]


@pytest.mark.parametrize("name", ["with space", "50%", "%20", "é", "a^b", "a|b", "#", "List<Item>"])
def test_a_schema_may_have_any_name(name: str) -> None:
    schemas = json.dumps({"components": {"schemas": {name: {"type": "string"}}}})[1:-1]
    pointer = json.dumps("#/components/schemas/" + quote(name))

    loaded = read(receiving(f" {{type: array, items: {{$ref: {pointer}}}}}") + schemas)

    assert not loaded.diagnostics or {each.code for each in loaded.diagnostics} == {"asyncapi-document-unresolved"}
    assert [each.pointer for each in message(loaded, "m").payload.violations([1])] == ["/0"]


def test_a_fragment_that_is_no_pointer_dangles() -> None:
    loaded = read(receiving(" {type: array, items: [{$ref: 's.yaml#anchor'}, {$ref: 's.yaml#/%FF'}]}"), s="{a: 1}")

    assert [code for _, code, _ in told(loaded)] == ["invalid-ref", "invalid-ref"]


def test_circles_lead_through_files() -> None:
    loaded = read(
        receiving(" {$ref: 'deep/tree.yaml'}"),
        deep__tree="{type: object, properties: {left: {$ref: '../leaf.yaml#/schemas/leaf'}}}",
        leaf="schemas: {leaf: {type: object, properties: {up: {$ref: 'deep/tree.yaml#'}}}}",
    )

    payload = message(loaded, "m").payload
    assert not loaded.diagnostics
    assert payload.accepts({"left": {"up": {"left": {}}}})
    assert [each.pointer for each in payload.violations({"left": {"up": {"left": 1}}})] == ["/left/up/left"]


def test_references_that_only_lead_to_each_other_through_files_mean_anything() -> None:
    loaded = read(receiving(" {$ref: 'a.yaml#/x'}"), a="x: {$ref: 'b.yaml#/x'}", b="x: {$ref: 'a.yaml#/x'}")

    assert "leads in a circle" in messages_told(loaded)
    assert message(loaded, "m").payload.accepts(1)


def test_broken_file_is_refused_with_its_own_line() -> None:
    first = refusal(receiving(" {$ref: 'broken.yaml'}"), broken="a: 1\nb: [1")[0]

    assert (first.code, first.place.file, first.place.line) == ("yaml_syntax", "broken.yaml", 2)


def test_schemas_may_be_circular() -> None:
    schemas = "components: {schemas: {Tree: {type: object, properties: {next: {$ref: '#/components/schemas/Tree'}}}}}"
    loaded = read(receiving(" {$ref: '#/components/schemas/Tree'}") + schemas)

    payload = message(loaded, "m").payload
    assert not loaded.diagnostics
    assert payload.accepts({"next": {"next": {}}})
    assert not payload.accepts({"next": {"next": 1}})


def test_reference_in_a_circle_means_anything() -> None:
    schemas = "components: {schemas: {A: {$ref: '#/components/schemas/B'}, B: {$ref: '#/components/schemas/A'}}}"
    loaded = read(receiving(" {type: object, properties: {a: {$ref: '#/components/schemas/A'}}}") + schemas)

    assert "leads in a circle" in messages_told(loaded)
    assert message(loaded, "m").payload.accepts({"a": 1})


def test_reference_through_itself_is_nowhere() -> None:
    loaded = read(receiving(" {$ref: '#/components/x/y'}") + "components: {x: {$ref: '#/components/x/y'}}")

    assert "invalid-ref" in messages_told(loaded)


def test_unescaped_slash_in_a_reference_is_read_as_meant() -> None:
    loaded = read(
        three("""channels: {a/b: {address: a, messages: {m: {payload: {type: string}}}}}
operations: {o: {action: receive, channel: {$ref: '#/channels/a/b'}}}""")
    )

    assert ("warning", "unescaped-ref", 4) in told(loaded)
    assert loaded.contract.operation("o").channel is channel(loaded, "a/b")


def test_two_channels_may_stand_for_one_component() -> None:
    loaded = read(
        three("""channels: {a: {$ref: '#/components/channels/C'}, b: {$ref: '#/components/channels/C'}}
operations: {o: {action: receive, channel: {$ref: '#/channels/a'}}, p: {action: send, channel: {$ref: '#/channels/b'}}}
components: {channels: {C: {address: c, messages: {m: {}}}}}""")
    )

    assert [operation.channel.name for operation in loaded.contract.operations] == ["a", "b"]


def test_operation_that_names_a_message_past_its_channel_is_served_and_told() -> None:
    loaded = read(
        three("""channels: {c: {address: c, messages: {m: {$ref: '#/components/messages/M'}}}}
operations: {o: {action: receive, channel: {$ref: '#/channels/c'}, messages: [{$ref: '#/components/messages/M'}]}}
components: {messages: {M: {payload: {type: string}}}}""")
    )

    assert told(loaded) == [("error", "asyncapi3-operation-messages-from-referred-channel", 4)]
    assert [each.name for each in loaded.contract.operation("o").messages] == ["m"]


@pytest.mark.parametrize("named", ["$anchor: name", "$dynamicAnchor: name", "$id: '#name'"])
def test_anchor_of_a_schema_is_found_in_its_file(named: str) -> None:
    schema = f"type: object\nproperties: {{a: {{$ref: '#name'}}}}\n$defs: {{x: [{{{named}, type: integer}}]}}"
    loaded = read(receiving(" {$ref: 'a.yaml'}"), a=schema)

    assert told(loaded) == []
    assert message(loaded, "m").payload.accepts({"a": 1})
    assert not message(loaded, "m").payload.accepts({"a": "x"})


def test_anchor_that_is_not_there_dangles() -> None:
    loaded = read(receiving(" {properties: {a: {$ref: '#name'}}}"))

    assert told(loaded) == [("error", "invalid-ref", 8)]


@pytest.mark.parametrize(
    ("written", "advice"),
    [
        ("#/channels/rom", "did you mean #/channels/room?"),
        ("#/chanels/room", "did you mean #/channels/room?"),
        ("#/components/nothing/like/it", "define it, or remove the reference"),
        ("#/channels/room/address/deeper", "define it, or remove the reference"),
        ("parts.yaml#/own/rom", "did you mean parts.yaml#/own/room?"),
    ],
)
def test_misspelled_reference_is_told_with_what_was_meant(written: str, advice: str) -> None:
    loaded = read(
        three(
            "channels: {room: {address: room, messages: {m: {}}}}\n"
            f"operations: {{o: {{action: receive, channel: {{$ref: '{written}'}}}}}}"
        ),
        parts="own: {room: {address: other}}",
    )

    assert [each.advice for each in loaded.diagnostics if each.code == "invalid-ref"] == [advice]
