"""Examples and defaults fit the schemas that they are examples and defaults of."""

from collections.abc import Iterator

from mockws.asyncapi.document import Node
from mockws.asyncapi.inventory import Inventory, elements_of
from mockws.asyncapi.rule import Finding, Rule
from mockws.asyncapi.wires import Wire, Wires
from mockws.diagnostic import Severity
from mockws.schema.schema import Schema

NEVER_SENT = "it is never sent of the mock's own accord; mend the example or the schema"
MEND = "mend it, or the schema"
MAPPING = Schema({"type": "object"})


def message_examples(inventory: Inventory) -> Iterator[Finding]:
    """Examples of a message fit its payload and its headers."""
    return _misfits(inventory, foreign=False)


def message_examples_of_other_formats(inventory: Inventory) -> Iterator[Finding]:
    """Examples of a message whose payload says in what format its schema is."""
    return _misfits(inventory, foreign=True)


def _misfits(inventory: Inventory, *, foreign: bool) -> Iterator[Finding]:
    for message in inventory.whole_messages:
        if "examples" not in message.value or (inventory.is_two and "schemaFormat" in message.value) is not foreign:
            continue
        wire = _wire_of(inventory, message)
        for example in elements_of(message, "examples"):
            yield from _misfit(inventory, message, example, wire)


def _misfit(inventory: Inventory, message: Node, example: Node, wire: Wire) -> Iterator[Finding]:
    whose = message.text("name") or message.key
    if not isinstance(example.value, dict):
        told = "a message example has the keys name, summary, headers and payload; this one is left out"
        yield Finding(example, told)
        return
    if "payload" in example.value:
        for violation in wire.violations(wire.meant(example.value["payload"])):
            where = f" (schema: {violation.place})" if violation.place else ""
            told = f"the example of {whose} does not fit its schema: {violation}{where}"
            yield Finding(example.raw("payload") or example, told, NEVER_SENT)
    if "headers" in example.value:
        described = message.get("headers")
        headers = inventory.schemas.of(described) if described else MAPPING
        for violation in headers.violations(example.value["headers"], limit=1):
            told = f"the headers in the example of {whose} do not fit their schema: {violation}"
            yield Finding(example.raw("headers") or example, told, MEND)


def _wire_of(inventory: Inventory, message: Node) -> Wire:
    content_type = message.text("contentType") or inventory.root.text("defaultContentType") or None
    return Wires(inventory.schemas).of(message.get("payload"), content_type, message)


def defaults(inventory: Inventory) -> Iterator[Finding]:
    """The default of a schema fits it."""
    for node, schema in _schemas_with(inventory, "default"):
        yield from _unfit(node.raw("default"), schema, "the default", inventory)


def schema_examples(inventory: Inventory) -> Iterator[Finding]:
    """The examples of a schema fit it."""
    for node, schema in _schemas_with(inventory, "examples"):
        listed = node.raw("examples")
        for example in listed.raw_elements() if listed else ():
            yield from _unfit(example, schema, "the example", inventory)


def _unfit(place: Node | None, schema: Schema, what: str, inventory: Inventory) -> Iterator[Finding]:
    if place is None:
        return
    # The parser lets every text pass, and has no such rule for version 3: told, but not held against the document.
    lenient = isinstance(place.value, str) or not inventory.is_two
    for violation in schema.violations(place.value, limit=1):
        told = f"{what} does not fit its schema: {violation}"
        yield Finding(place, told, MEND, Severity.WARNING if lenient else None)


def _schemas_with(inventory: Inventory, key: str) -> Iterator[tuple[Node, Schema]]:
    """Find the schemas that are looked at: payloads, parameters and components; not what is inside of them."""
    for node in inventory.outer_schemas:
        if key in node.value:
            yield node, inventory.schemas.of(node)


RULES = (
    Rule("message-examples", message_examples),
    Rule("message-examples-custom-format", message_examples_of_other_formats, majors="2"),
    Rule("schema-default", defaults),
    Rule("schema-examples", schema_examples),
)
