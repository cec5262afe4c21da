"""The clients of the admin API: complete, true to openapi.json, and the same now and awaited."""

import asyncio
import inspect
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, get_type_hints

import msgspec
import pytest

from mockws.admin.api import ENDPOINTS
from mockws.admin.openapi import openapi_of
from mockws.client import views
from mockws.client.asked import Asked, Endpoint
from mockws.client.client import LEFT_OUT, AsyncClient, Client, Endpoints
from mockws.errors import Refused, Unreachable
from mockws.testing import MockServer

PROMISED = openapi_of(ENDPOINTS)
ROUTES = {f"{method.upper()} {path}" for path, methods in PROMISED["paths"].items() for method in methods}
METHODS = {name: each for name, each in vars(Endpoints).items() if isinstance(each, Endpoint)}
VIEWS = {name: each for name, each in vars(views).items() if isinstance(each, type) and issubclass(each, views.View)}
NAMED = sorted(set(VIEWS) - {"View"})
SAMPLES: dict[Any, Any] = {str: "x", Mapping: {}, Sequence: []}


@pytest.fixture(scope="module")
def server() -> Iterator[MockServer]:
    with MockServer("specification/chat.yaml") as mock:
        yield mock


def described(method: Endpoint[..., Any]) -> Asked[Any]:
    """Call the description of a request with something for each argument that it needs."""
    needed = [each for each in inspect.signature(method.describe).parameters.values() if each.default is each.empty]
    return method.describe(**{each.name: "x" if each.annotation is str else [] for each in needed if each.name})


def asked_of(name: str) -> Asked[Any]:
    arguments: dict[str, dict[str, Any]] = {
        "find": {"wanted": {}}, "count": {"wanted": {}}, "wait_for_entries": {"wanted": {}},
    }  # fmt: skip
    method = METHODS[name]
    return method.describe(**arguments[name]) if name in arguments else described(method)


def test_every_endpoint_has_a_method_or_a_reason() -> None:
    asked = {asked_of(name).route for name in METHODS}

    assert asked | set(LEFT_OUT) == ROUTES
    assert asked & set(LEFT_OUT) == set()


@pytest.mark.parametrize("name", METHODS)
def test_a_method_gives_what_its_endpoint_answers(name: str) -> None:
    method, _, path = asked_of(name).route.partition(" ")
    answers = PROMISED["paths"][path][method.lower()]["responses"]
    content = next(answers[status].get("content", {}) for status in ("200", "201", "204") if status in answers)

    assert told(asked_of(name).answer) == (told_by(next(iter(content.values()))["schema"]) if content else "nothing")


def told(answer: Any) -> str:
    """Name the type of an answer as openapi.json does; an expectation, or what has no schema, is any object."""
    listed = getattr(answer, "__origin__", None) is list
    inner = answer.__args__[0] if listed else answer
    name = {type(None): "nothing", str: "text"}.get(inner, inner.__name__ if inner in VIEWS.values() else "object")
    return f"list of {name}" if listed else str(name)


def told_by(schema: Mapping[str, Any]) -> str:
    if schema.get("type") == "array":
        return f"list of {told_by(schema['items'])}"
    name = str(schema.get("$ref", "")).rpartition("/")[2]
    kind = {"string": "text"}.get(str(schema.get("type")), "object")
    return name if name in VIEWS else kind


@pytest.mark.parametrize("name", NAMED)
def test_a_value_has_what_openapi_promises(name: str) -> None:
    promised = PROMISED["components"]["schemas"][name]
    fields = msgspec.structs.fields(VIEWS[name])

    assert {each.encode_name for each in fields} == set(promised["properties"])
    assert {each.encode_name for each in fields if each.required} <= set(promised.get("required", []))


@pytest.mark.parametrize("name", METHODS)
def test_a_method_takes_what_its_endpoint_takes(name: str) -> None:
    asked = asked_of(name)
    method, _, path = asked.route.partition(" ")
    promised = PROMISED["paths"][path][method.lower()]
    in_query = {each["name"] for each in promised["parameters"] if each["in"] == "query"}
    in_path = {each["name"] for each in promised["parameters"] if each["in"] == "path"}
    hints = get_type_hints(METHODS[name].describe)

    assert set(asked.query) <= in_query
    assert set(asked.parts) == in_path
    assert (asked.body is not msgspec.UNSET) <= ("requestBody" in promised)
    assert hints["return"] is not None


def test_both_faces_have_the_same_methods() -> None:
    assert {name for name in METHODS if hasattr(AsyncClient, name)} == set(METHODS) == set(METHODS) & set(dir(Client))


def test_what_is_asked_now_can_be_awaited(server: MockServer) -> None:
    async def awaited() -> views.ChannelView:
        async with AsyncClient(server.http_url) as client:
            return await client.channel("room")

    with Client(server.http_url) as client:
        assert client.channel("room") == asyncio.run(awaited())


def test_a_session_has_a_client_of_its_own(server: MockServer) -> None:
    async def ended(name: str) -> None:
        async with AsyncClient(server.http_url) as client, client.in_session(name) as session:
            assert (await session.journal()).last == 0
            await client.end_session(name)

    with Client(server.http_url) as client:
        name = client.begin_session(time_to_live="1m").id
        asyncio.run(ended(name))

        with client.in_session(name) as session, pytest.raises(Refused, match="404 no such session"):
            session.journal()


def test_a_refusal_carries_its_problem_document(server: MockServer) -> None:
    with pytest.raises(Refused) as refused:
        server.admin.expect({"trigger": {"channel": "rom", "type": "opn"}, "time": 1})

    assert refused.value.problem["status"] == refused.value.status == 422
    assert [each["pointer"] for each in refused.value.problem["errors"]] == ["/trigger/type", "/time"]
    assert "\n  /time: is not a property of this object; did you mean 'times'?" in str(refused.value)


def test_a_refusal_prints_its_near_misses() -> None:
    difference = {"pointer": "/message/body/user", "expected": '"ada"', "actual": '"adda"'}
    problem = {"nearMisses": [{"seq": 7, "distance": 0.35, "differences": [difference]}]}

    assert str(Refused(409, "it is not so", "expected 1", problem)).splitlines() == [
        "409 it is not so: expected 1",
        "  entry 7 is 0.35 away:",
        '    /message/body/user was to be "ada", and is "adda"',
    ]


def test_metrics_are_a_text(server: MockServer) -> None:
    assert "mockws_connections 0.0" in server.admin.metrics()


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "nonsense", "http://[", "ftp://x"])
def test_where_nobody_is_is_an_error_awaited_too(url: str) -> None:
    async def awaited() -> None:
        async with AsyncClient(url) as client:
            await client.health()

    with pytest.raises(Unreachable, match="no mock answers at"):
        asyncio.run(awaited())
