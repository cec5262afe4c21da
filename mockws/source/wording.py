"""What a syntax error is called: from the words of the parsers to a sentence for people, with advice.

The tables are here. This file does not parse, and does not know the libraries, only what they say.
"""

import re
from typing import NamedTuple

from mockws.errors import Unreadable
from mockws.source.text import Lines, quoted

_QUOTE_IT = "quote the text: a value that begins with this character needs quotes"
_INDENT = "compare the indentation with the lines above: what belongs together begins in the same column"


class _Wording(NamedTuple):
    """How one kind of problem is said; `{begins}` is where the broken part begins."""

    heard: re.Pattern[str]
    message: str
    advice: str
    code: str = "yaml_syntax"


def _words(heard: str, message: str, advice: str, code: str = "yaml_syntax") -> _Wording:
    return _Wording(re.compile(heard), message, advice, code)


# Asked in order, on "context: problem"; the words of libyaml, and after the bar those of the pure loader.
_YAML = (
    _words(
        "quoted scalar: found unexpected (end of stream|document)",
        "the quote that opens{begins} is never closed",
        "close it, or write the text without quotes",
    ),
    _words(
        "unknown escape|escape sequence|expected escape|Unicode character escape|hexdecimal|hexadecimal",
        'an escape in "double quotes" is not known to YAML',
        "double the backslash, or use 'single quotes', where it is only a character",
    ),
    _words(
        "mapping values are not allowed",
        "a ':' stands where no key can be",
        "quote the text if it holds ': '; else check the indentation of this line and the one above",
    ),
    _words(
        "simple key: could not find expected ':'",
        "the key{begins} has no ':' after it",
        "write 'key: value', or indent the line if it goes on with the text above",
    ),
    _words(
        r"flow sequence: (did not find expected|expected) ',' or '\]'",
        "the list that begins{begins} goes wrong here: ',' or ']' was expected",
        "close the list with ']', and separate its elements by ','",
    ),
    _words(
        r"flow mapping: (did not find expected|expected) ',' or '}'",
        "the mapping that begins{begins} goes wrong here: ',' or '}' was expected",
        "close the mapping with '}', and separate its entries by ','",
    ),
    _words(
        "block collection: ",
        "the list that begins{begins} goes wrong here: '- ' was expected",
        _INDENT,
    ),
    _words(
        "block mapping: ",
        "the mapping that begins{begins} goes wrong here: a key was expected",
        f"{_INDENT}; a text with quotes in it is quoted as a whole",
    ),
    _words(
        "tab character",
        "a tab stands where YAML allows spaces only",
        "indent with spaces",
    ),
    _words(
        "block sequence entries are not allowed|sequence entries are not allowed",
        "a '- ' stands where no list can begin",
        "begin the list on a line of its own, below its key",
    ),
    _words(
        "undefined tag handle",
        "a tag with an unknown prefix stands here; tags have no meaning here",
        "remove the tag; quote the value if it is text",
        "yaml_tag",
    ),
    _words(
        "parsing a tag|scanning a tag",
        "a '!' stands where a value begins, so a tag is read, and it is no good one",
        _QUOTE_IT,
    ),
    _words(
        "scanning an? (anchor|alias)",
        "a '&' or '*' stands where a value begins, so a name is read, and none follows",
        _QUOTE_IT,
    ),
    _words(
        "directive",
        "a line that begins with '%' is a directive, and this one is not understood",
        _QUOTE_IT,
    ),
    _words(
        "incompatible YAML document",
        "the '%YAML' line asks for a version that is not 1",
        "remove the line",
    ),
    _words(
        "block scalar",
        "the text block that begins{begins} goes wrong here",
        "nothing but '+', '-' or an indentation follows '|' or '>' on its line; indent the text with spaces",
    ),
    _words(
        "node content",
        "a value was expected here",
        "write one; a text that begins with a bracket, '%', '?' or the like needs quotes",
    ),
    _words(
        "document start",
        "the document has ended before this line",
        f"keep one document in a file; {_INDENT}",
    ),
)


def yaml_error(lines: Lines, *, problem: str, context: str, offset: int | None, begins: int | None) -> Unreadable:
    """Make the error for what a YAML parser complained about."""
    if offset is not None and "cannot start any token" in problem:
        return _bad_beginning(lines, offset)
    heard = f"{context}: {problem}" if context else problem
    for wording in _YAML:
        if wording.heard.search(heard):
            where = "" if begins is None else f" on line {lines.line(begins)}"
            # An open quote swallows the rest of the file: its end says nothing, its beginning does.
            at = begins if "is never closed" in wording.message else offset
            return lines.refuse(wording.code, wording.message.replace("{begins}", where), at, advice=wording.advice)
    return lines.refuse("yaml_syntax", f"this is not YAML: {heard}", offset, advice=_INDENT)


def _bad_beginning(lines: Lines, offset: int) -> Unreadable:
    character = lines.characters[offset : offset + 1]
    if character == "\t":
        message, advice = "a tab stands where YAML allows spaces only", "indent with spaces"
    else:
        message, advice = f"a value cannot begin with {quoted(character)}", _QUOTE_IT
    return lines.refuse("yaml_syntax", message, offset, advice=advice)


# The words of the standard library, up to where its releases differ.
_JSON = (
    ("Expecting property name", "a key in double quotes was expected", 'write {"key": value}'),
    ("Illegal trailing comma", "a ',' stands before the closing bracket", "remove the comma"),
    ("Expecting ',' delimiter", "a ',' or the closing bracket was expected", "separate what stands here by ','"),
    ("Expecting ':' delimiter", "a ':' was expected after the key", 'write "key": value'),
    ("Expecting value", "a value was expected", "texts need double quotes; JSON knows true, false and null"),
    ("Unterminated string", "the quote that opens here is never closed", 'close it with "'),
    (
        "Invalid control character",
        "a line break or control character stands inside a text",
        r"write it as \n or \u0001",
    ),
    ("Invalid \\", "this escape is not known to JSON", "double the backslash where it is only a character"),
    ("Extra data", "the JSON value has ended before this place", "keep one value in a file"),
)
_TRAILING_COMMA = re.compile(r",\s*\Z")


def json_error(lines: Lines, *, problem: str, offset: int) -> Unreadable:
    """Make the error for what a JSON decoder complained about."""
    message, advice = next(((said, hint) for heard, said, hint in _JSON if problem.startswith(heard)), (problem, ""))
    following = lines.characters[offset : offset + 2]
    if following[:1] in ("}", "]") and _TRAILING_COMMA.search(lines.characters, max(0, offset - 1000), offset):
        message, advice = "a ',' stands before the closing bracket", "remove the comma"
    elif following[:1] == "#" or following in ("//", "/*"):
        message, advice = "JSON has no comments", "remove the comment, or name the file .yaml and comment with '#'"
    elif following[:1] == "'":
        message, advice = "a text stands in single quotes", "use double quotes"
    elif not following:
        message, advice = (
            "the file ends in the middle of a value",
            "close what is open; is the file written to its end?",
        )
    return lines.refuse("json_syntax", message, offset, advice=advice)
