"""What AsyncAPI's specification demands, and neither its JSON Schema nor its parser looks at."""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from mockws.asyncapi.document import Node
from mockws.asyncapi.inventory import Inventory, elements_of, part_of
from mockws.asyncapi.official import official_schema
from mockws.asyncapi.rule import Finding, Rule
from mockws.diagnostic import Severity
from mockws.schema.keywords import pointers_of
from mockws.schema.pattern import backtracks
from mockws.schema.schema import Schema
from mockws.source.pointer import parse

SERVER_NAME = re.compile(r"[A-Za-z0-9_\-]+")  # AsyncAPI 2.6, "Servers Object"
MAX_TOLD = 5  # of one binding
EARLY = "0.1.0"
DESCRIBED_BY = "3.1.0"  # the JSON Schemas of version 2 let every binding pass; those of version 3 describe them
BINDINGS = {  # what a binding is of, and its protocol -> its definition there
    ("channel", "ws"): "bindings-websockets-0.1.0-channel",
    ("channel", "amqp"): "bindings-amqp-0.3.0-channel",
    ("operation", "amqp"): "bindings-amqp-0.3.0-operation",
    ("message", "amqp"): "bindings-amqp-0.3.0-message",
    ("operation", "kafka"): "bindings-kafka-0.3.0-operation",
    ("message", "kafka"): "bindings-kafka-0.3.0-message",
}
ADDED = {"bindings-amqp-0.3.0-operation": {"replyTo": {"type": "string"}}}  # what later versions do not have any more


def misshapen_bindings(inventory: Inventory) -> Iterator[Finding]:
    """A binding has the keys that its protocol gives it, and values of their types."""
    kinds = {"channel": inventory.channels, "operation": inventory.operations, "message": inventory.messages}
    for kind, nodes in kinds.items() if inventory.is_two else ():
        for node in nodes:
            bindings = part_of(node, "bindings")
            for protocol, binding in bindings.items() if bindings else ():
                if (kind, protocol) in BINDINGS and _is_known(binding, protocol):
                    yield from _misshapen(binding, protocol, binding_schema(BINDINGS[kind, protocol]))


def _is_known(binding: Node, protocol: str) -> bool:
    """Tell whether this is the one version that is looked at here; of WebSocket's there is only one."""
    version = binding.value.get("bindingVersion") if isinstance(binding.value, dict) else None
    return protocol == "ws" or (version is not None and (version == EARLY or not isinstance(version, str)))


def _misshapen(binding: Node, protocol: str, schema: Schema) -> Iterator[Finding]:
    for violation in schema.violations(binding.value, limit=MAX_TOLD):
        place = binding
        for token in parse(violation.pointer):
            place = place.raw(token) or place
        yield Finding(place, f"the {protocol} binding: {violation}", f"see AsyncAPI's {protocol} bindings")


@cache
def binding_schema(name: str) -> Schema:
    """Give the published schema of a binding, as it was in its first version."""
    definitions: Mapping[str, Any] = official_schema(DESCRIBED_BY)["definitions"]
    binding = {key: value for key, value in definitions[name].items() if key != "oneOf"}
    binding["properties"] = {**binding["properties"], **ADDED.get(name, {}), "bindingVersion": {"type": "string"}}
    return Schema({**binding, "definitions": definitions})


def handshakes(inventory: Inventory) -> Iterator[Finding]:
    """Query and headers of a WebSocket binding are described as an object (WebSockets bindings, "Channel")."""
    for channel in inventory.channels:
        bindings = part_of(channel, "bindings")
        binding = bindings.get("ws") if bindings else None
        for key in ("query", "headers"):
            schema = binding.get(key) if binding else None
            kind = schema.value.get("type") if schema and isinstance(schema.value, dict) else None
            if schema and isinstance(kind, str) and kind != "object":
                told = f"{key} of the ws binding is of type object, with the names as its properties; not {kind}"
                yield Finding(schema.raw("type") or schema, told, f"write {key}: {{type: object, properties: …}}")


def server_names(inventory: Inventory) -> Iterator[Finding]:
    """The name of a server is made of letters, digits, `_` and `-`."""
    servers = inventory.root.get("servers")
    for name, server in servers.items() if servers else ():
        if not SERVER_NAME.fullmatch(name):
            told = f"the server's name {name} has more than letters, digits, _ and -"
            yield Finding((servers and servers.raw(name)) or server, told, "rename it")


def choices(inventory: Inventory) -> Iterator[Finding]:
    """Default and examples of a server's variable are among its values."""
    for server in inventory.servers:
        variables = part_of(server, "variables")
        for name, variable in variables.items() if variables else ():
            values = variable.texts("enum") if isinstance(variable.value, dict) else ()
            default = variable.raw("default") if values else None
            for each in (*((default,) if default else ()), *(elements_of(variable, "examples") if values else ())):
                if isinstance(each.value, str) and each.value not in values:
                    told = f"{each.value} is none of the values of {name}, which are {', '.join(values)}"
                    yield Finding(each, told, "add it to the enum, or take one of it")


def discriminators(inventory: Inventory) -> Iterator[Finding]:
    """A discriminator is a property of its schema, and required (AsyncAPI 2.6 and 3.0, "Schema Object")."""
    for schema in inventory.outer_schemas:
        name = schema.value.get("discriminator")
        if not isinstance(name, str):
            continue
        properties, required = schema.value.get("properties"), schema.value.get("required")
        is_there = isinstance(properties, dict) and name in properties
        place = schema.raw("discriminator") or schema
        if not is_there:  # it is in each of the alternatives, as in OpenAPI: many write it so, and all understand it
            told = f"the discriminator {name} is no property of this schema"
            yield Finding(place, told, "add it to properties and required", Severity.WARNING)
        elif not isinstance(required, list) or name not in required:
            yield Finding(place, f"the discriminator {name} is not required", "add it to required")


def patterns(inventory: Inventory) -> Iterator[Finding]:
    """A pattern that looks around or back is matched step by step, and only so far: a long text may not fit it."""
    for schema in inventory.outer_schemas:
        for pointer, part in pointers_of(schema.value):
            pattern = part.get("pattern")
            if isinstance(pattern, str) and ("(?" in pattern or "\\" in pattern) and backtracks(pattern):
                place = schema
                for token in (*parse(pointer), "pattern"):
                    place = place.raw(int(token) if isinstance(place.value, list) else token) or place
                told = f"the pattern {pattern[:100]} looks around or back: it is matched within bounds, and may be slow"
                yield Finding(place, told, "say it in several patterns without (?=, (?! and \\1, by allOf")


RULES = (
    Rule("asyncapi-binding", misshapen_bindings),
    Rule("asyncapi-binding-handshake", handshakes),
    Rule("asyncapi-server-name", server_names, majors="2"),
    Rule("asyncapi-server-variable-value", choices),
    Rule("asyncapi-discriminator", discriminators),
    Rule("asyncapi-regex-not-linear", patterns, Severity.WARNING),
)
