"""How the mock is: its health and version."""

from mockws.admin.answers import HealthView
from mockws.admin.endpoint import Call, Endpoint
from mockws.admin.guard import STRANGER
from mockws.admin.problems import json_response
from mockws.client.views import VersionView


async def health(call: Call) -> object:
    """How the mock is; 503 before it is ready."""
    if call.request.scope.get(STRANGER):
        return await ready(call)
    view = call.desk.health.view(call.desk.sessions.connections)
    return json_response(view, 200 if call.desk.health.ready else 503)


async def ready(call: Call) -> object:
    """Whether the mock is ready: 200, else 503."""
    return json_response(call.desk.health.sign(), 200 if call.desk.health.ready else 503)


async def version(call: Call) -> VersionView:
    """Which mockws this is."""
    return VersionView(call.desk.health.version)


ENDPOINTS = (
    Endpoint("GET", "/health", health, HealthView, also=(503,)),
    Endpoint("GET", "/health/ready", ready, HealthView, also=(503,)),
    Endpoint("GET", "/version", version, VersionView),
)
