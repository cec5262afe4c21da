"""The shape of a payload: an index, read once."""

from mockws.schema.schema import Schema
from mockws.schema.shape import shape_of


def test_what_tells_a_message_apart_is_found_through_references_and_all_of() -> None:
    kind = {"properties": {"type": {"const": "ping"}}, "required": ["type"]}
    shape = shape_of(Schema({"allOf": [{"$ref": "#/definitions/kind"}], "definitions": {"kind": kind}}))

    assert shape.tells == {"type": frozenset({"ping"})}
    assert shape.required == {"type"}


def test_alternatives_lend_their_properties_but_tell_nothing_for_sure() -> None:
    good = {"properties": {"reqid": {"type": "integer"}, "status": {"const": "ok"}}, "required": ["status"]}
    shape = shape_of(Schema({"oneOf": [good, {"allOf": [{"properties": {"error": {}}}]}]}))

    assert list(shape.properties) == ["reqid", "status", "error"]
    assert (shape.tells, shape.required) == ({}, frozenset())


def test_a_schema_that_contains_itself_is_read_to_the_end() -> None:
    shape = shape_of(Schema({"properties": {"a": {}}, "allOf": [{"anyOf": [{"$ref": "#"}]}]}))

    assert list(shape.properties) == ["a"]


def test_a_schema_that_is_no_object_has_no_shape() -> None:
    assert shape_of(Schema(True)).properties == {}
