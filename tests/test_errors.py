"""Errors in one line: what keeps a document from being served is told first, and what may lie behind it."""

import pytest

from mockws.diagnostic import Diagnostic, Place, Severity
from mockws.errors import DocumentRefused

FIRST = Diagnostic(Severity.WARNING, "no-channels", "there are no channels", Place("a.yaml", 1, 1))
TYPO = Diagnostic(Severity.ERROR, "unknown", "there is no chanels", Place("a.yaml", 3, 1))
HINT = Diagnostic(Severity.WARNING, "hint", "it could be nicer", Place("a.yaml", 2, 1))


@pytest.mark.parametrize(
    ("diagnostics", "told"),
    [
        ((FIRST, HINT), str(FIRST)),
        ((FIRST, HINT, TYPO), f"{FIRST}; {TYPO}"),
        ((FIRST, TYPO, TYPO, TYPO), f"{FIRST}; {TYPO}; mockws check tells 2 more"),
    ],
)
def test_a_refused_document_is_told_with_the_first_of_its_errors(
    diagnostics: tuple[Diagnostic, ...], told: str
) -> None:
    assert str(DocumentRefused(diagnostics)) == told
