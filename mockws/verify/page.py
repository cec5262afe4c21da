"""One HTML page with nothing outside of it: what of a document was exercised, and how tests went.

It has no script, and a policy that allows none. Whatever a server said is text here.
"""

import base64
import hashlib
from collections.abc import Iterable, Sequence
from html import escape

from mockws.exercise import PLURALS, Line, overall
from mockws.units import stamp
from mockws.verify.results import Result, Run, Status

STYLE = """
:root { color-scheme: light dark; --ink: #1d2430; --soft: #5b6675; --edge: #d8dde6; --back: #fff; --card: #f5f7fa;
  --good: #17683b; --bad: #a4161a; --mild: #7a5c00 }
@media (prefers-color-scheme: dark) { :root { --ink: #dde3ec; --soft: #9aa7b8; --edge: #333b48; --back: #14181f;
  --card: #1c222c; --good: #6fd39b; --bad: #ff8a8f; --mild: #e5c05c } }
* { box-sizing: border-box }
body { font: 15px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 76rem; padding: 1.5rem 1rem 4rem;
  color: var(--ink); background: var(--back) }
h1 { font-size: 1.6rem; margin: 0 } h2 { font-size: 1.15rem; margin: 2rem 0 .6rem }
p { margin: .2rem 0 } .soft { color: var(--soft) }
code, pre { font: 13px/1.45 ui-monospace, monospace; overflow-wrap: anywhere; white-space: pre-wrap; margin: 0 }
.passed { color: var(--good) } .failed { color: var(--bad); font-weight: 600 } .skipped, .not { color: var(--mild) }
.cards { display: grid; gap: .6rem; grid-template-columns: repeat(auto-fill, minmax(9.5rem, 1fr)); padding: 0;
  list-style: none }
.cards li { background: var(--card); border: 1px solid var(--edge); border-radius: .4rem; padding: .5rem .7rem }
.cards b { display: block; font-size: 1.2rem } progress { width: 100%; height: .5rem; accent-color: var(--good) }
article { background: var(--card); border: 1px solid var(--edge); border-left: 4px solid var(--bad);
  border-radius: .3rem; margin: .6rem 0; padding: .5rem .8rem }
article h3 { font-size: 1rem; margin: 0; overflow-wrap: anywhere } dl { margin: .3rem 0 0; display: grid;
  grid-template-columns: max-content 1fr; gap: .1rem .8rem } dt { color: var(--soft) } dd { margin: 0; min-width: 0 }
details { border: 1px solid var(--edge); border-radius: .4rem; margin: .5rem 0 }
summary { cursor: pointer; padding: .45rem .8rem; font-weight: 600 }
table { border-collapse: collapse; width: 100%; font-size: .93rem; table-layout: fixed }
.count { width: 5.5rem } .when { width: 11.5rem } .mark { width: 6.5rem } .what { width: 26% } .test { width: 42% }
td, th { text-align: left; padding: .3rem .8rem; vertical-align: top; border-top: 1px solid var(--edge);
  overflow-wrap: anywhere } th { color: var(--soft); font-weight: 500; white-space: nowrap }
.count { text-align: right }
@media (max-width: 44rem) { thead { display: none } tr { display: block; border-top: 1px solid var(--edge);
  padding: .3rem 0 } td[class], td { display: block; border: 0; padding: .05rem .8rem;
  text-align: left; width: auto } td:empty { display: none } td[data-is]::before { content: attr(data-is) " ";
  color: var(--soft) } dl { display: block } }
"""
MANY = 50  # rows of a table that is folded in the beginning
SHOWN = 3  # of those who exercised a thing
Cells = Iterable[tuple[str, str, str]]  # class, name of the column, content


def page_of(run: Run) -> str:
    """Write the page of a run, or of what somebody else's clients exercised."""
    results = run.results
    parts = [_head_of(run), _cards(run.coverage), _failures(results)]
    if run.coverage:
        parts.append("<h2>What was exercised</h2>")
        parts += [_coverage(kind, [line for line in run.coverage if line.kind == kind]) for kind in PLURALS]
    if results:
        parts.append(f"<h2>All tests</h2>{_tests(results)}")
    digest = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{_text(run.title)}</title><style>{STYLE}</style></head><body><main>{''.join(parts)}</main></body></html>\n"
    )


def _head_of(run: Run) -> str:
    told = [f'<p class="soft"><code>{_text(run.target)}</code></p>']
    if run.results:
        counts = ", ".join(_count(run, status) for status in Status)
        told.append(f"<p>{counts} in {run.seconds:.1f} s, seed {run.seed}</p>")
    told += [f'<p class="not">{_text(each)}</p>' for each in run.notes]
    return f"<header><h1>{_text(run.title)}</h1>{''.join(told)}</header>"


def _count(run: Run, status: Status) -> str:
    count = run.count(status)
    return f'<span class="{status}">{count} {status}</span>' if count else f"0 {status}"


def _cards(lines: Sequence[Line]) -> str:
    shares = [(plural, *overall(lines, kind)) for kind, plural in PLURALS.items()]
    cards = "".join(
        f"<li><b>{done} of {total}</b>{plural}<progress max='{total}' value='{done}'>{done} of {total}</progress></li>"
        for plural, done, total in shares
        if total
    )
    return f'<ul class="cards">{cards}</ul>' if cards else ""


def _failures(results: Sequence[Result]) -> str:
    failed = [each for each in results if each.status is Status.FAILED]
    shown = "".join(map(_failure, failed))
    return f"<h2>What failed</h2>{shown}" if shown else ""


def _failure(result: Result) -> str:
    said = [("said", result.sent)] if result.sent else []
    heard = [("heard", each) for each in result.heard[-5:]]
    smallest = [("smallest that fails", result.smallest)] if result.smallest else []
    told = "".join(f"<dt>{name}</dt><dd><code>{_text(each)}</code></dd>" for name, each in (*said, *heard, *smallest))
    about = " · ".join(filter(None, (result.subject.channel, result.subject.operation, result.subject.message)))
    place = f'<p class="soft">{_text(about)}</p>' if about else ""
    return (
        f'<article><h3>{_text(result.name)}</h3><p class="failed">{_text(result.detail)}</p>{place}'
        f"{f'<dl>{told}</dl>' if told else ''}</article>"
    )


def _coverage(kind: str, lines: Sequence[Line]) -> str:
    if not lines:
        return ""
    done, total = overall(lines)
    head = _row("th", ((style, "", name) for style, name in zip(STYLES, COLUMNS, strict=True)))
    rows = "".join(_row("td", _cells(line)) for line in lines)
    summary = f"{PLURALS[kind].capitalize()}: {done} of {total} exercised"
    return _folded(summary, f"<thead>{head}</thead><tbody>{rows}</tbody>", rows=total)


COLUMNS = ("what", "passed", "failed", "by", "when", "how it fails")
STYLES = ("what", "count", "count", "", "when", "")


def _cells(line: Line) -> Cells:
    style = "failed" if line.failed else "passed" if line.passed else "not"
    yield style, "", f"<code>{_text(line.name)}</code>"
    if not line.exercised:
        yield from (("count", "", ""), ("count", "", ""), ("not", "", "not exercised"), ("when", "", ""), ("", "", ""))
        return
    yield "count", "passed", str(line.passed)
    yield "count", "failed", str(line.failed)
    yield "", "by", _by(line)
    yield "when", "", _when(line)
    yield "failed", "", "<br>".join(map(_text, line.failing))


def _by(line: Line) -> str:
    rest = line.others + len(line.by[SHOWN:])
    return "<br>".join(map(_text, (*line.by[:SHOWN], *([f"and {rest} more"] if rest else []))))


def _when(line: Line) -> str:
    if line.first is None or line.last is None:
        return ""
    first, last = (stamp(each)[:19].replace("T", " ") for each in (line.first, line.last))
    return first if first == last else f"{first}<br>to {last if last[:10] != first[:10] else last[11:]}"


def _tests(results: Sequence[Result]) -> str:
    titles = (("mark", ""), ("test", "test"), ("", "what is to be said of it"), ("count", "time"))
    head = f"<thead>{_row('th', ((style, '', title) for style, title in titles))}</thead>"
    rows = "".join(
        _row(
            "td",
            (
                (f"mark {result.status}", "", result.status.value),
                ("", "", _text(result.name)),
                ("", "", _text(result.detail)),
                ("count", "", f"{result.seconds * 1000:.0f} ms"),
            ),
        )
        for result in results
    )
    return _folded(f"{len(results)} tests", f"{head}<tbody>{rows}</tbody>", rows=len(results))


def _row(tag: str, cells: Cells) -> str:
    return f"<tr>{''.join(_cell(tag, *each) for each in cells)}</tr>"


def _cell(tag: str, style: str, name: str, content: str) -> str:
    shown = f' class="{style}"' if style else ""
    told = f' data-is="{name}"' if name and content else ""
    return f"<{tag}{shown}{told}>{content}</{tag}>"


def _folded(summary: str, table: str, *, rows: int) -> str:
    return f"<details{'' if rows > MANY else ' open'}><summary>{summary}</summary><table>{table}</table></details>"


def _text(text: str) -> str:
    """Escape a text; what no document may have becomes a replacement character."""
    return escape("".join(letter if _is_writable(letter) else "\ufffd" for letter in text))


def _is_writable(letter: str) -> bool:
    return letter in "\n\t" or (letter >= " " and not "\ud800" <= letter <= "\udfff")
