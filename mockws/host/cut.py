"""Ending a socket without a goodbye: at once, or after all that was written."""

import asyncio
import socket
import struct
import sys

FLUSH, TURN = 1.0, 0.005  # seconds that a client has to take what was said before a reset; between two looks
LINGER = "hh" if sys.platform == "win32" else "ii"  # struct linger


def abort(transport: asyncio.Transport, *, reset: bool) -> None:
    """Drop a socket, and all that was not written yet; the client gets a TCP RST, where that is wanted."""
    raw: socket.socket = transport.get_extra_info("socket")
    if reset and raw.fileno() >= 0:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack(LINGER, 1, 0))
    transport.abort()


def hang_up(transport: asyncio.Transport, loop: asyncio.AbstractEventLoop, *, reset: bool) -> None:
    """End a socket after all that was written: by a TCP RST, or by a FIN."""
    if reset:
        _reset(transport, loop, loop.time() + FLUSH)
    elif transport.can_write_eof():
        # Closing with something unread would be a reset: the client is read, and not heard, until it ends.
        transport.resume_reading()
        transport.write_eof()
    else:
        transport.close()


def _reset(transport: asyncio.Transport, loop: asyncio.AbstractEventLoop, deadline: float) -> None:
    """Drop the socket when the client has got all: what still waits would be dropped with it."""
    raw: socket.socket = transport.get_extra_info("socket")
    waits = not transport.is_closing() and (transport.get_write_buffer_size() or unsent(raw))
    if waits and loop.time() < deadline:
        loop.call_later(TURN, _reset, transport, loop, deadline)
    else:
        abort(transport, reset=True)


def unsent(raw: socket.socket) -> int:
    """Count the bytes that the other side has not got; 0 where the system does not say."""
    try:
        import fcntl  # there is none on Windows
        import termios

        return int.from_bytes(fcntl.ioctl(raw.fileno(), termios.TIOCOUTQ, bytes(4)), sys.byteorder)
    except (ImportError, OSError):
        return 0
