"""Sockets that say whatever they are told to: bytes, handshakes and frames, right or wrong."""

import contextlib
import json
import os
import selectors
import socket
import struct
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

TOKEN = "a-token-that-is-long-enough"  # ours, where a mock asks for one
KEY = "dGhlIHNhbXBsZSBub25jZQ=="
CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10
PATIENCE = 10.0


@dataclass(frozen=True)
class Answer:
    """An answer of HTTP, and what came after it."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    def json(self) -> Any:
        return json.loads(self.body) if self.body else None


def handshake(path: str = "/orders", port: int = 0, version: str = "1.1") -> tuple[str, list[tuple[str, str]]]:
    """Give the request line and the headers of a good handshake."""
    headers = [
        ("Host", f"127.0.0.1:{port}"),
        ("Upgrade", "websocket"),
        ("Connection", "Upgrade"),
        ("Sec-WebSocket-Key", KEY),
        ("Sec-WebSocket-Version", "13"),
    ]
    return f"GET {path} HTTP/{version}", headers


def head(line: str, headers: Iterable[tuple[str, str]]) -> bytes:
    text = "".join(f"{name}: {value}\r\n" for name, value in headers)
    return f"{line}\r\n{text}\r\n".encode("latin-1")


def frame(op: int, payload: bytes = b"", *, fin: int = 1, rsv: int = 0, mask: bool = True) -> bytes:
    """Write one frame as a client does."""
    size, bit = len(payload), 0x80 if mask else 0
    first = bytes((fin << 7 | rsv << 4 | op,))
    if size < 126:
        length = bytes((bit | size,))
    elif size < 1 << 16:
        length = struct.pack("!BH", bit | 126, size)
    else:
        length = struct.pack("!BQ", bit | 127, size)
    key = b"\0\0\0\0" if mask else b""  # a mask of zeros is a mask, and changes nothing
    return first + length + key + payload


class Wire:
    """One TCP connection; all that comes is kept until it is asked for."""

    def __init__(self, port: int, *, receive_buffer: int = 0) -> None:
        self.socket = socket.socket()
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(PATIENCE)
        self.socket.connect(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.held = bytearray()
        self.ended = ""  # how: eof or reset

    def __enter__(self) -> "Wire":
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def say(self, content: bytes) -> None:
        """Send; that the other side has gone meanwhile is learnt by reading."""
        with contextlib.suppress(OSError):
            self.socket.sendall(content)

    def pour(self, content: bytes | Iterator[bytes], within: float) -> int:
        """Send much, and keep what comes meanwhile, until all is sent or the other side goes; gives how much went."""
        pieces = iter((content,)) if isinstance(content, bytes) else content
        deadline, sent, waiting = time.monotonic() + within, 0, memoryview(next(pieces))
        self.socket.setblocking(False)
        with selectors.DefaultSelector() as ready:
            ready.register(self.socket, selectors.EVENT_READ | selectors.EVENT_WRITE)
            while not self.ended and time.monotonic() < deadline:
                for _, event in ready.select(0.1):
                    if event & selectors.EVENT_READ:
                        self._take()
                    if event & selectors.EVENT_WRITE and not self.ended:
                        step = self._push(waiting[: 1 << 16])
                        sent, waiting = sent + step, waiting[step:]
                if not waiting:
                    following = next(pieces, None)
                    if following is None:
                        break
                    waiting = memoryview(following)
        self.socket.settimeout(PATIENCE)
        return sent

    def _push(self, piece: memoryview) -> int:
        try:
            return self.socket.send(piece)
        except BlockingIOError:
            return 0
        except OSError:  # it has gone: what it said before is still to be read
            self._take()
            self.ended = self.ended or "reset"
            return 0

    def _take(self) -> None:
        try:
            piece = self.socket.recv(1 << 16)
        except (BlockingIOError, TimeoutError):
            return
        except OSError:
            self.ended = "reset"
            return
        self.held += piece
        if not piece:
            self.ended = "eof"

    def more(self, deadline: float) -> bool:
        """Wait for more; False where nothing more comes."""
        left = deadline - time.monotonic()
        if self.ended or left <= 0:
            return False
        self.socket.settimeout(left)
        before = len(self.held)
        self._take()
        return len(self.held) > before

    def answer(self, within: float = PATIENCE) -> Answer | None:
        """Read an answer of HTTP; none where the other side says nothing."""
        deadline = time.monotonic() + within
        while b"\r\n\r\n" not in self.held:
            if not self.more(deadline):
                return None
        start, _, rest = bytes(self.held).partition(b"\r\n\r\n")
        line, *lines = start.decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (each.partition(":") for each in lines)}
        size = int(headers.get("content-length", "0"))
        self.held[:] = rest
        while len(self.held) < size and self.more(deadline):
            pass
        body = bytes(self.held[:size])
        del self.held[:size]
        return Answer(int(line.split()[1]), headers, body)

    def frame(self, within: float = PATIENCE) -> tuple[int, bytes] | None:
        """Read a frame; none where the other side has ended, or says nothing."""
        deadline = time.monotonic() + within
        while True:
            found = self._parsed()
            if found is not None or not self.more(deadline):
                return found

    def _parsed(self) -> tuple[int, bytes] | None:
        held = self.held
        if len(held) < 2:
            return None
        size, start = held[1] & 0x7F, 2
        if size >= 126:
            start = 4 if size == 126 else 10
            size = int.from_bytes(held[2:start], "big")
        if len(held) < start + size:
            return None
        op, payload = held[0] & 0xF, bytes(held[start : start + size])
        del held[: start + size]
        return op, payload

    def message(self, within: float = PATIENCE) -> bytes | None:
        """Read the next message, past pings, which are answered, and pongs."""
        deadline = time.monotonic() + within
        while (found := self.frame(max(0.0, deadline - time.monotonic()))) is not None:
            if found[0] == PING:
                self.say(frame(PONG, found[1]))
            if found[0] in (TEXT, BINARY):
                return found[1]
            if found[0] == CLOSE:
                return None
        return None

    def parting(self, within: float = PATIENCE) -> tuple[int, str] | None:
        """Read until the close frame; none where there is none."""
        deadline = time.monotonic() + within
        while (found := self.frame(max(0.0, deadline - time.monotonic()))) is not None:
            if found[0] == CLOSE:
                payload = found[1]
                return (int.from_bytes(payload[:2], "big") if payload else 1005), payload[2:].decode("utf-8", "replace")
        return None

    def is_open(self, within: float = PATIENCE) -> bool:
        """Ask for a pong, and wait for it."""
        mark = os.urandom(8).hex().encode()
        self.say(frame(PING, mark))
        deadline = time.monotonic() + within
        while (found := self.frame(max(0.0, deadline - time.monotonic()))) is not None:
            if found == (PONG, mark):
                return True
            if found[0] == CLOSE:
                return False
        return False

    def reset(self) -> None:
        """End by a TCP reset."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()


def opened(port: int, path: str = "/orders", headers: Iterable[tuple[str, str]] = (), **more: Any) -> Wire:
    """Open a WebSocket."""
    wire = Wire(port, **more)
    line, own = handshake(path, port)
    wire.say(head(line, [*own, *headers]))
    answer = wire.answer()
    assert answer is not None, "the handshake got no answer"
    assert answer.status == 101, answer
    return wire


def asked(
    port: int, method: str, path: str, body: Any = None, *, headers: Iterable[tuple[str, str]] = (),
    within: float = PATIENCE,
) -> Answer:  # fmt: skip
    """Ask the admin API something as a well-behaved client."""
    content = b"" if body is None else json.dumps(body).encode()
    own = [("Host", f"127.0.0.1:{port}"), ("Connection", "close"), ("Content-Length", str(len(content)))]
    own += [("Authorization", f"Bearer {TOKEN}")]
    own += [("Content-Type", "application/json")] if content else []
    with Wire(port) as wire:
        wire.say(head(f"{method} {path} HTTP/1.1", [*own, *headers]) + content)
        answer = wire.answer(within)
    assert answer is not None, f"{method} {path}: no answer within {within:g} s"
    return answer
