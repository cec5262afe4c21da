"""A regular expression of ECMA-262 as a tree.

Only reading is here; what matches and what can be made of a tree is in `pattern.py`. Python's own parser is not used:
`$`, `\\d`, `\\p{L}` and `\\u{1F600}` mean something else to it.
"""

import unicodedata
from dataclasses import dataclass

HIGHEST = 0x10FFFF
Ranges = tuple[tuple[int, int], ...]


class PatternSyntax(ValueError):
    """A text that is no regular expression."""


@dataclass(frozen=True, slots=True)
class Chars:
    """One character out of a set; `properties` are Unicode's (name, negated)."""

    ranges: Ranges
    properties: tuple[tuple[str, bool], ...] = ()
    negated: bool = False

    def __contains__(self, character: str) -> bool:
        code = ord(character)
        inside = any(low <= code <= high for low, high in self.ranges) or any(
            has_property(character, name) is not negated for name, negated in self.properties
        )
        return inside is not self.negated


@dataclass(frozen=True, slots=True)
class Sequence:
    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Choice:
    options: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    part: "Node"
    least: int
    most: int | None


@dataclass(frozen=True, slots=True)
class Group:
    part: "Node"
    number: int


@dataclass(frozen=True, slots=True)
class Look:
    part: "Node"
    ahead: bool
    negated: bool


@dataclass(frozen=True, slots=True)
class Again:
    """A back-reference."""

    number: int


@dataclass(frozen=True, slots=True)
class Edge:
    """`^`, `$`, `b` or `B`: a place, no character."""

    kind: str


Node = Chars | Sequence | Choice | Repeat | Group | Look | Again | Edge

DIGIT: Ranges = ((0x30, 0x39),)
WORD: Ranges = ((0x30, 0x39), (0x41, 0x5A), (0x5F, 0x5F), (0x61, 0x7A))
SPACE: Ranges = (
    *((0x09, 0x0D), (0x20, 0x20), (0xA0, 0xA0), (0x1680, 0x1680), (0x2000, 0x200A)),
    *((0x2028, 0x2029), (0x202F, 0x202F), (0x205F, 0x205F), (0x3000, 0x3000), (0xFEFF, 0xFEFF)),
)
NEWLINE: Ranges = ((0x0A, 0x0A), (0x0D, 0x0D), (0x2028, 0x2029))
CLASSES = {"d": DIGIT, "w": WORD, "s": SPACE}
CONTROLS = {"n": 0x0A, "r": 0x0D, "t": 0x09, "v": 0x0B, "f": 0x0C, "0": 0x00}
DOT = Chars(NEWLINE, negated=True)
LONG_CATEGORIES = {"Letter": "L", "Uppercase_Letter": "Lu", "Lowercase_Letter": "Ll", "Number": "N", "digit": "Nd"} | {
    "Decimal_Number": "Nd",
    "Punctuation": "P",
    "punct": "P",
    "Symbol": "S",
    "Separator": "Z",
    "Mark": "M",
    "Uppercase": "Lu",
    "Lowercase": "Ll",
    "Alphabetic": "L",
}


def has_property(character: str, name: str) -> bool:
    """Tell a Unicode property: a general category, else the script by the character's name."""
    if name in ("Any", "ASCII"):
        return name == "Any" or character.isascii()
    category = LONG_CATEGORIES.get(name, name)
    if len(category) <= 2:
        return unicodedata.category(character).startswith(category)
    script = {"HAN": "CJK UNIFIED"}.get(name.upper(), name.upper())
    return unicodedata.name(character, "").startswith(script)


def complement(ranges: Ranges) -> Ranges:
    result, start = [], 0
    for low, high in sorted(ranges):
        if start < low:
            result.append((start, low - 1))
        start = max(start, high + 1)
    return (*result, (start, HIGHEST)) if start <= HIGHEST else tuple(result)


def parse(text: str) -> Node:
    """Read an expression; raises PatternSyntax."""
    reader = Reader(text)
    node = reader.choice()
    if reader.at < len(text):
        raise PatternSyntax(f"unexpected {text[reader.at]!r} at {reader.at}")
    return node


class Reader:
    """A place in the text of an expression, and the groups seen so far."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.groups = 0
        self.names: dict[str, int] = {}
        self.depth = 0

    def take(self, token: str) -> bool:
        if not self.text.startswith(token, self.at):
            return False
        self.at += len(token)
        return True

    def next(self) -> str:
        if self.at >= len(self.text):
            raise PatternSyntax("ends too early")
        self.at += 1
        return self.text[self.at - 1]

    def until(self, end: str) -> str:
        stop = self.text.find(end, self.at)
        if stop < 0:
            raise PatternSyntax(f"{end!r} is missing")
        found, self.at = self.text[self.at : stop], stop + len(end)
        return found

    def choice(self) -> Node:
        self.depth += 1
        if self.depth > 100:
            raise PatternSyntax("is nested too deep")
        options = [self.sequence()]
        while self.take("|"):
            options.append(self.sequence())
        self.depth -= 1
        return options[0] if len(options) == 1 else Choice(tuple(options))

    def sequence(self) -> Node:
        parts: list[Node] = []
        while self.at < len(self.text) and self.text[self.at] not in "|)":
            parts.append(self.repeated(self.atom()))
        return parts[0] if len(parts) == 1 else Sequence(tuple(parts))

    def repeated(self, atom: Node) -> Node:
        bounds = self.bounds()
        if bounds is None:
            return atom
        if isinstance(atom, Edge):
            raise PatternSyntax("nothing to repeat")
        self.take("?") or self.take("+")
        return Repeat(atom, *bounds)

    def bounds(self) -> tuple[int, int | None] | None:
        for token, bounds in (("*", (0, None)), ("+", (1, None)), ("?", (0, 1))):
            if self.take(token):
                return bounds
        start = self.at
        if not self.take("{") or self.text.find("}", self.at) < 0:
            self.at = start
            return None
        least, comma, most = self.until("}").partition(",")
        if not least.isdecimal() or (most and not most.isdecimal()):
            self.at = start  # a brace that is no quantifier stands for itself
            return None
        return int(least), (int(most) if most else None) if comma else int(least)

    def atom(self) -> Node:
        character = self.next()
        match character:
            case "^" | "$":
                return Edge(character)
            case ".":
                return DOT
            case "(":
                return self.group()
            case "[":
                return self.bracket()
            case "\\":
                return self.escape()
            case "*" | "+" | "?":
                raise PatternSyntax("nothing to repeat")
        return Chars(((ord(character), ord(character)),))

    def group(self) -> Node:
        for token, ahead, negated in (
            ("?=", True, False),
            ("?!", True, True),
            ("?<=", False, False),
            ("?<!", False, True),
        ):
            if self.take(token):
                return Look(self.closed(), ahead, negated)
        if self.take("?:"):
            return self.closed()
        self.groups += 1
        number = self.groups
        if self.take("?<"):
            self.names[self.until(">")] = number
        elif self.take("?"):
            raise PatternSyntax("a group of an unknown kind")
        return Group(self.closed(), number)

    def closed(self) -> Node:
        node = self.choice()
        if not self.take(")"):
            raise PatternSyntax("')' is missing")
        return node

    def escape(self) -> Node:
        letter = self.next()
        if letter in "bB":
            return Edge(letter)
        if letter == "k" and self.take("<"):
            return Again(self.names.get(self.until(">"), 0))
        if letter in "123456789":
            while self.at < len(self.text) and self.text[self.at].isdecimal():
                letter += self.next()
            return Again(int(letter))
        return self.escaped_set(letter)

    def escaped_set(self, letter: str) -> Chars:
        if letter in "pP" and self.take("{"):
            return Chars((), ((self.until("}").rpartition("=")[2], letter == "P"),))
        if letter.lower() in CLASSES and letter.isascii():
            ranges = CLASSES[letter.lower()]
            return Chars(complement(ranges) if letter.isupper() else ranges)
        code = self.code(letter)
        return Chars(((code, code),))

    def code(self, letter: str) -> int:
        if letter in CONTROLS:
            return CONTROLS[letter]
        if letter == "c":
            return ord(self.next()) % 32
        try:
            if letter == "x":
                return int(self.next() + self.next(), 16)
            if letter == "u":
                return int(self.until("}") if self.take("{") else "".join(self.next() for _ in range(4)), 16)
        except ValueError as error:
            raise PatternSyntax("a broken escape") from error
        return ord(letter)

    def bracket(self) -> Chars:
        negated = self.take("^")
        ranges: list[tuple[int, int]] = []
        properties: list[tuple[str, bool]] = []
        while not self.take("]"):
            low = self.member()
            single = len(low.ranges) == 1 and low.ranges[0][0] == low.ranges[0][1]
            if single and self.text.startswith("-", self.at) and not self.text.startswith("-]", self.at):
                self.at += 1
                low = self.span(low, self.member())
            ranges.extend(low.ranges)
            properties.extend(low.properties)
        return Chars(tuple(ranges), tuple(properties), negated)

    def member(self) -> Chars:
        character = self.next()
        if character != "\\":
            return Chars(((ord(character), ord(character)),))
        letter = self.next()
        return Chars(((8, 8),)) if letter == "b" else self.escaped_set(letter)

    def span(self, low: Chars, high: Chars) -> Chars:
        first, last = low.ranges[0][0], high.ranges[0][1] if high.ranges else -1
        if len(high.ranges) != 1 or high.ranges[0][0] != last:  # `[a-\\d]`: the dash stands for itself
            return Chars((*low.ranges, (0x2D, 0x2D), *high.ranges), high.properties)
        if last < first:
            raise PatternSyntax("a range out of order")
        return Chars(((first, last),))
