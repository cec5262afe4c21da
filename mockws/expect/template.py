"""Templates and conditions: checked when an expectation is added, rendered over plain JSON values only.

A template reaches nothing but what it is handed: no files, no environment, no methods of objects. Loops are bounded by
fuel, and what is made by its size. What a client sends is data, and never a template.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import minijinja

from mockws.codec import encode_json
from mockws.errors import BadExpectation, TemplateFailed
from mockws.expect.extent import check_extent
from mockws.expect.growth import MOST, Growth, expression_multiplying, fuel_for, multiplying
from mockws.expect.view import FUEL, FUNCTION_FAILED, MAX_OUTPUT, environment, plain, view_of
from mockws.names import closest
from mockws.source.pointer import join

MAX_SOURCE = 64 << 10
EVERYDAY_SOURCE = 2 << 10  # up to which a broken template costs nothing, however it is looked at
EVERYDAY = 16 << 10  # characters of a text up to which all fuel is there
LEAST_FUEL = 200
# What a template may name; `index` is there in streams, `payload` under named triggers.
ROOTS = frozenset({"message", "connection", "state", "counter", "now", "request", "index", "payload"})
FUNCTIONS = frozenset({"uuid", "random", "faker"})
CALLABLE = FUNCTIONS | {"range"}
BUILT_IN = frozenset({"range", "loop"})
OF_TEXTS = {"capitalize", "lower", "replace", "split", "string", "title", "trim", "upper", "urlencode"}
OF_NUMBERS = {"abs", "bool", "default", "float", "int", "max", "min", "round", "sum", "tojson"}
OF_ARRAYS = {"count", "first", "groupby", "join", "last", "length", "list", "map", "reverse", "sort", "unique"}
OF_OBJECTS = {"dictsort", "items", "reject", "rejectattr", "select", "selectattr"}
FILTERS = frozenset(OF_TEXTS | OF_NUMBERS | OF_ARRAYS | OF_OBJECTS)
STATEMENTS = frozenset({"if", "elif", "else", "endif", "for", "endfor", "set"})
KEYWORDS = frozenset({"in", "not", "and", "or", "if", "else", "elif", "is", "for", "set"})

# Atomic, and no two branches begin alike: nothing in here can be made to backtrack. Written as (?>...), because `*+`
# around branches matches nothing in Python before 3.11.5.
LITERAL = r"'(?>(?:[^'\\]|\\.)*)'|\"(?>(?:[^\"\\]|\\.)*)\""
PLAIN = rf"{LITERAL}|(?![-+]?\}}\}})[^'\"{{}}]"
BRACED = rf"\{{(?>(?:{LITERAL}|[^'\"{{}}])*)\}}"  # an object; those in it are as deep as the two lines below
for _ in range(3):
    BRACED = rf"\{{(?>(?:{LITERAL}|[^'\"{{}}]|{BRACED})*)\}}"
INSIDE = rf"((?>(?:{PLAIN}|{BRACED})*))"
RAW = r"\{%[-+]?\s*raw\s*[-+]?%\}.*?\{%[-+]?\s*endraw\s*[-+]?%\}"
EXPRESSION = re.compile(rf"\{{\{{[-+]?{INSIDE}[-+]?\}}\}}", re.DOTALL)
CODE = re.compile(
    rf"{RAW}|\{{#.*?#\}}|{EXPRESSION.pattern}|\{{%[-+]?((?>(?:{LITERAL}|(?![-+]?%\}})[^'\"])*))[-+]?%\}}", re.DOTALL
)
TOKEN = re.compile(rf"{LITERAL}|\w+|\S", re.DOTALL)

Render = Callable[[Mapping[str, Any]], Any]
ENVIRONMENT = environment()


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
    single = EXPRESSION.fullmatch(text)
    return _expression(single[1].strip()) if single else _template(text)


def compile_condition(text: str, pointer: str) -> Callable[[Mapping[str, Any]], bool]:
    """Compile a condition, with or without its braces. Raises BadExpectation."""
    bare = text.strip()
    single = EXPRESSION.fullmatch(bare if bare.startswith("{{") else f"{{{{ {bare} }}}}")
    if single is None:
        raise BadExpectation("template_syntax", "a condition is one expression", pointer)
    _check(single[0], pointer)
    evaluate = _expression(single[1].strip())
    return lambda context: bool(evaluate(context))


def _check(text: str, pointer: str) -> None:
    if len(text) > MAX_SOURCE:
        raise BadExpectation("template_size", f"a template has at most {MAX_SOURCE} characters", pointer)
    check_extent(text, pointer)
    if len(text) > EVERYDAY_SOURCE:
        _names_in(text, pointer)  # where one bracket after another is not closed, `CODE` looks for the end of each
    growth = Growth()
    for found in CODE.finditer(text):
        tokens = TOKEN.findall(found[1] or found[2] or "")
        if found[2] is not None:
            _check_statement(tokens, pointer)
        _check_calls(["", "", *tokens], pointer)
        if not (growth.expression(tokens) if found[2] is None else growth.statement(tokens)):
            told = f"a template makes no value out of more than {MOST} others: each could be as long as a message"
            raise BadExpectation("template_growth", told, pointer)
    for name in sorted(_names_in(text, pointer) - ROOTS - FUNCTIONS - BUILT_IN):
        raise _unknown("template_unknown_name", "name", name, ROOTS | FUNCTIONS, pointer)


def _check_statement(tokens: list[str], pointer: str) -> None:
    """Nothing is read from elsewhere, and what a template is handed keeps its name."""
    kind = tokens[0] if tokens else ""
    if kind.isidentifier() and kind not in STATEMENTS:
        raise _unknown("template_statement", "statement", kind, STATEMENTS, pointer)
    if kind not in ("for", "set"):
        return
    end = tokens.index("in" if kind == "for" else "=") if {"in", "="} & set(tokens) else len(tokens)
    taken = [name for name in tokens[1:end] if name in ROOTS | CALLABLE]
    if taken:
        raise BadExpectation("template_reserved_name", f"{taken[0]!r} has a meaning already", pointer)


def _check_calls(tokens: list[str], pointer: str) -> None:
    """Functions, filters and tests may be called, methods never."""
    for before, name, mark in zip(tokens, tokens[1:], [*tokens[2:], ""], strict=False):
        if before == "|" and name not in FILTERS:
            raise _unknown("template_unknown_function", "filter", name, FILTERS, pointer)
        if mark != "(" or before in ("|", "is"):
            continue
        if before == "." or name[:1] in (")", "]", "}", "'", '"'):
            raise BadExpectation("template_unknown_function", "a template calls no methods, only functions", pointer)
        # After an operator or another bracket, a bracket opens a group.
        if (name[:1].isalnum() or name[:1] == "_") and name not in CALLABLE | KEYWORDS:
            raise _unknown("template_unknown_function", "function", name, CALLABLE, pointer)


def _names_in(text: str, pointer: str) -> set[str]:
    """Give the names that a template wants to be handed; raises BadExpectation where it is broken."""
    try:
        return ENVIRONMENT.undeclared_variables_in_str(text)
    except minijinja.TemplateError as problem:
        raise BadExpectation("template_syntax", f"the template is broken: {problem.message}", pointer) from None


def _unknown(code: str, kind: str, name: str, known: Iterable[str], pointer: str) -> BadExpectation:
    hint = closest(name, known)
    advice = f", did you mean {hint}?" if hint else f" (there are {', '.join(sorted(known))})"
    return BadExpectation(code, f"a template knows no {kind} {name!r}{advice}", pointer)


def _expression(source: str) -> Render:
    run = expression_multiplying(source, TOKEN) if "*" in source else source
    return _guarded(source, lambda context: plain(ENVIRONMENT.eval_expr(run, **context)))


def _template(source: str) -> Render:
    run = multiplying(source, CODE, TOKEN)
    return _guarded(source, lambda context: _bounded(ENVIRONMENT.render_str(run, **context)))


def _guarded(source: str, render: Render) -> Render:
    """Let a template see values only, and fail in one way only."""

    def guarded(context: Mapping[str, Any]) -> Any:
        ENVIRONMENT.fuel = fuel_for(context, FUEL, LEAST_FUEL, EVERYDAY)
        try:
            return render({name: view_of(value) for name, value in context.items()})
        except TemplateFailed as problem:
            raise TemplateFailed(source, problem.message) from None
        except minijinja.TemplateError as problem:
            raise TemplateFailed(source, problem.message) from None
        except FUNCTION_FAILED as problem:
            raise TemplateFailed(source, str(problem)) from None

    return guarded


def _bounded(text: str) -> str:
    if len(text) > MAX_OUTPUT:
        raise TemplateFailed("", f"it makes more than {MAX_OUTPUT} characters")
    return text


def as_text(value: Any) -> str:
    """Write what a template came to as text: nothing is empty, and what is no text is JSON."""
    return value if isinstance(value, str) else "" if value is None else encode_json(value)
