"""Names that are given once: of operations, messages and tags."""

from collections.abc import Iterable, Iterator

from mockws.asyncapi.document import Node
from mockws.asyncapi.inventory import Inventory, elements_of
from mockws.asyncapi.rule import Finding, Rule
from mockws.asyncapi.traits import with_traits
from mockws.diagnostic import Severity


def operation_ids(inventory: Inventory) -> Iterator[Finding]:
    """No two operations have the same operationId."""
    advice = "give each operation its own; the later one goes by its channel and verb here"
    return _doubles(inventory.own_operations, "operationId", "operations", advice)


def message_ids(inventory: Inventory) -> Iterator[Finding]:
    """No two messages have the same messageId; one message that is used twice is still one."""
    return _doubles(inventory.used_messages, "messageId", "messages", "give each message its own")


def _doubles(nodes: Iterable[Node], key: str, kind: str, advice: str) -> Iterator[Finding]:
    first: dict[str, Node] = {}
    for node in nodes:
        if "traits" in node.value:
            name = with_traits(node, trait_wins=True).text(key)
        else:
            name = node.text(key) if key in node.value else ""
        if name and name in first:
            told = f"{key} {name} is taken already by {first[name].pointer}: no two {kind} have the same"
            yield Finding(node.raw(key) or node, told, advice)
        elif name:
            first[name] = node


def tag_names(inventory: Inventory) -> Iterator[Finding]:
    """No two tags of one list have the same name."""
    info = inventory.root.get("info")
    owners = (inventory.root, *((info,) if info else ()), *inventory.operations, *inventory.operation_traits)
    strict = (*owners, *inventory.messages, *inventory.message_traits)
    # The parser does not look at the tags of servers, nor at those of any document of version 3.
    for node in strict:
        yield from _double_tags(node, None if inventory.is_two else Severity.WARNING)
    for node in (*inventory.servers, *inventory.channels):
        yield from _double_tags(node, Severity.WARNING)


def _double_tags(owner: Node, severity: Severity | None) -> Iterator[Finding]:
    seen: set[str] = set()
    for tag in elements_of(owner, "tags") if isinstance(owner.value, dict) else ():
        name = tag.value.get("name") if isinstance(tag.value, dict) else None
        if isinstance(name, str) and name in seen:
            told = f"the tag {name} is in this list already: each has a name of its own"
            yield Finding(tag.raw("name") or tag, told, "remove one of them", severity)
        seen |= {name} if isinstance(name, str) else set()


RULES = (
    Rule("operation-operationId-uniqueness", operation_ids, majors="2"),
    Rule("message-messageId-uniqueness", message_ids, majors="2"),
    Rule("tags-uniqueness", tag_names),
)
