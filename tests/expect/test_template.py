"""Templates: values keep their type, and nothing is reached but what was handed in."""

from typing import Any

import pytest

from mockws.errors import BadExpectation, TemplateFailed
from mockws.expect.template import compile_condition, compile_text, compile_value

SEEN: dict[str, Any] = {
    "message": {"json": {"n": 10, "list": [1, 2], "none": None}, "text": "{{ 7 * 7 }}"},
    "connection": {"pathParameters": {"room": "red"}, "values": {}},
    "uuid": lambda: "u-1",
}


def rendered(text: str) -> Any:
    render = compile_text(text, "/json")
    assert render is not None
    return render(SEEN)


def test_a_text_without_templates_is_left_alone() -> None:
    assert compile_value({"a": ["b", 1]}, "") is None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("{{ message.json.n }}", 10),
        ("{{ message.json.list }}", [1, 2]),
        ("{{ message.json.n + 1 }}", 11),
        ("n is {{ message.json.n }}", "n is 10"),
        ("all: {{ message.json.list }}", "all: [1,2]"),
        ("{{ message.json.none }}!", "!"),
        ("{{ message.json.nowhere.deep }}!", "!"),
        ("{{ connection.pathParameters.room | upper }}", "RED"),
        ("{% if message.json.n > 5 %}many{% else %}few{% endif %}", "many"),
        ("{% for each in message.json.list %}{{ each }};{% endfor %}", "1;2;"),
        ("id {{ uuid() }}", "id u-1"),
    ],
)
def test_a_template_renders(text: str, value: Any) -> None:
    assert rendered(text) == value


def test_values_are_rendered_wherever_they_stand() -> None:
    render = compile_value({"a": [{"b": "{{ message.json.n }}"}, "c"]}, "")

    assert render is not None
    assert render(SEEN) == {"a": [{"b": 10}, "c"]}


def test_what_a_client_sends_is_never_a_template() -> None:
    assert rendered("{{ message.text }}") == "{{ 7 * 7 }}"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{{ message.json. }}", "template_syntax"),
        ("{{ mesage.json }}", "template_unknown_name"),
        ("{{ env.HOME }}", "template_unknown_name"),
        ("{{ file('/etc/passwd') }}", "template_unknown_function"),
        ("{{ message.json.clear() }}", "template_unknown_function"),
        ("{{ message['json'].clear() }}", "template_unknown_function"),
        ("{{ (message.json.clear)() }}", "template_unknown_function"),
        ("{{ message.json['clear']() }}", "template_unknown_function"),
        ("{% set f = message.json.clear %}{{ f() }}", "template_forbidden"),
        ("{% include 'x' %}", "template_forbidden"),
        ("{% macro uuid() %}{% endmacro %}", "template_forbidden"),
        ("{% set uuid = message.json.clear %}{{ uuid() }}", "template_forbidden"),
        ("{% for uuid in [message.json.clear] %}{{ uuid() }}{% endfor %}", "template_forbidden"),
    ],
)
def test_what_reaches_further_is_refused_when_it_is_added(text: str, code: str) -> None:
    with pytest.raises(BadExpectation) as refused:
        compile_text(text, "/json/a")

    assert (refused.value.code, refused.value.pointer) == (code, "/json/a")


def test_a_template_cannot_run_for_ever() -> None:
    with pytest.raises(TemplateFailed, match="fuel"):
        rendered("{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}")


def test_a_condition_is_written_with_or_without_braces() -> None:
    assert compile_condition("message.json.n == 10", "")(SEEN)
    assert not compile_condition("{{ message.json.n == 11 }}", "")(SEEN)
