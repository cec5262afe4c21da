"""RFC 6455, section by section: what a client may send, what it may not, and the close code that it gets for it."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.extensions.permessage_deflate import PerMessageDeflate as Extension
from websockets.frames import Frame as TheirFrame
from websockets.frames import Opcode
from websockets.utils import apply_mask

from mockws.codec import Frame
from mockws.host.deflate import PerMessageDeflate
from mockws.host.framing import (
    BINARY,
    CLOSE,
    CONTINUATION,
    MAX_FRAGMENTS,
    PING,
    PONG,
    TEXT,
    TURN,
    Broken,
    Deflate,
    Reader,
    Scribe,
    closing,
    parting_of,
    written,
)

KEY = b"\x37\xfa\x21\x3d"
LIMIT = 1000
BROKEN_UTF8 = b"\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5\xed\xa0\x80edited"  # a lone surrogate in it


def sent(
    opcode: int,
    payload: bytes = b"",
    *,
    fin: int = 0x80,
    reserved: int = 0,
    masked: int = 0x80,
    length: int | None = None,
) -> bytes:
    """Write a frame of a client, as right or as wrong as is wanted."""
    size = len(payload) if length is None else length
    head = bytes((fin | reserved | opcode,))
    if size < 126:
        head += bytes((masked | size,))
    else:
        head += struct.pack("!BH", masked | 126, size) if size < 1 << 16 else struct.pack("!BQ", masked | 127, size)
    return head + (KEY + apply_mask(payload, KEY) if masked else payload)


class Heard:
    """What a reader makes of bytes."""

    def __init__(self, *, limit: int = LIMIT, deflate: Deflate | None = None) -> None:
        self.all: list[Frame | tuple[int, bytes]] = []
        self.turns = 1
        self._reader = Reader(
            self.all.append, lambda opcode, payload: self.all.append((opcode, payload)), limit, deflate
        )

    def feed(self, *pieces: bytes) -> "Heard":
        for piece in pieces:
            more = self._reader.feed(piece)
            while more:
                self.turns += 1
                more = self._reader.go_on()
        return self

    @property
    def waits(self) -> bool:
        return self._reader.waits


FIRST, LAST = 0x00, 0x80
GOOD: dict[str, tuple[bytes, list[Frame | tuple[int, bytes]]]] = {
    "5.7: a text": (sent(TEXT, b"Hello"), ["Hello"]),
    "5.7: the example": (b"\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58", ["Hello"]),
    "5.7: a binary": (sent(BINARY, b"\x00\xff"), [b"\x00\xff"]),
    "5.2: an empty text": (sent(TEXT), [""]),
    "5.2: an empty binary": (sent(BINARY), [b""]),
    "5.2: 125 bytes": (sent(TEXT, b"x" * 125), ["x" * 125]),
    "5.2: 126 bytes": (sent(TEXT, b"x" * 126), ["x" * 126]),
    "5.2: as much as is allowed": (sent(TEXT, b"x" * LIMIT), ["x" * LIMIT]),
    "5.2: a length that is longer than it has to be": (b"\x81\xfe\x00\x02" + KEY + apply_mask(b"hi", KEY), ["hi"]),
    "5.2: the same in 64 bits": (b"\x81\xff" + struct.pack("!Q", 2) + KEY + apply_mask(b"hi", KEY), ["hi"]),
    "5.4: fragments": (
        sent(TEXT, b"Hel", fin=FIRST) + sent(CONTINUATION, b"lo", fin=FIRST) + sent(CONTINUATION, b"!"), ["Hello!"]
    ),
    "5.4: fragments of a binary": (sent(BINARY, b"\x00", fin=FIRST) + sent(CONTINUATION, b"\x01"), [b"\x00\x01"]),
    "5.4: empty fragments": (sent(TEXT, fin=FIRST) + sent(CONTINUATION, fin=FIRST) + sent(CONTINUATION), [""]),
    "5.4: control frames between fragments": (
        sent(TEXT, b"a", fin=FIRST) + sent(PING, b"p") + sent(CONTINUATION, b"b", fin=FIRST) + sent(PONG)
        + sent(CONTINUATION, b"c"),
        [(PING, b"p"), (PONG, b""), "abc"],
    ),
    "5.4: a message after fragments": (
        sent(TEXT, b"a", fin=FIRST) + sent(CONTINUATION, b"b") + sent(TEXT, b"c"), ["ab", "c"]
    ),
    "5.4: as many fragments as are allowed": (
        sent(TEXT, fin=FIRST) + sent(CONTINUATION, fin=FIRST) * (MAX_FRAGMENTS - 2) + sent(CONTINUATION, b"x"), ["x"]
    ),
    "5.5: a control frame of 125 bytes": (sent(PING, b"x" * 125), [(PING, b"x" * 125)]),
    "5.5.1: a close frame": (sent(CLOSE, b"\x03\xe8bye"), [(CLOSE, b"\x03\xe8bye")]),
    "8.1: UTF-8 cut in two": (
        sent(TEXT, "κόσμε €".encode()[:3], fin=FIRST) + sent(CONTINUATION, "κόσμε €".encode()[3:]), ["κόσμε €"]
    ),
    "8.1: beyond the basic plane": (sent(TEXT, "🐝\U0010ffff".encode()), ["🐝\U0010ffff"]),
}  # fmt: skip
WRONG: dict[str, tuple[bytes, int]] = {
    "5.1: no mask": (sent(TEXT, b"Hello", masked=0), 1002),
    "5.1: no mask, and empty": (sent(TEXT, masked=0), 1002),
    "5.1: no mask on a control frame": (sent(PING, masked=0), 1002),
    "5.2: the first reserved bit": (sent(TEXT, b"x", reserved=0x40), 1002),
    "5.2: the second reserved bit": (sent(TEXT, b"x", reserved=0x20), 1002),
    "5.2: the third reserved bit": (sent(BINARY, b"x", reserved=0x10), 1002),
    "5.2: a reserved bit on a control frame": (sent(PING, reserved=0x40), 1002),
    **{f"5.2: opcode {opcode}": (sent(opcode), 1002) for opcode in (3, 4, 5, 6, 7, 11, 12, 13, 14, 15)},
    "5.2: a length of 64 bits that begins with 1": (b"\x82\xff" + struct.pack("!Q", 1 << 63), 1002),
    "5.4: a continuation of nothing": (sent(CONTINUATION, b"x"), 1002),
    "5.4: a second message in the midst of one": (sent(TEXT, b"a", fin=FIRST) + sent(TEXT, b"b"), 1002),
    "5.4: a binary in the midst of a text": (sent(TEXT, b"a", fin=FIRST) + sent(BINARY, b"b"), 1002),
    "5.5: a control frame of 126 bytes": (sent(PING, b"x" * 126), 1002),
    "5.5: a control frame in pieces": (sent(PING, b"x", fin=FIRST), 1002),
    "5.5: a close frame in pieces": (sent(CLOSE, b"\x03\xe8", fin=FIRST), 1002),
    "8.1: no UTF-8": (sent(TEXT, BROKEN_UTF8), 1007),
    "8.1: half a character at the end": (sent(TEXT, "€".encode()[:2]), 1007),
    "8.1: no UTF-8, over two fragments": (sent(TEXT, b"\xc3", fin=FIRST) + sent(CONTINUATION, b"\x28"), 1007),
    "8.1: overlong": (sent(TEXT, b"\xc0\xaf"), 1007),
    "10.4: too big": (sent(TEXT, b"x" * (LIMIT + 1)), 1009),
    "10.4: too big, as far as its head says": (sent(BINARY, length=1 << 40), 1009),
    "10.4: too big together": (
        sent(TEXT, b"x" * LIMIT, fin=FIRST) + sent(CONTINUATION, b"x"), 1009
    ),
    "10.4: too many fragments": (sent(TEXT, fin=FIRST) + sent(CONTINUATION, fin=FIRST) * MAX_FRAGMENTS, 1008),
}  # fmt: skip


@pytest.mark.parametrize("name", GOOD)
def test_what_is_allowed_is_heard(name: str) -> None:
    written_, expected = GOOD[name]

    assert Heard().feed(written_).all == expected


@pytest.mark.parametrize("name", GOOD)
def test_it_is_heard_byte_for_byte_too(name: str) -> None:
    written_, expected = GOOD[name]

    assert Heard().feed(*(bytes((each,)) for each in written_)).all == expected


@pytest.mark.parametrize("name", WRONG)
def test_what_is_not_allowed_fails_the_connection(name: str) -> None:
    written_, code = WRONG[name]

    with pytest.raises(Broken) as broken:
        Heard().feed(written_)
    assert broken.value.code == code
    assert broken.value.reason


@pytest.mark.parametrize("name", WRONG)
def test_it_fails_byte_for_byte_too(name: str) -> None:
    written_, code = WRONG[name]

    with pytest.raises(Broken) as broken:
        Heard().feed(*(bytes((each,)) for each in written_))
    assert broken.value.code == code


def test_who_is_too_big_is_refused_by_the_head_alone() -> None:
    with pytest.raises(Broken) as broken:
        Heard().feed(b"\x81\xff" + struct.pack("!Q", LIMIT + 1))
    assert broken.value.code == 1009


FRAMES = st.lists(
    st.one_of(
        st.text(max_size=300).map(lambda text: (sent(TEXT, text.encode()), text)),
        st.binary(max_size=300).map(lambda said: (sent(BINARY, said), said)),
        st.binary(max_size=125).map(lambda said: (sent(PING, said), (PING, said))),
    ),
    max_size=200,
)


@given(FRAMES, st.lists(st.integers(1, 400), max_size=40))
def test_it_does_not_matter_how_the_bytes_are_cut(frames: list[tuple[bytes, Frame]], cuts: list[int]) -> None:
    whole, pieces = b"".join(each for each, _ in frames), []
    for cut in cuts:
        pieces.append(whole[:cut])
        whole = whole[cut:]
    heard = Heard(limit=2000).feed(*pieces, whole)

    assert heard.all == [said for _, said in frames]


def test_many_frames_are_read_in_turns() -> None:
    heard = Heard().feed(sent(TEXT, b"x") * (3 * TURN + 1))

    assert (heard.turns, len(heard.all), heard.waits) == (4, 3 * TURN + 1, False)


def test_what_comes_while_others_have_their_turn_is_heard_after_what_waits() -> None:
    heard: list[Frame] = []
    reader = Reader(heard.append, lambda _, __: None, LIMIT)
    more = [reader.feed(sent(TEXT, b"a") * (TURN + 1)), reader.waits, reader.feed(sent(TEXT, b"b")), reader.go_on()]

    assert more == [True, True, True, False]
    assert heard == ["a"] * (TURN + 1) + ["b"]


@given(st.one_of(st.text(max_size=70_000), st.binary(max_size=70_000)))
def test_what_we_say_is_read_by_others(said: Frame) -> None:
    frame = Scribe()(said)

    opcode, size = frame[0] & 0xF, frame[1]
    start = 2 + {126: 2, 127: 8}.get(size, 0)
    assert (frame[0] & 0xF0, opcode) == (0x80, TEXT if isinstance(said, str) else BINARY)
    assert int.from_bytes(frame[2:start], "big") == len(frame) - start or size == len(frame) - 2
    assert frame[start:] == (said.encode() if isinstance(said, str) else said)


@pytest.mark.parametrize("size", [0, 125, 126, 1023, 1024, 65_535, 65_536])
def test_a_head_is_as_long_as_it_has_to_be(size: int) -> None:
    frame = Scribe()("x" * size)

    assert frame == written(TEXT, b"x" * size)
    assert len(frame) - size == (2 if size < 126 else 4 if size < 65_536 else 10)


def test_what_is_said_to_many_is_written_once() -> None:
    scribe, said = Scribe(), "the same for everybody"

    assert scribe(said) is scribe(said)


@pytest.mark.parametrize(
    ("payload", "parting"),
    [
        (b"", (1005, "")),
        (b"\x03\xe8", (1000, "")),
        (b"\x03" + b"\xe8" + "tschüss".encode(), (1000, "tschüss")),
        *(
            (code.to_bytes(2, "big"), (code, ""))
            for code in (1001, 1002, 1003, 1007, 1011, 1014, 3000, 3999, 4000, 4999)
        ),
    ],
)
def test_close_frames_are_read(payload: bytes, parting: tuple[int, str]) -> None:
    assert parting_of(payload) == parting


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        (b"\x03", 1002),
        (b"\x03\xe8\xff", 1007),
        *(
            (code.to_bytes(2, "big"), 1002)
            for code in (0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535)
        ),
    ],
)
def test_wrong_close_frames_fail_the_connection(payload: bytes, code: int) -> None:
    with pytest.raises(Broken) as broken:
        parting_of(payload)
    assert broken.value.code == code


@pytest.mark.parametrize(("code", "reason"), [(1000, ""), (4401, "no credentials"), (1008, "ü" * 60)])
def test_close_frames_of_ours_are_read_back(code: int, reason: str) -> None:
    assert parting_of(closing(code, reason)[2:]) == (code, reason)


def agreed(*, takeover: bool = True) -> tuple[PerMessageDeflate, Extension]:
    """Make both ends of one agreement on compression."""
    ours, theirs = Extension(not takeover, False, 12, 12), Extension(False, not takeover, 12, 12)
    return PerMessageDeflate(ours), theirs


def packed(theirs: Extension, opcode: Opcode, payload: bytes, *, fin: bool = True) -> bytes:
    frame = theirs.encode(TheirFrame(opcode, payload, fin))
    return sent(
        frame.opcode, bytes(frame.data), fin=0x80 if frame.fin else 0, reserved=0x40 if frame.rsv1 else 0
    )  # fmt: skip


@pytest.mark.parametrize("takeover", [True, False])
def test_compressed_messages_are_unpacked(takeover: bool) -> None:  # a parameter of the test
    ours, theirs = agreed(takeover=takeover)
    said = [packed(theirs, Opcode.TEXT, b"again and again " * 20) for _ in range(2)]
    whole = packed(theirs, Opcode.BINARY, b"\x00" * 50, fin=False) + packed(theirs, Opcode.CONT, b"\x01" * 50)

    heard = Heard(deflate=ours).feed(*said, whole, sent(TEXT, b"as it is"), sent(PING))
    assert heard.all == ["again and again " * 20] * 2 + [b"\x00" * 50 + b"\x01" * 50, "as it is", (PING, b"")]


@pytest.mark.parametrize("size", [LIMIT, LIMIT + 1, 1 << 20])
def test_what_unpacks_to_too_much_is_refused(size: int) -> None:
    ours, theirs = agreed()
    bomb = packed(theirs, Opcode.TEXT, b"x" * size)
    heard = Heard(deflate=ours)

    if size <= LIMIT:
        assert heard.feed(bomb).all == ["x" * size]
    else:
        with pytest.raises(Broken) as broken:
            heard.feed(bomb)
        assert broken.value.code == 1009


@pytest.mark.parametrize(
    "frame",
    [
        sent(TEXT, b"\xff\xff\xff\xff", reserved=0x40),
        sent(PING, reserved=0x40),
        sent(TEXT, b"a", fin=0) + sent(CONTINUATION, b"b", reserved=0x40),
    ],
    ids=["nonsense", "a control frame", "a continuation"],
)
def test_wrong_compression_is_an_error_of_the_protocol(frame: bytes) -> None:
    ours, _ = agreed()

    with pytest.raises(Broken) as broken:
        Heard(deflate=ours).feed(frame)
    assert broken.value.code == 1002


def test_messages_of_ours_are_compressed() -> None:
    ours, theirs = agreed()
    frame = ours.deflated(TEXT, b"again and again " * 20)

    assert frame[0] == 0xC1
    assert theirs.decode(TheirFrame(Opcode.TEXT, frame[2:], rsv1=True)).data == b"again and again " * 20
