"""What stands in other files is held against the official schema for the place where it is used."""

import pytest
from reading import read, three, two

from mockws.asyncapi.load import Loaded, Options

CODE = "asyncapi-document-resolved"
SPEC = three("""
channels:
  c: {$ref: 'parts/channels.yaml#/c'}
operations:
  take: {$ref: 'parts/operations.yaml#/take'}
""")
GOOD = "c: {address: /c, messages: {m: {$ref: 'm.yaml'}}}"
TAKE = "take: {action: receive, channel: {$ref: '../spec.yaml#/channels/c'}}"


def wrong(loaded: Loaded) -> list[tuple[str, int | None, int | None, str]]:
    """Give the places and pointers of what breaks the official schema."""
    found = [each for each in loaded.diagnostics if each.code == CODE]
    return [(each.place.file, each.place.line, each.place.column, each.pointer) for each in found]


def parts(channels: str = GOOD, operations: str = TAKE, message: str = "payload: {type: string}") -> Loaded:
    return read(SPEC, None, parts__channels=channels, parts__operations=operations, parts__m=message)


def test_what_is_right_in_other_files_is_not_spoken_of() -> None:
    assert wrong(parts()) == []


def test_unknown_key_of_a_channel_in_another_file_is_told_there() -> None:
    loaded = parts("c:\n  address: /c\n  tittle: x\n  messages: {m: {$ref: 'm.yaml'}}")

    assert wrong(loaded) == [("parts/channels.yaml", 3, 3, "/c/tittle")]


def test_misspelt_action_of_an_operation_in_another_file_is_told_there() -> None:
    loaded = parts(operations="take:\n  action: recieve\n  channel: {$ref: '../spec.yaml#/channels/c'}")

    assert wrong(loaded) == [("parts/operations.yaml", 2, 11, "/take/action")]


def test_message_two_files_away_is_told_there() -> None:
    loaded = parts(message="name: [5]\npayload: {type: string}")

    assert wrong(loaded) == [("parts/m.yaml", 1, 7, "/name")]


def test_who_refers_to_what_is_wrong_is_named() -> None:
    loaded = parts(message="name: [5]")

    told = next(each for each in loaded.diagnostics if each.code == CODE)
    assert told.advice.startswith("it is used at parts/channels.yaml:1:29; see https://www.asyncapi.com/")


def test_messages_as_a_list_in_another_file_are_told_once() -> None:
    loaded = parts("c:\n  address: /c\n  messages: [{$ref: 'm.yaml'}]")

    places = [(str(each.place), each.pointer) for each in loaded.diagnostics if each.pointer == "/c/messages"]
    assert places == [("parts/channels.yaml:3:3", "/c/messages")]


def test_misspelt_type_of_a_payload_in_another_file_is_told_once() -> None:
    loaded = parts(message="payload:\n  type: objct")

    told = [(each.place.line, each.place.column) for each in loaded.diagnostics if each.pointer == "/payload/type"]
    assert told == [(2, 9)]


def test_what_a_file_refers_to_within_itself_is_looked_at() -> None:
    loaded = parts(message="headers: {$ref: '#/x-own'}\nx-own:\n  type: object\n  title: 5")

    assert wrong(loaded) == [("parts/m.yaml", 4, 10, "/x-own/title")]


def test_examples_in_another_file_are_values_and_no_references() -> None:
    loaded = parts(message="payload: {type: object, default: {$ref: 'nowhere.yaml'}}")

    assert loaded.diagnostics == ()


def test_files_that_refer_to_each_other_come_to_an_end() -> None:
    around = "payload: {type: object, properties: {next: {$ref: 'm.yaml#/payload'}, t: {deprecated: 5}}}"

    assert wrong(parts(message=around)) == [("parts/m.yaml", 1, 87, "/payload/properties/t/deprecated")]


def test_schemas_that_lead_on_and_on_stay_within_bounds() -> None:
    chain = "".join(f"  s{n}: {{properties: {{p: {{$ref: '#/x-of/s{n + 1}'}}}}}}\n" for n in range(400))

    assert wrong(parts(message=f"payload: {{$ref: '#/x-of/s0'}}\nx-of:\n{chain}  s400: {{type: string}}")) == []


def test_version_two_is_looked_at_as_well() -> None:
    spec = two("channels:\n  c:\n    publish: {message: {$ref: 'm.yaml'}}\n")

    assert wrong(read(spec, None, m="payload: {}\nname: [5]")) == [("m.yaml", 2, 7, "/name")]


def test_binding_that_is_misspelt_elsewhere_is_told_as_that_alone() -> None:
    loaded = parts("c: {address: /c, bindings: {websockets: {}}, messages: {m: {$ref: 'm.yaml'}}}")

    assert [each.code for each in loaded.diagnostics] == ["binding-key"]


UNUSED = three("""
channels: {c: {address: /c, messages: {m: {payload: {type: string}}}}}
operations: {o: {action: receive, channel: {$ref: '#/channels/c'}}}
components: {messages: {n: {$ref: 'm.yaml'}}}
""")


@pytest.mark.parametrize(("thorough", "places"), [(False, []), (True, [("m.yaml", 1, 7, "/name")])])
def test_file_that_nothing_uses_is_looked_at_where_everything_is(
    *, thorough: bool, places: list[tuple[str, int, int, str]]
) -> None:
    assert wrong(read(UNUSED, Options(thorough=thorough), m="name: [5]")) == places
