"""A run as JUnit XML and as JSON."""

from html import escape
from typing import Any
from xml.sax.saxutils import quoteattr  # nosec B406  # it writes XML, and reads none

import msgspec

from mockws.exercise import PLURALS, Line, overall
from mockws.units import stamp
from mockws.verify.results import Result, Run, Status


def json(run: Run) -> str:
    """Write all results and the coverage as JSON."""
    shown: dict[str, Any] = {"title": run.title, "target": run.target, "notes": run.notes}
    if run.results:
        counts = {status.value: run.count(status) for status in Status}
        shown |= {"seed": run.seed, "seconds": run.seconds, "counts": counts, "results": [*map(_result, run.results)]}
    shown |= {"shares": _shares(run), "coverage": [*map(_line, run.coverage)]}
    return msgspec.json.format(msgspec.json.encode(shown), indent=2).decode() + "\n"


def _result(result: Result) -> dict[str, Any]:
    told: dict[str, Any] = msgspec.to_builtins(result)
    about = (result.subject, *result.seen)
    names = dict.fromkeys(f"{mark.kind} {mark.name}" for subject in about for mark in subject.marks)
    told["exercised"] = list(names) if result.status is not Status.SKIPPED else []
    for each in (told["subject"], *told["seen"]):
        del each["more"]
    return {**told, "at": _moment(result.at or None)}


def _shares(run: Run) -> dict[str, dict[str, int]]:
    shares = ((kind, *overall(run.coverage, kind)) for kind in PLURALS)
    return {str(kind): {"exercised": done, "total": total} for kind, done, total in shares}


def _line(line: Line) -> dict[str, Any]:
    told: dict[str, Any] = msgspec.to_builtins(line)
    return {**told, "exercised": line.exercised, "first": _moment(line.first), "last": _moment(line.last)}


def _moment(seconds: float | None) -> str | None:
    return None if seconds is None else stamp(seconds)


def junit(run: Run) -> str:
    """Write the results as CI servers read them."""
    counts = f'tests="{len(run.results)}" failures="{run.count(Status.FAILED)}" errors="0"'  # the schema wants errors
    counts += f' time="{run.seconds:.3f}"'
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', f"<testsuites {counts}>"]
    lines.append(f'<testsuite name={_attribute(run.title)} {counts} skipped="{run.count(Status.SKIPPED)}">')
    lines += [_testcase(result) for result in run.results]
    return "\n".join([*lines, "</testsuite>", "</testsuites>", ""])


def _testcase(result: Result) -> str:
    head = f"<testcase classname={_attribute(result.subject.channel or result.kind)} name={_attribute(result.name)}"
    head += f' time="{result.seconds:.3f}"'
    match result.status:
        case Status.PASSED:
            return f"{head}/>"
        case Status.SKIPPED:
            return f"{head}><skipped message={_attribute(result.detail)}/></testcase>"
        case Status.FAILED:
            said = "\n".join([f"said: {result.sent}", *(f"heard: {each}" for each in result.heard)])
            smallest = f"\nsmallest that fails: {result.smallest}" if result.smallest else ""
            body = escape(_clean(said + smallest), quote=False)
            return f"{head}><failure message={_attribute(result.detail)}>{body}</failure></testcase>"


def _attribute(text: str) -> str:
    return quoteattr(_clean(text))


def _clean(text: str) -> str:
    """XML 1.0 has no control characters, not even escaped."""
    return "".join(
        letter
        if letter in "\n\t" or ((letter >= " " and not "\ud800" <= letter <= "\udfff") and letter not in "\ufffe\uffff")
        else "\ufffd"
        for letter in text
    )
