"""The book of expectations: layered, ordered by precedence, and found by trigger and channel without a search.

What a thousand expectations on other channels cost a message is one look into a dictionary.
"""

from bisect import insort
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from heapq import merge

from msgspec import UNSET

from mockws.contract import Channel, Contract, Message, Operation
from mockws.engine.http_paths import Paths
from mockws.engine.outgoing import check_constants
from mockws.errors import BadExpectation, UnknownName
from mockws.expect.expectation import Compiled, Step
from mockws.expect.model import Audience
from mockws.names import closest
from mockws.source.pointer import join

MOST = 10_000
NOWHERE = "(no channel)"  # where an expectation waits whose channel the document does not have any more


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
    operation: str | None = None  # none: any on that channel
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


class Book:
    """All expectations of one session, in layers: of one id, only the highest is in force."""

    def __init__(self, own: Layer = Layer.ADMIN) -> None:
        self.rules: dict[str, Rule] = {}  # in force
        self.paths: Paths[Rule] = Paths()  # of triggers of type http
        self._own = own  # the layer that this session writes to
        self._layers: dict[Layer, dict[str, Rule]] = {layer: {} for layer in Layer}
        self._hidden: set[str] = set()  # taken out, though the layer is not ours: until a reset
        self._index: dict[tuple[str, str | None], list[Rule]] = {}
        self._count = 0
        self._ids = 0

    def add(self, compiled: Compiled, layer: Layer, contract: Contract, at: float) -> Rule:
        """Put an expectation in force; one of the same id is replaced. Raises BadExpectation for unknown names."""
        check_names(compiled, contract, channel_of(compiled, contract))
        if compiled.id not in self._layers[layer] and self._size() >= MOST:
            raise BadExpectation("too_many", f"there are {MOST} expectations already", "")
        rule = self._made(compiled, layer, contract, at)
        self._layers[layer][rule.id] = rule
        self._hidden.discard(rule.id)
        self._settle(rule.id)
        return rule

    def new_id(self) -> str:
        """Make an id that nobody has: what is there already is not to be replaced by accident."""
        while f"e{self._ids + 1}" in self.rules:
            self._ids += 1
        return f"e{self._ids + 1}"

    def _size(self) -> int:
        return sum(map(len, self._layers.values()))

    def _made(self, compiled: Compiled, layer: Layer, contract: Contract, at: float) -> Rule:
        self._count += 1
        # In one file the earlier entry wins a tie, elsewhere the newer one.
        order = -self._count if layer is Layer.FILE else self._count
        return Rule(compiled, layer, order, at, channel_of(compiled, contract), operation_of(compiled, contract))

    def _settle(self, identity: str) -> None:
        """Put the highest of the expectations of one id in force, if there is one that is not hidden."""
        highest = next((rule for rule in self._of(identity) if not self._is_hidden(rule)), None)
        current = self.rules.get(identity)
        if current is not highest:
            self._remove(current)
            self._insert(highest)

    def _of(self, identity: str) -> Iterator[Rule]:
        found = (self._layers[layer].get(identity) for layer in reversed(Layer))
        return (rule for rule in found if rule is not None)

    def _is_hidden(self, rule: Rule) -> bool:
        return rule.layer is not self._own and rule.id in self._hidden

    def _insert(self, rule: Rule | None) -> None:
        if rule is not None:
            self.rules[rule.id] = rule
            there = self._index.setdefault((rule.compiled.trigger.type, rule.channel), [])
            insort(there, rule, key=lambda each: each.precedence)
            if rule.compiled.request is not None:
                self.paths.add(rule.compiled.request.address, rule)

    def _remove(self, rule: Rule | None) -> None:
        if rule is None:
            return
        del self.rules[rule.id]
        there = self._index[(rule.compiled.trigger.type, rule.channel)]
        there.remove(rule)
        if not there:
            del self._index[(rule.compiled.trigger.type, rule.channel)]
        if rule.compiled.request is not None:
            self.paths.remove(rule.compiled.request.address, rule)

    def take_out(self, identity: str, layer: Layer | None = None) -> Rule | None:
        """Take an expectation out; none where there is none of that id.

        What it was put over is in force again. One of a layer that is not the session's own is back after a reset.
        """
        layer = self._own if layer is None else layer
        there = self.rules.get(identity)
        if self._layers[layer].pop(identity, None) is None and there is not None:
            self._hidden.add(identity)
        self._settle(identity)
        return there

    def holds(self, rule: Rule) -> bool:
        """Tell whether an expectation is still in force, and not another one of the same id."""
        return self.rules.get(rule.id) is rule

    def clear(self, layer: Layer | None = None) -> list[str]:
        """Take out all of a layer, of the session's own unless said; names them."""
        gone = [*self._layers[self._own if layer is None else layer]]
        for identity in gone:
            self.take_out(identity, layer)
        return gone

    def of_layer(self, layer: Layer) -> list[Rule]:
        """Give all expectations of a layer, in force or not, in the order of their making."""
        return [*self._layers[layer].values()]

    def reset(self, at: float) -> None:
        """Leave only what is not the session's own, as it was in the beginning."""
        self.clear()
        hidden, self._hidden = self._hidden, set()
        for identity in hidden:
            self._settle(identity)
        for rule in (rule for layer in self._layers.values() for rule in layer.values()):
            rule.ran, rule.added_at = 0, at

    def replace_files(self, compiled: Sequence[Compiled], contract: Contract, at: float) -> None:
        """Put the expectations of files in force, all or none; what was added stays. Raises BadExpectation."""
        before = self._layers[Layer.FILE]
        if self._size() - len(before) + len(compiled) > MOST:
            raise BadExpectation("too_many", f"there would be more than {MOST} expectations", "")
        for each in compiled:
            check_names(each, contract, channel_of(each, contract))
        for rule in before.values():
            if self.rules.get(rule.id) is rule:
                self._remove(rule)
        after = [_continued(before.get(each.id), self._made(each, Layer.FILE, contract, at)) for each in compiled]
        self._layers[Layer.FILE] = {rule.id: rule for rule in after}
        for identity in {*before, *self._layers[Layer.FILE]}:
            self._settle(identity)

    def adopt(self, contract: Contract) -> list[str]:
        """Look all names up in a new contract; those that are not there any more are switched off, and named."""
        rules = [*self.rules.values()]
        self.rules.clear()
        self._index.clear()
        self.paths.clear()
        found = {rule: _moved(rule, contract) for layer in self._layers.values() for rule in layer.values()}
        for rule in rules:
            self._insert(rule)
        return [rule.id for rule in rules if not found[rule]]

    def expects(self, kind: str, channel: str) -> bool:
        """Tell whether there is an expectation for a trigger on a channel."""
        return (kind, channel) in self._index or (kind, None) in self._index

    def candidates(self, kind: str, channels: Iterable[str]) -> Iterator[Rule]:
        """Give the expectations for a trigger on any of these channels, in their order of precedence."""
        keys = [(kind, None), *((kind, name) for name in channels)]
        lists = [found for key in keys if (found := self._index.get(key))]
        return iter(lists[0]) if len(lists) == 1 else merge(*lists, key=lambda rule: rule.precedence)

    def of_type(self, kind: str) -> list[Rule]:
        """Give all expectations of one trigger type."""
        return [rule for (each, _), rules in self._index.items() if each == kind for rule in rules]


def _continued(before: Rule | None, rule: Rule) -> Rule:
    """An expectation that did not change keeps its count, its age and its timers: another's change is not its own."""
    if before is None or before.compiled.model != rule.compiled.model:
        return rule
    before.compiled, before.order = rule.compiled, rule.order
    before.channel, before.operation = rule.channel, rule.operation
    return before


def _moved(rule: Rule, contract: Contract) -> bool:
    """Look a rule's names up in a new contract; false where its channel is not there, and nothing sets it off."""
    try:
        rule.channel, rule.operation = channel_of(rule.compiled, contract), operation_of(rule.compiled, contract)
    except BadExpectation:
        rule.channel = NOWHERE
    return rule.channel != NOWHERE


def channel_of(compiled: Compiled, contract: Contract) -> str | None:
    """Look the trigger's channel or operation up; raises BadExpectation."""
    trigger = compiled.trigger
    if trigger.channel is UNSET:
        return _operation(trigger.operation, contract).channel.name if trigger.operation is not UNSET else None
    return _channel(trigger.channel, contract, "/trigger/channel").name


def operation_of(compiled: Compiled, contract: Contract) -> str | None:
    """Look the trigger's operation up; raises BadExpectation."""
    name = compiled.trigger.operation
    return _operation(name, contract).name if name is not UNSET else None


def _channel(name: str, contract: Contract, pointer: str) -> Channel:
    try:
        return contract.channel(name)
    except UnknownName as problem:
        raise BadExpectation("unknown_channel", str(problem), pointer) from None


def _operation(name: str, contract: Contract) -> Operation:
    try:
        return contract.operation(name)
    except UnknownName as problem:
        raise BadExpectation("unknown_operation", str(problem), "/trigger/operation") from None


def check_names(compiled: Compiled, contract: Contract, channel: str | None) -> None:
    """Look all channels and messages up that an expectation names; raises BadExpectation."""
    there = (contract.channel(channel),) if channel else ()
    matching = compiled.trigger.message
    if matching is not UNSET and matching.name is not UNSET:
        _message(contract, matching.name, there, "/trigger/message/name")
    _check_script(compiled.script, contract, there)
    check_constants(compiled.script, contract, there)


def _check_script(script: Iterable[Step], contract: Contract, there: Sequence[Channel]) -> None:
    for step in script:
        to = getattr(step.action, "to", None)
        if isinstance(to, Audience) and to.channel is not UNSET:
            _channel(to.channel, contract, join(step.pointer, "to", "channel"))
        if step.kind == "replay" and isinstance(step.action.of, str):
            _channel(step.action.of, contract, join(step.pointer, "of"))
        if step.kind in ("reply", "send", "stream") and step.action.message is not UNSET:
            _check_said(contract, step, there if step.kind == "reply" else ())
        _check_script(step.otherwise, contract, there)
        if step.kind == "expect" and step.action.message.name is not UNSET:
            _message(contract, step.action.message.name, there, join(step.pointer, "message", "name"))


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
