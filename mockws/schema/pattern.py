"""What a regular expression matches, within bounds, and texts that it matches.

A text is made by chance and is a proposal only (look-around is not planned for): who asks checks it.
"""

import re
from collections.abc import Callable
from functools import cache
from random import Random

from mockws.schema.ecma import Again, Chars, Choice, Edge, Group, Look, Node, PatternSyntax, Repeat, Sequence, parse

__all__ = ["Pattern", "PatternSyntax", "backtracks"]

MAX_STEPS = 20_000
NATURAL = "abcdefghijklmnopqrstuvwxyz0123456789"
MIXED = NATURAL + "ABCDEFGHIJKLMNOPQRSTUVWXYZ!#$%&*+-.:=?@_ /()<>,;'\"~^|\\`{}[]"
PROPERTY_SAMPLES = "éßñøæÉÑØŁżжЖбБαΩ中文日本אبあア٣€±§¿ "

Continue = Callable[[int], bool]


class OutOfSteps(Exception):
    """The bound of a match is reached."""


class Pattern:
    """A compiled expression; raises PatternSyntax."""

    def __init__(self, text: str) -> None:
        self.root = parse(text)
        self._quick = quick(self.root)
        self.least = least_length(self.root)

    def search(self, text: str) -> bool:
        """Tell whether the expression matches anywhere; a search without end counts as no match."""
        if self._quick is not None:
            return self._quick.search(text) is not None
        try:
            search = Search(text)
            return any(search.match(self.root, start, lambda _: True) for start in range(len(text) + 1))
        except (OutOfSteps, RecursionError):
            return False

    def sample(self, random: Random, *, extra: int, greedy: bool = False, mixed: bool = False) -> str:
        """Make a text: `extra` characters more than the least (all of them if `greedy`), out of a `mixed` alphabet."""
        return Sampler(random, extra, greedy=greedy, mixed=mixed).made(self.root)


def quick(node: Node) -> re.Pattern[str] | None:
    """Compile a tree for Python's engine, where that can be done and cannot explode."""
    if can_explode(node, inside=False):
        return None
    try:
        return re.compile(written(node))
    except (re.error, OverflowError):  # look-behind of any width, repetitions beyond all measure
        return None


def can_explode(node: Node, *, inside: bool) -> bool:
    """Tell whether a choice is repeated (a repetition is one), or a back-reference is there: those can explode."""
    match node:
        case Repeat(part, _, most):
            return (inside and most != 1) or can_explode(part, inside=inside or most is None or most > 1)
        case Choice(options):
            return inside or any(can_explode(option, inside=inside) for option in options)
        case Sequence(parts):
            return any(can_explode(part, inside=inside) for part in parts)
        case Group(part) | Look(part):
            return can_explode(part, inside=inside)
        case Again():
            return True
    return False


def backtracks(text: str) -> bool:
    """Tell whether an expression needs an engine that tries one way after the other: it looks around, or back."""
    try:
        return _looks(parse(text))
    except PatternSyntax:
        return False


def _looks(node: Node) -> bool:
    match node:
        case Look() | Again():
            return True
        case Repeat(part) | Group(part):
            return _looks(part)
        case Choice(parts) | Sequence(parts):
            return any(map(_looks, parts))
    return False


def written(node: Node) -> str:
    """Write a tree in Python's dialect."""
    match node:
        case Chars():
            return written_set(node)
        case Sequence(parts):
            return "".join(written(part) for part in parts)
        case Choice(options):
            return f"(?:{'|'.join(written(option) for option in options)})"
        case Repeat(part, least, most):
            return f"(?:{written(part)}){{{least},{'' if most is None else most}}}"
        case Group(part):
            return f"(?:{written(part)})"
        case Look(part, ahead, negated):
            return f"(?{'' if ahead else '<'}{'!' if negated else '='}{written(part)})"
        case Edge(kind):
            return {"^": r"\A", "$": r"\Z", "b": r"(?a:\b)", "B": r"(?a:\B)"}[kind]
        case Again():
            raise PatternSyntax("a back-reference is matched step by step")


def written_set(chars: Chars) -> str:
    if chars.properties:
        return written_set(Chars(ranges_of(chars)))
    inside = "".join(f"\\U{low:08x}-\\U{high:08x}" for low, high in chars.ranges)
    if not inside:
        return r"[\s\S]" if chars.negated else r"(?!)"
    return f"[{'^' if chars.negated else ''}{inside}]"


@cache
def ranges_of(chars: Chars) -> tuple[tuple[int, int], ...]:
    """Spell out a set that names Unicode properties, for the basic plane."""
    codes = [code for code in range(0x10000) if not 0xD800 <= code < 0xE000 and chr(code) in chars]
    ranges: list[tuple[int, int]] = []
    for code in codes:
        if ranges and ranges[-1][1] == code - 1:
            ranges[-1] = (ranges[-1][0], code)
        else:
            ranges.append((code, code))
    return tuple(ranges)


class Search:
    """One backtracking search, which gives up after a number of steps."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.steps = 0
        self.groups: dict[int, str] = {}

    def match(self, node: Node, at: int, then: Continue) -> bool:
        self.steps += 1
        if self.steps > MAX_STEPS:
            raise OutOfSteps
        match node:
            case Chars():
                return at < len(self.text) and self.text[at] in node and then(at + 1)
            case Sequence(parts):
                return self.in_order(parts, at, then)
            case Choice(options):
                return any(self.match(option, at, then) for option in options)
            case Repeat():
                return self.repeat(node, at, then, 0)
            case Group(part, number):
                return self.match(part, at, lambda end: self.noted(number, at, end, then))
            case Look(part, ahead, negated):
                found = self.match(part, at, lambda _: True) if ahead else self.behind(part, at)
                return found is not negated and then(at)
            case Again(number):
                seen = self.groups.get(number, "")
                return self.text.startswith(seen, at) and then(at + len(seen))
            case Edge(kind):
                return self.stands_at(kind, at) and then(at)

    def in_order(self, parts: tuple[Node, ...], at: int, then: Continue) -> bool:
        if not parts:
            return then(at)
        return self.match(parts[0], at, lambda end: self.in_order(parts[1:], end, then))

    def repeat(self, node: Repeat, at: int, then: Continue, count: int) -> bool:
        def again(end: int) -> bool:
            return end > at and self.repeat(node, end, then, count + 1)

        if count < node.least:
            return self.match(node.part, at, lambda end: self.repeat(node, end, then, count + 1))
        more = node.most is None or count < node.most
        return (more and self.match(node.part, at, again)) or then(at)

    def noted(self, number: int, start: int, end: int, then: Continue) -> bool:
        before = self.groups.get(number, "")
        self.groups[number] = self.text[start:end]
        if then(end):
            return True
        self.groups[number] = before
        return False

    def behind(self, part: Node, at: int) -> bool:
        return any(self.match(part, start, lambda end: end == at) for start in range(at, -1, -1))

    def stands_at(self, kind: str, at: int) -> bool:
        if kind == "^":
            return at == 0
        if kind == "$":
            return at == len(self.text)
        before = at > 0 and is_word(self.text[at - 1])
        after = at < len(self.text) and is_word(self.text[at])
        return (before is not after) is (kind == "b")


def is_word(character: str) -> bool:
    return character.isascii() and (character.isalnum() or character == "_")


def least_length(node: Node) -> int:
    """Tell how many characters a match has at least (look-around and back-references not counted)."""
    match node:
        case Chars():
            return 1
        case Sequence(parts):
            return sum(map(least_length, parts))
        case Choice(options):
            return min(map(least_length, options))
        case Repeat(part, least, _):
            return least * least_length(part)
        case Group(part):
            return least_length(part)
    return 0


class Sampler:
    """One text in the making."""

    def __init__(self, random: Random, extra: int, *, greedy: bool, mixed: bool) -> None:
        self.random = random
        self.extra = extra
        self.greedy = greedy
        self.mixed = mixed
        self.groups: dict[int, str] = {}

    def made(self, node: Node) -> str:
        match node:
            case Chars():
                return self.random.choice(alphabet(node, self.mixed))
            case Sequence(parts):
                return "".join([self.made(part) for part in parts])
            case Choice(options):
                return self.made(self.random.choice(options))
            case Repeat():
                return "".join([self.made(node.part) for _ in range(self.count(node))])
            case Group(part, number):
                self.groups[number] = self.made(part)
                return self.groups[number]
            case Again(number):
                return self.groups.get(number, "")
        return ""

    def count(self, node: Repeat) -> int:
        room = self.extra // max(1, least_length(node.part))
        more = room if node.most is None else min(room, node.most - node.least)
        if more <= 0:
            return node.least
        added = more if self.greedy else self.random.randint(0, more)
        self.extra -= added * least_length(node.part) if self.greedy else 0
        return node.least + added


@cache
def alphabet(chars: Chars, mixed: bool) -> tuple[str, ...]:
    """Choose the characters of a set that a person would: letters and digits before anything else."""
    for candidates in (MIXED,) if mixed else (NATURAL, NATURAL.upper(), MIXED):
        fitting = tuple(one for one in candidates if one in chars)
        if any(one.isalpha() for one in fitting) or (fitting and candidates == MIXED):
            return fitting
    named = tuple(one for one in PROPERTY_SAMPLES if one in chars)
    if named:
        return named
    ends = [chr(code) for low, high in chars.ranges for code in {low, (low + high) // 2, high}]
    others = [chr(code) for code in (*range(0x20, 0x17F), 0x2603, 0x4E2D, 0x1F600)]
    sane = tuple(one for one in (*ends, *others) if one in chars and not 0xD800 <= ord(one) < 0xE000)
    if not sane:
        raise PatternSyntax("a set that holds no character")
    return sane
