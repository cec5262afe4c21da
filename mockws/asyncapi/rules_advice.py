"""What AsyncAPI's parser recommends for documents of version 2: good to have, and no fault to be without.

All of it is for information: `check` shows it, and whoever serves the document does not hear of it.
"""

from collections.abc import Callable, Iterable, Iterator

from mockws.asyncapi.document import Node
from mockws.asyncapi.inventory import Inventory
from mockws.asyncapi.rule import Finding, Rule
from mockws.asyncapi.traits import with_traits
from mockws.diagnostic import Severity

LATEST = "3.1.0"
CONTACT = ("name", "url", "email")
WITH_MESSAGE_IDS = ("2.4.0", "2.5.0", "2.6.0")
BY_NAME = "securitySchemes"  # these are named, not referred to
Find = Callable[[Inventory], Iterator[Finding]]


def lacking(*path: str) -> Find:
    """Make a rule: something stands in the document, or in the part of it that a path leads to."""
    *way, key = path

    def find(inventory: Inventory) -> Iterator[Finding]:
        place = inventory.root.get(*way)
        if place is not None and isinstance(place.value, dict) and not place.value.get(key):
            yield Finding(place, f"{'/'.join(way) or 'the document'} has no {key}", f"add {key}")

    return find


def older_version(inventory: Inventory) -> Iterator[Finding]:
    """There is a later version of AsyncAPI."""
    node = inventory.root.get("asyncapi")
    if node is not None:
        told = f"{node.value} is not the latest version of AsyncAPI, which is {LATEST}"
        yield Finding(node, told, "asyncapi convert (of AsyncAPI's CLI) makes version 3 of it")


def bare_contact(inventory: Inventory) -> Iterator[Finding]:
    """A contact has a name, a URL and an address."""
    contact = inventory.root.get("info", "contact")
    missing = [key for key in CONTACT if contact and isinstance(contact.value, dict) and not contact.value.get(key)]
    if contact and missing:
        yield Finding(contact, f"the contact has no {', no '.join(missing)}", "add what is missing")


def unnamed_operations(inventory: Inventory) -> Iterator[Finding]:
    """Each operation has an operationId."""
    return _unnamed(inventory.operations, "operationId", "the operation")


def unnamed_messages(inventory: Inventory) -> Iterator[Finding]:
    """Each message has a messageId, since there are any."""
    there_are = inventory.root.text("asyncapi") in WITH_MESSAGE_IDS
    return _unnamed(inventory.messages if there_are else (), "messageId", "the message")


def _unnamed(nodes: Iterable[Node], key: str, what: str) -> Iterator[Finding]:
    for node in nodes:
        if not node.value.get(key) and not with_traits(node, trait_wins=True).value.get(key):
            yield Finding(node, f"{what} has no {key}", f"add {key}")


def empty_parameters(inventory: Inventory) -> Iterator[Finding]:
    """No address has a parameter without a name."""
    return _addresses_with(inventory, lambda address: "{}" in address, "has {}, a parameter without a name")


def trailing_slashes(inventory: Inventory) -> Iterator[Finding]:
    """No address ends with a slash."""
    return _addresses_with(inventory, lambda address: len(address) > 1 and address.endswith("/"), "ends with a slash")


def _addresses_with(inventory: Inventory, is_odd: Callable[[str], bool], told: str) -> Iterator[Finding]:
    listed = inventory.root.get("channels")
    for address in listed.value if listed and isinstance(listed.value, dict) else ():
        channel = listed.raw(address) if listed and is_odd(address) else None
        if channel is not None:
            yield Finding(channel, f"the address {address} {told}", "write it without")


def empty_variables(inventory: Inventory) -> Iterator[Finding]:
    """No URL of a server has a variable without a name."""
    return _urls_with(inventory, lambda url: "{}" in url, "has {}, a variable without a name")


def urls_with_trailing_slashes(inventory: Inventory) -> Iterator[Finding]:
    """No URL of a server ends with a slash."""
    return _urls_with(inventory, lambda url: url.endswith("/"), "ends with a slash")


def _urls_with(inventory: Inventory, is_odd: Callable[[str], bool], told: str) -> Iterator[Finding]:
    for server in inventory.own_servers:
        url = server.get("url")
        if url is not None and isinstance(url.value, str) and is_odd(url.value):
            yield Finding(url, f"the URL {url.value} {told}", "write it without")


def unused_components(inventory: Inventory) -> Iterator[Finding]:
    """Everything in components is referred to."""
    components = inventory.root.get("components")
    kinds = components.items() if components else ()
    there = [child for key, kind in kinds if key != BY_NAME for child in _raw_members(kind)]
    if not there:
        return
    used = {"#" + pointer for reference in inventory.references for pointer in _ways(reference.partition("#")[2])}
    for child in there:
        if f"#{child.pointer}" not in used:
            yield Finding(child, f"nothing refers to {child.pointer}", "remove it, or use it")


def unused_schemes(inventory: Inventory) -> Iterator[Finding]:
    """Each security scheme is asked for somewhere."""
    lists = (owner.get("security") for owner in (*inventory.own_servers, *inventory.own_operations))
    entries = (entry.value for listed in lists if listed for entry in listed.elements())
    used = {name for entry in entries if isinstance(entry, dict) for name in entry}
    schemes = inventory.root.get("components", BY_NAME)
    for scheme in _raw_members(schemes) if schemes else ():
        if scheme.key not in used:
            yield Finding(scheme, f"nothing asks for the security scheme {scheme.key}", "remove it, or use it")


def _raw_members(node: Node) -> Iterator[Node]:
    for key in node.value if isinstance(node.value, dict) else ():
        child = node.raw(key)
        if child is not None:
            yield child


def _ways(pointer: str) -> Iterator[str]:
    """Give a pointer and all that it leads through."""
    while pointer:
        yield pointer
        pointer = pointer.rpartition("/")[0]


def _advice(code: str, find: Find) -> Rule:
    return Rule(code=code, find=find, severity=Severity.INFO, majors="2")


RULES = (
    _advice(code="asyncapi-latest-version", find=older_version),
    _advice(code="asyncapi-id", find=lacking("id")),
    _advice(code="asyncapi-defaultContentType", find=lacking("defaultContentType")),
    _advice(code="asyncapi-info-description", find=lacking("info", "description")),
    _advice(code="asyncapi-info-contact", find=lacking("info", "contact")),
    _advice(code="asyncapi-info-contact-properties", find=bare_contact),
    _advice(code="asyncapi-info-license", find=lacking("info", "license")),
    _advice(code="asyncapi-info-license-url", find=lacking("info", "license", "url")),
    _advice(code="asyncapi-servers", find=lacking("servers")),
    _advice(code="asyncapi-unused-component", find=unused_components),
    _advice(code="asyncapi2-tags", find=lacking("tags")),
    _advice(code="asyncapi2-server-no-empty-variable", find=empty_variables),
    _advice(code="asyncapi2-server-no-trailing-slash", find=urls_with_trailing_slashes),
    _advice(code="asyncapi2-channel-no-empty-parameter", find=empty_parameters),
    _advice(code="asyncapi2-channel-no-trailing-slash", find=trailing_slashes),
    _advice(code="asyncapi2-operation-operationId", find=unnamed_operations),
    _advice(code="asyncapi2-message-messageId", find=unnamed_messages),
    _advice(code="asyncapi2-unused-securityScheme", find=unused_schemes),
)
