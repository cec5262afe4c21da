"""`POST /send` in fragments, or so slowly that it dribbles."""

from typing import Any

import pytest
from starlette.testclient import TestClient
from websockets.sync.client import connect

from mockws.app import Mock
from mockws.settings import Settings
from mockws.testing import MockServer

CHAT = "specification/chat.yaml"
SAID = {"type": "chat", "user": "ada", "text": "hello"}
SLOWLY = {"numberOfChunks": 2, "totalDuration": "1h"}


def test_a_message_that_is_sent_comes_in_as_many_fragments() -> None:
    with MockServer(CHAT) as mock, connect(mock.url_for("room", room="a"), compression=None) as client:
        mock.wait_for_connection("room").send(json=SAID, fragments=3)

        pieces = list(client.recv_streaming())

    assert (len(pieces), "".join(map(str, pieces))) == (3, '{"type":"chat","user":"ada","text":"hello"}')


def test_a_message_that_is_sent_dribbles_on_the_mocks_clock() -> None:
    with MockServer(CHAT) as mock, connect(mock.url_for("room", room="a"), compression=None) as client:
        mock.clock.freeze()
        mock.wait_for_connection("room").send(json=SAID, chunked_dribble_delay=SLOWLY)
        with pytest.raises(TimeoutError):
            client.recv(timeout=0.05)
        mock.clock.advance("1h")

        assert client.recv(timeout=5) == '{"type":"chat","user":"ada","text":"hello"}'


@pytest.mark.parametrize(
    ("more", "pointer"),
    [
        ({"fragments": 0}, "/fragments"),
        ({"chunkedDribbleDelay": {**SLOWLY, "numberOfChunks": 1}}, "/chunkedDribbleDelay/numberOfChunks"),
        ({"chunkedDribbleDelay": {**SLOWLY, "totalDuration": "soon"}}, "/chunkedDribbleDelay/totalDuration"),
    ],
)
def test_pieces_that_cannot_be_are_told_with_their_place(more: dict[str, Any], pointer: str) -> None:
    with TestClient(Mock.of(CHAT, Settings(watch=False)).app(), base_url="http://127.0.0.1:8080/__admin") as client:
        answer = client.post("/send", json={"to": {"channel": "room"}, "json": SAID, **more})

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer)


def test_what_the_server_under_the_mock_cannot_do_is_refused() -> None:
    with TestClient(Mock.of(CHAT, Settings(watch=False)).app(), base_url="http://127.0.0.1:8080/__admin") as client:
        answer = client.post("/send", json={"to": {"channel": "room"}, "json": SAID, "fragments": 2})

    assert (answer.status_code, "fragments is not possible here" in answer.json()["detail"]) == (422, True)
