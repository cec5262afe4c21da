"""HTTP in an expectation: what is wrong with a trigger, an answer or a call is said with its place."""

from typing import Any

import msgspec
import pytest

from mockws.errors import BadExpectation, TemplateFailed
from mockws.expect.expectation import Compiled, compile_expectation
from mockws.expect.http import Asked, known_destination
from mockws.expect.matchers import NOTHING, Subject
from mockws.expect.model import Expectation

SHIP = {"method": "POST", "path": "/orders/{id}/ship"}


def compiled(*actions: Any, http: Any = None, **trigger: Any) -> Compiled:
    written = {"trigger": {"type": "http", "http": http or SHIP, **trigger}, "actions": list(actions)}
    return compile_expectation(msgspec.convert(written, Expectation), "ship")


def refusal(*actions: Any, http: Any = None, **trigger: Any) -> tuple[str, str]:
    with pytest.raises(BadExpectation) as caught:
        compiled(*actions, http=http, **trigger)
    return caught.value.code, caught.value.pointer


@pytest.mark.parametrize(
    ("http", "code", "place"),
    [
        ({"path": "orders"}, "path_syntax", "path"),
        ({"path": "/orders?a=b"}, "path_syntax", "path"),
        ({"path": "/a%20b"}, "path_syntax", "path"),
        ({"path": "/{{ x }}"}, "path_syntax", "path"),
        ({"path": "/{id}/{id}"}, "path_syntax", "path"),
        ({"path": "/__admin/x"}, "path_reserved", "path"),
        ({"path": "/", "method": "CONNECT"}, "method_syntax", "method"),
        ({"path": "/", "method": "A B"}, "method_syntax", "method"),
        ({"path": "/{id}", "pathParameters": {"di": {"equalTo": "1"}}}, "misplaced", "pathParameters/di"),
        ({"path": "/", "headers": {"a": {"matches": "("}}}, "regex_syntax", "headers/a/matches"),
    ],
)
def test_what_no_request_can_be_is_refused(http: Any, code: str, place: str) -> None:
    assert refusal(http=http) == (code, f"/trigger/http/{place}")


@pytest.mark.parametrize(
    ("response", "code", "place"),
    [
        ({"status": 101}, "range", "status"),
        ({"status": 600}, "range", "status"),
        ({"json": 1, "text": "a"}, "one_payload", "text"),
        ({"status": 204, "json": 1}, "misplaced", "json"),
        ({"headers": {"Content-Length": "3"}}, "header_reserved", "headers/Content-Length"),
        ({"headers": {"a b": "c"}}, "header_syntax", "headers/a b"),
        ({"headers": {"a": "b\r\nc: d"}}, "header_syntax", "headers/a"),
        ({"json": 1j}, "json_value", "json"),
        ({"json": "{{ nothing() }}"}, "template_unknown_function", "json"),
    ],
)
def test_what_cannot_be_answered_is_refused(response: Any, code: str, place: str) -> None:
    assert refusal(response=response) == (code, f"/trigger/response/{place}")


@pytest.mark.parametrize(
    ("action", "place"),
    [
        ({"reply": {"json": 1}}, "reply"),
        ({"expect": {}}, "expect"),
        ({"group": {"join": "g"}}, "group"),
        ({"remember": {"as": "a", "value": 1}}, "remember"),
        ({"close": {}}, "close"),
        ({"reject": {}}, "reject"),
        ({"send": {"to": "originating", "json": 1}}, "send/to"),
        ({"stream": {"every": "1s", "json": 1}}, "stream/to"),
    ],
)
def test_what_is_about_a_connection_has_no_place(action: Any, place: str) -> None:
    assert refusal(action) == ("misplaced", f"/actions/0/{place}")


def test_a_trigger_of_a_request_has_no_connection_and_others_have_no_request() -> None:
    assert refusal(connection={"id": "c1"}) == ("misplaced", "/trigger/connection")
    assert refusal(type="open") == ("misplaced", "/trigger/http")
    assert refusal(type="message", http=SHIP, response={}) == ("misplaced", "/trigger/http")


def test_a_trigger_of_type_http_says_which_requests() -> None:
    with pytest.raises(BadExpectation, match="needs http"):
        compile_expectation(msgspec.convert({"trigger": {"type": "http"}}, Expectation), "e")


@pytest.mark.parametrize(
    ("call", "code", "place"),
    [
        ({"url": "hooks"}, "url_syntax", "url"),
        ({"url": "http://u:p@hooks/{{ message.json }}"}, "url_syntax", "url"),
        ({"url": "http://h/", "method": "CONNECT"}, "method_syntax", "method"),
        ({"url": "http://h/", "headers": {"Host": "x"}}, "header_reserved", "headers/Host"),
        ({"url": "http://h/", "json": 1, "text": "a"}, "one_payload", "text"),
    ],
)
def test_what_cannot_be_called_is_refused(call: Any, code: str, place: str) -> None:
    assert refusal({"http": call}) == (code, f"/actions/0/http/{place}")


def asked(**given: Any) -> Asked:
    facts: dict[str, Any] = {"path_parameters": {"id": "7"}, "query_parameters": {}, "headers": {}, "body": NOTHING}
    return Asked("POST", **{**facts, **given})


def test_a_request_is_held_against_all_that_is_asked() -> None:
    by_ada = {"matchesJsonPath": {"expression": "$.by", "equalTo": "ada"}}
    wanted = {
        "path": "/orders/{id}/ship",
        "method": "put",
        "pathParameters": {"id": {"equalTo": "8"}},
        "queryParameters": {"fast": {"absent": True}},
        "headers": {"X-Team": {"contains": "web"}},
        "body": by_ada,
    }
    matcher = compiled(http=wanted).request
    assert matcher is not None

    told = matcher.differences(asked(query_parameters={"fast": "1"}, body=Subject.of_frame('{"by":"bob"}')))

    places = ["/method", "/pathParameters/id", "/queryParameters/fast", "/headers/X-Team", "/body/by"]
    assert [each.pointer for each in told] == places


def test_any_request_at_the_path_will_do_where_no_more_is_asked() -> None:
    matcher = compiled(http={"path": "/orders/{id}/ship"}).request

    assert matcher is not None
    assert matcher.differences(asked()) == []


@pytest.mark.parametrize(
    ("response", "headers", "body"),
    [
        (None, {"content-type": "application/json"}, b'{"ran":["ship"]}'),
        ({"status": 204}, {}, b""),
        ({"json": {"id": "{{ request.json.id }}"}}, {"content-type": "application/json"}, b'{"id":7}'),
        ({"text": "order {{ request.json.id }}"}, {"content-type": "text/plain; charset=utf-8"}, b"order 7"),
        ({"text": "<a/>", "headers": {"Content-Type": "text/xml"}}, {"Content-Type": "text/xml"}, b"<a/>"),
        ({"headers": {"location": "/o/{{ request.json.id }}"}}, {"location": "/o/7"}, b""),
    ],
)
def test_an_answer_is_written(response: Any, headers: dict[str, str], body: bytes) -> None:
    answer = compiled(**({"response": response} if response else {})).answer
    assert answer is not None

    written = answer.written({"request": {"json": {"id": 7}}})

    assert (dict(written.headers), written.body) == (headers, body)


def test_a_template_cannot_smuggle_a_header_in() -> None:
    answer = compiled(response={"headers": {"x": "{{ request.text }}"}}).answer
    assert answer is not None

    with pytest.raises(TemplateFailed, match="no header"):
        answer.written({"request": {"text": "a\r\nset-cookie: b"}})


@pytest.mark.parametrize(
    ("url", "known"),
    [
        ("http://hooks:9000/a", True),
        ("http://hooks:9000/{{ message.json.id }}", True),
        ("http://hooks:9000?{{ message.json.id }}", True),
        ("http://hooks{{ message.json.id }}/", False),
        ("http://hooks:90{{ message.json.id }}/", False),
        ("{{ message.json.url }}", False),
    ],
)
def test_a_host_is_known_where_no_template_makes_it(url: str, known: bool) -> None:
    assert (known_destination(url) is not None) is known
