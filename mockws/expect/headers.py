"""Headers of HTTP that the mock may be asked to write, and names of subprotocols."""

import re
from collections.abc import Collection, Mapping

from mockws.errors import BadExpectation
from mockws.expect.template import Render, compile_value
from mockws.source.pointer import join

HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110, 5.6.2
HEADER_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")
# These say where a message ends, or belong to one connection: they are the server's to set, and the client's.
FRAMING = frozenset(
    {"connection", "content-length", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade"}
)
OF_HANDSHAKE = "sec-websocket-"


def compile_headers(headers: Mapping[str, str], pointer: str) -> Render | None:
    """Check headers, and compile the templates in them; raises BadExpectation."""
    check_headers(headers, FRAMING, pointer)
    return compile_value(dict(headers), pointer)


def check_headers(headers: Mapping[str, str], reserved: Collection[str], pointer: str) -> None:
    """Look whether these can be written, by us; raises BadExpectation."""
    for name, text in headers.items():
        if not (HEADER_NAME.fullmatch(name) and HEADER_VALUE.fullmatch(text)):
            raise BadExpectation("header_syntax", "it is no header of HTTP", join(pointer, name))
        if name.lower() in reserved:
            raise BadExpectation("header_reserved", f"the mock writes {name} by itself", join(pointer, name))


def compile_headers_of_101(headers: Mapping[str, str], pointer: str) -> Render | None:
    """Do the same for the answer that opens a socket; raises BadExpectation."""
    for name in headers:
        if name.lower().startswith(OF_HANDSHAKE):
            words = "the server writes it by itself; a subprotocol is chosen by the key subprotocol"
            raise BadExpectation("header_reserved", words, join(pointer, name))
    return compile_headers(headers, pointer)


def check_subprotocol(name: str, pointer: str) -> None:
    """Look whether a 101 can name this; raises BadExpectation."""
    if name and not HEADER_NAME.fullmatch(name):  # RFC 6455, 4.1: a token, as the name of a header is
        raise BadExpectation("header_syntax", "it is no name of a subprotocol", pointer)
