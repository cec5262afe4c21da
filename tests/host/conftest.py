"""Both ways to speak WebSocket: a test that asks for `way` runs over each of them."""

import pytest

from mockws.host import server
from mockws.host.wire import DirectWebSocket, WebSocket


@pytest.fixture(params=[DirectWebSocket, WebSocket], ids=["fast", "portable"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "WAY", request.param)
