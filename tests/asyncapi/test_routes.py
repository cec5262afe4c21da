"""Channels that are not where, or not alone where, their author thinks: it is told."""

import pytest
from reading import messages_told, paths, read, three, told, two

ENUMS = "{enum: [a, b]}"
OTHERS = "{enum: [c]}"


def sharing(first: str = "{}", second: str = "{}") -> str:
    """Write a document of two channels whose addresses differ in the name of a parameter."""
    return two(
        "channels:\n"
        f"  /a/{{x}}: {{parameters: {{x: {{schema: {first}}}}}, publish: {{message: {{payload: {{}}}}}}}}\n"
        f"  /a/{{y}}: {{parameters: {{y: {{schema: {second}}}}}, publish: {{message: {{payload: {{}}}}}}}}\n"
    )


def test_addresses_that_no_path_tells_apart_are_told() -> None:
    loaded = read(sharing())

    assert told(loaded) == [("warning", "route-merged", 5)]
    assert "no path tells /a/{y} from /a/{x} of /a/{x}: both channels are there" in messages_told(loaded)
    assert paths(loaded.contract) == ["/a/{x}"]


def test_enums_tell_addresses_apart() -> None:
    loaded = read(sharing(ENUMS, OTHERS))

    assert told(loaded) == []
    assert paths(loaded.contract) == ["/a/{x}", "/a/{y}"]


def test_channels_at_one_address_are_meant_to_be_together() -> None:
    channel = "{address: /a, messages: {m: {payload: {}}}}"
    operation = "{action: receive, channel: {$ref: '#/channels/%s'}}"
    operations = f"{{o: {operation % 'c'}, p: {operation % 'd'}}}"

    assert told(read(three(f"channels: {{c: {channel}, d: {channel}}}\noperations: {operations}\n"))) == []


@pytest.mark.parametrize(
    ("path", "codes"),
    [("/__admin", ["route-hidden"]), ("/__admin/x", ["route-hidden"]), ("__s/x", ["route-hidden"]), ("/__adm", [])],
)
def test_path_that_the_mock_keeps_for_itself_is_told(path: str, codes: list[str]) -> None:
    loaded = read(two(f"channels:\n  {path}: {{publish: {{message: {{payload: {{}}}}}}}}\n"))

    assert [each.code for each in loaded.diagnostics] == codes
