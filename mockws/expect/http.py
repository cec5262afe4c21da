"""HTTP in an expectation: which requests set it off, and what is written, as an answer or as a call of the mock's own.

What is wrong with any of it is said when the expectation is added. Whether a host may be called is not known here.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from msgspec import UNSET, UnsetType

from mockws.address import PARAMETER, Address
from mockws.callback import Destination, destination_of
from mockws.codec import encode_json
from mockws.errors import BadExpectation, TemplateFailed
from mockws.expect.headers import FRAMING, HEADER_NAME, HEADER_VALUE, check_headers
from mockws.expect.matchers import Difference, Matcher, Subject, compile_matching
from mockws.expect.model import Answering, Calling, HttpMatching
from mockws.expect.selection import Named, compile_named, named_differences
from mockws.expect.template import Render, as_text, compile_value
from mockws.source.pointer import join

ADMIN = "__admin"  # the first segment of the admin API's paths, which set nothing off
BODILESS = frozenset({204, 205, 304})  # RFC 9110, 15.3.5, 15.3.6, 15.4.5
STATUSES = range(200, 600)
FIELDS = {"path_parameters": "pathParameters", "query_parameters": "queryParameters", "headers": "headers"}


@dataclass(frozen=True, slots=True)
class Asked:
    """What of an HTTP request a matcher may look at."""

    method: str
    path_parameters: Mapping[str, str]
    query_parameters: Mapping[str, str]
    headers: Mapping[str, str]  # names in lower case
    body: Subject


@dataclass(frozen=True, slots=True)
class RequestMatcher:
    """Which HTTP requests an expectation is about; whether the path is the address's is looked up elsewhere."""

    address: Address
    method: str | None  # none: any
    named: Named  # fields are those of Asked
    body: Matcher | None

    def differences(self, asked: Asked) -> list[Difference]:
        """Say how a request is not what was meant; nothing where it is."""
        found = []
        if self.method is not None and self.method != asked.method:
            found.append(Difference("/method", self.method, asked.method))
        found += named_differences(self.named, asked)
        return found + (self.body.differences(asked.body, "/body") if self.body else [])


@dataclass(frozen=True, slots=True)
class Written:
    """What comes to be of a writing."""

    url: str
    headers: tuple[tuple[str, str], ...]
    body: bytes


@dataclass(frozen=True, slots=True)
class Writing:
    """Headers and content, and for a call its URL; as they stand, or made by templates."""

    value: Mapping[str, Any]  # url, headers, json, text: what of them is given
    render: Render | None = None

    def written(self, context: Mapping[str, Any]) -> Written:
        """Write it; raises TemplateFailed."""
        value = self.render(context) if self.render else self.value
        headers = [(name, _header(name, text)) for name, text in value.get("headers", {}).items()]
        kind = "application/json" if "json" in value else "text/plain; charset=utf-8"
        said = "json" in value or "text" in value
        if said and all(name.lower() != "content-type" for name, _ in headers):
            headers.append(("content-type", kind))
        body = encode_json(value["json"]) if "json" in value else as_text(value.get("text", ""))
        return Written(as_text(value.get("url", "")), tuple(headers), body.encode("utf-8"))


def _header(name: str, value: Any) -> str:
    text = as_text(value)
    if not HEADER_VALUE.fullmatch(text):
        raise TemplateFailed(name, "it makes no header of HTTP")
    return text


def compile_request(matching: HttpMatching | UnsetType, pointer: str) -> RequestMatcher | None:
    """Compile which requests are meant; none where the trigger is of another type. Raises BadExpectation."""
    if matching is UNSET:
        return None
    address = _address(matching.path, join(pointer, "path"))
    for name in matching.path_parameters:
        if name not in address.parameters:
            message = f"the path has no parameter {name!r}; it has {', '.join(address.parameters) or 'none'}"
            raise BadExpectation("misplaced", message, join(pointer, "pathParameters", name))
    named = compile_named(matching, FIELDS, pointer)
    body = compile_matching(matching.body, join(pointer, "body")) if matching.body is not UNSET else None
    method = method_of(matching.method, join(pointer, "method")) if matching.method is not UNSET else None
    return RequestMatcher(address, method, named, body)


def _address(path: str, pointer: str) -> Address:
    rest = PARAMETER.sub("", path)
    if not path.startswith("/") or any(mark in rest for mark in "{}%?#"):
        words = "a path begins with / and is written decoded, with {parameters} in it; a query has queryParameters"
        raise BadExpectation("path_syntax", words, pointer)
    if path.split("/")[1] == ADMIN:
        raise BadExpectation("path_reserved", f"what is under /{ADMIN} is for the admin API", pointer)
    address = Address(path)
    if len(set(address.parameters)) < len(address.parameters):
        raise BadExpectation("path_syntax", "a parameter stands in a path once", pointer)
    return address


def method_of(text: str, pointer: str) -> str:
    """Read a method, in capitals; raises BadExpectation."""
    method = text.upper()
    if not HEADER_NAME.fullmatch(text) or method == "CONNECT":
        raise BadExpectation("method_syntax", f"{text!r} is no method of HTTP such as POST", pointer)
    return method


def compile_answer(answering: Answering | UnsetType, identity: str, pointer: str) -> Writing:
    """Compile what a request is answered: which expectation ran, unless something is said. Raises BadExpectation."""
    if answering is UNSET:
        return Writing({"json": {"ran": [identity]}})
    if answering.status not in STATUSES:
        raise BadExpectation("range", "status is between 200 and 599", join(pointer, "status"))
    for key in ("json", "text"):
        if answering.status in BODILESS and getattr(answering, key) is not UNSET:
            raise BadExpectation("misplaced", f"an answer with {answering.status} has no body", join(pointer, key))
    return _writing(answering, {}, FRAMING, pointer)


def compile_call(calling: Calling, pointer: str) -> Writing:
    """Compile what is called; raises BadExpectation."""
    method_of(calling.method, join(pointer, "method"))
    try:
        known_destination(calling.url)
    except ValueError as problem:
        raise BadExpectation("url_syntax", str(problem), join(pointer, "url")) from None
    return _writing(calling, {"url": calling.url}, FRAMING | {"host"}, pointer)


def known_destination(url: str) -> Destination | None:
    """Give what is called, as far as it is known without templates; none where they make the host.

    Raises ValueError.
    """
    fixed, mark, _ = url.partition("{")
    if not mark or re.match(r"\w+://[^/?#]+[/?#]", fixed):
        return destination_of(fixed)
    return None


def _writing(written: Answering | Calling, more: dict[str, Any], forbidden: frozenset[str], pointer: str) -> Writing:
    if written.json is not UNSET and written.text is not UNSET:
        raise BadExpectation("one_payload", "at most one of json, text is said", join(pointer, "text"))
    check_headers(written.headers, forbidden, join(pointer, "headers"))
    try:
        encode_json(None if written.json is UNSET else written.json)
    except (TypeError, ValueError, OverflowError, RecursionError) as problem:
        raise BadExpectation("json_value", f"it is no JSON value: {problem}", join(pointer, "json")) from None
    given = {"headers": written.headers, "json": written.json, "text": written.text, **more}
    value = {key: content for key, content in given.items() if content is not UNSET}
    return Writing(value, compile_value(value, pointer))
