"""Templates and conditions: compiled when an expectation is added, rendered over plain JSON values only.

A template reaches nothing but what it is handed: no files, no environment, no methods of objects. Loops are bounded by
fuel. What a client sends is data, and never a template.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

import minijinja

from mockws.codec import encode_json
from mockws.errors import BadExpectation, TemplateFailed
from mockws.names import closest
from mockws.source.pointer import join

FUEL = 20_000
MAX_OUTPUT = 1 << 20
MAX_SOURCE = 64 << 10
# What a template may name; `request` is there for HTTP triggers, `index` in streams.
ROOTS = frozenset({"message", "connection", "state", "counter", "now", "request", "index", "payload"})
FUNCTIONS = frozenset({"uuid", "random", "faker", "now"})
BUILT_IN = frozenset({"range", "dict", "namespace", "debug", "loop"})
LITERAL = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"", re.DOTALL)
CODE = re.compile(r"\{\{(.*?)\}\}|\{%(.*?)%\}", re.DOTALL)
SINGLE = re.compile(r"\s*\{\{((?:(?!\}\}).)*)\}\}\s*", re.DOTALL)
CALL = re.compile(r"(\|?)\s*([\w.\])]+)\s*\(")
CALLABLE = FUNCTIONS | {"range"}
STATEMENTS = frozenset({"if", "elif", "else", "endif", "for", "endfor"})
NAME = re.compile(r"\w+")
KEYWORDS = frozenset({"in", "not", "and", "or", "if", "else", "elif", "is"})

Render = Callable[[Mapping[str, Any]], Any]


def _finalized(value: Any) -> Any:
    return value if value is None or isinstance(value, str) else encode_json(value)


def _environment() -> minijinja.Environment:
    made = minijinja.Environment(undefined_behavior="chainable", auto_escape_callback=lambda _: False)
    made.fuel = FUEL
    made.finalizer = lambda value: "" if value is None else _finalized(value)
    return made


ENVIRONMENT = _environment()


def compile_value(value: Any, pointer: str) -> Render | None:
    """Compile a JSON value with templates in its strings; None where there are none. Raises BadExpectation."""
    if isinstance(value, str):
        return compile_text(value, pointer)
    if isinstance(value, dict):
        return _compiled_object(value, pointer)
    if isinstance(value, list):
        return _compiled_list(value, pointer)
    return None


def _compiled_object(value: dict[str, Any], pointer: str) -> Render | None:
    parts = {key: compile_value(inner, join(pointer, key)) for key, inner in value.items()}
    if not any(parts.values()):
        return None
    return lambda context: {key: part(context) if part else value[key] for key, part in parts.items()}


def _compiled_list(value: list[Any], pointer: str) -> Render | None:
    parts = [compile_value(inner, join(pointer, index)) for index, inner in enumerate(value)]
    if not any(parts):
        return None
    return lambda context: [part(context) if part else value[index] for index, part in enumerate(parts)]


def compile_text(text: str, pointer: str) -> Render | None:
    """Compile a text; one that is exactly one expression keeps the value's type (`10`, not `"10"`)."""
    if "{{" not in text and "{%" not in text:
        return None
    _check(text, pointer)
    single = SINGLE.fullmatch(text)
    return _expression(single[1]) if single else _template(text)


def compile_condition(text: str, pointer: str) -> Callable[[Mapping[str, Any]], bool]:
    """Compile a condition, with or without its braces. Raises BadExpectation."""
    single = SINGLE.fullmatch(text)
    expression = single[1] if single else text
    _check("{{" + expression + "}}", pointer)
    evaluate = _expression(expression)
    return lambda context: bool(evaluate(context))


def _check(text: str, pointer: str) -> None:
    if len(text) > MAX_SOURCE:
        raise BadExpectation("template_size", f"a template has at most {MAX_SOURCE} characters", pointer)
    for found in CODE.finditer(text):
        _check_calls(LITERAL.sub("''", found[1] or found[2] or ""), pointer)
        if found[2] is not None:
            _check_statement(found[2].strip("-+ \n\t"), pointer)
    try:
        names = ENVIRONMENT.undeclared_variables_in_str(text)
    except minijinja.TemplateError as problem:
        raise BadExpectation("template_syntax", f"the template is broken: {problem.message}", pointer) from None
    for name in sorted(names - ROOTS - FUNCTIONS - BUILT_IN):
        hint = closest(name, ROOTS | FUNCTIONS)
        advice = f", did you mean {hint}?" if hint else f" (there are {', '.join(sorted(ROOTS | FUNCTIONS))})"
        raise BadExpectation("template_unknown_name", f"a template knows no {name!r}{advice}", pointer)


def _check_statement(statement: str, pointer: str) -> None:
    """Conditions and loops are all there is; no name that can be called may come to mean something else."""
    word, _, rest = statement.partition(" ")
    bound = set(NAME.findall(rest.partition(" in ")[0])) if word == "for" else set()
    if word not in STATEMENTS or bound & CALLABLE:
        known = ", ".join(sorted(STATEMENTS))
        raise BadExpectation(
            "template_forbidden", f"'{statement[:40]}' is not for templates here ({known} are)", pointer
        )


def _check_calls(code: str, pointer: str) -> None:
    """Functions and filters may be called, methods never: those of a mapping would change what others see."""
    for pipe, name in CALL.findall(code):
        if not pipe and name not in CALLABLE and name not in KEYWORDS:
            raise BadExpectation("template_unknown_function", f"a template cannot call {name!r}", pointer)


def _expression(source: str) -> Render:
    def evaluate(context: Mapping[str, Any]) -> Any:
        try:
            return _bounded(ENVIRONMENT.eval_expr(source.strip(), **context))
        except minijinja.TemplateError as problem:
            raise TemplateFailed(source.strip(), problem.message) from None

    return evaluate


def _template(source: str) -> Render:
    def render(context: Mapping[str, Any]) -> Any:
        try:
            return _bounded(ENVIRONMENT.render_str(source, **context))
        except minijinja.TemplateError as problem:
            raise TemplateFailed(source, problem.message) from None

    return render


def _bounded(value: Any) -> Any:
    if isinstance(value, str) and len(value) > MAX_OUTPUT:
        raise TemplateFailed("", f"it makes more than {MAX_OUTPUT} characters")
    return value
