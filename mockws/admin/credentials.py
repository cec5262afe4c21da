"""The admin API's credentials: which ones handshakes may bring. They are shown without their secrets."""

from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from mockws.admin.bodies import body_of
from mockws.admin.problems import Problem, answering, json_response
from mockws.admin.views import violation_view
from mockws.engine.events import Commanded, SetCredentials
from mockws.errors import BadExpectation
from mockws.expect.model import AcceptedCredential, CredentialList
from mockws.expect.reading import problems, read_credentials
from mockws.host.driver import Driver
from mockws.redaction import MASK

SECRET = ("token", "password", "key")


class Credentials:
    """The handlers, around one driver."""

    def __init__(self, driver: Driver) -> None:
        self._driver = driver

    def routes(self) -> list[BaseRoute]:
        table = [("GET", self.show), ("PUT", self.put), ("DELETE", self.remove)]
        return [Route("/credentials", answering(handler), methods=[method]) for method, handler in table]

    async def show(self, _: Request) -> Response:
        return json_response(self._view())

    async def put(self, request: Request) -> Response:
        """Let these be good instead of what files list."""
        value = await body_of(request)
        violations = problems(value, CredentialList)
        if violations:
            errors = [violation_view(each) for each in violations]
            raise Problem(422, "does not fit", str(violations[0]), errors=errors)
        self._set(read_credentials(value))
        return json_response(self._view())

    async def remove(self, _: Request) -> Response:
        """Go back to what files list."""
        self._set(None)
        return Response(status_code=204)

    def _set(self, credentials: tuple[AcceptedCredential, ...] | None) -> None:
        masked = [fault for place, each in enumerate(credentials or ()) for fault in _masked(each, f"/{place}")]
        wrong = masked or self._driver.feed(Commanded(SetCredentials(credentials), self._driver.clock.now())).answer
        if wrong:
            raise _refusal(wrong)

    def _view(self) -> dict[str, Any]:
        listed = self._driver.engine.credentials
        source = "file" if listed.set is None else "admin"
        return {"source": source, "credentials": [_view(each) for each in listed.in_force]}


def _view(credential: AcceptedCredential) -> dict[str, Any]:
    """Show which scheme a credential is for, and of what kind it is; the secret is not shown."""
    shown: dict[str, Any] = msgspec.to_builtins(credential)
    return {key: MASK if key in SECRET else value for key, value in shown.items()}


def _masked(credential: AcceptedCredential, pointer: str) -> list[BadExpectation]:
    """What was shown is not what is listed: put back, it would lock everyone out."""
    keys = [key for key in SECRET if getattr(credential, key) == MASK]
    message = "it is what a secret is shown as, not the secret"
    return [BadExpectation("credential_masked", message, f"{pointer}/{key}") for key in keys]


def _refusal(wrong: tuple[BadExpectation, ...] | list[BadExpectation]) -> Problem:
    errors = [
        {"pointer": f"/credentials{each.pointer}", "message": each.message, "schemaPointer": ""} for each in wrong
    ]
    first = errors[0]
    return Problem(422, "does not fit", f"{first['pointer']}: {first['message']}", errors=errors, code=wrong[0].code)
