"""The book of expectations: layered, ordered by precedence, and found by trigger and channel without a search.

What a thousand expectations on other channels cost a message is one look into a dictionary.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import IntEnum

from msgspec import UNSET

from mockws.contract import Channel, Contract, Message
from mockws.errors import BadExpectation, UnknownName
from mockws.expect.expectation import Compiled, Step
from mockws.names import closest
from mockws.source.pointer import join

MOST = 10_000


class Layer(IntEnum):
    """Where an expectation came from; the higher wins."""

    FILE = 0
    ADMIN = 1
    SESSION = 2


@dataclass(eq=False, slots=True)
class Rule:
    """An expectation in force, with how often it ran."""

    compiled: Compiled
    layer: Layer
    order: int
    added_at: float
    channel: str | None  # its key in the contract; none: any
    ran: int = 0

    @property
    def id(self) -> str:
        return self.compiled.id

    @property
    def remaining(self) -> int | None:
        """Tell how often it may still run; none: without end."""
        times = self.compiled.model.times
        return None if times is UNSET else max(0, times - self.ran)

    def expired(self, at: float) -> bool:
        limit = self.compiled.time_to_live
        return limit is not None and at >= self.added_at + limit

    @property
    def precedence(self) -> tuple[int, int, int]:
        """Sort by layer, then priority (1 is highest), then the newest first."""
        return (-self.layer, self.compiled.model.priority, -self.order)


@dataclass(slots=True)
class Book:
    """All expectations of one session."""

    rules: dict[str, Rule] = field(default_factory=dict)
    shadowed: dict[str, Rule] = field(default_factory=dict)  # of files, replaced by the admin API until a reset
    _index: dict[tuple[str, str | None], list[Rule]] = field(default_factory=dict)
    _count: int = 0

    def add(self, compiled: Compiled, layer: Layer, contract: Contract, at: float) -> Rule:
        """Put an expectation in force; one of the same id is replaced. Raises BadExpectation for unknown names."""
        channel = channel_of(compiled, contract)
        check_names(compiled, contract, channel)
        known = self.rules.get(compiled.id)
        if known is None and len(self.rules) >= MOST:
            raise BadExpectation("too_many", f"there are {MOST} expectations already", "")
        if known is not None:
            self.remove(compiled.id)
            if known.layer is Layer.FILE and layer is not Layer.FILE:
                self.shadowed[compiled.id] = known
        self._count += 1
        # In one file the earlier entry wins a tie, elsewhere the newer one.
        rule = Rule(compiled, layer, -self._count if layer is Layer.FILE else self._count, at, channel)
        self._insert(rule)
        return rule

    def _insert(self, rule: Rule) -> None:
        self.rules[rule.id] = rule
        there = self._index.setdefault((rule.compiled.trigger.type, rule.channel), [])
        there.append(rule)
        there.sort(key=lambda each: each.precedence)

    def remove(self, identity: str) -> Rule | None:
        """Take an expectation out; None where there is none of that id."""
        rule = self.rules.pop(identity, None)
        if rule is not None:
            there = self._index[(rule.compiled.trigger.type, rule.channel)]
            there.remove(rule)
            if not there:
                del self._index[(rule.compiled.trigger.type, rule.channel)]
        return rule

    def added(self) -> list[str]:
        """Name the expectations that did not come from files."""
        return [rule.id for rule in self.rules.values() if rule.layer is not Layer.FILE]

    def reset(self) -> None:
        """Leave only what came from files, as it was in the beginning."""
        for rule in [each for each in self.rules.values() if each.layer is not Layer.FILE]:
            self.remove(rule.id)
        for rule in self.shadowed.values():
            self._insert(rule)
        self.shadowed.clear()
        for rule in self.rules.values():
            rule.ran = 0

    def replace_files(self, compiled: Sequence[Compiled], contract: Contract, at: float) -> None:
        """Put the expectations of files in force, all or none; what was added stays. Raises BadExpectation."""
        for each in compiled:
            check_names(each, contract, channel_of(each, contract))
        before = {rule.id: rule for rule in self.rules.values() if rule.layer is Layer.FILE}
        for identity in before:
            self.remove(identity)
        self.shadowed.clear()
        for each in compiled:
            shadow = self.rules.get(each.id)
            if shadow is None:
                self._go_on_counting(self.add(each, Layer.FILE, contract, at), before.get(each.id))
            else:
                self._count += 1
                self.shadowed[each.id] = Rule(each, Layer.FILE, -self._count, at, channel_of(each, contract))

    def _go_on_counting(self, rule: Rule, before: Rule | None) -> None:
        """An expectation that did not change keeps its count and its age: another file's change is not its own."""
        if before is not None and before.compiled.model == rule.compiled.model:
            rule.ran, rule.added_at = before.ran, before.added_at

    def adopt(self, contract: Contract) -> list[str]:
        """Look all names up in a new contract; those that are not there any more are switched off, and named."""
        lost: list[str] = []
        rules = [*self.rules.values()]
        self.rules.clear()
        self._index.clear()
        for rule in rules:
            try:
                rule.channel = channel_of(rule.compiled, contract)
            except BadExpectation:
                lost.append(rule.id)
                rule.channel = f"(unknown) {rule.compiled.trigger.channel}"
            self._insert(rule)
        return lost

    def candidates(self, kind: str, channels: Iterable[str]) -> list[Rule]:
        """Give the expectations for a trigger on any of these channels, in their order of precedence."""
        keys = [(kind, None), *((kind, name) for name in channels)]
        lists = [found for key in keys if (found := self._index.get(key))]
        if len(lists) == 1:
            return lists[0]
        return sorted((rule for each in lists for rule in each), key=lambda rule: rule.precedence)

    def of_type(self, kind: str) -> list[Rule]:
        """Give all expectations of one trigger type."""
        return [rule for (each, _), rules in self._index.items() if each == kind for rule in rules]


def channel_of(compiled: Compiled, contract: Contract) -> str | None:
    """Look the trigger's channel or operation up; raises BadExpectation."""
    trigger = compiled.trigger
    try:
        if trigger.channel is not UNSET:
            return contract.channel(trigger.channel).name
        return contract.operation(trigger.operation).channel.name if trigger.operation is not UNSET else None
    except UnknownName as problem:
        raise BadExpectation(f"unknown_{problem.kind}", str(problem), f"/trigger/{problem.kind}") from None


def check_names(compiled: Compiled, contract: Contract, channel: str | None) -> None:
    """Look all messages up that an expectation names; raises BadExpectation."""
    there = (contract.channel(channel),) if channel else ()
    matching = compiled.trigger.message
    if matching is not UNSET and matching.name is not UNSET:
        _message(contract, matching.name, there, "/trigger/message/name")
    for step in compiled.script:
        if step.kind in ("reply", "send", "stream") and step.action.message is not UNSET:
            _check_said(contract, step, there if step.kind == "reply" else ())


def _check_said(contract: Contract, step: Step, channels: Sequence[Channel]) -> None:
    message = _message(contract, step.action.message, channels, join(step.pointer, "message"))
    names = [each.name for each in message.examples]
    if step.action.example is not UNSET and step.action.example not in names:
        problem = UnknownName("example", step.action.example, names, closest(step.action.example, names))
        raise BadExpectation("unknown_example", str(problem), join(step.pointer, "example"))


def _message(contract: Contract, name: str, channels: Sequence[Channel], pointer: str) -> Message:
    try:
        return contract.message(name, channels)
    except UnknownName as problem:
        raise BadExpectation("unknown_message", str(problem), pointer) from None
