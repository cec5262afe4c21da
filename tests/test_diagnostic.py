"""How a diagnostic reads on a terminal and in JSON."""

import json

from mockws.diagnostic import Diagnostic, Place, Severity

BROKEN = Diagnostic(
    Severity.WARNING, "unknown_channel", "no such channel", Place("chat.yaml", 3, 7), "/channels/x", "remove it"
)


def test_diagnostic_is_one_line_that_editors_can_follow() -> None:
    assert str(BROKEN) == "chat.yaml:3:7: warning: no such channel [unknown_channel] (remove it)"


def test_diagnostic_without_line_and_advice_leaves_them_out() -> None:
    diagnostic = Diagnostic(Severity.ERROR, "empty", "the file is empty", Place("chat.yaml"))

    assert str(diagnostic) == "chat.yaml: error: the file is empty [empty]"


def test_line_breaks_and_terminal_escapes_do_not_come_through() -> None:
    diagnostic = Diagnostic(Severity.INFO, "note", "a\nb\x1b[31mé😀", Place("x"))

    assert str(diagnostic) == "x: info: a\\nb\\x1b[31mé😀 [note]"


def test_diagnostic_is_plain_json() -> None:
    assert json.loads(json.dumps(BROKEN.as_dict())) == {
        "severity": "warning",
        "code": "unknown_channel",
        "message": "no such channel",
        "file": "chat.yaml",
        "line": 3,
        "column": 7,
        "pointer": "/channels/x",
        "advice": "remove it",
    }
