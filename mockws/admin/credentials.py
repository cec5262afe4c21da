"""The admin API's credentials: which ones handshakes may bring. They are shown without their secrets."""

from collections.abc import Sequence
from typing import Any

import msgspec

from mockws.admin.answers import CredentialsView, ListedCredential
from mockws.admin.endpoint import Call, Endpoint
from mockws.admin.problems import Problem
from mockws.engine.events import SetCredentials
from mockws.errors import BadExpectation
from mockws.expect.model import AcceptedCredential, CredentialList
from mockws.expect.reading import read_credentials
from mockws.redaction import MASK

SECRET = ("token", "password", "key")


async def show(call: Call) -> CredentialsView:
    """What handshakes may bring, without the secrets."""
    listed = call.engine.credentials
    source: Any = "file" if listed.set is None else "admin"
    return CredentialsView(source, [_view(each) for each in listed.in_force])


async def put(call: Call) -> CredentialsView:
    """Let handshakes bring these instead of what stub files list."""
    _set(call, read_credentials(call.value))
    return await show(call)


async def remove(call: Call) -> None:
    """Go back to what stub files list."""
    _set(call, None)


def _set(call: Call, credentials: tuple[AcceptedCredential, ...] | None) -> None:
    masked = [fault for place, each in enumerate(credentials or ()) for fault in _masked(each, f"/{place}")]
    wrong = masked or call.do(SetCredentials(credentials))
    if wrong:
        raise _refusal(wrong)


def _view(credential: AcceptedCredential) -> ListedCredential:
    """Show which scheme a credential is for, and of what kind it is; the secret is not shown."""
    shown: dict[str, Any] = msgspec.to_builtins(credential)
    return ListedCredential(**{key: MASK if key in SECRET else value for key, value in shown.items()})


def _masked(credential: AcceptedCredential, pointer: str) -> list[BadExpectation]:
    """What was shown is not what is listed: put back, it would lock everyone out."""
    keys = [key for key in SECRET if getattr(credential, key) == MASK]
    message = "it is what a secret is shown as, not the secret"
    return [BadExpectation("credential_masked", message, f"{pointer}/{key}") for key in keys]


def _refusal(wrong: Sequence[BadExpectation]) -> Problem:
    errors = [
        {"pointer": f"/credentials{each.pointer}", "message": each.message, "schemaPointer": ""} for each in wrong
    ]
    first = errors[0]
    return Problem(422, "does not fit", f"{first['pointer']}: {first['message']}", errors=errors, code=wrong[0].code)


ENDPOINTS = (
    Endpoint("GET", "/credentials", show, CredentialsView),
    Endpoint("PUT", "/credentials", put, CredentialsView, body=CredentialList),
    Endpoint("DELETE", "/credentials", remove),
)
