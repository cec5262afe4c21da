"""Texts that look natural: by format, and from the seed only.

A maker is a function of a Source. Dates are counted from a fixed day, never from the clock, so that the same seed gives
the same text in every year.
"""

import base64
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from random import Random
from typing import Any
from uuid import UUID

ANCHOR = datetime(2025, 1, 1, tzinfo=UTC)
YEAR = 365 * 24 * 3600
HEX = "0123456789abcdef"
COLORS = ("black", "blue", "green", "orange", "purple", "red", "white", "yellow")


@cache
def generator() -> Any:
    """Load faker, once and only when a fake wants it: the import costs a tenth of a second and more."""
    from faker.factory import Factory  # late: slow to import

    return Factory.create("en_US", use_weighting=False)


class Source:
    """Where the chance of one value comes from."""

    __slots__ = ("random",)

    def __init__(self, seed: str) -> None:
        self.random = Random(seed)

    def fake(self, provider: str) -> Any:
        """Ask a provider of faker by its name; raises AttributeError for one that is not there."""
        library = generator()
        library.random = self.random
        return getattr(library, provider)()

    def moment(self) -> datetime:
        return ANCHOR + timedelta(seconds=self.random.randrange(YEAR))

    def hexadecimal(self, length: int) -> str:
        return "".join(self.random.choices(HEX, k=length))

    def pick(self, *options: str) -> str:
        return self.random.choice(options)


Maker = Callable[[Source], str]


def faked(provider: str) -> Maker:
    return lambda source: str(source.fake(provider))


def uuid(source: Source) -> str:
    return str(UUID(int=source.random.getrandbits(128), version=4))


def date_time(source: Source) -> str:
    return source.moment().strftime("%Y-%m-%dT%H:%M:%SZ")


def ipv4(source: Source) -> str:
    return f"192.0.2.{source.random.randint(1, 254)}"  # RFC 5737: reserved for documentation


def ipv6(source: Source) -> str:
    return "2001:db8::" + ":".join(source.hexadecimal(4).lstrip("0") or "0" for _ in range(4))  # RFC 3849


def hostname(source: Source) -> str:
    return f"{word(source)}.example.{source.pick('com', 'org', 'net')}"  # RFC 2606


def phone(source: Source) -> str:
    return f"+1-202-555-01{source.random.randint(0, 99):02}"  # numbers kept for fiction


def word(source: Source) -> str:
    return str(source.fake("word")).lower()


def words(source: Source, count: int) -> str:
    return " ".join(word(source) for _ in range(count))


def url(source: Source) -> str:
    return f"https://{hostname(source)}/{word(source)}"


def path(source: Source) -> str:
    return f"/{word(source)}/{word(source)}"


def duration(source: Source) -> str:
    return f"PT{source.random.randint(1, 12)}H{source.random.randint(1, 59)}M"


def base_64(source: Source) -> str:
    return base64.b64encode(words(source, 3).encode()).decode()


def password(source: Source) -> str:
    return f"{word(source).capitalize()}-{word(source)}-{source.random.randint(10, 99)}!"


def email(source: Source) -> str:
    first, last = str(source.fake("first_name")), str(source.fake("last_name"))
    return f"{first}.{last}@example.{source.pick('com', 'org', 'net')}".lower().replace(" ", "").replace("'", "")


def color(source: Source) -> str:
    return "#" + source.hexadecimal(6)


def whole_number(source: Source) -> str:
    return str(source.random.randint(1, 100_000))


def decimal_number(source: Source) -> str:
    return f"{source.random.uniform(1, 1000):.2f}"


FORMATS: dict[str, Maker] = {
    "email": email,
    "idn-email": email,
    "uuid": uuid,
    "guid": uuid,
    "uri": url,
    "url": url,
    "iri": url,
    "uri-reference": path,
    "iri-reference": path,
    "uri-template": lambda source: path(source) + "/{id}",
    "date": lambda source: source.moment().strftime("%Y-%m-%d"),
    "date-time": date_time,
    "datetime": date_time,
    "time": lambda source: source.moment().strftime("%H:%M:%SZ"),
    "duration": duration,
    "ipv4": ipv4,
    "ip": ipv4,
    "ipv6": ipv6,
    "hostname": hostname,
    "idn-hostname": hostname,
    "json-pointer": path,
    "relative-json-pointer": lambda source: f"{source.random.randint(0, 3)}{path(source)}",
    "regex": lambda source: f"^{word(source)}$",
    "byte": base_64,
    "base64": base_64,
    "binary": base_64,
    "password": password,
    "color": color,
    "phone": phone,
    "int32": whole_number,
    "int64": whole_number,
    "float": decimal_number,
    "double": decimal_number,
    "decimal": decimal_number,
}

ENCODED: dict[str, Callable[[str], str]] = {
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "base64url": lambda text: base64.urlsafe_b64encode(text.encode()).decode(),
    "base32": lambda text: base64.b32encode(text.encode()).decode(),
    "base16": lambda text: text.encode().hex().upper(),
}
MEDIA: dict[str, Maker] = {
    "application/json": lambda source: f'{{"{word(source)}": {source.random.randint(1, 100)}}}',
    "text/html": lambda source: f"<p>{words(source, 4)}</p>",
    "application/xml": lambda source: f"<value>{word(source)}</value>",
}
