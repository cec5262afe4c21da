"""The page: whatever a server said is text on it, and nothing outside of it is asked for."""

import base64
import hashlib
import re

from mockws.exercise import Kind, Line
from mockws.verify.page import page_of
from mockws.verify.results import Result, Run, Status, Subject

EVIL = "</script><img src=x onerror=alert(1)>\x00\ud800'\"&"
SUBJECT = Subject("<orders>", "place", "Order")


def failed(name: str = "a test") -> Result:
    return Result(name, "fake", Status.FAILED, EVIL, SUBJECT, 0.1, EVIL, (EVIL,), EVIL)


def run_of(*results: Result, lines: tuple[Line, ...] = ()) -> Run:
    return Run(EVIL, EVIL, 7, results, lines, notes=(EVIL,))


def test_whatever_was_said_is_text() -> None:
    page = page_of(run_of(failed(EVIL), lines=(Line(Kind.CHANNEL, EVIL, 1, 1, (EVIL,), (EVIL,)),)))

    page.encode()
    assert "<img" not in page
    assert "</script" not in page
    assert "\x00" not in page
    assert page.count("&lt;img src=x onerror=alert(1)&gt;") >= 10


def test_a_policy_allows_the_style_and_nothing_else() -> None:
    page = page_of(run_of())

    (style,) = re.findall("<style>(.*?)</style>", page, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"default-src 'none'; style-src 'sha256-{digest}';" in page
    assert " style=" not in page
    assert "://" not in page


def test_failures_come_first_with_what_was_said_and_heard() -> None:
    page = page_of(run_of(Result("fine", "fake", Status.PASSED), failed()))

    assert page.index("What failed") < page.index("All tests")
    assert re.search("<dt>said</dt>.*<dt>heard</dt>.*<dt>smallest that fails</dt>", page)
    assert "&lt;orders&gt; · place · Order" in page


def test_many_rows_are_folded() -> None:
    few, many = (page_of(run_of(*[Result(f"t{i}", "fake", Status.PASSED) for i in range(count)])) for count in (3, 200))

    assert "<details open><summary>3 tests</summary>" in few
    assert "<details><summary>200 tests</summary>" in many


def test_a_line_tells_by_whom_and_when() -> None:
    line = Line(Kind.MESSAGE, "a/b", 9, 0, (), ("c1", "c2", "c3", "c4"), 5, 0.0, 86_400.0)

    page = page_of(run_of(lines=(line, Line(Kind.MESSAGE, "a/c"))))

    assert "c1<br>c2<br>c3<br>and 6 more" in page
    assert "1970-01-01 00:00:00<br>to 1970-01-02 00:00:00" in page
    assert "<summary>Messages: 1 of 2 exercised</summary>" in page
    assert '<td class="not">not exercised</td>' in page
