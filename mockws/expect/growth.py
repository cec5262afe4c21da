"""How much a template can make out of what it is handed: judged by its words, before it runs.

Fuel bounds the steps of a template, and not how large a value becomes in one of them. So what a variable may grow to is
counted in values that a template is handed, and what `*` multiplies has to be numbers: a text times a number that a
client sent is as much memory as that client likes.
"""

import re
from collections.abc import Callable, Iterator, Mapping

NUMBER = "number"  # the filter that lets numbers through, and nothing else
MOST = 100  # values of those that a template is handed, in one value that it makes
BRACKETS = {"(": ")", "[": "]", "{": "}"}
NO_NAMES = frozenset({"in", "not", "and", "or", "if", "else", "elif", "is", "for", "set", "true", "false", "none"})
Spans = list[tuple[str, int, int]]  # each token with its beginning and end


class Growth:
    """The weights of a template's variables, statement by statement: how many values one may hold."""

    def __init__(self) -> None:
        self._weights: dict[str, int] = {}

    def statement(self, tokens: list[str]) -> bool:
        """Take a statement into account; False where it makes too much."""
        kind = tokens[0] if tokens else ""
        mark = {"set": "=", "for": "in"}.get(kind)
        if mark is None or mark not in tokens:
            return self.expression(tokens[1:])
        end = tokens.index(mark)
        weight = max(1, self._weight(tokens[end + 1 :]))
        for name in tokens[1:end]:
            if name.isidentifier():
                self._weights[name] = max(weight, self._weights.get(name, 0))
        return weight <= MOST

    def expression(self, tokens: list[str]) -> bool:
        """Tell whether what an expression makes is within the bounds."""
        return self._weight(tokens) <= MOST

    def _weight(self, tokens: list[str]) -> int:
        names = _names(tokens)
        return min(MOST + 1, sum(self._weights.get(name, 1) for name in names))


def _names(tokens: list[str]) -> Iterator[str]:
    """Give the variables of an expression: no attributes, no filters, no keywords."""
    for before, name in zip(["", *tokens], tokens, strict=False):
        if name.isidentifier() and name not in NO_NAMES and before not in (".", "|", "is"):
            yield name


def multiplying(source: str, code: re.Pattern[str], token: re.Pattern[str]) -> str:
    """Write a template so that whatever is multiplied goes through the filter for numbers first."""
    if "*" not in source:
        return source
    return _rewritten(source, code, lambda inside: expression_multiplying(inside, token))


def _rewritten(source: str, code: re.Pattern[str], rewrite: Callable[[str], str]) -> str:
    parts, at = [], 0
    for found in code.finditer(source):
        group = 1 if found[1] is not None else 2
        if found[group] is not None:
            parts += [source[at : found.start(group)], rewrite(found[group])]
            at = found.end(group)
    return "".join((*parts, source[at:]))


def expression_multiplying(expression: str, token: re.Pattern[str]) -> str:
    """Write an expression so that both sides of each `*` go through the filter for numbers."""
    spans = [(found[0], found.start(), found.end()) for found in token.finditer(expression)]
    places: set[int] = set()
    for place, (text, start, end) in enumerate(spans):
        if text != "*" or _is_power(spans, place):
            continue
        if place:
            places.add(spans[place - 1][2])
        last = _end_of_operand(spans, place + 1)
        places.add(spans[last][2] if last < len(spans) else end)
        assert start < end
    made, at = [], 0
    for each in sorted(places):
        made += [expression[at:each], f"|{NUMBER}"]
        at = each
    return "".join((*made, expression[at:]))


def _is_power(spans: Spans, place: int) -> bool:
    """`**` comes as two tokens, which touch."""
    before = spans[place - 1] if place else ("", -1, -1)
    after = spans[place + 1] if place + 1 < len(spans) else ("", -1, -1)
    _, start, end = spans[place]
    return (before[0] == "*" and before[2] == start) or (after[0] == "*" and after[1] == end)


def _end_of_operand(spans: Spans, place: int) -> int:
    """Find the last token of the operand that begins here: a value, and what is asked of it."""
    while _text(spans, place) in ("-", "+"):
        place += 1
    place = _closing(spans, place)
    while True:
        following = _text(spans, place + 1)
        if following == ".":
            place += 2
        elif following in ("(", "["):
            place = _closing(spans, place + 1)
        elif following == "|":
            place += 2
        else:
            return min(place, len(spans) - 1)


def _closing(spans: Spans, place: int) -> int:
    """Find the bracket that closes this one; anything else closes itself."""
    wanted: list[str] = []
    for at in range(place, len(spans)):
        text = spans[at][0]
        if text in BRACKETS:
            wanted.append(BRACKETS[text])
        elif wanted and text == wanted[-1]:
            wanted.pop()
        if not wanted:
            return at
    return len(spans) - 1


def _text(spans: Spans, place: int) -> str:
    return spans[place][0] if place < len(spans) else ""


def fuel_for(context: Mapping[str, object], fuel: int, least: int, size: int) -> int:
    """Give the fuel for one rendering: a step costs more, the longer the texts are that are looked at."""
    longest = 0
    for root in ("message", "request"):
        shown = context.get(root)
        text = shown.get("text") if isinstance(shown, dict) else None
        longest = max(longest, len(text) if isinstance(text, str) else 0)
    return fuel if longest <= size else max(least, fuel * size // longest)
