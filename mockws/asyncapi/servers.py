"""Servers and security schemes: which paths there are, and what a handshake must bring."""

import re

from mockws.asyncapi.document import Node
from mockws.contract import Carrier, Scheme

VARIABLE = re.compile(r"\{([^{}]+)\}")
UNSEEN_SCHEMES = frozenset(
    {"X509", "symmetricEncryption", "asymmetricEncryption", "plain", "scramSha256", "scramSha512", "gssapi"}
)
MAX_PATHNAMES = 32


def scheme_of(node: Node, name: str) -> Scheme:
    """Make a security scheme: which credential, and where in the handshake it is."""
    kind = node.text("type")
    place, http = node.text("in").lower(), node.text("scheme").lower()
    if kind in ("httpApiKey", "apiKey") and place in ("header", "query", "cookie"):
        return Scheme(name, kind, Carrier(place), node.text("name"))
    if kind == "http":
        return Scheme(name, kind, _http_carrier(http), http)
    if kind in ("oauth2", "openIdConnect"):
        return Scheme(name, kind, Carrier.BEARER)
    if kind in ("userPassword", "apiKey"):
        return Scheme(
            name, kind, Carrier.BASIC if kind == "userPassword" or place in ("user", "password", "") else Carrier.UNSEEN
        )
    if kind not in UNSEEN_SCHEMES:
        node.warn(
            "security-scheme", f"security scheme {name} has the unknown type {kind!r}; nothing is enforced for it"
        )
    else:
        node.warn("security-unseen", f"nothing of the scheme {name} ({kind}) is in a handshake: it lets everyone in")
    return Scheme(name, kind, Carrier.UNSEEN)


def definition_advice(name: str) -> str:
    """Write a definition of a missing scheme that is ready to be pasted; its name tells what it probably is."""
    lower = name.lower()
    definition = (
        "{type: http, scheme: basic}"
        if "basic" in lower
        else f"{{type: httpApiKey, name: {name}, in: header}}"
        if "key" in lower
        else "{type: http, scheme: bearer}"
    )
    return f"define it: components: {{securitySchemes: {{{name}: {definition}}}}}"


def _http_carrier(scheme: str) -> Carrier:
    return {"bearer": Carrier.BEARER, "basic": Carrier.BASIC}.get(scheme, Carrier.AUTHORIZATION)


def pathnames_of(server: Node, pathname: str) -> tuple[str, ...]:
    """Write a server's path with its variables: at their defaults first, then with each value of their enums."""
    names = VARIABLE.findall(pathname)
    if not names:
        return (_tidy(pathname),)
    written = [pathname]
    for name in names:
        choices = _choices(server, name)
        written = [path.replace("{" + name + "}", choice) for path in written for choice in choices][:MAX_PATHNAMES]
    return tuple(dict.fromkeys(_tidy(path) for path in written))


def _choices(server: Node, name: str) -> tuple[str, ...]:
    variable = server.mapping("variables", name)
    if variable is None:
        return ("{" + name + "}",)
    enum = variable.texts("enum")
    default = variable.text("default") or next(iter((*enum, *variable.texts("examples"))), "")
    return tuple(dict.fromkeys((default or "{" + name + "}", *enum)))


def _tidy(pathname: str) -> str:
    bare = pathname.partition("?")[0].strip("/")
    return f"/{bare}" if bare else ""


def host_and_path(node: Node, host: str) -> tuple[str, str]:
    """Take apart a host that carries a scheme or a path, as many documents have it; the path begins with a slash."""
    _, colon, rest = host.partition("://")
    bare = rest if colon else host
    name, slash, path = bare.partition("/")
    if colon or slash:
        surplus = "a scheme" if colon else "a path"
        node.warn(
            "server-host", f"host carries {surplus}; read as host {name}, pathname {f'/{path}' if path else 'none'}"
        )
    return name, f"/{path}" if path else ""
