"""How long the expressions and statements of a template are, told in one walk over its text, whatever is wrong with it.

The engine goes one level deeper with each operator in a row, and has no bound of its own: a long row would end the
process. So this is looked at before the engine sees anything.
"""

import re

from mockws.errors import BadExpectation

MOST = 2000  # words and signs of one expression or statement
OPENING = re.compile(r"\{[{%#]")
RAW = re.compile(r"\{%[-+]?\s*raw\s*[-+]?%\}")
END_OF_RAW = re.compile(r"\{%[-+]?\s*endraw\s*[-+]?%\}")
# A literal that is not closed goes on to the end: what is in it is not looked at again and again.
TOKEN = re.compile(r"'(?:[^'\\]|\\.)*+(?:'|\\?\Z)|\"(?:[^\"\\]|\\.)*+(?:\"|\\?\Z)|\w+|\S", re.DOTALL)
CLOSING = {"{{": "}}", "{%": "%}"}


def check_extent(text: str, pointer: str) -> None:
    """Refuse what is too long, with BadExpectation; what is not closed is somebody else's business."""
    at = 0
    while at >= 0 and (found := OPENING.search(text, at)) is not None:
        at = _after(text, found.start(), found[0], pointer)


def _after(text: str, start: int, opening: str, pointer: str) -> int:
    """Give the place behind a comment, expression, statement or raw text; -1 where it is not closed."""
    if opening == "{#":
        end = text.find("#}", start + 2)
        return end + 2 if end >= 0 else -1
    if (raw := RAW.match(text, start)) is not None:
        closed = END_OF_RAW.search(text, raw.end())
        return closed.end() if closed is not None else -1
    return _end_of_code(text, start + 2, CLOSING[opening], pointer)


def _end_of_code(text: str, start: int, closing: str, pointer: str) -> int:
    depth = 0  # of braces: those of an object are no end
    for count, found in enumerate(TOKEN.finditer(text, start)):
        if not depth and text.startswith(closing, found.start()):
            return found.start() + 2
        if count == MOST:
            raise BadExpectation("template_size", f"an expression has at most {MOST} words and signs", pointer)
        depth += {"{": 1, "}": -1}.get(found[0], 0)
    return -1
