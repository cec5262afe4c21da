"""What people write and the specification does not have, put right before the document is checked and read.

Each mend is a function of its own in a table for its major version. It changes a copy, and says what it did.
Whether it is an error or a warning is what the official parser says of it.
"""

from collections.abc import Callable, Iterator
from typing import Any

from mockws.asyncapi.document import Node
from mockws.asyncapi.servers import definition_advice
from mockws.source.pointer import escape

BINDING_COMPONENTS = ("serverBindings", "channelBindings", "operationBindings", "messageBindings")
Mend = Callable[[Node, dict[str, Any]], None]


def mended(root: Node) -> Any:
    """Give a copy of the document's top with all mends made, and reported."""
    value = _copied(root.value)
    version = str(value.get("asyncapi", ""))
    for mend in MENDS.get(version[:1], ()):
        mend(root, value)
    return value


def _copied(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _copied(child) for key, child in value.items()}
    return [_copied(child) for child in value] if isinstance(value, list) else value


def _at(root: Node, *keys: str) -> Node:
    """Give the node to report about; where a child is new, its parent."""
    node = root
    for key in keys:
        node = node.raw(key) or node
    return node


def _mapping(value: dict[str, Any], key: str) -> dict[str, Any]:
    child = value.get(key)
    return child if isinstance(child, dict) else {}


def _binding_keys(root: Node, value: dict[str, Any]) -> None:
    """`bindings: {websockets: …}` for `ws`, wherever bindings can be."""
    three = str(value.get("asyncapi", "")).startswith("3")
    for path, bindings in _bindings_below(value, ()):
        _rename_key(_at(root, *path), bindings, three)
    components = _mapping(value, "components")
    for kind in BINDING_COMPONENTS:
        for name, bindings in _mapping(components, kind).items():
            _rename_key(_at(root, "components", kind, name), bindings, three)


def _bindings_below(value: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Find all `bindings`, with the keys that lead to them; payloads and examples are not the document's own words."""
    for key, child in value.items() if isinstance(value, dict) else ():
        if key == "bindings":
            yield (*path, key), child
        elif isinstance(child, dict) and key not in ("payload", "schemas", "examples"):
            yield from _bindings_below(child, (*path, key))


def _rename_key(node: Node, bindings: Any, three: bool) -> None:
    if isinstance(bindings, dict) and "websockets" in bindings:
        bindings.setdefault("ws", bindings.pop("websockets"))
        place = _at(node, "websockets")
        say = place.error if three else place.warn
        say("binding-key", "the binding key websockets is read as ws", "the official key is ws")


def _servers_as_list(root: Node, value: dict[str, Any]) -> None:
    servers = value.get("servers")
    if isinstance(servers, list):
        named = [server for server in servers if isinstance(server, dict)]
        value["servers"] = {str(server.get("name", f"server{n}")): server for n, server in enumerate(named, 1)}
        _at(root, "servers").error("servers-list", "servers is a list; read as a mapping", "give each server a key")


def _bad_operations(root: Node, value: dict[str, Any]) -> None:
    """An operation without action or channel says nothing: the schema's own message about it would be unreadable."""
    operations = _mapping(value, "operations")
    for name, operation in list(operations.items()):
        if not isinstance(operation, dict) or "$ref" in operation:
            continue
        missing = [key for key in ("action", "channel") if not operation.get(key)]
        if missing:
            operations.pop(name)
            absent = " and ".join(missing) + (" is missing" if len(missing) == 1 else " are missing")
            _at(root, "operations", name).error(
                "operation-incomplete", f"operation {name} is left out: {absent}", "add them"
            )


def _messages_at_root(root: Node, value: dict[str, Any]) -> None:
    for key in ("messages", "schemas"):
        if key in value:
            found = value.pop(key)
            components = value.setdefault("components", {})
            if isinstance(found, dict) and isinstance(components, dict) and key not in components:
                components[key] = found
            _at(root, key).error(
                "misplaced", f"{key} at the root belongs under components", f"move it to components.{key}"
            )


def _server_url(root: Node, value: dict[str, Any]) -> None:
    """Version 2 has `url`, version 3 `host` and `pathname`."""
    for name, server in _mapping(value, "servers").items():
        if isinstance(server, dict) and "url" in server and "host" not in server:
            scheme, colon, rest = str(server.pop("url")).rpartition("://")
            server["host"], _, path = rest.partition("/")
            if path:
                server.setdefault("pathname", f"/{path}")
            server.setdefault("protocol", scheme if colon else "ws")
            _at(root, "servers", name).error(
                "server-url", f"server {name} has a url; read as host", "version 3 has host and pathname"
            )


def _security_by_name(root: Node, value: dict[str, Any]) -> None:
    """Version 2 names schemes (`- bearerAuth: []`), version 3 refers to them."""
    for kind in ("servers", "operations"):
        for name, owner in _mapping(value, kind).items():
            found = owner.get("security") if isinstance(owner, dict) else None
            if isinstance(found, list):
                place = _at(root, kind, name, "security")
                owner["security"] = [each for entry in found for each in _referred(place, value, entry)]


def _referred(place: Node, value: dict[str, Any], entry: Any) -> list[Any]:
    """Write one entry as version 3 does; one that names nothing is left out, and enforces nothing."""
    if not isinstance(entry, dict) or not entry or entry.keys() & {"$ref", "type"}:
        return [entry]
    scheme = str(next(iter(entry)))
    if scheme not in _mapping(_mapping(value, "components"), "securitySchemes"):
        told = f"scheme {scheme} is not defined in components.securitySchemes; nothing is enforced"
        place.error("security-by-name", told, definition_advice(scheme), once=scheme)
        return []
    reference = f"#/components/securitySchemes/{escape(scheme)}"
    told = f"the scheme {scheme} is named as in version 2; read as a reference"
    place.error("security-by-name", told, f"write $ref: '{reference}'")
    return [{"$ref": reference}]


def _verbs_in_three(root: Node, value: dict[str, Any]) -> None:
    """`publish` and `subscribe` on a channel of version 3 become operations and messages."""
    for name, channel in _mapping(value, "channels").items():
        for verb, action in (("publish", "receive"), ("subscribe", "send")) if isinstance(channel, dict) else ():
            operation = channel.pop(verb, None)
            if isinstance(operation, dict):
                _as_operation(value, name, channel, operation, action)
                _at(root, "channels", name).error(
                    "verb-in-3", f"{verb} of channel {name} is read as an operation", "see operations"
                )


def _as_operation(value: dict[str, Any], name: str, channel: dict[str, Any], old: dict[str, Any], action: str) -> None:
    message = old.get("message")
    several = message.get("oneOf", [message]) if isinstance(message, dict) else []
    messages = channel.setdefault("messages", {})
    references = []
    for number, each in enumerate(several, 1):
        target = str(each.get("$ref", "")).rpartition("/")[2] if isinstance(each, dict) else ""
        key = target or (each.get("name") if isinstance(each, dict) else None) or f"{action}{number}"
        messages.setdefault(key, each)
        references.append({"$ref": f"#/channels/{escape(name)}/messages/{escape(key)}"})
    operation = {"action": action, "channel": {"$ref": f"#/channels/{escape(name)}"}, "messages": references}
    operations = value.setdefault("operations", {})
    operations.setdefault(str(old.get("operationId") or f"{name}.{action}"), operation)


def _three_in_two(root: Node, value: dict[str, Any]) -> None:
    """`host` and `pathname` of version 3 in a document of version 2."""
    for name, server in _mapping(value, "servers").items():
        if isinstance(server, dict) and "host" in server and "url" not in server:
            server["url"] = f"{server.pop('host')}{server.pop('pathname', '')}"
            _at(root, "servers", name).error(
                "server-host-in-2", f"server {name} has a host; read as url", "version 2 has url"
            )


def _operations_in_two(root: Node, value: dict[str, Any]) -> None:
    """Channels with an `address` and root `operations` of version 3, in a document that says version 2."""
    operations = value.pop("operations", None)
    channels = _mapping(value, "channels")
    if not isinstance(operations, dict):
        return
    for operation in operations.values():
        target = _mapping(operation, "channel").get("$ref", "") if isinstance(operation, dict) else ""
        channel = channels.get(str(target).rpartition("/")[2].replace("~1", "/").replace("~0", "~"))
        if isinstance(channel, dict):
            verb = "publish" if operation.get("action") == "receive" else "subscribe"
            channel.setdefault(verb, {"message": {"oneOf": list(_mapping(channel, "messages").values())}})
    for name, channel in list(channels.items()):
        address = channel.pop("address", None) if isinstance(channel, dict) else None
        if isinstance(address, str):
            channel.pop("messages", None)
            channels[address] = channels.pop(name)
    _at(root, "operations").error(
        "operations-in-2", "operations are of version 3; they are read as publish and subscribe"
    )


MENDS: dict[str, tuple[Mend, ...]] = {
    "2": (_servers_as_list, _binding_keys, _three_in_two, _operations_in_two),
    "3": (
        _servers_as_list,
        _binding_keys,
        _messages_at_root,
        _server_url,
        _security_by_name,
        _verbs_in_three,
        _bad_operations,
    ),
}
