"""Bytes mangled at random: cut, joined, flipped, doubled many times, and strewn with words that readers mind.

What a number comes to is always the same, so a failure is repeated by its bytes or by its seed.
"""

import json
import re
import struct
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from random import Random

import msgspec
from damage import Draw
from hypothesis import strategies as st
from readers import READERS
from samples import CORPUS, OVERLAY, PACKED, RICH

ROOT = Path(__file__).parents[2]
LARGEST = 64 << 10  # bytes; what is larger is a matter of limits, which have tests of their own
MOST_TIMES = 3000
SMALL = 6_000
TEMPLATE = re.compile(r"\{[{%].*?[%}]\}", re.DOTALL)

YAML_WORDS = (
    "&a ", "*a", "<<: *a\n", "!!python/object:os.system ", "!!binary ", "? ", ": ", "- ", "|\n ", ">-\n",
    "%YAML 1.1\n", "---\n", "...\n", "{", "}", "[", "]", "'", '"', "\t", "#", "~", "null", ".inf", "-.nan", "0x1f",
    "1_000", "010", "1e999", "2024-01-01", "\ufeff", "\x00", "\x85", "\u2028", "$ref: ", "'#/'", "'#/channels'",
    "'file:///etc/passwd'", "'../../x.yaml'",
)  # fmt: skip
JSON_WORDS = (
    "{", "}", "[", "]", '"', ":", ",", "\\u0000", "\\ud800", "\\", "-", "1e999", "-0", "0.1e-400", "9" * 400, "NaN",
    "Infinity", "true", "null", "\x00", "\ufeff", '{"a":1,"a":2}', "\u2028", '"type":"chat"', "  ",
)  # fmt: skip
TEMPLATE_WORDS = (
    "{{", "}}", "{%", "%}", "{#", "#}", "{% raw %}", "{% for x in range(9999) %}", "{% endfor %}",
    "{% set a = message.text ~ message.text %}", "{% if ", "{% else %}", "{% endif %}", "|", "|tojson", "|join('x')",
    "|replace('x', 'xxxxxxxx')", "|list", "|map('upper')", "|sort", "|round(99999)", "|int", "|float", "|urlencode",
    "|groupby('a')", "|title", "(", ")", "[", "]", "[-1]", "[::0]", "[1:2:3]", ".", "..", "'", '"', "message.json.a",
    "message.text", "connection", "range(0, 10, 0)", "range(-1)", "uuid()", "random(1, 0)", "faker('x')", "*", "**",
    "//", "%", "~", "-", "1e308", "9" * 30, "1/0", "is defined", "not ", "in ", "loop.index", "namespace()", "self",
    "super()",
)  # fmt: skip
WIRE_WORDS = (
    b"\x81", b"\x01", b"\x80", b"\x00", b"\x82", b"\x88", b"\x89", b"\x8a", b"\xc1", b"\x83", b"\x7f", b"\xff",
    b"\xfe", b"\xfd", b"\x88\x82\0\0\0\0\x03\xe8", b"\x88\x80\0\0\0\0", b"\x81\xfe\xff\xff",
    b"\x81\xff\xff\xff\xff\xff\xff\xff\xff\xff", b"\xed\xa0\x80", b"\x01\x80\0\0\0\0", b"\x00\x80\0\0\0\0",
    b"\x80\x80\0\0\0\0", b"\x89\x80\0\0\0\0", b"\x89\xfd\0\0\0\0" + b"p" * 125,
)  # fmt: skip


def mangled(seeds: Sequence[bytes], words: Sequence[bytes], rng: Random) -> bytes:
    """Make something new of what is there, by one to eight changes."""
    made = rng.choice(seeds)
    for _ in range(rng.choice((1, 1, 2, 3, 8))):
        start = rng.randrange(len(made) + 1)
        stop = min(len(made), start + rng.choice((0, 0, 1, 2, 8, 64, len(made))))
        made = made[:start] + rng.choice(CHANGES)(made[start:stop], seeds, words, rng) + made[stop:]
    return made[:LARGEST]


Change = Callable[[bytes, Sequence[bytes], Sequence[bytes], Random], bytes]


def _spliced(_: bytes, seeds: Sequence[bytes], __: Sequence[bytes], rng: Random) -> bytes:
    other = rng.choice(seeds)
    start = rng.randrange(len(other) + 1)
    return other[start : start + rng.choice((4, 30, 300, len(other)))]


def _flipped(part: bytes, _: Sequence[bytes], __: Sequence[bytes], rng: Random) -> bytes:
    return bytes(each ^ (1 << rng.randrange(8)) if rng.random() < 0.3 else each for each in part)


def _strewn(part: bytes, _: Sequence[bytes], words: Sequence[bytes], rng: Random) -> bytes:
    return rng.choice(words) + part + rng.choice((b"", rng.choice(words)))


def _doubled(part: bytes, _: Sequence[bytes], words: Sequence[bytes], rng: Random) -> bytes:
    part = part or rng.choice(words)
    return part * min(rng.choice((2, 3, 70, MOST_TIMES)), LARGEST // len(part) + 1)


def _dropped(_: bytes, __: Sequence[bytes], ___: Sequence[bytes], ____: Random) -> bytes:
    return b""


def _replaced(_: bytes, __: Sequence[bytes], ___: Sequence[bytes], rng: Random) -> bytes:
    return rng.randbytes(rng.choice((1, 2, 9)))


CHANGES: tuple[Change, ...] = (_dropped, _strewn, _strewn, _doubled, _replaced, _spliced, _flipped)


def _texts(pattern: str) -> list[bytes]:
    return [path.read_bytes() for path in sorted(ROOT.glob(pattern)) if path.stat().st_size < SMALL]


def _documents() -> list[bytes]:
    there = [path for path in sorted(CORPUS.glob("asyncapi-*/**/*.*")) if path.is_file()]
    small = [path.read_bytes() for path in there if path.stat().st_size < SMALL]
    written = [each.encode() for each in (*RICH, PACKED, OVERLAY)]
    return [*written, *_texts("specification/*.yaml"), *small[::7]]


def _stubs() -> list[bytes]:
    return [*_texts("stubs/*.yaml"), *(b"version: 1\n" + each for each in _texts("tests/exchanges/*stub*.yaml"))]


def _messages() -> list[bytes]:
    chat = [{"type": "chat", "user": "ada", "text": "hi"}, {"type": "typing", "user": "ada", "active": True}]
    said = [*chat, [1, 2.5, None, "x"], "x", {"k": 1, "raw": "eA=="}, {"a": {"b": [{"c": {}}]}}]
    return [json.dumps(each).encode() for each in said] + [msgspec.msgpack.encode(each) for each in said]


def _templates() -> list[bytes]:
    found = [each.encode() for text in _stubs() for each in TEMPLATE.findall(text.decode())]
    loops = "{% for x in message.json.a %}{{ loop.index }}{{ x }}{% else %}-{% endfor %}"
    own = [
        "{{ message.json.a[0] + 1 }}",
        loops,
        "{{ {'a': [message.json.b.c]} }}",
        "{{ 'x' if message.text else uuid() }}",
    ]
    return [*found, *(each.encode() for each in own)]


def _wire() -> list[bytes]:
    def frame(first: int, payload: bytes) -> bytes:
        size = len(payload)
        head = bytes((first, 0x80 | size)) if size < 126 else struct.pack("!BBH", first, 0xFE, size)
        return head + b"\x01\x02\x03\x04" + bytes(each ^ (1, 2, 3, 4)[place % 4] for place, each in enumerate(payload))

    text = "grüße".encode()
    whole = (
        frame(0x81, text)
        + frame(0x89, b"p")
        + frame(0x01, text[:3])
        + frame(0x80, text[3:])
        + frame(0x88, b"\x03\xe8ok")
    )
    packed = (
        frame(0xC1, bytes.fromhex("f248cdc9c90700"))
        + frame(0x41, bytes.fromhex("f248cd"))
        + frame(0x80, bytes.fromhex("c9c90700"))
    )
    many = frame(0x82, b"x" * 300) + frame(0x81, b"") * 70
    return [bytes((size, packs)) + each for size in (0, 3) for packs in (0, 255) for each in (whole, packed, many)]


def _encoded(words: Sequence[str]) -> tuple[bytes, ...]:
    return tuple(each.encode() for each in words)


# reader -> what is mangled, and the words that are strewn in
SEEDS: Mapping[str, tuple[Callable[[], list[bytes]], tuple[bytes, ...]]] = {
    "documents-as-bytes": (_documents, _encoded((*YAML_WORDS, *JSON_WORDS))),
    "stubs": (_stubs, _encoded((*YAML_WORDS, *TEMPLATE_WORDS, *JSON_WORDS))),
    "messages": (_messages, _encoded(JSON_WORDS)),
    "templates": (_templates, _encoded(TEMPLATE_WORDS)),
    "wire": (_wire, WIRE_WORDS),
}


@cache
def seeds_of(name: str) -> tuple[bytes, ...]:
    return tuple(SEEDS[name][0]())


def throwing(name: str) -> Callable[[Draw], None]:
    """Make a target of a reader."""

    def target(draw: Draw) -> None:
        data = mangled(seeds_of(name), SEEDS[name][1], Random(draw.draw(st.integers(0, 1 << 48))))
        try:
            READERS[name](data)
        except BaseException as problem:
            problem.add_note(f"{name} was given {data[:3000]!r}{' ...' if len(data) > 3000 else ''}")
            raise

    return target
