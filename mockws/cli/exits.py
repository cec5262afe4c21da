"""Exit codes, and which mistake leads to which."""

from enum import IntEnum

from mockws.errors import (
    BadSetting,
    CannotStart,
    MockwsError,
    NoServer,
    OverlayRefused,
    ProjectRefused,
    ServerSilent,
    UnknownName,
)


class Exit(IntEnum):
    """What the shell is told."""

    FINE = 0
    FAILED = 1  # the document, stub or check
    USAGE = 2  # flags, a file that is not there
    CANNOT_START = 3  # port, TLS, permission
    TIMED_OUT = 4


CODES: dict[type[MockwsError], Exit] = {
    BadSetting: Exit.USAGE,
    UnknownName: Exit.USAGE,
    OverlayRefused: Exit.USAGE,
    ProjectRefused: Exit.USAGE,
    CannotStart: Exit.CANNOT_START,
    NoServer: Exit.CANNOT_START,
    ServerSilent: Exit.TIMED_OUT,
}
