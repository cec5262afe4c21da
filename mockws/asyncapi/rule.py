"""A rule that AsyncAPI's JSON Schema cannot say: a code, how bad it is to break it, and what finds where it is broken.

The rules themselves stand in `rules_*`, one table a file; this file does not know any of them.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from mockws.asyncapi.document import Node
from mockws.asyncapi.inventory import Inventory
from mockws.diagnostic import Severity


@dataclass(frozen=True, slots=True)
class Finding:
    """One place where a rule is broken: what was expected, what came, and what to do."""

    node: Node
    message: str
    advice: str = ""
    severity: Severity | None = None  # none: the rule's own
    once: str = ""  # findings about the same thing are told at the first place only


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule under its code; `asyncapi2-` or `asyncapi3-` goes before one that does not begin with `asyncapi`."""

    code: str
    find: Callable[[Inventory], Iterator[Finding]]
    severity: Severity = Severity.ERROR
    majors: str = "23"  # the major versions of AsyncAPI that have it


def judge(rules: Iterable[Rule], inventory: Inventory) -> None:
    """Report every place where one of these rules is broken."""
    major = inventory.root.document.major
    for rule in rules:
        code = rule.code if rule.code.startswith("asyncapi") else f"asyncapi{major}-{rule.code}"
        for found in rule.find(inventory) if major in rule.majors else ():
            found.node.say(found.severity or rule.severity, code, found.message, found.advice, once=found.once)
