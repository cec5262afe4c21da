"""What the YAML reader refuses: a code, a place, a sentence for people, and no more than the limits allow."""

import time
from typing import Any

import pytest

from mockws.errors import Unreadable
from mockws.source.limits import Limits
from mockws.source.yaml import read_yaml


def value_of(text: str) -> Any:
    return read_yaml(text.encode(), "doc.yaml").value


def refusal_of(content: str | bytes, limits: Limits | None = None) -> Unreadable:
    encoded = content.encode() if isinstance(content, str) else content
    with pytest.raises(Unreadable) as caught:
        read_yaml(encoded, "doc.yaml", limits or Limits())
    return caught.value


# --------------------------------------------------------------------------------------------------------- refusals


@pytest.mark.parametrize(
    ("text", "code", "line", "column"),
    [
        ("a: [1", "yaml_syntax", 1, 6),
        ("&a [*a]", "yaml_recursive_alias", 1, 5),
        ("!!python/object/apply:os.system [id]", "yaml_tag", 1, 1),
        ("? [a]\n: 1", "yaml_key", 1, 3),
        ("a: {{ name }}", "yaml_key", 1, 5),
        ("a: &x [1]\n*x : 2", "yaml_key", 2, 1),
        ("a: 1\nb: *x", "yaml_syntax", 2, 4),
        ("a: 1\nb:\n  c: 1\n  c: 2", "yaml_duplicate_key", 4, 3),
        ("1: a\n'1': b", "yaml_duplicate_key", 2, 1),
        ("a: 1\n---\nb: 2", "yaml_documents", 2, 1),
        ("a: !x 1", "yaml_tag", 1, 4),
        ("a: !h!x 1", "yaml_tag", 1, 4),
        ("!x a: 1", "yaml_tag", 1, 1),
        ("a: !!set {b}", "yaml_tag", 1, 4),
        ("a: !!map []", "yaml_tag", 1, 4),
        ("a: !!int x", "yaml_tag", 1, 4),
        ("a: !!bool yes", "yaml_tag", 1, 4),
        ("a: .inf", "yaml_number", 1, 4),
        ("a: -.INF", "yaml_number", 1, 4),
        ("a: .nan", "yaml_number", 1, 4),
        ("a: 1e999", "yaml_number", 1, 4),
        ("a: " + "9" * 1001, "yaml_number", 1, 4),
    ],
)
def test_refusal_names_its_code_and_place(text: str, code: str, line: int, column: int) -> None:
    refusal = refusal_of(text)

    assert (refusal.code, refusal.line, refusal.column) == (code, line, column)
    assert refusal.advice
    assert refusal.file == "doc.yaml"


def test_duplicate_key_names_both_lines() -> None:
    assert "'a' stands on line 1 and again on line 3" in str(refusal_of("a: 1\nb: 2\na: 3"))


def test_duplicate_key_on_one_line_says_so() -> None:
    assert "twice on line 1" in str(refusal_of("{a: 1, a: 2}"))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("a: [1\nb: 2", "the list that begins on line 1 goes wrong here"),
        ("a: {b: 1", "the mapping that begins on line 1 goes wrong here"),
        ("a: b: c", "a ':' stands where no key can be"),
        ("\ta: 1", "a tab stands where YAML allows spaces only"),
        ("a: >\n\tb", "a tab stands where YAML allows spaces only"),
        ("a: @b", "a value cannot begin with '@'"),
        ("x: 1\na: 'b\nc: 1", "the quote that opens on line 2 is never closed"),
        ('a: "\\q"', "an escape in"),
        ("a: 1\nbroken\nb: 1", "the key on line 2 has no ':' after it"),
        ("a:\n  - 1\n  b: 2", "the list that begins on line 2 goes wrong here"),
        ("a: 'it's'", "the mapping that begins on line 1 goes wrong here"),
        ("a: - b", "a '- ' stands where no list can begin"),
        ("a: !<x", "a tag is read"),
        ("a: *", "a name is read, and none follows"),
        ("%FOO\na: 1", "a directive"),
        ("%YAML 2.0\n---\na: 1", "asks for a version that is not 1"),
        ("a: |x\n  b", "the text block that begins on line 1 goes wrong here"),
        ("a: }", "a value was expected here"),
        ("a: 1\n...\nb: 2", "the document has ended before this line"),
        ("a: \x01", "the control character U+0001 cannot stand in YAML"),
        ("a: ? b", "this is not YAML: mapping keys are not allowed"),
    ],
)
def test_syntax_error_is_a_sentence_for_people(text: str, sentence: str) -> None:
    refusal = refusal_of(text)

    assert sentence in str(refusal)
    assert refusal.code == "yaml_syntax"
    assert refusal.line is not None


def test_unclosed_quote_is_shown_where_it_opens() -> None:
    assert (refusal_of("x: 1\na: 'b\nc: 1\n").line, refusal_of("x: 1\na: 'b\nc: 1\n").column) == (2, 4)


@pytest.mark.parametrize("text", ["", " \n\t", "# nothing\n", "---\n", "---\n# nothing\n...\n", "\ufeff"])
def test_file_without_a_value_is_empty(text: str) -> None:
    assert refusal_of(text).code == "empty"


@pytest.mark.parametrize("text", ["null", "~", "--- Null", "!!null ''"])
def test_written_null_is_a_value(text: str) -> None:
    assert value_of(text) is None


@pytest.mark.parametrize(
    ("content", "line", "column"),
    [(b"a: \xff", 1, 4), (b"a: 1\nb: \xc3\xa9\x80", 2, 5), (b"\xff\xfea\x00\n\x00\x00\xd8", 2, 1)],
)
def test_broken_encoding_names_the_place(content: bytes, line: int, column: int) -> None:
    refusal = refusal_of(content)

    assert (refusal.code, refusal.line, refusal.column) == ("encoding", line, column)


# ----------------------------------------------------------------------------------------------------------- limits


def test_depth_of_64_passes_and_65_does_not() -> None:
    assert value_of("[" * 64 + "]" * 64)
    assert refusal_of("[" * 65 + "]" * 65).code == "yaml_depth"


def test_depth_counts_through_aliases() -> None:
    steps = "\n".join(f"- &a{step} [*a{step - 1}]" for step in range(1, 70))

    assert refusal_of(f"- &a0 []\n{steps}").code == "yaml_depth"


def test_endless_brackets_are_refused_quickly() -> None:
    start = time.process_time()

    assert refusal_of("[" * 1_000_000).code == "yaml_depth"
    assert refusal_of("- " * 1_000_000).code == "yaml_depth"
    assert time.process_time() - start < 2


def test_keys_and_values_are_counted() -> None:
    limits = Limits(nodes=5)

    assert read_yaml(b"{a: 1, b: 2}", "doc.yaml", limits).value == {"a": 1, "b": 2}
    assert refusal_of("{a: 1, b: [2]}", limits).code == "yaml_nodes"


def test_aliases_are_counted_with_all_that_they_bring() -> None:
    laughs = "\n".join(f"- &a{step} [{', '.join([f'*a{step - 1}'] * 9)}]" for step in range(1, 10))

    assert refusal_of(f"- &a0 [lol]\n{laughs}").code == "yaml_alias_expansion"


@pytest.mark.parametrize("merge", ["{<<: *m}", "{<<: [*m, *m]}"])
def test_merge_bomb_is_refused_quickly(merge: str) -> None:
    bomb = "m: &m {" + ", ".join(f"k{n}: 1" for n in range(1000)) + "}\nl:\n" + f"- {merge}\n" * 2000
    start = time.process_time()

    assert refusal_of(bomb).code == "yaml_alias_expansion"
    assert time.process_time() - start < 0.5


def test_file_over_the_size_limit_is_refused() -> None:
    assert refusal_of("a: 123", Limits(size=5)).code == "too_large"


def test_number_with_1000_digits_passes() -> None:
    assert value_of("-" + "9" * 1000) == -int("9" * 1000)
