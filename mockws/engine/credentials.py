"""Credentials in a handshake: whether they are there, and whether they have the right form.

Good credentials are whatever has the right form. Nothing here knows what follows from a judgement.
"""

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from enum import Enum

from mockws.contract import Alternative, Carrier, Scheme
from mockws.engine.events import Opening


class Credential(Enum):
    """What became of the credentials that a handshake brought; the close code where they will not do."""

    GOOD = 0
    MISSING = 4401
    WRONG = 4403


STATUS = {Credential.MISSING: 401, Credential.WRONG: 403}
REASON = {Credential.MISSING: "no credentials", Credential.WRONG: "wrong credentials"}


def judged(security: Sequence[Sequence[Alternative]], opening: Opening) -> Credential:
    """Judge credentials: every list of alternatives must be met, each by one of its alternatives."""
    found = [_of_alternatives(alternatives, opening) for alternatives in security if alternatives]
    return max(found, key=_weight, default=Credential.GOOD)


def challenge(security: Sequence[Sequence[Alternative]]) -> str:
    """Name what a 401 asks for (RFC 9110, 11.6.1)."""
    carriers = {scheme.carrier for alternatives in security for one in alternatives for scheme in one}
    return 'Basic realm="mock"' if carriers == {Carrier.BASIC} else "Bearer"


def _of_alternatives(alternatives: Sequence[Alternative], opening: Opening) -> Credential:
    """One alternative that is met is enough; a wrong credential outweighs a missing one."""
    found = [
        max((_of_scheme(scheme, opening) for scheme in one), key=_weight, default=Credential.GOOD)
        for one in alternatives
    ]
    return Credential.GOOD if Credential.GOOD in found else max(found, key=_weight)


def _weight(credential: Credential) -> int:
    return credential.value


def _of_scheme(scheme: Scheme, opening: Opening) -> Credential:
    reader = READERS.get(scheme.carrier)  # none for what is not in a handshake
    return reader(scheme, opening) if reader else Credential.GOOD


def _bearer(_: Scheme, opening: Opening) -> Credential:
    """A bearer token may come where a browser can put one: in the query (RFC 6750, 2.3), or as a subprotocol."""
    if opening.header("authorization") is not None:
        return _authorization(opening, "bearer")
    if opening.subprotocols[:1] == ("bearer",):
        return Credential.GOOD if len(opening.subprotocols) > 1 else Credential.WRONG
    return _text(dict(opening.query).get("access_token"))


def _authorization(opening: Opening, wanted: str) -> Credential:
    header = opening.header("authorization")
    if header is None:
        return Credential.MISSING
    scheme, _, token = header.partition(" ")
    return Credential.GOOD if scheme.lower() == wanted and token.strip() else Credential.WRONG


def _basic(_: Scheme, opening: Opening) -> Credential:
    form = _authorization(opening, "basic")
    if form is not Credential.GOOD:
        return form
    token = (opening.header("authorization") or "").partition(" ")[2].strip()
    try:
        return Credential.GOOD if b":" in base64.b64decode(token, validate=True) else Credential.WRONG
    except (binascii.Error, ValueError):  # what is not ASCII is a ValueError
        return Credential.WRONG


def _text(value: str | None) -> Credential:
    if value is None:
        return Credential.MISSING
    return Credential.GOOD if value.strip() else Credential.WRONG


READERS: Mapping[Carrier, Callable[[Scheme, Opening], Credential]] = {
    Carrier.BEARER: _bearer,
    Carrier.BASIC: _basic,
    Carrier.AUTHORIZATION: lambda scheme, opening: _authorization(opening, scheme.parameter.lower()),
    Carrier.HEADER: lambda scheme, opening: _text(opening.header(scheme.parameter)),
    Carrier.QUERY: lambda scheme, opening: _text(dict(opening.query).get(scheme.parameter)),
    Carrier.COOKIE: lambda scheme, opening: _text(opening.cookies().get(scheme.parameter)),
}
