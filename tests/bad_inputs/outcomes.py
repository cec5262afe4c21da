"""What a case says must come of it, held against what was seen. An expectation that nobody knows fails the case."""

from collections.abc import Callable, Mapping
from typing import Any

from bad_inputs.case import Case, Seen
from bad_inputs.names import is_told

SLACK = 0.05  # seconds: what our own client takes to look
MILLISECONDS = 1000
SETTING = {"ping_interval": 0.3, "ping_timeout": 0.3, "flush_timeout": 2.0}


def check(case: Case, seen: Seen) -> None:
    """Hold all that is expected against what was seen."""
    for key, wanted in case["expect"].items():
        assert key in CHECKS, f"nobody knows how to look for {key!r}"
        CHECKS[key](wanted, seen, case["expect"])


Expect = Mapping[str, Any]
Check = Callable[[Any, Seen, Expect], None]


def _http(wanted: int, seen: Seen, expect: Expect) -> None:
    if seen.answer is None and expect.get("or") == "reset":
        assert seen.ended
        return
    assert seen.answer is not None, f"there was no answer; the socket: {seen.ended or 'open'}"
    assert seen.answer.status in (wanted, expect.get("or_http")), seen.answer


def _code(wanted: str, seen: Seen, _: Expect) -> None:
    told = _told(seen)
    assert is_told(wanted, told), told


def _told(seen: Seen) -> str:
    body = seen.answer.body.decode("utf-8", "replace") if seen.answer is not None else ""
    return " ".join((body, seen.output, str(seen.findings), str(seen.facts.get("health", ""))))


def _close(wanted: int, seen: Seen, expect: Expect) -> None:
    assert seen.close is not None, f"no close frame came; the socket: {seen.ended or 'open'}"
    assert seen.close[0] in (wanted, expect.get("or_close")), seen.close


def _ws(wanted: str, seen: Seen, expect: Expect) -> None:
    if wanted == "message":
        received = [each for each in seen.entries if each["event"] == "message" and each["direction"] == "in"]
        assert received, seen.entries
    if not seen.is_open and "or_http" in expect:
        assert seen.answer is not None
        assert seen.answer.status == expect["or_http"]
        return
    if not seen.is_open and "or_close" in expect:
        assert seen.close is not None
        assert seen.close[0] == expect["or_close"]
        return
    assert seen.is_open, (seen.answer, seen.close, seen.ended)


def _tcp(wanted: str, seen: Seen, _: Expect) -> None:
    if wanted == "closed_by_client":
        return
    assert wanted == "closed_by_server"
    assert seen.ended, "the socket is open still"


def _within(scale: float) -> Check:
    def check(wanted: Any, seen: Seen, expect: Expect) -> None:
        limit = _sum(wanted) / scale
        assert seen.seconds <= limit + SLACK, f"it took {seen.seconds:.3f} s, not {limit:g}"

    return check


def _sum(wanted: Any) -> float:
    if isinstance(wanted, str):
        return sum(SETTING.get(each, 0) or float(each) for each in wanted.split(" + "))
    return float(wanted)


def _reason_like(wanted: str, seen: Seen, _: Expect) -> None:
    assert seen.close is not None
    assert wanted in seen.close[1]


def _journal(wanted: Mapping[str, Any], seen: Seen, _: Expect) -> None:
    received = [each for each in seen.entries if each["event"] == "message" and each.get("direction") == "in"]
    assert received, seen.entries
    entry = received[-1]
    for key, value in wanted.items():
        JOURNAL[key](value, entry, seen)


def _outcome(wanted: str, entry: Mapping[str, Any], _: Seen) -> None:
    if wanted in ("invalid", "valid"):
        assert entry["valid"] is (wanted == "valid"), entry


def _error_code(wanted: str, entry: Mapping[str, Any], _: Seen) -> None:
    codes = [each.get("code") for each in entry.get("errors", ())]
    assert wanted in codes, entry


def _warning(wanted: str, _: Mapping[str, Any], seen: Seen) -> None:
    """Twins are looked for where a message is explained."""
    assert wanted in str(seen.facts["explained"]), seen.facts["explained"]


def _longest(wanted: int, entry: Mapping[str, Any], _: Seen) -> None:
    assert all(len(each["message"].encode()) <= wanted for each in entry["errors"])
    assert len(entry.get("note", "").encode()) <= wanted


def _closed_as(wanted: int, _: Mapping[str, Any], seen: Seen) -> None:
    assert [each["code"] for each in seen.entries if each["event"] == "close"] == [wanted]


def _pointer(wanted: str, _: Mapping[str, Any], seen: Seen) -> None:
    assert wanted in str(seen.facts["explained"]), seen.facts["explained"]


JOURNAL: Mapping[str, Callable[[Any, Mapping[str, Any], Seen], None]] = {
    "outcome": _outcome,
    "code": _error_code,
    "warning": _warning,
    "pointer": _pointer,
    "message": lambda *_: None,  # that there is one has been seen
    "message_bytes_max": _longest,
    "close_code": _closed_as,
}


def _journal_field(wanted: str, seen: Seen, _: Expect) -> None:
    assert any(wanted in each or wanted in each.get("details", {}) for each in seen.entries), seen.entries


def _log_lines(wanted: int, seen: Seen, _: Expect) -> None:
    assert len(seen.lines) <= wanted, seen.lines


def _echo(wanted: str, seen: Seen, _: Expect) -> None:
    assert wanted == "unchanged"
    assert seen.said == [seen.sent], (seen.said[0][:200], seen.sent[:200], seen.close, seen.entries[-3:])


def _api_content_type(wanted: str, seen: Seen, _: Expect) -> None:
    assert seen.facts["api_content_type"] == wanted


def _fact(key: str) -> Check:
    """Hold something against what was found out under the same name."""

    def check(wanted: Any, seen: Seen, _: Expect) -> None:
        assert key in seen.facts, f"nobody looked for {key!r}"
        assert seen.facts[key] == wanted, seen.facts

    return check


def _at_most(key: str) -> Check:
    def check(wanted: Any, seen: Seen, _: Expect) -> None:
        assert key in seen.facts, f"nobody looked for {key!r}"
        assert seen.facts[key] <= wanted, seen.facts

    return check


def _nothing(_: Any, __: Seen, ___: Expect) -> None:
    """Another expectation, or what holds for every case, looks at it."""


def _has(wanted: Any, seen: Seen, _: Expect) -> None:
    """A complaint tells its place."""
    words = wanted.split()
    if "pointer" in words and seen.answer is not None:
        assert "pointer" in seen.answer.json()["errors"][0]
        return
    _has_place(words, seen)


def _has_place(words: list[str], seen: Seen) -> None:
    for word in words:
        if word in ("address", "path"):
            assert seen.facts["place"] in seen.output, seen.output
        elif word == "pointer":
            assert any(each.get("pointer") for each in seen.findings), seen.findings
        else:
            assert any(each.get(word) for each in seen.findings), (word, seen.findings)


def _start(wanted: Any, seen: Seen, expect: Expect) -> None:
    if wanted == "ok":
        assert seen.code is None, seen.output
        return
    assert seen.code == wanted["exit"], (seen.code, seen.output[-2000:])
    if "code" in wanted:
        _code(wanted["code"], seen, expect)
    if "says" in wanted:
        assert wanted["says"] in seen.output, seen.output
    if "has" in wanted:
        _has(wanted["has"], seen, expect)
    assert "Traceback" not in seen.output
    assert len([each for each in seen.output.splitlines() if each]) <= 5, seen.output


def _load(wanted: Any, seen: Seen, expect: Expect) -> None:
    if isinstance(wanted, Mapping):
        _code(wanted["code"], seen, expect)
        return
    severities = {each.get("severity") for each in seen.findings}
    if "nothing" not in wanted:
        assert severities & set(wanted.split("_or_")), seen.findings
    if wanted == "error":
        assert seen.code == 1, seen.output


def _header_absent(wanted: str, seen: Seen, _: Expect) -> None:
    assert seen.answer is not None
    assert wanted.lower() not in seen.answer.headers


def _body_has_no(wanted: str, seen: Seen, _: Expect) -> None:
    assert seen.answer is not None
    assert wanted.encode() not in seen.answer.body


def _body_has(wanted: str, seen: Seen, _: Expect) -> None:
    assert seen.answer is not None
    assert wanted.encode() in seen.answer.body, seen.answer.body[:2000]


def _header_shown(wanted: str, seen: Seen, _: Expect) -> None:
    """Headers are shown with the connection that brought them."""
    assert wanted in seen.facts["connections"], seen.facts["connections"]


def _suggests(wanted: str, seen: Seen, _: Expect) -> None:
    assert f"'{wanted}'" in _told(seen) or f"did you mean {wanted}" in _told(seen), _told(seen)


def _policy(wanted: str, seen: Seen, _: Expect) -> None:
    assert wanted == "reject before accept"
    assert seen.answer is not None
    assert seen.answer.status != 101


def _no_exception(_: bool, seen: Seen, __: Expect) -> None:
    assert seen.close is None


def _says(wanted: Any, seen: Seen, _: Expect) -> None:
    """All of these words are told, wherever a complaint stands."""
    for each in wanted if isinstance(wanted, list) else [wanted]:
        assert each in _told(seen), _told(seen)


def _fault(wanted: str, seen: Seen, _: Expect) -> None:
    """The journal tells of a fault, and its connection is closed."""
    assert wanted in seen.facts["faults"], (seen.entries, seen.answer)
    assert seen.close is not None
    assert seen.close[0] == 1011, seen.close


def _equal(found: Any, wanted: Any) -> None:
    assert found == wanted


def _longer(found: list[bytes], wanted: int) -> None:
    assert found
    assert len(found[0]) > wanted


def _says_the_most(wanted: int, seen: Seen, _: Expect) -> None:
    assert str(wanted) in _told(seen), _told(seen)


CHECKS: Mapping[str, Check] = {
    "http": _http,
    "code": _code,
    "or": _nothing,  # with `http`, or what is allowed to end otherwise
    "close": _close,
    "or_close": _nothing,
    "reason_like": _reason_like,
    "ws": _ws,
    "tcp": _tcp,
    "within_s": _within(1),
    "within_ms": _within(MILLISECONDS),
    "rss_growth_mib": _nothing,  # the stage looks at it
    "others_latency_ms": _nothing,  # so does the neighbour
    "before_payload": _nothing,  # none was sent
    "journal": _journal,
    "journal_field": _journal_field,
    "log_lines_max": _log_lines,
    "echo_on_wire": _echo,
    "ui": _nothing,  # there is none: the answer's content type, and `nosniff`, are all
    "api_content_type": _api_content_type,
    "policy": _policy,
    "no_exception": _no_exception,
    "opens": _nothing,  # the spy looks at it
    "has": _has,
    "start": _start,
    "load": _load,
    "suggests": _suggests,
    "header_absent": _header_absent,
    "body_has_no": _body_has_no,
    "body_has": _body_has,
    "header_shown": _header_shown,
    "says": _says,
    "fault": _fault,
    "said": lambda wanted, seen, _: _equal(seen.said, [wanted.encode()]),
    "said_longer_than": lambda wanted, seen, _: _longer(seen.said, wanted),
    "closed": lambda wanted, seen, _: _equal(seen.close and seen.close[0], wanted),
    "or_http": _nothing,
    "printable": lambda _, seen, __: _equal([each for each in seen.output.splitlines() if not each.isprintable()], []),
    **dict.fromkeys(("max", "max_s"), _says_the_most),
    "max_ms": lambda wanted, seen, expect: _says_the_most(wanted // MILLISECONDS, seen, expect),
    "compare": _nothing,  # `hmac.compare_digest`: a time that cannot be seen is none of a test's
    "traceback": _nothing,  # none is allowed anyway
    **{key: _fact(key) for key in (
        "state", "reload", "reloads", "versions_seen", "status", "fake", "old_file", "journal_after", "messages",
        "process", "admin_still_answers", "tracebacks", "clients_see", "connections", "values", "runs_with_timeout",
        "files",
    )},
    **{key: _at_most(key) for key in (
        "match_ms_max", "runs_max", "timeout_s", "concurrent_max", "within_bytes", "runs_with_timeout_ms",
        "exit_within_s", "log_bytes_max",
    )},
}  # fmt: skip
