"""A run as JUnit XML, as JSON, and as one HTML page with nothing outside of it."""

from html import escape
from xml.sax.saxutils import quoteattr  # nosec B406  # it writes XML, and reads none

import msgspec

from mockws.verify.results import Line, Result, Run, Status

KINDS = ("channel", "operation", "message", "example")
STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 70rem; padding: 0 1rem; color: #1d2430 }
table { border-collapse: collapse; width: 100% } td, th { text-align: left; padding: .3rem .6rem; vertical-align: top;
border-bottom: 1px solid #d8dde6 } code { font: 13px ui-monospace, monospace; word-break: break-word }
.passed { color: #17683b } .failed { color: #a4161a; font-weight: 600 } .skipped, .unexercised { color: #7a5c00 }
.bar { background: #e4e8ef; height: .6rem } .bar span { background: #17683b; display: block; height: .6rem }
@media (prefers-color-scheme: dark) { body { background: #14181f; color: #dde3ec } .passed { color: #6fd39b }
.failed { color: #ff8a8f } .skipped, .unexercised { color: #e5c05c } td, th { border-color: #333b48 } }
"""


def json(run: Run) -> str:
    """Write all results and the coverage as JSON."""
    counts = {status.value: run.count(status) for status in Status}
    shown = {**msgspec.to_builtins(run), "counts": counts}
    return msgspec.json.format(msgspec.json.encode(shown), indent=2).decode() + "\n"


def junit(run: Run) -> str:
    """Write the results as CI servers read them."""
    counts = f'tests="{len(run.results)}" failures="{run.count(Status.FAILED)}" skipped="{run.count(Status.SKIPPED)}"'
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', f"<testsuites {counts}>"]
    lines.append(f'<testsuite name={_attribute(run.title)} {counts} time="{run.seconds:.3f}">')
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


def html(run: Run) -> str:
    """Write a page: how it went, what of the document was exercised, and every failure."""
    counts = ", ".join(f'<span class="{status}">{run.count(status)} {status}</span>' for status in Status)
    parts = [
        f"<h1>{escape(run.title)}</h1>",
        f"<p><code>{escape(run.target)}</code>: {counts} in {run.seconds:.1f} s, seed {run.seed}</p>",
        *(_coverage(kind, [line for line in run.coverage if line.kind == kind]) for kind in KINDS),
        f"<h2>Tests</h2><table>{''.join(map(_row, run.results))}</table>",
    ]
    head = (
        f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{escape(run.title)}</title>'
    )
    body = "".join(parts)
    return f'<!doctype html><html lang="en"><head>{head}<style>{STYLE}</style></head><body>{body}</body></html>\n'


def _coverage(kind: str, lines: list[Line]) -> str:
    if not lines:
        return ""
    done = sum(1 for line in lines if line.exercised)
    bar = f'<div class="bar"><span style="width: {100 * done // len(lines)}%"></span></div>'
    rows = "".join(map(_covered, lines))
    head = "<tr><th>name</th><th>passed</th><th>failed</th><th>how</th></tr>"
    return f"<h2>{kind.title()}s: {done} of {len(lines)} exercised</h2>{bar}<table>{head}{rows}</table>"


def _covered(line: Line) -> str:
    style = "failed" if line.failed else "passed" if line.passed else "unexercised"
    how = "<br>".join(escape(each) for each in line.failing[:5]) or ("" if line.exercised else "not exercised")
    return (
        f'<tr class="{style}"><td><code>{escape(line.name)}</code></td><td>{line.passed}</td>'
        f"<td>{line.failed}</td><td>{how}</td></tr>"
    )


def _row(result: Result) -> str:
    said = [f"said: {result.sent}"] if result.sent and result.status is Status.FAILED else []
    heard = [f"heard: {each}" for each in result.heard] if result.status is Status.FAILED else []
    smallest = [f"smallest that fails: {result.smallest}"] if result.smallest else []
    told = "<br>".join(f"<code>{escape(each)}</code>" for each in (*said, *heard, *smallest))
    detail = f"{escape(result.detail)}{'<br>' if told else ''}{told}"
    return (
        f'<tr><td class="{result.status}">{result.status}</td><td>{escape(result.name)}</td><td>{detail}</td>'
        f"<td>{result.seconds * 1000:.0f} ms</td></tr>"
    )
