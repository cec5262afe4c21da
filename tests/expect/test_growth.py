"""What a template may make out of what it is handed is bounded before it runs, and while it does."""

import pytest

from mockws.errors import BadExpectation, TemplateFailed
from mockws.expect.template import compile_text

SEEN = {"message": {"text": "abc", "json": {"n": 7, "t": "abc"}, "name": None, "base64": None}}
DOUBLED = "{% set a = message.text %}" + "{% set a = a ~ a %}" * 40 + "{{ a }}"


def made(text: str) -> object:
    render = compile_text(text, "/text")
    assert render is not None
    return render(SEEN)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("{{ 2 * 3 }}", 6),
        ("{{ message.json.n * message.json['n'] }}", 49),
        ("{{ (1 + 2) * -message.json.n }}", -21),
        ("{{ 2 ** 3 * 2 }}", 16),
        ("{{ 3 * 2 ** 2 }}", 12),
        ("{{ 2 * message.json.missing | default(3) }}", 6),
        ("{{ 2 * message.text | length if true else 0 }}", 6),
        ("{{ '2 * 3' }}", "2 * 3"),
        ("{{ [2 * 3, 'a*b'] }}", [6, "a*b"]),
        ("{{ 1.5 * 2 }} and {{ 2 * 2 }}", "3 and 4"),
        ("{% if 2 * 2 == 4 %}yes{% endif %} 2 * 2", "yes 2 * 2"),
    ],
)
def test_numbers_are_multiplied(text: str, value: object) -> None:
    assert made(text) == value


@pytest.mark.parametrize(
    "text",
    [
        "{{ 'x' * message.json.n }}",
        "{{ message.json.n * 'x' }}",
        "{{ message.json.n * message.json.t }}",
        "{{ message.json.n * message.json.t | upper }}",
        "{{ message.json.n * (message.json.t) }}",
        "{{ message.json.n * message.json.t[0:1] }}",
        "{{ 3 * [1] * 2 }}",
        "{{ {'a': 3 * 'x'} }}",
        "a {{ 'x' * 3 }}",
        "{% if 3 * 'x' %}{% endif %}",
        "{% set a = 'x' * 3 %}{{ a }}",
    ],
)
def test_texts_and_lists_are_not(text: str) -> None:
    with pytest.raises(TemplateFailed, match="only numbers are multiplied"):
        made(text)


@pytest.mark.parametrize(
    "text",
    [
        DOUBLED,
        DOUBLED.replace("a ~ a", "[a, a]"),
        DOUBLED.replace("message.text", "'x'"),
        "{% set a, b = message.text, message.text %}" + "{% set a = a ~ b %}{% set b = a ~ b %}" * 20,
        "{{ " + " ~ ".join(["message.text"] * 101) + " }}",
        "{% for x in message.json %}" + "{% set x = x ~ x %}" * 8 + "{% endfor %}",
    ],
)
def test_what_grows_beyond_all_measure_is_refused_when_it_is_added(text: str) -> None:
    with pytest.raises(BadExpectation) as refused:
        compile_text(text, "/text")

    assert refused.value.code == "template_growth"


def test_a_few_variables_are_no_growth() -> None:
    assert made("{% set a = message.text %}{% set b = a ~ '-' ~ a %}{{ b ~ b }}") == "abc-abcabc-abc"


@pytest.mark.parametrize("chain", ["tojson", "urlencode"])
def test_filters_that_escape_again_and_again_are_bounded(chain: str) -> None:
    with pytest.raises(TemplateFailed, match="more than"):
        made("{{ '%\"%' " + f"| {chain} " * 900 + "}}")


def test_a_long_message_leaves_less_fuel() -> None:
    loop = compile_text("{% for i in range(1000) %}{% if message.text %}{% endif %}{% endfor %}", "/text")
    assert loop is not None
    assert loop(SEEN) == ""

    with pytest.raises(TemplateFailed, match="fuel"):
        loop({"message": {**SEEN["message"], "text": "x" * (1 << 20)}})
