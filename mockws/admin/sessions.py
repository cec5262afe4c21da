"""Sessions over HTTP: begun, listed, ended. They are of the whole mock, wherever they are asked for."""

from mockws.admin.endpoint import Call, Endpoint
from mockws.admin.models import SessionBody
from mockws.admin.problems import Problem, misfit
from mockws.client.views import SessionView
from mockws.errors import NoSuchSession, SessionRefused
from mockws.host.entrance import ADMIN, PREFIX
from mockws.host.sessions import Session
from mockws.units import seconds_of

LONGEST = 7 * 86400.0


async def begin(call: Call) -> SessionView:
    """Begin a session: expectations, journal, scenarios, counts and clock of its own."""
    body = call.body(SessionBody)
    lifetime = None if body.time_to_live is None else seconds_of(body.time_to_live)
    if body.time_to_live is not None and (lifetime is None or lifetime > LONGEST):
        raise misfit(f"{body.time_to_live!r} is no duration up to {LONGEST:g}s", "/timeToLive")
    try:
        session = call.desk.sessions.begin(body.id, lifetime)
    except SessionRefused as problem:
        if not problem.taken:
            raise misfit(str(problem), "/id") from None
        raise Problem(409, "no session", str(problem)) from None
    return _view(call, session)


async def every(call: Call) -> list[SessionView]:
    """The sessions there are, besides the one without a name."""
    return [_view(call, each) for each in call.desk.sessions if each.id]


async def end(call: Call) -> None:
    """End a session: its connections are closed with 1012, and nothing of it remains."""
    try:
        call.desk.sessions.end(call.path["id"])
    except NoSuchSession as problem:
        raise Problem(404, "no such session", str(problem)) from None


async def clear(call: Call) -> None:
    """End all sessions."""
    for each in [each for each in call.desk.sessions if each.id]:
        call.desk.sessions.end(each.id)


def _view(call: Call, session: Session) -> SessionView:
    """Show a session; its URLs are made for whoever asks, by the Host that they know the mock by."""
    url = call.request.url
    host = call.request.headers.get("host", url.netloc)
    secure = url.scheme == "https"
    base = f"{host}{PREFIX}{session.id}"
    return SessionView(
        id=session.id,
        base_url=f"{'wss' if secure else 'ws'}://{base}",
        admin_url=f"{'https' if secure else 'http'}://{base}{ADMIN}",
        connections=session.driver.connections,
        time_to_live=session.lifetime,
    )


ENDPOINTS = (
    Endpoint("GET", "/sessions", every, list[SessionView]),
    Endpoint("POST", "/sessions", begin, SessionView, status=201, body=SessionBody, optional=True, problems=(409,)),
    Endpoint("DELETE", "/sessions", clear),
    Endpoint("DELETE", "/sessions/{id}", end, problems=(404,)),
)
