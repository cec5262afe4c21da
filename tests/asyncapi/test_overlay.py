"""Overlays: what they change, where what they say is looked for, and what is no overlay."""

from pathlib import Path
from typing import Any

import pytest
from reading import channel, message, messages_told, read, told

from mockws.asyncapi.document import Document
from mockws.asyncapi.load import Loaded, Options
from mockws.asyncapi.overlay import lay_over
from mockws.errors import OverlayRefused
from mockws.source.read import read as read_text

SETS = Path(__file__).parents[3] / "shared" / "corpus" / "overlay" / "official"
needs_sets = pytest.mark.skipif(not SETS.is_dir(), reason="the corpus is not here (../shared/corpus)")
HEAD = "overlay: 1.1.0\ninfo: {title: T, version: 1.0.0}\n"  # the actions begin on line 4
DOCUMENT = """asyncapi: 3.0.0
info: {title: T, version: 1.0.0}
channels:
  chat:
    address: chat
    messages:
      said:
        payload: {type: object, required: [text], properties: {text: {type: string}}}
        examples: [{name: SHORT, payload: {text: hi}}]
      odd.message: {payload: {type: object, required: [odd]}}
operations:
  say:
    action: receive
    channel: {$ref: '#/channels/chat'}
    messages: [{$ref: '#/channels/chat/messages/said'}]
"""


def laid(*overlays: str, document: str = DOCUMENT, **others: str) -> Loaded:
    """Load the document with overlays of these actions; the first of them is overlay0.yaml."""
    names = {f"overlay{number}": HEAD + "actions:\n" + text for number, text in enumerate(overlays)}
    return read(document, Options(overlays=tuple(f"{name}.yaml" for name in names)), **names, **others)


def value_of(loaded: Loaded) -> Any:
    return loaded.document.files["spec.yaml"].value


def refused(text: str) -> list[tuple[str, str, int | None]]:
    with pytest.raises(OverlayRefused) as problem:
        read(DOCUMENT, Options(overlays=("o.yaml",)), o=text)
    return [(each.code, each.place.file, each.place.line) for each in problem.value.diagnostics]


def first(actions: str) -> str:
    """Give the first thing that is said about actions that are refused."""
    with pytest.raises(OverlayRefused) as problem:
        laid(actions)
    return str(problem.value)


def test_examples_are_joined_and_objects_merged() -> None:
    loaded = laid(
        "- target: $.channels.chat.messages.said\n"
        "  update: {summary: What is said, examples: [{name: LONG, payload: {text: hello}}]}\n"
    )

    assert [each.name for each in message(loaded, "said").examples] == ["SHORT", "LONG"]
    assert message(loaded, "said").description == "What is said"
    assert not loaded.diagnostics


def test_overlays_and_their_actions_are_applied_in_order() -> None:
    loaded = laid(
        "- {target: $.info.title, update: A}\n- {target: '$.info[?@ == ''A'']', update: B}\n",
        "- {target: '$.info[?@ == ''B'']', update: C}\n",
    )

    assert loaded.contract.title == "C"


def test_what_is_removed_and_laid_in_anew_is_replaced() -> None:
    loaded = laid(
        "- {target: $.channels.chat.messages.said.examples, remove: true}\n"
        "- {target: $.channels.chat.messages.said, update: {examples: [{name: NEW, payload: {text: new}}]}}\n"
    )

    assert [each.name for each in message(loaded, "said").examples] == ["NEW"]


def test_an_array_takes_one_entry_or_joins_another_array() -> None:
    more = "- {target: $.channels.chat.messages.said.examples, update: %s}\n"
    loaded = laid(more % "{name: A, payload: {text: a}}" + more % "[{name: B, payload: {text: b}}, {payload: {}}]")

    assert [each.name for each in message(loaded, "said").examples] == ["SHORT", "A", "B", ""]


def test_what_is_selected_several_times_is_changed_once() -> None:
    loaded = laid("- {target: \"$.operations['say', 'say'].messages\", update: 1}\n")

    assert value_of(loaded)["operations"]["say"]["messages"][1:] == [1]


def test_removal_does_not_lose_its_way_in_arrays() -> None:
    document = DOCUMENT + "tags: [{name: a}, {name: b}, {name: c, x-y: [1, 2]}, {name: d}]\n"
    loaded = laid("- {target: \"$.tags[0,2,'x', 1]\", remove: true}\n", document=document)
    nested = laid('- {target: "$..tags..*", remove: true}\n', document=document)

    assert value_of(loaded)["tags"] == [{"name": "d"}]
    assert value_of(nested)["tags"] == []


def test_a_part_of_the_document_can_be_copied() -> None:
    loaded = laid(
        "- {target: $.channels, update: {copy: {}}}\n"
        "- {target: $.channels.copy, copy: $.channels.chat}\n"
        "- {target: $.channels.copy.address, update: copied}\n"
    )

    assert channel(loaded, "copy").address == "copied"
    assert channel(loaded, "chat").address == "chat"
    assert value_of(loaded)["channels"]["copy"]["messages"] == value_of(loaded)["channels"]["chat"]["messages"]


def test_null_fills_nothing_and_is_filled() -> None:
    document = DOCUMENT + "components:\n"
    loaded = laid("- {target: $, update: {channels: null, components: {schemas: {}}}}\n", document=document)

    assert value_of(loaded)["components"] == {"schemas": {}}
    assert channel(loaded, "chat")


def test_what_is_wrong_with_overlaid_text_is_told_at_its_place_in_the_overlay() -> None:
    loaded = laid(
        "- target: $.info\n  update: {x-a: 1}\n",
        "- target: $.channels.chat.messages\n"
        "  update:\n"
        "    broken:\n"
        "      payload: {type: nonsense}\n"
        "    lost: {$ref: '#/nowhere'}\n",
    )

    places = {(each.code, each.place.file, each.place.line) for each in loaded.diagnostics}
    assert ("invalid-ref", "overlay1.yaml", 8) in places
    assert all(file == "overlay1.yaml" for _, file, _ in places)
    assert 7 in {line for _, _, line in places}


def test_what_was_not_overlaid_keeps_its_place_in_the_document() -> None:
    document = DOCUMENT + "tags: [{name: a}, {name: b}, 5]\n"
    loaded = laid("- {target: '$.tags[0]', remove: true}\n- {target: $.tags, update: 6}\n", document=document)

    text = loaded.document.files["spec.yaml"]
    assert [str(text.locate(f"/tags/{number}")) for number in range(3)] == [
        "spec.yaml:16:19",
        "spec.yaml:16:30",
        "overlay0.yaml:5:28",
    ]
    assert str(text.locate("/channels/chat/messages/said", key=True)) == "spec.yaml:7:7"


def test_json_overlays_have_places_too() -> None:
    actions = '{"target": "$.info",\n "update": {"version": 5}}'
    overlay = '{"overlay": "1.0.0", "info": {"title": "T", "version": "1"}, "actions": [\n' + actions + "]}"
    loaded = read(DOCUMENT, Options(overlays=("o.yaml",)), o=overlay)

    assert str(loaded.document.files["spec.yaml"].locate("/info/version")) == "o.yaml:3:24"


def test_a_reference_to_what_an_overlay_removed_is_told_in_the_overlay() -> None:
    loaded = laid(
        "- {target: $.channels.chat.messages.said, remove: true}\n"
        "- {target: $.channels.chat.messages.odd.message, remove: true}\n"
        "- {target: $.operations.nope, update: {summary: nobody}}\n"
    )

    assert told(loaded) == [
        ("warning", "overlay-dangling", 4),
        ("warning", "overlay-target", 5),
        ("warning", "overlay-target", 6),
    ]
    assert {each.place.file for each in loaded.diagnostics} == {"overlay0.yaml"}
    assert [each.name for each in loaded.contract.channels[0].messages] == ["odd.message"]


def test_references_in_an_overlay_are_relative_to_the_document() -> None:
    text = HEAD + "actions: [{target: $.channels.chat.messages, update: {fresh: {payload: {$ref: h.yaml}}}}]"
    loaded = read(DOCUMENT, Options(overlays=("elsewhere/o.yaml",)), elsewhere__o=text, h="{type: object}")

    assert not loaded.diagnostics
    assert "h.yaml" in loaded.files


def test_overlays_are_among_the_documents_files() -> None:
    assert laid("- {target: $.info, update: {x-a: 1}}\n").files == ("spec.yaml", "overlay0.yaml")


def test_what_may_surprise_is_a_warning() -> None:
    text = HEAD + "extends: other.yaml\nactions: [{target: $.info}, {target: $.info, copy: $.nothing}]"
    loaded = read(DOCUMENT, Options(overlays=("o.yaml",)), o=text)

    assert told(loaded) == [
        ("warning", "overlay-extends", 3),
        ("warning", "overlay-without-effect", 4),
        ("warning", "overlay-target", 4),
    ]
    assert "the overlay is for other.yaml, and is laid over spec.yaml" in messages_told(loaded)


@pytest.mark.parametrize("extends", ["spec.yaml", "./spec.yaml", "https://example.com/spec.yaml"])
def test_an_overlay_may_name_its_document(extends: str) -> None:
    text = HEAD + f"extends: {extends}\nactions: [{{target: $.info, update: {{x-a: 1}}}}]"

    assert not read(DOCUMENT, Options(overlays=("o.yaml",)), o=text).diagnostics


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("[1]", 1),
        ("overlay: 1.0.0\ninfo: {title: T, version: '1'}\n", 1),
        ("overlay: 1.0.0\nactions: [{target: $}]\n", 1),
        ("overlay: 2.0.0\ninfo: {title: T, version: '1'}\nactions: [{target: $}]\n", 1),
        (HEAD + "actions: []\n", 3),
        (HEAD + "actions: {}\n", 3),
        (HEAD + "actions:\n- 1\n", 4),
        (HEAD + "actions:\n- {target: $.info, updaet: {}}\n", 4),
        (HEAD + "actions:\n- target: $.info\n  remove: maybe\n", 5),
        (HEAD + "actions:\n- description: x\n", 4),
        (HEAD + "actions:\n- {target: $.info, update: {a: 1}}\n- {target: $.info, update: {a: 1}}\n", 5),
        (HEAD + "actions:\n- target: info\n", 4),
        (HEAD + "actions:\n- target: $.info[\n", 4),
        (HEAD + "actions:\n- {target: $, update: 1, copy: $.info}\n", 4),
        ("overlay: 1.0.0\ninfo: {title: T, version: '1'}\nactions:\n- target: $\n  copy: $.info\n", 5),
    ],
)
def test_what_is_no_overlay_is_refused_at_its_line(text: str, line: int) -> None:
    code, file, at = refused(text)[0]

    assert (code, file, at) == ("overlay-invalid", "o.yaml", line)


def test_all_that_is_wrong_with_an_overlay_is_told_at_once() -> None:
    text = "overlay: 1\ninfo: {title: 5}\nactions: [{target: x}]\nextra: 1\n"

    assert sorted(line or 0 for _, _, line in refused(text)) == [1, 2, 2, 3, 3, 4]


def test_an_unknown_key_has_a_suggestion() -> None:
    assert "did you mean remove?" in first("- {target: $.info, remov: true}\n")


@pytest.mark.parametrize(
    ("actions", "said"),
    [
        ("- target: $.info\n  update: 5\n", "overlay0.yaml:5:11: error: a primitive cannot be laid over an object"),
        ("- target: $\n  update: {info: []}\n", "an array cannot be laid over an object at /info"),
        ("- target: $\n  update: {asyncapi: {}}\n", "an object cannot be laid over a primitive at /asyncapi"),
        ("- target: $\n  update: [1]\n", "an array cannot be laid over an object at the root"),
        ("- {target: $.info.*, update: {}}\n", "an object cannot be laid over a primitive at /info/title"),
        ("- {target: $.*, update: {}}\n", "the target selects a primitive as well as an object"),
        ("- {target: $, remove: true}\n", "the whole document cannot be removed"),
        ("- {target: $.info, copy: $.*}\n", "$.* selects 4 values; one can be copied"),
    ],
)
def test_what_does_not_go_together_is_refused(actions: str, said: str) -> None:
    assert said in first(actions)


def test_an_overlay_that_is_not_there_is_refused() -> None:
    with pytest.raises(OverlayRefused, match=r"nowhere.yaml: error: there is no such file"):
        read(DOCUMENT, Options(overlays=("nowhere.yaml",)))


def test_an_overlay_cannot_make_a_document_too_deep() -> None:
    deeper = "{a: " * 40 + "1" + "}" * 40

    said = first(
        f"- {{target: $.info, update: {{x-a: {deeper}}}}}\n"
        f"- {{target: '$.info.x-a{'.a' * 35}', update: {{x: {deeper}}}}}\n".replace("$.info.x-a", '$.info["x-a"]')
    )

    assert "the nesting becomes too deep" in said


def test_an_overlay_cannot_make_a_document_too_large() -> None:
    many = "{" + ", ".join(f"k{number}: {{}}" for number in range(1000)) + "}"

    said = first(f"- {{target: $.info, update: {{x-a: {many}}}}}\n- {{target: '$.info[\"x-a\"].*', update: {many}}}\n")

    assert "what is added is too much" in said


@needs_sets
@pytest.mark.parametrize("folder", sorted((SETS / "compliant-sets").glob("*")), ids=lambda path: path.name)
def test_official_set_comes_out_as_it_should(folder: Path) -> None:
    document = overlaid(folder / "openapi.yaml", folder / "overlay.yaml")

    assert document.files[document.entry].value == read_text((folder / "output.yaml").read_bytes(), "output.yaml").value


def overlaid(document: Path, overlay: Path) -> Document:
    made = Document(str(document), lambda name: Path(name).read_bytes())
    made.root()
    lay_over(made, [str(overlay)])
    return made


NO_PATH = {"actions-traits-example.yaml"}  # fits the schema, but its target is no JSONPath


@needs_sets
@pytest.mark.parametrize("path", sorted((SETS / "tests").glob("*/*/*.yaml")), ids=lambda path: path.name)
def test_official_overlay_is_taken_or_refused_as_it_should(path: Path) -> None:
    good = path.parent.name == "pass" and path.name not in NO_PATH
    try:
        overlaid(SETS / "compliant-sets" / "update-root" / "openapi.yaml", path)
    except OverlayRefused as problem:
        assert not good, str(problem)
        assert problem.diagnostics[0].place.line
    else:
        assert good


def test_broken_schema_of_an_overlay_is_told_once() -> None:
    action = "  - {target: $.channels.chat.messages.said.payload.properties.text, update: {type: strin}}\n"

    assert told(laid(action)) == [("error", "asyncapi-document-resolved", 4)]
