"""Credentials in a handshake: whether they are there, have the right form, and are among those that are listed.

Where none are listed for a scheme, whatever has the right form is good. Nothing here knows what follows from a
judgement, and no message shows what was listed or brought.
"""

import base64
import binascii
import hmac
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from enum import Enum
from typing import TypeAlias

from msgspec import UNSET

from mockws.contract import Alternative, Carrier, Contract, Scheme
from mockws.engine.events import Opening
from mockws.errors import BadExpectation
from mockws.expect.model import AcceptedCredential
from mockws.names import closest

KINDS = ("token", "username", "password", "key")
NEEDED: Mapping[Carrier, tuple[str, ...]] = {  # where a credential is -> the keys that say it
    Carrier.BEARER: ("token",),
    Carrier.BASIC: ("username", "password"),
    Carrier.AUTHORIZATION: ("token",),
    Carrier.HEADER: ("key",),
    Carrier.QUERY: ("key",),
    Carrier.COOKIE: ("key",),
}


class Credential(Enum):
    """What became of the credentials that a handshake brought; the close code where they will not do."""

    GOOD = 0
    MISSING = 4401
    WRONG = 4403


STATUS = {Credential.MISSING: 401, Credential.WRONG: 403}
REASON = {Credential.MISSING: "no credentials", Credential.WRONG: "wrong credentials"}
Brought: TypeAlias = bytes | Credential  # a credential of the right form, or what is wrong with it


class Listed:
    """Which credentials are good: those of stub files, unless others were set in their place."""

    def __init__(self) -> None:
        self.of_files: tuple[AcceptedCredential, ...] = ()
        self.set: tuple[AcceptedCredential, ...] | None = None

    @property
    def in_force(self) -> tuple[AcceptedCredential, ...]:
        return self.of_files if self.set is None else self.set

    def judge(self, scheme: Scheme, brought: bytes) -> Credential:
        """Look a credential up in the list of its scheme; how long that takes tells nothing about the secrets."""
        known = [_secret(each) for each in self.in_force if each.scheme == scheme.name]
        alike = [hmac.compare_digest(each, brought) for each in known]
        return Credential.GOOD if any(alike) or not known else Credential.WRONG


def faults(credentials: Sequence[AcceptedCredential], contract: Contract) -> Iterator[BadExpectation]:
    """Say what is wrong with a list of credentials, each with its pointer into the list."""
    for place, each in enumerate(credentials):
        scheme = contract.schemes.get(each.scheme)
        if scheme is None:
            yield _unknown(each.scheme, contract, f"/{place}/scheme")
        elif scheme.carrier is Carrier.UNSEEN:
            message = f"nothing of the scheme {scheme.name} ({scheme.type}) is in a handshake: it lets everyone in"
            yield BadExpectation("credential_unseen", message, f"/{place}/scheme")
        else:
            yield from _faults_of_kind(each, scheme, f"/{place}")


def _unknown(name: str, contract: Contract, pointer: str) -> BadExpectation:
    known = list(contract.schemes)
    hint = closest(name, known)
    message = f"no server or operation asks for a security scheme {name[:100]!r}"
    message += f", did you mean {hint!r}?" if hint else f" (they ask for {', '.join(known) or 'none'})"
    return BadExpectation("unknown_scheme", message, pointer)


def _faults_of_kind(credential: AcceptedCredential, scheme: Scheme, pointer: str) -> Iterator[BadExpectation]:
    needed = NEEDED[scheme.carrier]
    given = [kind for kind in KINDS if getattr(credential, kind) is not UNSET]
    if tuple(given) != needed:
        told = f"{scheme.name} ({_kind(scheme)}) wants {' and '.join(needed)}; here: {', '.join(given) or 'none'}"
        first = next((kind for kind in given if kind not in needed), None)
        yield BadExpectation("credential_kind", told, f"{pointer}/{first}" if first else pointer)
        return
    for kind in (each for each in needed if each != "password"):
        if not getattr(credential, kind).strip():
            yield BadExpectation("credential_empty", f"no handshake can bring an empty {kind}", f"{pointer}/{kind}")
    if needed[0] == "username" and ":" in str(credential.username):
        yield BadExpectation("credential_kind", "a username has no colon (RFC 7617, 2)", f"{pointer}/username")


def _kind(scheme: Scheme) -> str:
    return f"http {scheme.parameter}" if scheme.type == "http" else scheme.type


def _secret(credential: AcceptedCredential) -> bytes:
    """Write a credential as a handshake brings it."""
    parts = [value for kind in KINDS if isinstance(value := getattr(credential, kind), str)]
    return ":".join(parts).encode("utf-8", "surrogatepass")


def judged(security: Sequence[Sequence[Alternative]], opening: Opening, listed: Listed) -> Credential:
    """Judge credentials: every list of alternatives must be met, each by one of its alternatives."""
    found = [_of_alternatives(alternatives, opening, listed) for alternatives in security if alternatives]
    return _worst(found)


def challenge(security: Sequence[Sequence[Alternative]]) -> str:
    """Name what a 401 asks for (RFC 9110, 11.6.1)."""
    carriers = {scheme.carrier for alternatives in security for one in alternatives for scheme in one}
    return 'Basic realm="mock"' if carriers == {Carrier.BASIC} else "Bearer"


def _of_alternatives(alternatives: Sequence[Alternative], opening: Opening, listed: Listed) -> Credential:
    """One alternative that is met is enough; a wrong credential outweighs a missing one."""
    found = [_worst(_of_scheme(scheme, opening, listed) for scheme in one) for one in alternatives]
    return Credential.GOOD if Credential.GOOD in found else _worst(found)


def _worst(found: Iterable[Credential]) -> Credential:
    return max(found, key=lambda credential: credential.value, default=Credential.GOOD)


def _of_scheme(scheme: Scheme, opening: Opening, listed: Listed) -> Credential:
    reader = READERS.get(scheme.carrier)  # none for what is not in a handshake
    brought = reader(scheme, opening) if reader else Credential.GOOD
    return brought if isinstance(brought, Credential) else listed.judge(scheme, brought)


def _bearer(_: Scheme, opening: Opening) -> Brought:
    """A bearer token may come where a browser can put one: in the query (RFC 6750, 2.3), or as a subprotocol."""
    if opening.header("authorization") is not None:
        return _authorization(opening, "bearer")
    if opening.subprotocols[:1] == ("bearer",):
        return _text(opening.subprotocols[1]) if len(opening.subprotocols) > 1 else Credential.WRONG
    return _text(dict(opening.query).get("access_token"))


def _authorization(opening: Opening, wanted: str) -> Brought:
    header = opening.header("authorization")
    if header is None:
        return Credential.MISSING
    scheme, _, token = header.partition(" ")
    return _of_header(token.strip()) if scheme.lower() == wanted and token.strip() else Credential.WRONG


def _basic(_: Scheme, opening: Opening) -> Brought:
    token = _authorization(opening, "basic")
    if isinstance(token, Credential):
        return token
    try:
        pair = base64.b64decode(token, validate=True)
    except (binascii.Error, ValueError):
        return Credential.WRONG
    return pair if b":" in pair else Credential.WRONG


def _in_header(scheme: Scheme, opening: Opening) -> Brought:
    value = opening.header(scheme.parameter)
    if value is None:
        return Credential.MISSING
    return _of_header(value.strip()) if value.strip() else Credential.WRONG


def _in_cookie(scheme: Scheme, opening: Opening) -> Brought:
    value = opening.cookies().get(scheme.parameter)
    if value is None:
        return Credential.MISSING
    return _of_header(value) if value.strip() else Credential.WRONG


def _text(value: str | None) -> Brought:
    if value is None:
        return Credential.MISSING
    return value.encode("utf-8", "surrogatepass") if value.strip() else Credential.WRONG


def _of_header(value: str) -> bytes:
    """Give the bytes that came: a header's text is what they are in Latin-1 (RFC 9110, 5.5)."""
    try:
        return value.encode("latin-1")
    except UnicodeEncodeError:
        return value.encode("utf-8", "surrogatepass")


READERS: Mapping[Carrier, Callable[[Scheme, Opening], Brought]] = {
    Carrier.BEARER: _bearer,
    Carrier.BASIC: _basic,
    Carrier.AUTHORIZATION: lambda scheme, opening: _authorization(opening, scheme.parameter.lower()),
    Carrier.HEADER: _in_header,
    Carrier.QUERY: lambda scheme, opening: _text(dict(opening.query).get(scheme.parameter)),
    Carrier.COOKIE: _in_cookie,
}
