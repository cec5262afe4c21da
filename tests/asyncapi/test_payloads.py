"""Payload schemas and examples: dialects, what is mended in them, and what is left out."""

import pytest
from reading import message, messages_told, read, receiving, told, two


def test_message_that_is_used_as_a_schema_gives_its_payload() -> None:
    others = "components: {messages: {M: {name: M, payload: {type: integer}}}}"
    loaded = read(receiving(" {type: object, properties: {a: {$ref: '#/components/messages/M'}}}") + others)

    assert told(loaded) == [("warning", "message-as-schema", 11)]
    assert not message(loaded, "m").payload.accepts({"a": "x"})


@pytest.mark.parametrize(
    ("payload", "good", "bad"),
    [
        (" {type: string, nullable: true}", None, 1),
        (" {nullable: true, allOf: [{type: string}]}", None, 1),
        (" {type: object, properties: {a: {type: integer, nullable: true, enum: [1]}}}", {"a": None}, {"a": 2}),
        (" {type: object, properties: {a: {type: integer, required: true}}}", {"a": 1}, {}),
        (" {type: object, properties: {a: {required: false}}, required: [b]}", {"b": 1}, {}),
    ],
)
def test_habit_of_openapi_is_read_as_meant(payload: str, good: object, bad: object) -> None:
    schema = message(read(receiving(payload)), "m").payload

    assert schema.accepts(good)
    assert not schema.accepts(bad)


def test_schema_of_another_format_is_read_in_its_dialect() -> None:
    wrapped = (
        " {schemaFormat: 'application/schema+json;version=draft-04', schema: {minimum: 1, exclusiveMinimum: true}}"
    )
    schema = message(read(receiving(wrapped)), "m").payload

    assert schema.accepts(2)
    assert not schema.accepts(1)


def test_format_that_is_not_checked_admits_anything_and_says_so() -> None:
    loaded = read(receiving(" {schemaFormat: 'application/raml+yaml;version=1.0', schema: {type: object}}"))

    assert "schema-format" in messages_told(loaded)
    assert message(loaded, "m").payload.accepts({"any": "thing"})


def test_broken_keyword_is_told_once_where_it_stands_and_left_out() -> None:
    loaded = read(receiving("\n          type: object\n          properties:\n            a: {type: nonsense}"))

    assert told(loaded) == [("error", "asyncapi-document-resolved", 11)]
    assert 'is "nonsense"' in messages_told(loaded)
    assert message(loaded, "m").payload.accepts({"a": 1})
    assert not message(loaded, "m").payload.accepts([])


def test_broken_keyword_in_another_file_is_told_in_that_file() -> None:
    loaded = read(receiving(" {$ref: 'other.yaml'}"), other="type: object\nproperties:\n  a: {type: nonsense}")

    assert str(loaded.diagnostics[0]).startswith(
        'other.yaml:3:13: error: the schema is broken: type cannot be "nonsense" [schema_invalid]'
    )


def test_pattern_that_cannot_be_read_is_left_out() -> None:
    loaded = read(receiving(" {type: string, pattern: '(('}"))

    assert loaded.diagnostics
    assert message(loaded, "m").payload.accepts("anything")


def test_example_that_breaks_its_schema_is_told_and_never_valid() -> None:
    loaded = read(
        receiving(" {type: object, required: [id]}\n        examples: [{name: e, payload: {}}, {payload: {id: 1}}]")
    )

    assert told(loaded) == [("error", "asyncapi3-message-examples", 9)]
    assert [example.valid for example in message(loaded, "m").examples] == [False, True]


def test_example_of_version_2_has_the_code_of_version_2() -> None:
    loaded = read(two("channels: {c: {publish: {message: {payload: {type: string}, examples: [{payload: 1}]}}}}"))

    assert [code for _, code, _ in told(loaded)] == ["asyncapi2-message-examples"]


def test_examples_of_the_schema_stand_in_where_the_message_has_none() -> None:
    loaded = read(receiving(" {type: integer, examples: [x, 7]}"))

    assert [example.payload for example in message(loaded, "m").examples] == [7]


def test_schemas_are_shared_and_not_multiplied() -> None:
    parts = ", ".join(
        f"S{n}: {{type: object, properties: {{n: {{$ref: '#/components/schemas/S{n + 1}'}}}}}}" for n in range(9)
    )
    loaded = read(
        receiving(" {properties: {s: {$ref: '#/components/schemas/S0'}}}")
        + f"components: {{schemas: {{{parts}, S9: {{type: string}}}}}}"
    )

    document = message(loaded, "m").payload.document
    assert isinstance(document, dict)
    assert sorted(document["definitions"]) == [f"S{n}" for n in range(10)]


def test_definitions_of_one_name_in_two_files_stay_apart() -> None:
    loaded = read(
        receiving(" {properties: {a: {$ref: 'a.yaml#/S'}, b: {$ref: 'b.yaml#/S'}}}"),
        a="S: {type: string}",
        b="S: {type: integer}",
    )

    assert message(loaded, "m").payload.accepts({"a": "x", "b": 1})
    assert not message(loaded, "m").payload.accepts({"a": "x", "b": "x"})


def test_schema_that_nothing_fits_is_told_when_a_document_is_loaded() -> None:
    loaded = read(receiving(" {allOf: [{type: string, maxLength: 3}, {type: integer}]}"))

    (told,) = loaded.diagnostics
    assert (told.code, told.place.line, told.severity) == ("unsatisfiable-schema", 8, "warning")
    assert told.message.endswith('/allOf/0/type: "string" and /allOf/1/type: "integer" contradict each other')
