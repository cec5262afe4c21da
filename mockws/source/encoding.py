"""From bytes to characters: size, byte order mark, encoding.

This is the first gate of every reader. It does not know what the characters mean.
"""

import codecs

from mockws.source.limits import Limits
from mockws.source.text import Lines

# YAML 1.2 section 5.2 takes all three. UTF-32 is asked first: its little-endian mark begins with that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def decode(content: bytes, name: str, limits: Limits) -> Lines:
    """Decode a file; raise Unreadable (`too_large`, `encoding`, `empty`)."""
    if len(content) > limits.size:
        raise Lines(name, "").refuse(
            "too_large",
            f"the file has {len(content):,} bytes; at most {limits.size:,} are read",
            advice="split it into several files",
        )
    lines = Lines(name, _characters(content, name))
    if not lines.characters.strip():
        raise lines.refuse("empty", "the file is empty", advice="if it is still being written, wait until it is whole")
    return lines


def _characters(content: bytes, name: str) -> str:
    encoding = next((encoding for mark, encoding in _MARKS if content.startswith(mark)), "utf-8")
    try:
        return content.decode(encoding).lstrip("\ufeff")
    except UnicodeDecodeError as error:
        before = Lines(name, content[: error.start].decode(encoding, errors="ignore").lstrip("\ufeff"))
        byte = f"the byte 0x{content[error.start]:02X}" if error.start < len(content) else "the end of the file"
        raise before.refuse(
            "encoding",
            f"the file is not {encoding.upper()}: {byte} does not belong there",
            len(before.characters),
            advice="save it as UTF-8",
        ) from None
