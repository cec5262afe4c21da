"""Templates keep the type of a value, reach nothing but what they are handed, and fail in one way only."""

import copy
import time
from typing import Any

import pytest

from mockws.errors import BadExpectation, TemplateFailed
from mockws.expect.template import compile_condition, compile_text, compile_value

ORDER = {
    "id": 10,
    "user": "ada",
    "tags": ["b", "a"],
    "price": {"net": 1.5},
    "none": None,
    "paid": True,
    "n": "{{ 7*7 }}",
}


def faker(provider: str) -> str:
    return f"a {provider}"


def uuid() -> str:
    return "0-1-2"


def random(low: float = 0, high: float = 1) -> float:
    return low + high


def context(**more: Any) -> dict[str, Any]:
    return {
        "message": {"json": copy.deepcopy(ORDER), "text": "hello", "name": "Order", "base64": None},
        "connection": {"id": "a", "pathParameters": {"room": "lobby"}, "values": {}, "groups": []},
        "state": {"login": "In"},
        "counter": 2,
        "now": "2025-01-01T00:00:00.000Z",
        "uuid": uuid,
        "random": random,
        "faker": faker,
        **more,
    }


def rendered(template: Any, **more: Any) -> Any:
    render = compile_value(template, "/json")
    return render(context(**more)) if render else template


def refusal(template: str) -> BadExpectation:
    with pytest.raises(BadExpectation) as caught:
        compile_text(template, "/text")
    return caught.value


@pytest.mark.parametrize(
    ("template", "value"),
    [
        ("plain", "plain"),
        (10, 10),
        ("{{ message.json.id }}", 10),
        ("{{message.json.id}}", 10),
        ("{{- message.json.id -}}", 10),
        ("{{ message.json.paid }}", True),
        ("{{ message.json.none }}", None),
        ("{{ message.json.missing.deeper }}", None),
        ("{{ message.json.items }}", None),
        ("{{ message.json.price }}", {"net": 1.5}),
        ("{{ [1, message.json.price] }}", [1, {"net": 1.5}]),
        ("{{ {'a': {'b': message.json.id}} }}", {"a": {"b": 10}}),
        ("{{ {'a': {'b': {'c': {}}}} }}{{ {} }}", '{"a":{"b":{"c":{}}}}{}'),
        ("{{ message.json.tags[0] }}", "b"),
        ("{{ message.json.tags ~ '!' }}", '["b","a"]!'),
        ([1, ["a"]], [1, ["a"]]),
        ("{{ '}}' ~ message.json.id }}", "}}10"),
        (" {{ message.json.id }}", " 10"),
        ("n={{ message.json.id }}", "n=10"),
        ("{{ message.json.price }} {{ message.json.tags }}", '{"net":1.5} ["b","a"]'),
        ("{{ message.json.paid }}!", "true!"),
        ("<{{ message.json.none }}{{ message.json.missing }}>", "<>"),
        ("<b>{{ message.json.user }}</b>", "<b>ada</b>"),
        ({"a": ["{{ counter }}", 1], "b": "{{ 'x' }}"}, {"a": [2, 1], "b": "x"}),
        ("{{ message.json.user|upper }}", "ADA"),
        ("{{ message.json.tags|sort|join('-') }}", "a-b"),
        ("{{ message.json.missing|default('d') }}", "d"),
        ("{{ message.json|items|list|length }}", 7),
        ("{{ message.json.price|tojson }}", '{"net":1.5}'),
        ("{{ 'a-b'|replace('-', message.json.id) }}", "a10b"),
        ("{{ 'a' if message.json.id > 5 else 'b' }}", "a"),
        ("{% if message.json.paid %}yes{% else %}no{% endif %}", "yes"),
        ("{% for tag in message.json.tags %}{{ loop.index }}{{ tag }}{% endfor %}", "1b2a"),
        ("{% for key, value in message.json.price|items %}{{ key }}={{ value }}{% endfor %}", "net=1.5"),
        ("{% set user = message.json.user %}{{ user }}", "ada"),
        ("{% raw %}{{ x() }}{% endraw %}", "{{ x() }}"),
        ("{{ message.json.price == {'net': 1.5} }}", True),
        ("{{ uuid() }}", "0-1-2"),
        ("{{ random(1, 6) }}", 7),
        ("{{ faker('name') }}", "a name"),
        ("{{ now }}", "2025-01-01T00:00:00.000Z"),
        ("{{ state.login }} {{ connection.pathParameters.room }}", "In lobby"),
        ("{{ range(3) }}", [0, 1, 2]),
    ],
)
def test_template_makes_a_value(template: Any, value: Any) -> None:
    made = rendered(template)

    assert made == value
    assert type(made) is type(value)


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ("{{ message.json.user == 'ada' }}", True),
        ("message.json.id > 10", False),
        (" {{ not message.json.missing }} ", True),
        ("message.json.items", False),
        ("message.json.tags", True),
        ("message.text == '}}'", False),
    ],
)
def test_condition_holds_or_not(condition: str, holds: bool) -> None:
    assert compile_condition(condition, "/when")(context()) is holds


@pytest.mark.parametrize("condition", ["a {{ b }}", "1 }} and {{ 2", "{{ 1 }}{{ 2 }}", "", "{{", "{% if 1 %}"])
def test_condition_is_one_expression(condition: str) -> None:
    with pytest.raises(BadExpectation) as caught:
        compile_condition(condition, "/when")

    assert (caught.value.code, caught.value.pointer) == ("template_syntax", "/when")


@pytest.mark.parametrize(
    ("template", "code", "words"),
    [
        ("{{ mesage.json }}", "template_unknown_name", "did you mean message?"),
        ("{{ environ }}", "template_unknown_name", "no name 'environ'"),
        ("{{ eval('1') }}", "template_unknown_function", "no function 'eval'"),
        ("{{ uid() }}", "template_unknown_function", "did you mean uuid?"),
        ("{{ now() }}", "template_unknown_function", "no function 'now'"),
        ("{{ debug() }}", "template_unknown_function", "no function 'debug'"),
        ("{{ 'a'|uper }}", "template_unknown_function", "did you mean upper?"),
        ("{{ message|attr('json') }}", "template_unknown_function", "no filter 'attr'"),
        ("{% if %}", "template_syntax", "broken"),
        ("{{ message.json", "template_syntax", "broken"),
        ("{{ 1 +", "template_syntax", "broken"),
        ("{% set uuid = 1 %}", "template_reserved_name", "'uuid'"),
        ("{% for a, message in [] %}{% endfor %}", "template_reserved_name", "'message'"),
        ("{% include 'a' %}", "template_statement", "include"),
        ("{%- import 'a' as b %}", "template_statement", "import"),
        ("{% from 'a' import b %}", "template_statement", "from"),
        ("{% extends 'a' %}", "template_statement", "extends"),
        ("{% macro a() %}{% endmacro %}", "template_statement", "macro"),
        ("{{ 'a' }}" + " " * (64 << 10), "template_size", "at most"),
    ],
)
def test_broken_template_is_refused_when_it_is_added(template: str, code: str, words: str) -> None:
    problem = refusal(template)

    assert (problem.code, problem.pointer) == (code, "/text")
    assert words in problem.message


@pytest.mark.parametrize(
    "template",
    [
        "{{ message.json.clear() }}",
        "{{ message.json.clear () }}",
        "{{ message.json\n.clear\n() }}",
        "{{ (message.json.clear)() }}",
        "{{ message.json['clear']() }}",
        "{{ message.json['tags']['append'](1) }}",
        "{{ [message.json.clear][0]() }}",
        "{{ {'f': message.json.clear}.f() }}",
        "{{ {'f': message.json.clear}['f']() }}",
        "{{ (message.json|attr('clear'))() }}",
        "{{ message.json|attr('clear')|attr('__call__') }}",
        "{{ 'x' ~ message.json.clear() }}",
        "{{ '}}' ~ message.json.clear() }}",
        '{{ "}}" ~ message.json.clear() }}',
        "{{ {'a': {}} and message.json.clear() }}",
        "{{ '\\'' ~ message.json.clear() ~ '\\'' }}",
        "{% set f = message.json.clear %}{{ f() }}",
        "{% set uuid = message.json.clear %}{{ uuid() }}",
        "{% set a, uuid = [1, message.json.clear] %}{{ uuid() }}",
        "{% for uuid in [message.json.clear] %}{{ uuid() }}{% endfor %}",
        "{% for random in [message.json.tags.append] %}{{ random(3) }}{% endfor %}",
        "{% with uuid = message.json.clear %}{{ uuid() }}{% endwith %}",
        "{% macro m(f) %}{{ f() }}{% endmacro %}{{ m(message.json.clear) }}",
        "{% call message.json.clear() %}{% endcall %}",
        "{% do message.json.clear() %}",
        "{% if message.json.clear() %}{% endif %}",
        "{% if '%}' and message.json.clear() %}{% endif %}",
        "{% for a in message.json.popitem() %}{% endfor %}",
        "{{ [1]|map(message.json.tags.append)|list }}",
        "{{ message.json.tags|map('append')|list }}",
        "{{ random(1, 2)() }}",
        "{{ message.json.uuid() }}",
        "{{ uuid.__globals__.clear() }}",
        "{{ message.__class__.__mro__[1].__subclasses__() }}",
        "{{ message.json._value.clear() }}",
        "{{ message.json.items() }}",
        "{{ self.x() }}",
        "{{ loop.cycle(1) }}",
        "{% filter upper %}{{ message.json.clear() }}{% endfilter %}",
        "{% raw %}{% endraw %}{{ message.json.clear() }}",
        "{# {{ #}{{ message.json.clear() }}",
    ],
)
def test_methods_are_not_called_in_any_disguise(template: str) -> None:
    seen = context()
    with pytest.raises((BadExpectation, TemplateFailed)):
        (compile_text(template, "/text") or rendered)(seen)

    assert seen == context()


@pytest.mark.parametrize("name", ["clear", "pop", "keys", "get", "__class__", "__init__", "_value", "append"])
def test_methods_are_nothing_to_a_template(name: str) -> None:
    assert rendered(f"{{{{ message.json.{name} }}}}") is None
    assert rendered(f"{{{{ message.json.tags['{name}'] }}}}") is None


@pytest.mark.parametrize(
    "template",
    [
        "{{ 1 / 0 }}",
        "{{ 10 ** 30 }}",
        "{{ 1e308 * 10 }}",
        "{{ uuid }}",
        "{{ uuid(1) }}",
        "{{ random('a', 2) }}",
        "{{ payload }}",
        "{% for a in range(100000) %}x{% endfor %}",
        "{% for a in range(9000) %}{% for b in range(9000) %}x{% endfor %}{% endfor %}",
        "{% for a in range(9000) %}{{ payload }}{% endfor %}",
        "{% for a in range(2000) %}" + "x" * 1000 + "{% endfor %}",
        "{{ 'x' * 10000000 }}",
        "{{ 'x' * 10000000000000 }}",
        "{{ ['x'] * 900000 }}",
        "{{ ('x' * 1000000)|replace('x', 'y' * 1000000) }}",
        "{{ range(9999)|join('x' * 1000000) }}",
        "{{ ['a']|map('center', 10000000000)|list }}",
        "{{ ['a']|map('indent', 10000000000)|list }}",
        "{{ ['%1000000000d']|map('format', 1)|list }}",
    ],
)
def test_template_fails_in_one_way_and_in_time(template: str) -> None:
    started = time.process_time()

    with pytest.raises(TemplateFailed):
        rendered(template, payload=("x" * 100_000) if "for" in template else {1}, random=lambda low, high: low - high)
    assert time.process_time() - started < 1


def test_failed_template_names_itself() -> None:
    with pytest.raises(TemplateFailed, match=r"the template '1 / 0' failed: .*unable to calculate"):
        rendered("{{ 1 / 0 }}")


def test_what_a_client_sends_is_never_a_template() -> None:
    assert rendered("{{ message.json.n }}") == "{{ 7*7 }}"
    assert rendered("<{{ message.json.n }}>") == "<{{ 7*7 }}>"
    assert rendered({"a": "{{ message.json }}"})["a"]["n"] == "{{ 7*7 }}"


ROW = "+1" * 9_000


@pytest.mark.parametrize(
    "text",
    [
        "{{ " + "-" * 30_000 + "1 }}",
        "{{ 1" + "~1" * 30_000,
        "{{ " + "not " * 15_000 + "1 }}",
        "{% set a = 1" + "|abs" * 9_000 + " %}",
        "{{ {'a': '}}'} " + ROW + " }}",
        "{{ '\\''" + ROW + " }}",
        "{# }} #}{% raw %}{{{% endraw %}{{ 1" + ROW + "}}",
    ],
    ids=lambda each: each[:12],
)
def test_long_rows_of_operators_are_refused_before_they_are_a_danger(text: str) -> None:
    for compiled in (compile_text, compile_condition):
        with pytest.raises(BadExpectation) as refused:
            compiled(text, "/text")

        assert refused.value.code in ("template_size", "template_syntax")


def test_long_templates_of_short_pieces_are_fine() -> None:
    text = "{{ 1 }}{# {{ #}{% raw %}{{ '{% endraw %}{% if message.text %}x{% endif %}" * 800 + "-" * 5000
    render = compile_text(text, "/text")

    assert render is not None
    assert render(context()).count("1{{ 'x") == 800


@pytest.mark.parametrize(
    "piece", ["{#", "{{", "{%", "{{ '", "{{ '\\'", "{ ", "{% raw %}", "{{ {", "{{ (", "'", "{{}}", "{{ 1 }}"]
)
def test_broken_templates_are_told_so_at_once(piece: str) -> None:
    began = time.process_time()
    for compiled in (compile_text, compile_condition):
        try:
            compiled(piece * (60_000 // len(piece)), "/text")
        except BadExpectation as problem:
            assert problem.code in ("template_size", "template_syntax")

    assert time.process_time() - began < 1
