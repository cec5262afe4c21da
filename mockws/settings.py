"""Every option of the mock, once: its name, type, default, and what it is for.

The command line, the environment (`MOCKWS_*`) and `mockws.toml` are made from this table. Flags win over the
environment, the environment over the file, the file over the defaults.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import Field, dataclass, field, fields
from typing import Any

from mockws.callback import named_host
from mockws.errors import BadSetting
from mockws.names import closest
from mockws.units import bytes_of, seconds_of

PREFIX = "MOCKWS_"


def option(
    default: Any, summary: str, *, choices: tuple[str, ...] = (), unit: str = "", group: str = "Serving", flag: str = ""
) -> Any:
    """Declare an option; `unit` is duration, size, list or push where the text is not simply the value."""
    metadata = {"help": summary, "choices": choices, "unit": unit, "group": group, "flag": flag}
    return field(default=default, metadata=metadata)


@dataclass(frozen=True)
class Settings:
    """What one mock runs with."""

    host: str = option("127.0.0.1", "Address to listen on.")
    port: int = option(8080, "Port to listen on; 0 takes any free one.")
    uds: str | None = option(None, "Unix domain socket to listen on, instead of host and port.")
    server: tuple[str, ...] = option((), "Serve the channels of this server only (repeatable).", unit="list")
    overlay: tuple[str, ...] = option(
        (), "Lay this overlay over the document (repeatable, in order).", unit="list", group="Meaning"
    )
    stubs: tuple[str, ...] = option((), "Stub file, folder or glob (repeatable).", unit="list")
    perspective: str = option(
        "auto", "Whose side the document is written from.", choices=("auto", "server", "client"), group="Meaning"
    )
    topics: bool | None = option(
        None, "Serve channels as topics on their server's own path (default: where they look so).", group="Meaning"
    )
    strict: bool = option(False, "Refuse a document with errors, instead of mending it.", group="Meaning")
    allow_ref_root: tuple[str, ...] = option(
        (), "Also allow references into this folder (repeatable).", unit="list", group="Meaning"
    )
    allow_remote_refs: tuple[str, ...] = option(
        (), "Also follow references to this HOST, or HOST:PORT, over HTTPS (repeatable).", unit="list", group="Meaning"
    )
    auth: str = option(
        "close",
        "Missing or wrong credentials: close 4401/4403, answer HTTP 401/403, or let everyone in.",
        choices=("close", "http", "off"),
        group="Meaning",
    )
    handshake: str = option(
        "strict",
        "A handshake that does not fit the bindings is refused, or only noted.",
        choices=("strict", "warn"),
        group="Meaning",
    )
    subprotocol: tuple[str, ...] = option(
        (), "Supported subprotocol (repeatable); none accepts none.", unit="list", group="Meaning"
    )
    on_invalid: str = option(
        "close", "What an invalid message leads to.", choices=("close", "problem", "ignore", "error"), group="Answers"
    )
    push: str | None = option(
        None, "Send unasked: `open` once per connection, or a duration such as 3s.", unit="push", group="Answers"
    )
    seed: int | None = option(
        None, "Seed of all that is made up; with one, dates count from a fixed day.", group="Answers"
    )
    locale: str = option("en_US", "Language and country of names, words and addresses in fakes.", group="Answers")
    dictionary: tuple[str, ...] = option(
        (), "File of values for fields, which fakes take them from (repeatable).", unit="list", group="Answers"
    )
    dynamic: bool = option(False, "Prefer fakes to the document's examples.", group="Answers")
    infer: bool = option(True, "Answer by convention where the document declares no reply.", group="Answers")
    carry: bool = option(True, "Carry identifiers from a request into its answer.", group="Answers")
    reply_wait: float = option(
        5.0, "How long an answer waits for someone to be there.", unit="duration", group="Answers"
    )
    allow_callbacks: tuple[str, ...] = option(
        (), "Let scripts call this HOST, or HOST:PORT, over HTTP (repeatable).", unit="list", group="Answers"
    )
    watch: bool = option(True, "Reload the document when it changes.")
    watch_poll: bool = option(False, "Watch by polling, for mounted folders that send no events.")
    log_format: str = option("auto", "How exchanges are logged.", choices=("auto", "pretty", "json", "none"))
    admin: bool = option(True, "Serve the admin API under /__admin.", group="Admin")
    admin_token: str | None = option(None, "Token that the admin API asks for.", group="Admin")
    admin_auth: str = option(
        "auto",
        "Whether the admin API asks for a token: on any bind that is not loopback, or never.",
        choices=("auto", "none"),
        group="Admin",
    )
    admin_hosts: tuple[str, ...] = option(
        (), "Also allow this Host for the admin API (repeatable).", unit="list", group="Admin"
    )
    admin_port: int | None = option(None, "Port of its own for the admin API; 0 takes any free one.", group="Admin")
    admin_host: str | None = option(None, "Address that the admin API's own port listens on.", group="Admin")
    admin_origins: tuple[str, ...] = option(
        (), "Let pages of this Origin use the admin API (repeatable).", unit="list", group="Admin"
    )
    redact: tuple[str, ...] = option(
        (),
        "Also mask this header, argument or field, or this JSON Pointer in messages, in log and journal (repeatable).",
        unit="list",
        group="Admin",
    )
    ws_origins: tuple[str, ...] = option(
        (),
        "Allow WebSocket connections and HTTP triggers from this Origin only (repeatable).",
        unit="list",
        group="Limits",
    )
    max_message: int = option(1 << 20, "Largest message that is accepted.", unit="size", group="Limits")
    max_fragments: int = option(1024, "Most fragments of one message.", group="Limits")
    max_controls: int = option(200, "Most control frames of one client in a second.", group="Limits")
    max_head: int = option(32 << 10, "Largest head of a request or handshake.", unit="size", group="Limits")
    max_headers: int = option(100, "Most headers of a request or handshake.", group="Limits")
    handshake_timeout: float = option(
        5.0,
        "How long the head of a request may take, and before it the TLS handshake.",
        unit="duration",
        group="Limits",
    )
    idle_timeout: float = option(
        0.0,
        "How long a client may say nothing before it is closed with 1001; 0 for ever.",
        unit="duration",
        group="Limits",
    )
    max_connections: int = option(10_000, "Most connections at a time.", group="Limits")
    max_connections_per_address: int = option(
        0, "Most connections of one client address at a time; 0 for no bound but the other.", group="Limits"
    )
    max_sessions: int = option(500, "Most sessions at a time.", group="Limits")
    session_ttl: float = option(
        1800.0, "How long a session lives that nobody uses; 0 for ever.", unit="duration", group="Limits"
    )
    max_outbox: int = option(1 << 20, "Most that waits for one slow client.", unit="size", group="Limits")
    outbox_policy: str = option(
        "close",
        "When that is full: close with 1013, drop the oldest messages, or pause reading before it is.",
        choices=("close", "drop-oldest", "pause"),
        group="Limits",
    )
    journal_limit: int = option(10_000, "Most entries that the journal keeps.", group="Limits")
    journal_size: int = option(64 << 20, "Most bytes that the journal keeps.", unit="size", group="Limits")
    ping_interval: float = option(20.0, "How often clients are pinged; 0 never.", unit="duration", group="Limits")
    ping_timeout: float = option(20.0, "How long a pong may take.", unit="duration", group="Limits")
    stop_timeout: float = option(
        2.0, "How long clients have to say goodbye when the server stops.", unit="duration", group="Limits"
    )
    compression: bool = option(False, "Offer permessage-deflate (costs memory per connection).", group="Limits")
    ssl_certfile: str | None = option(None, "Certificate file, for wss.")
    ssl_keyfile: str | None = option(None, "Key file, for wss.")
    ssl_self_signed: bool = option(False, "Make a certificate for localhost, for this run; needs openssl.")

    @property
    def chance(self) -> int:
        """Give the seed that is used: without one of the user's own the same each time."""
        return self.seed or 0

    @property
    def speaks_tls(self) -> bool:
        """Tell whether clients connect over TLS."""
        return self.ssl_self_signed or self.ssl_certfile is not None


OPTIONS: Mapping[str, Field[Any]] = {each.name: each for each in fields(Settings)}


KINDS: Mapping[str, type] = {
    "int": int,
    "int | None": int,
    "float": float,
    "bool": bool,
    "bool | None": bool,
    "tuple[str, ...]": tuple,
}


def kind_of(option: Field[Any]) -> type:
    """Tell the plain type of an option's value; a flag is a bool."""
    kinds: dict[str, type] = {
        "int": int,
        "int | None": int,
        "float": float,
        "bool": bool,
        "bool | None": bool,
        "tuple[str, ...]": tuple,
    }
    return kinds.get(str(getattr(option.type, "__name__", option.type)), kinds.get(str(option.type), str))


def settings_from(
    flags: Mapping[str, Any], environment: Mapping[str, str], file: Mapping[str, Any], file_name: str
) -> Settings:
    """Put the settings together; raises BadSetting, which names the origin of what does not fit.

    `flags` and `file` are keyed by option name; in the file, dashes do as well as underscores.
    """
    chosen = _from_file(file, file_name)
    for name in OPTIONS:
        text = environment.get(PREFIX + name.upper(), "")
        if text and not _injected(name, text):  # empty is unset: Compose hands variables on that nobody has set
            chosen[name] = read_option(name, text, PREFIX + name.upper())
    chosen |= {name: read_option(name, value, "--" + name.replace("_", "-")) for name, value in flags.items()}
    return Settings(**chosen)


def _from_file(file: Mapping[str, Any], file_name: str) -> dict[str, Any]:
    chosen = {}
    for key, value in file.items():
        name = key.replace("-", "_")
        if name not in OPTIONS:
            hint = closest(name, OPTIONS)
            hint = hint.replace("_", "-") if "-" in key else hint
            raise BadSetting(key, f"no such option{f', did you mean {hint}?' if hint else ''}", file_name)
        chosen[name] = read_option(name, value, file_name)
    return chosen


def _injected(name: str, text: str) -> bool:
    """Kubernetes and Compose set MOCKWS_PORT=tcp://… for a service that is called mockws: that is no port for us."""
    return name == "port" and "://" in text


def read_option(name: str, value: Any, origin: str) -> Any:
    """Read a value for an option, a text or already of its type; raises BadSetting."""
    option = OPTIONS[name]
    if value is None and option.default is None:
        return None
    read = READERS.get(option.metadata["unit"]) or READERS[kind_of(option).__name__]
    try:
        made = read(value)
    except ValueError as problem:
        raise BadSetting(name, str(problem), origin) from None
    refusal = _refusal(name, made)
    if refusal:
        raise BadSetting(name, refusal, origin)
    return made


def _duration(value: Any) -> float:
    seconds = seconds_of(value)
    if seconds is None:
        raise ValueError(f"{value!r} is not a duration such as 250ms or 3s")
    return seconds


def _size(value: Any) -> int:
    size = bytes_of(value)
    if size is None:
        raise ValueError(f"{value!r} is not a size such as 64KiB")
    return size


def _list(value: Any) -> tuple[str, ...]:
    """Read texts, or one text with commas in it (a flag is repeated, a variable of the environment cannot be)."""
    listed = value.split(",") if isinstance(value, str) else value
    if not isinstance(listed, list | tuple) or not all(isinstance(each, str) for each in listed):
        raise ValueError(f"{value!r} is not a list of texts")
    return tuple(each.strip() for each in listed if each.strip())


def _flag(value: Any) -> bool:
    flag = FLAGS.get(str(value).strip().lower())
    if flag is None:
        raise ValueError(f"{value!r} is neither true nor false")
    return flag


def _number(value: Any) -> int:
    if isinstance(value, str) and NUMBER.fullmatch(value.strip()):
        return int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise ValueError(f"{value!r} is not a whole number")


def _push(value: Any) -> str:
    if value != "open" and not seconds_of(value):
        raise ValueError(f"{value!r} is neither open nor a duration such as 3s")
    return str(value)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{value!r} is not a text")
    return value


NUMBER = re.compile(r"[+-]?[0-9]{1,18}")
FLAGS = {"true": True, "1": True, "yes": True, "on": True, "false": False, "0": False, "no": False, "off": False}
READERS: Mapping[str, Callable[[Any], Any]] = {  # an option's unit, else its plain type -> what reads its value
    "duration": _duration,
    "size": _size,
    "list": _list,
    "push": _push,
    "bool": _flag,
    "int": _number,
    "str": _text,
}
LEAST: Mapping[str, float] = {
    "max_connections": 1,
    "max_connections_per_address": 0,
    "max_message": 1,
    "max_fragments": 1,
    "max_controls": 1,
    "max_head": 1024,
    "max_headers": 10,
    "max_outbox": 1,
    "journal_limit": 1,
    "journal_size": 1,
    "handshake_timeout": 0.01,
}


def _refusal(name: str, value: Any) -> str:
    """Say what is wrong with a value that is of the right type; nothing, where it will do."""
    choices = OPTIONS[name].metadata["choices"]
    if choices and value not in choices:
        return f"{value!r} is none of {', '.join(choices)}"
    if name in ("port", "admin_port") and value is not None and not 0 <= value <= 65535:
        return f"{value} is not between 0 and 65535"
    if name in ("allow_callbacks", "allow_remote_refs"):
        return _no_host(value)
    return f"{value} is less than {LEAST[name]}" if name in LEAST and value < LEAST[name] else ""


def _no_host(named: tuple[str, ...]) -> str:
    """Say which of these is no host that could be called; nothing, where all are."""
    for each in named:
        try:
            named_host(each)
        except ValueError as problem:
            return str(problem)
    return ""
