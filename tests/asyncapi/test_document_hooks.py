"""The HTTP requests that a document names for its operations: read with all they say, and told where they cannot be."""

from mockws.asyncapi.load import Loaded, load
from mockws.hook import Hook

DOCUMENT = """asyncapi: 3.0.0
info: {title: T, version: 1.0.0}
channels:
  news: {address: /news, messages: {News: {payload: {type: object}}}}
operations:
  tell:
    action: send
    channel: {$ref: '#/channels/news'}
    x-specmatic-trigger: HOOK
"""
OLD = """asyncapi: 2.6.0
info: {title: T, version: 1.0.0}
channels:
  /news:
    publish:
      operationId: take
      message: {name: News, payload: {type: object}}
      x-specmatic-side-effect: {type: http, url: 'http://localhost:9000/news?seen=yes'}
"""


def loaded(hook: str) -> Loaded:
    return load("a.yaml", lambda _: DOCUMENT.replace("HOOK", hook).encode())


def trigger(hook: str) -> Hook | None:
    return loaded(hook).contract.operation("tell").trigger


def warnings(hook: str) -> list[str]:
    return [each.message for each in loaded(hook).diagnostics if each.code == "specmatic-hook"]


def test_a_trigger_is_read_with_all_that_it_says() -> None:
    found = trigger(
        "{type: http, method: put, url: 'http://x:9000/a%20b?c=d', expectedStatus: 202, timeoutInSeconds: 5, "
        "headers: {X-N: 1}, requestBody: '{\"id\": 7}', expectedBody: fine}"
    )

    assert found == Hook("http://x:9000/a%20b?c=d", "PUT", {"X-N": "1"}, {"id": 7}, 202, "fine", 5)
    assert (found.path, found.query, found.target) == ("/a%20b", [("c", "d")], "/a%20b?c=d")


def test_a_side_effect_is_read_from_version_2_as_well() -> None:
    effect = load("a.yaml", lambda _: OLD.encode()).contract.operation("take").side_effect

    assert effect == Hook("http://localhost:9000/news?seen=yes")


def test_what_cannot_be_asked_is_left_out_and_told() -> None:
    assert trigger("{type: sql, url: 'http://x/'}") is None
    assert warnings("{type: sql}") == ["x-specmatic-trigger is left out: it is no HTTP request"]
    assert "it has no url such as" in warnings("{url: /orders}")[0]
    assert "it is no HTTP request" in warnings("[]")[0]


def test_what_is_not_understood_is_told_and_the_rest_counts() -> None:
    hook = "{url: 'http://x/', expectStatus: 202, timeoutInSeconds: soon}"

    assert trigger(hook) == Hook("http://x/")
    assert warnings(hook) == [
        "'expectStatus' is no key of x-specmatic-trigger, and is left out",
        "timeoutInSeconds should be a number from 0 to 3600",
    ]
