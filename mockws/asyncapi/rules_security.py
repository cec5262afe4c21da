"""Security requirements of version 2: they name schemes that are defined, and scopes that these have.

In version 3 they are references, which dangle or not; `mend` reads those that are named as in version 2.
"""

from collections.abc import Iterable, Iterator

from mockws.asyncapi.document import Node
from mockws.asyncapi.inventory import Inventory, elements_of
from mockws.asyncapi.rule import Finding, Rule
from mockws.asyncapi.servers import definition_advice

FLOWS = ("implicit", "password", "clientCredentials", "authorizationCode")


def of_servers(inventory: Inventory) -> Iterator[Finding]:
    """A server asks for credentials of schemes that are defined."""
    return _undefined(inventory.own_servers, inventory.root)


def of_operations(inventory: Inventory) -> Iterator[Finding]:
    """An operation asks for credentials of schemes that are defined."""
    return _undefined((*inventory.own_operations, *inventory.operation_traits), inventory.root)


def _undefined(owners: Iterable[Node], root: Node) -> Iterator[Finding]:
    schemes = root.get("components", "securitySchemes")
    for owner in owners:
        for entry in elements_of(owner, "security"):
            for name in entry.value if isinstance(entry.value, dict) else ():
                yield from _named(entry, name, schemes.get(name) if schemes else None)


def _named(entry: Node, name: str, scheme: Node | None) -> Iterator[Finding]:
    wanted = entry.raw(name)
    if wanted is None:
        return
    if scheme is None:
        told = f"scheme {name} is not defined in components.securitySchemes; nothing is enforced"
        yield Finding(wanted, told, definition_advice(name), once=name)
    elif scheme.text("type") == "oauth2":
        known = _scopes(scheme)
        for scope in wanted.elements():
            if isinstance(scope.value, str) and scope.value not in known:
                told = f"scheme {name} has no scope {scope.value}; it has {', '.join(known) or 'none'}"
                yield Finding(scope, told, f"add it to the scopes of a flow of {name}, or remove it here")


def _scopes(scheme: Node) -> list[str]:
    found = (scheme.get("flows", flow, "scopes") for flow in FLOWS)
    return list(dict.fromkeys(name for each in found if each and isinstance(each.value, dict) for name in each.value))


RULES = (
    Rule("server-security", of_servers, majors="2"),
    Rule("operation-security", of_operations, majors="2"),
)
