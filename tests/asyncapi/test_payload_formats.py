"""Formats of schemas and content types, as a document names them; what cannot be read is told and still served."""

from typing import Any

import pytest
from reading import message, messages_told, read, told

from mockws.asyncapi.bundle import bundled
from mockws.asyncapi.load import Options, load
from mockws.codec import Kind
from mockws.formats.extras import MissingExtra
from mockws.links.protoc import Protoc
from mockws.source.write import document_text

RECORD = "{type: record, name: Note, fields: [{name: text, type: string}]}"
PROTO = "{schemaFormat: 'application/vnd.google.protobuf;version=3', schema: 'message M { string text = 1; }'}"
WITH_PROTOC = Options(protoc=Protoc())


def receiving(payload: str, content_type: str = "", more: str = "") -> str:
    """Write a document with one message, `m`, in one channel."""
    named = f"\n          contentType: {content_type}" if content_type else ""
    return f"""asyncapi: 3.0.0
info: {{title: T, version: 1.0.0}}
channels:
  c:
    address: /c
    messages:
      m:
        payload: {payload}{named.replace("          ", "        ")}
{more}operations: {{take: {{action: receive, channel: {{$ref: '#/channels/c'}}}}}}
"""


def in_format(schema_format: str, schema: str) -> str:
    return f"{{schemaFormat: '{schema_format}', schema: {schema}}}"


@pytest.mark.parametrize(
    ("schema_format", "schema", "fits", "breaks"),
    [
        ("application/schema+json;version=draft-04", "{minimum: 1, exclusiveMinimum: true}", 2, 1),
        ("application/schema+json;version=draft-06", "{exclusiveMinimum: 1}", 2, 1),
        ("application/schema+yaml;version=draft-07", "{if: {minimum: 5}, then: {multipleOf: 5}}", 10, 6),
        ("application/schema+json;version=2019-09", "{dependentRequired: {a: [b]}}", {"a": 1, "b": 1}, {"a": 1}),
        ("application/schema+json;version=draft-2020-12", "{prefixItems: [{const: 1}]}", [1], [2]),
        ("application/vnd.aai.asyncapi+json;version=3.0.0", "{exclusiveMinimum: 1}", 2, 1),
        ("application/vnd.oai.openapi;version=3.0.0", "{type: integer, nullable: true}", None, "x"),
        ("application/vnd.oai.openapi+json;version=3.0.3", "{minimum: 1, exclusiveMinimum: true}", 2, 1),
        ("application/vnd.oai.openapi;version=3.1.0", "{type: [integer, 'null'], exclusiveMinimum: 1}", None, 1),
        ("application/vnd.apache.avro;version=1.9.0", RECORD, {"text": "a"}, {"text": 1}),
        ("application/vnd.apache.avro+yaml;version=1.12.0", RECORD, {"text": "a"}, {}),
    ],
)
def test_schema_is_read_in_its_format(schema_format: str, schema: str, fits: Any, breaks: Any) -> None:
    loaded = read(receiving(in_format(schema_format, schema)))
    payload = message(loaded, "m").payload

    assert loaded.diagnostics == ()
    assert (payload.accepts(fits), payload.accepts(breaks)) == (True, False)


def test_dialect_that_a_schema_names_itself_holds() -> None:
    loaded = read(receiving("{$schema: 'http://json-schema.org/draft-04/schema#', minimum: 1, exclusiveMinimum: true}"))

    assert not message(loaded, "m").payload.accepts(1)


def test_multi_format_schema_may_be_a_component() -> None:
    components = (
        f"components: {{schemas: {{Note: {in_format('application/vnd.apache.avro;version=1.9.0', RECORD)}}}}}\n"
    )
    loaded = read(receiving("{$ref: '#/components/schemas/Note'}", "avro/binary", components))

    assert message(loaded, "m").kind is Kind.PACKED
    assert message(loaded, "m").encode({"text": "a"}) == b"\x02a"


def test_avro_within_json_schema_is_told_and_admits_anything() -> None:
    wrapped = in_format("application/vnd.apache.avro;version=1.9.0", RECORD)
    components = f"components: {{schemas: {{Note: {wrapped}}}}}\n"
    loaded = read(receiving("{properties: {note: {$ref: '#/components/schemas/Note'}}}", more=components))

    assert "within a JSON Schema is not checked" in messages_told(loaded)
    assert message(loaded, "m").payload.accepts({"note": 5})


def test_version_2_names_the_format_beside_the_payload() -> None:
    text = f"""asyncapi: 2.6.0
info: {{title: T, version: 1.0.0}}
channels:
  c:
    publish:
      message: {{name: m, schemaFormat: 'application/vnd.apache.avro;version=1.9.0', payload: {RECORD}}}
"""

    assert message(read(text), "m").encode({"text": "a"}) == b"\x02a"


def test_broken_avro_is_told_where_it_stands() -> None:
    schema = "{type: record, name: Note, fields: [{name: text, type: strng}]}"
    loaded = read(receiving(in_format("application/vnd.apache.avro;version=1.9.0", "\n          " + schema)))

    assert ("error", "avro_schema", 9) in told(loaded)
    assert "did you mean string?" in messages_told(loaded)
    assert message(loaded, "m").payload.accepts("anything")


def test_avro_that_refers_to_itself_is_a_recursive_type() -> None:
    components = """components:
  schemas:
    Node:
      type: record
      name: Node
      fields: [{name: next, type: ['null', {$ref: '#/components/schemas/Node'}]}]
"""
    reference = in_format("application/vnd.apache.avro;version=1.9.0", "{$ref: '#/components/schemas/Node'}")
    payload = message(read(receiving(reference, "avro/binary", components)), "m").payload

    assert payload.accepts({"next": {"next": None}})
    assert not payload.accepts({"next": {"next": 1}})


def test_example_of_avro_may_be_in_its_json() -> None:
    schema = "{type: record, name: Note, fields: [{name: text, type: ['null', string]}]}"
    examples = "        examples: [{payload: {text: {string: hi}}}, {payload: {text: ho}}, {payload: {text: 1}}]\n"
    text = receiving(in_format("application/vnd.apache.avro;version=1.9.0", schema), "avro/binary", examples)

    assert [each.payload for each in message(read(text), "m").valid_examples] == [{"text": "hi"}, {"text": "ho"}]


def test_example_that_its_format_cannot_carry_is_told() -> None:
    text = receiving("{type: integer}", "application/msgpack", f"        examples: [{{payload: {1 << 70}}}]\n")
    loaded = read(text)

    assert "cannot be written as MessagePack" in messages_told(loaded)
    assert message(loaded, "m").valid_examples == ()


@pytest.mark.parametrize(
    ("schema", "more", "meant"),
    [
        ("message A { B b = 1; } message B { string text = 1; }", "", "A"),
        ("message B { string text = 1; } message A { B b = 1; }", "", "A"),
        ("message A {} message M { string text = 1; }", "", "M"),
        ("message A {} message B {}", "        x-mockws: {message: B}\n", "B"),
        ("message A {}\n// @RootNode\n// the one\nmessage B {}", "", "B"),
    ],
)
def test_message_of_protobuf_is_chosen(schema: str, more: str, meant: str) -> None:
    quoted = '"' + schema.replace("\n", "\\n") + '"'
    text = receiving(in_format("application/vnd.google.protobuf;version=3", quoted), more=more)
    loaded = read(text, WITH_PROTOC)

    assert message(loaded, "m").payload.document["title"] == meant  # type: ignore[index]
    assert loaded.diagnostics == ()


def test_first_message_of_protobuf_is_taken_where_nothing_tells() -> None:
    schema = "'message A {} message B {}'"
    loaded = read(receiving(in_format("application/vnd.google.protobuf;version=3", schema)), WITH_PROTOC)

    assert "A is taken; B could be meant as well" in messages_told(loaded)
    assert message(loaded, "m").payload.document["title"] == "A"  # type: ignore[index]


def test_message_of_protobuf_that_is_not_there_is_told() -> None:
    text = receiving(PROTO, more="        x-mockws: {message: N}\n")

    assert "no message N in the schema" in messages_told(read(text, WITH_PROTOC))


def test_text_without_syntax_is_of_the_version_that_the_format_names() -> None:
    schema = "'message M { required int32 a = 1; }'"
    loaded = read(receiving(in_format("application/vnd.google.protobuf;version=2", schema)), WITH_PROTOC)

    assert message(loaded, "m").required == {"a"}


@pytest.mark.parametrize("name", ["../x.proto", "/etc/x.proto", "missing.proto"])
def test_import_from_elsewhere_is_told(name: str) -> None:
    schema = f"'import \"{name}\"; message M {{}}'"
    loaded = read(receiving(in_format("application/vnd.google.protobuf;version=3", schema)), WITH_PROTOC)

    assert f"the import {name}" in messages_told(loaded)


def test_protobuf_that_is_no_text_is_told() -> None:
    loaded = read(receiving(in_format("application/vnd.google.protobuf;version=3", "{a: 1}")), WITH_PROTOC)

    assert "is the text of a .proto file" in messages_told(loaded)


@pytest.mark.parametrize(
    ("text", "extra"),
    [
        (receiving(in_format("application/vnd.apache.avro;version=1.9.0", RECORD), "avro/binary"), "avro"),
        (receiving(PROTO, "application/protobuf"), "protobuf"),
        (receiving("{type: object}", "application/cbor"), "cbor"),
    ],
)
def test_library_that_is_missing_is_told_with_the_way_to_get_it(
    text: str, extra: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def absent(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr("mockws.formats.extras.importlib.import_module", absent)

    loaded = read(text + "\n", WITH_PROTOC)
    made = message(loaded, "m")

    assert [(each.code, each.advice) for each in loaded.diagnostics] == [
        ("missing-extra", f'pip install "mockws[{extra}]"')
    ]
    assert (made.kind, made.codec, made.payload.accepts({"any": "thing"})) == (Kind.BINARY, None, True)
    assert made.encode({"a": 1}) == b'{"a":1}'


def test_protobuf_without_a_compiler_is_told() -> None:
    assert "missing-extra" in messages_told(read(receiving(PROTO)))


def test_missing_extra_says_so() -> None:
    assert str(MissingExtra("avro", "Avro")) == "Avro is not read here: its library is not installed"


@pytest.mark.parametrize(
    ("content_type", "payload", "kind", "warned"),
    [
        ("application/xml", "{type: object, properties: {a: {type: string}}}", Kind.TEXT, True),
        ("application/xml", "{type: string}", Kind.TEXT, False),
        ("text/csv", "{type: [string, 'null']}", Kind.TEXT, False),
        ("application/vnd.own", "{type: object}", Kind.BINARY, True),
        ("application/octet-stream", "{type: object}", Kind.BINARY, False),
        ("image/png", "{type: string, format: binary}", Kind.BINARY, False),
        ("application/protobuf", "{type: object}", Kind.BINARY, True),
        ("avro/binary", "{type: object}", Kind.BINARY, True),
        ("application/vnd.own+json", "{type: object}", Kind.JSON, False),
        ("application/vnd.own+cbor", "{type: object}", Kind.PACKED, False),
        ("application/x-msgpack", "{type: object}", Kind.PACKED, False),
    ],
)
def test_content_type_tells_how_messages_are_written(content_type: str, payload: str, kind: Kind, warned: bool) -> None:
    loaded = read(receiving(payload, content_type))

    assert message(loaded, "m").kind is kind
    assert ("content-type" in messages_told(loaded)) is warned


def test_text_that_is_not_read_takes_any_text() -> None:
    text = receiving("{type: object}", "application/xml", "        examples: [{payload: <a/>}]\n")
    made = message(read(text), "m")

    assert made.payload.accepts("<b/>")
    assert made.encode(made.valid_examples[0].payload) == "<a/>"


PETS = """components:
  schemas:
    Cat: {type: object, required: [kind], properties: {kind: {type: string}, lives: {type: integer}}}
    Dog: {type: object, required: [kind], properties: {kind: {type: string}, tricks: {type: integer}}}
"""
ONE_OF = "oneOf: [{$ref: '#/components/schemas/Cat'}, {$ref: '#/components/schemas/Dog'}]"


@pytest.mark.parametrize(
    ("payload", "names"),
    [
        (f"{{discriminator: kind, {ONE_OF}}}", ("Cat", "Dog")),
        (
            f"{{discriminator: {{propertyName: kind, mapping: {{c: Cat, d: '#/components/schemas/Dog'}}}}, {ONE_OF}}}",
            ("c", "d"),
        ),
    ],
)
def test_discriminator_tells_alternatives_apart(payload: str, names: tuple[str, str]) -> None:
    made = message(read(receiving(payload, more=PETS)), "m").payload

    assert made.accepts({"kind": names[0], "lives": 9})
    assert not made.accepts({"kind": "Fish"})
    assert {made.fake(seed)["kind"] for seed in range(20)} == set(names)


def test_discriminator_of_what_is_inherited_holds_for_alternatives() -> None:
    pets = """components:
  schemas:
    Pet: {type: object, discriminator: kind, required: [kind], properties: {kind: {type: string}}}
    Cat: {allOf: [{$ref: '#/components/schemas/Pet'}, {properties: {lives: {type: integer}}}]}
    Dog: {allOf: [{$ref: '#/components/schemas/Pet'}, {properties: {tricks: {type: integer}}}]}
"""
    made = message(read(receiving(f"{{{ONE_OF}}}", more=pets)), "m").payload

    assert made.accepts({"kind": "Dog", "lives": "many"})
    assert not made.accepts({"kind": "Pet"})


def test_values_that_an_alternative_names_itself_hold() -> None:
    pets = PETS.replace("kind: {type: string}, lives", "kind: {const: feline}, lives")
    made = message(read(receiving(f"{{discriminator: kind, {ONE_OF}}}", more=pets)), "m").payload

    assert made.accepts({"kind": "feline"})
    assert not made.accepts({"kind": "Cat"})


def test_nullable_of_openapi_needs_no_telling() -> None:
    told_of = [
        messages_told(read(receiving(payload)))
        for payload in (
            "{type: string, nullable: true}",
            in_format("application/vnd.oai.openapi;version=3.0.0", "{type: string, nullable: true}"),
        )
    ]

    assert ["nullable" in each for each in told_of] == [True, False]


def test_bundle_has_what_schemas_of_protobuf_import() -> None:
    schema = "import 'money.proto'; message M { Money price = 1; }"
    document = receiving(in_format("application/vnd.google.protobuf;version=3", f'"{schema}"')).encode()
    money = b'syntax = "proto3"; message Money { int32 units = 1; }'
    first = load("spec.yaml", {"spec.yaml": document, "money.proto": money}.__getitem__, WITH_PROTOC)
    bundle = bundled(first.document)

    again = load("b.yaml", {"b.yaml": document_text(bundle).encode()}.__getitem__, WITH_PROTOC)
    assert message(again, "m").payload.accepts({"price": {"units": 3}})
    assert not message(again, "m").payload.accepts({"price": {"units": "x"}})
    assert bundled(again.document) == bundle
