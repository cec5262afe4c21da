"""openapi.json: valid, complete, and true: whatever is made from it is answered as it promises."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from openapi_spec_validator import OpenAPIV31SpecValidator
from schemathesis.checks import CHECKS
from starlette.testclient import TestClient

from mockws.admin.api import ENDPOINTS
from mockws.admin.endpoint import Endpoint
from mockws.admin.openapi import openapi_of
from mockws.admin.stream import EVENT_STREAM
from mockws.app import Mock
from mockws.host.notice import Notice
from mockws.settings import Settings

BASE = "http://127.0.0.1:8080/__admin"
TOKEN = "let-me-in"
PROMISED = openapi_of(ENDPOINTS)
FOUND: Any = schemathesis.openapi.from_dict(PROMISED).get_all_operations()
ENDLESS = {f"{each.method} {each.path}" for each in ENDPOINTS if each.kind == EVENT_STREAM}  # test_stream_api has them
OPERATIONS = [result.ok() for result in FOUND if not ENDLESS & {result.ok().label.replace("/__admin", "")}]
SENT = ("method", "url", "params", "headers", "json", "content")
TRIED = settings(
    max_examples=6, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck)
)


@pytest.fixture
def _nobody_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    until = Notice.until

    async def shortly(self: Notice, found: Callable[[], Any], seconds: float) -> Any:
        return await until(self, found, min(seconds, 0.001))

    monkeypatch.setattr(Notice, "until", shortly)


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    mock = Mock.of("specification/chat.yaml", Settings(watch=False, host="0.0.0.0", admin_token=TOKEN))
    with TestClient(mock.app(), base_url=BASE, headers={"authorization": f"Bearer {TOKEN}"}) as client:
        yield client


def test_it_is_openapi() -> None:
    assert list(OpenAPIV31SpecValidator(PROMISED).iter_errors()) == []


def test_it_is_served(client: TestClient) -> None:
    assert client.get("/openapi.json").json() == PROMISED


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda each: f"{each.method} {each.path}")
def test_every_endpoint_says_what_it_does(endpoint: Endpoint) -> None:
    assert endpoint.summary.endswith(".")


def test_no_two_operations_have_one_name() -> None:
    names = [each["operationId"] for path in PROMISED["paths"].values() for each in path.values()]

    assert len(names) == len(set(names))


@pytest.mark.usefixtures("_nobody_is_waited_for")
@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda each: each.label)
def test_what_is_made_from_it_is_answered_as_it_promises(operation: Any, client: TestClient) -> None:
    """Good and bad requests alike: no failure of ours, and statuses, types and schemas as promised.

    Not all that fits a schema can be done (a close code out of range, a regular expression that is none): 422 is fine.
    """
    domain = CHECKS.get_one("positive_data_acceptance")

    @TRIED
    @given(case=operation.as_strategy())
    def tried(case: Any) -> None:
        request = case.as_transport_kwargs(base_url=BASE)
        request["content"] = request.pop("data", None)
        request["headers"] = {**request["headers"], "authorization": f"Bearer {TOKEN}"}
        response = client.request(**{key: value for key, value in request.items() if key in SENT})
        case.validate_response(response, excluded_checks=[domain])

    tried()
