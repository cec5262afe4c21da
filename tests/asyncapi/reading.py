"""Documents as text, read without a disk: what the tests of this room have in common."""

from mockws.asyncapi.load import Loaded, Options, load
from mockws.contract import Channel, Contract, Message
from mockws.diagnostic import Diagnostic
from mockws.errors import DocumentRefused, Unreadable


def read(text: str, options: Options | None = None, **others: str) -> Loaded:
    """Load a document `spec.yaml`, with other files beside it (`__` in a name stands for a slash)."""
    files = {"spec.yaml": text, **{name.replace("__", "/") + ".yaml": content for name, content in others.items()}}

    def file(name: str) -> bytes:
        if name not in files:
            raise Unreadable("missing", "there is no such file", name)
        return files[name].encode("utf-8")

    return load("spec.yaml", file, options)


def refusal(text: str, **others: str) -> tuple[Diagnostic, ...]:
    """Give what is said about a document of which nothing can be served."""
    try:
        read(text, None, **others)
    except DocumentRefused as refused:
        return refused.diagnostics
    raise AssertionError("the document was not refused")


def told(loaded: Loaded) -> list[tuple[str, str, int | None]]:
    """Give severity, code and line of each diagnostic."""
    return [(str(each.severity), each.code, each.place.line) for each in loaded.diagnostics]


def messages_told(loaded: Loaded) -> str:
    return "\n".join(str(each) for each in loaded.diagnostics)


def paths(contract: Contract) -> list[str]:
    return [str(route.path) for route in contract.routes]


def channel(loaded: Loaded, name: str) -> Channel:
    return loaded.contract.channel(name)


def message(loaded: Loaded, name: str) -> Message:
    return loaded.contract.message(name)


def three(body: str) -> str:
    """Write a document of version 3."""
    return "asyncapi: 3.0.0\ninfo: {title: T, version: 1.0.0}\n" + body


def two(body: str) -> str:
    """Write a document of version 2."""
    return "asyncapi: 2.6.0\ninfo: {title: T, version: 1.0.0}\n" + body


def receiving(payload: str) -> str:
    """Write a document with one message on one channel, which the mock receives; the payload begins on line 8."""
    return three(
        "channels:\n  c:\n    address: /c\n    messages:\n      m:\n"
        f"        payload:{payload}\n"
        "operations:\n  take: {action: receive, channel: {$ref: '#/channels/c'}}\n"
    )
