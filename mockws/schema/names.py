"""What a property's name says about its value: `email`, `createdAt`, `unitPrice`.

A guess, and a cheap one: whoever asks checks that the value fits. Only names are known here, no schemas.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar

from mockws.schema.formats import (
    COLORS,
    GROWN_UP,
    LAST_YEAR,
    NEXT_MONTH,
    Maker,
    Source,
    color,
    date_time,
    email,
    faked,
    hostname,
    ipv4,
    latin_word,
    password,
    path,
    phone,
    url,
    uuid,
    word,
    words,
)

Found = TypeVar("Found")
WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
PERSONS = frozenset(
    {"user", "customer", "person", "author", "employee", "contact", "owner", "member", "client", "sender", "recipient"}
    | {"driver", "patient", "student", "teacher", "participant", "player", "passenger", "guest", "profile", "buyer"}
)


@dataclass(frozen=True, slots=True)
class Span:
    """A plausible range of numbers, with its decimals."""

    low: float
    high: float
    decimals: int = 0
    per_second: int = 0  # of a moment, which counts from now: 1000 are milliseconds

    def counted_from(self, now: float, window: tuple[int, int]) -> "Span":
        """Give the range of a moment, now that it is known when now is."""
        if not self.per_second:
            return self
        first, last = window
        return Span((now + first) * self.per_second, (now + last) * self.per_second)


@lru_cache(maxsize=4096)
def split(name: str) -> tuple[str, ...]:
    """Take a name apart: `createdAt`, `created_at` and `CREATED-AT` are the same."""
    return tuple(part.lower() for part in WORDS.findall(name))


def singular(name: str) -> str:
    """Name one of many: items, categories, addresses."""
    if name.endswith("ies") and len(name) > 4:
        return name[:-3] + "y"
    if name.endswith(("sses", "xes", "ches", "shes")):
        return name[:-2]
    return name[:-1] if name.endswith("s") and not name.endswith(("ss", "us", "is")) and len(name) > 2 else name


def title(source: Source) -> str:
    return " ".join(word(source).capitalize() for _ in range(2))


def sentence(source: Source) -> str:
    return words(source, source.random.randint(4, 8)).capitalize() + "."


def version(source: Source) -> str:
    return ".".join(str(source.random.randint(0, 9) + (index == 0)) for index in range(3))


def code(source: Source) -> str:
    return f"{latin_word(source)[:3].upper()}-{source.random.randint(1000, 9999)}"


def slug(source: Source) -> str:
    return f"{latin_word(source)}-{latin_word(source)}"


def hexed(length: int) -> Maker:
    return lambda source: source.hexadecimal(length)


def one_of(*options: str) -> Maker:
    return lambda source: source.random.choice(options)


def image(source: Source) -> str:
    return url(source) + ".png"


def day(source: Source) -> str:
    return source.moment().strftime("%Y-%m-%d")


# The longest end of the name that is known decides: `billing city name` -> "city name", then "name".
TEXTS: dict[str, Maker] = {
    **dict.fromkeys(("email", "mail", "e mail", "email address"), email),
    **dict.fromkeys(("first name", "firstname", "given name", "forename"), faked("first_name")),
    **dict.fromkeys(("last name", "lastname", "surname", "family name"), faked("last_name")),
    **dict.fromkeys(
        ("full name", "fullname", "person", "author", "customer", "contact name", "customer name"), faked("name")
    ),
    **dict.fromkeys(
        ("username", "user name", "login", "nickname", "nick", "handle", "user", "sender"), faked("user_name")
    ),
    **dict.fromkeys(("phone", "phone number", "mobile", "telephone", "tel", "fax"), phone),
    **dict.fromkeys(
        ("street", "street address", "address line", "address", "line 1", "address 1"), faked("street_address")
    ),
    **dict.fromkeys(("city", "town", "city name"), faked("city")),
    **dict.fromkeys(("country", "country name"), faked("country")),
    **dict.fromkeys(("country code",), faked("country_code")),
    **dict.fromkeys(("province", "region name", "county"), faked("state")),
    **dict.fromkeys(("zip", "zip code", "zipcode", "postcode", "postal code", "post code"), faked("postcode")),
    **dict.fromkeys(
        ("company", "company name", "organization", "organisation", "employer", "brand", "vendor"), faked("company")
    ),
    **dict.fromkeys(("job", "job title", "profession", "occupation"), faked("job")),
    **dict.fromkeys(("url", "uri", "link", "href", "website", "homepage", "endpoint", "webhook", "callback"), url),
    **dict.fromkeys(
        ("image", "avatar", "photo", "picture", "icon", "logo", "thumbnail", "image url", "avatar url"), image
    ),
    **dict.fromkeys(("ip", "ip address", "ipv 4"), ipv4),
    **dict.fromkeys(("host", "hostname", "domain", "host name"), hostname),
    **dict.fromkeys(("color", "colour"), one_of(*COLORS)),
    **dict.fromkeys(("hex color", "color code", "color hex"), color),
    **dict.fromkeys(("currency", "currency code"), one_of("EUR", "USD", "GBP", "CHF", "JPY")),
    **dict.fromkeys(
        ("description", "message", "text", "content", "body", "comment", "summary", "bio", "details"), sentence
    ),
    **dict.fromkeys(
        ("detail", "note", "notes", "reason", "explanation", "caption", "prompt", "hint", "about"), sentence
    ),
    **dict.fromkeys(
        ("title", "subject", "headline", "label", "display name", "name", "product", "product name"), title
    ),
    **dict.fromkeys(("uuid", "guid", "id", "identifier", "correlation id", "request id", "trace id"), uuid),
    **dict.fromkeys(
        ("token", "secret", "api key", "apikey", "hash", "signature", "checksum", "digest", "nonce"), hexed(32)
    ),
    **dict.fromkeys(("access token", "refresh token", "sha 256", "sha256"), hexed(64)),
    **dict.fromkeys(("password", "passphrase"), password),
    **dict.fromkeys(
        ("at", "timestamp", "datetime", "date time", "time", "expires", "expiry", "since", "until", "deadline"),
        date_time,
    ),
    **dict.fromkeys(("deadline", "due", "eta"), date_time),
    **dict.fromkeys(("date", "birthday", "dob", "birth date", "date of birth", "day"), day),
    **dict.fromkeys(("locale", "language tag"), one_of("en-US", "en-GB", "de-DE", "fr-FR")),
    **dict.fromkeys(("language", "lang"), one_of("en", "de", "fr", "es")),
    **dict.fromkeys(("timezone", "time zone", "tz"), one_of("UTC", "Europe/Berlin", "America/New_York", "Asia/Tokyo")),
    **dict.fromkeys(("gender", "sex"), one_of("female", "male", "other")),
    **dict.fromkeys(("status",), one_of("active", "pending", "completed")),
    **dict.fromkeys(("state",), one_of("ready", "running", "stopped")),
    **dict.fromkeys(("level", "severity"), one_of("info", "warning", "error")),
    **dict.fromkeys(("unit",), one_of("piece", "kg", "m")),
    **dict.fromkeys(("side",), one_of("buy", "sell")),
    **dict.fromkeys(("symbol", "ticker"), one_of("ACME", "BTC-USD", "ETH-USD", "EUR-USD")),
    **dict.fromkeys(("pair", "market"), one_of("BTC/USD", "ETH/USD", "ETH/BTC")),
    **dict.fromkeys(("version", "release"), version),
    **dict.fromkeys(("sku", "code", "reference", "number", "order number", "part number"), code),
    **dict.fromkeys(("slug", "room", "room name", "channel", "topic", "tag", "key"), slug),
    **dict.fromkeys(("file", "filename", "file name"), faked("file_name")),
    **dict.fromkeys(("path", "file path", "directory", "folder"), path),
    **dict.fromkeys(
        ("mime type", "content type", "media type", "mimetype"), one_of("application/json", "text/plain", "image/png")
    ),
    **dict.fromkeys(("user agent",), faked("user_agent")),
    **dict.fromkeys(("iban",), faked("iban")),
    **dict.fromkeys(("card number", "credit card"), faked("credit_card_number")),
    **dict.fromkeys(("isbn",), faked("isbn13")),
    **dict.fromkeys(("mac", "mac address"), faked("mac_address")),
    **dict.fromkeys(
        ("price", "amount", "total", "balance", "volume", "cost"), lambda source: f"{source.random.uniform(1, 500):.2f}"
    ),
    **dict.fromkeys(("quantity", "qty", "count", "size"), lambda source: str(source.random.randint(1, 10))),
    **dict.fromkeys(("latitude", "lat"), lambda source: f"{source.random.uniform(-90, 90):.5f}"),
    **dict.fromkeys(("longitude", "lon", "lng"), lambda source: f"{source.random.uniform(-180, 180):.5f}"),
}
PERSON_TEXTS: dict[str, Maker] = {
    "name": faked("name"),
    "display name": faked("name"),
    "title": one_of("Ms", "Mr", "Dr"),
}

SPANS: dict[str, Span] = {
    **dict.fromkeys(("id", "identifier", "number", "req id", "reqid", "sequence", "seq"), Span(1, 100_000)),
    **dict.fromkeys(("age",), Span(18, 90)),
    **dict.fromkeys(("year",), Span(1990, 2025)),
    **dict.fromkeys(("month",), Span(1, 12)),
    **dict.fromkeys(("day",), Span(1, 28)),
    **dict.fromkeys(("hour", "hours"), Span(0, 23)),
    **dict.fromkeys(("minute", "minutes", "second", "seconds"), Span(0, 59)),
    **dict.fromkeys(("latitude", "lat"), Span(-90, 90, 6)),
    **dict.fromkeys(("longitude", "lon", "lng", "long"), Span(-180, 180, 6)),
    **dict.fromkeys(("altitude", "elevation"), Span(0, 3000, 1)),
    **dict.fromkeys(
        ("price", "amount", "total", "cost", "balance", "fee", "subtotal", "tax", "salary"), Span(1, 500, 2)
    ),
    **dict.fromkeys(("discount", "percent", "percentage", "progress", "humidity", "battery"), Span(0, 100)),
    **dict.fromkeys(("quantity", "qty"), Span(1, 10)),
    **dict.fromkeys(("count", "size", "length", "index", "offset", "total count"), Span(0, 100)),
    **dict.fromkeys(("rate", "ratio", "probability", "confidence", "score", "opacity"), Span(0, 1, 3)),
    **dict.fromkeys(("rating", "stars", "priority"), Span(1, 5)),
    **dict.fromkeys(("port",), Span(1024, 65535)),
    **dict.fromkeys(("temperature", "temp"), Span(-10, 35, 1)),
    **dict.fromkeys(("speed", "velocity"), Span(0, 130, 1)),
    **dict.fromkeys(("lumens",), Span(0, 1500)),
    **dict.fromkeys(("weight",), Span(1, 100, 1)),
    **dict.fromkeys(("width", "height", "x", "y"), Span(0, 1920)),
    **dict.fromkeys(("page", "version", "level", "retries", "attempt"), Span(1, 10)),
    **dict.fromkeys(("limit", "page size"), Span(10, 100)),
    **dict.fromkeys(("status code", "http status"), Span(200, 200)),
    **dict.fromkeys(("timeout", "interval", "delay", "latency", "ms"), Span(100, 5000)),
    **dict.fromkeys(("duration", "ttl", "expires in", "uptime"), Span(30, 3600)),
}
MOMENTS = frozenset({"timestamp", "at", "time", "ts", "date", "epoch", "expires", "expiry", "deadline"})
MILLISECONDS = Span(0, 0, per_second=1000)
SECONDS = Span(0, 0, per_second=1)
BIRTH = frozenset({"birthday", "birth", "born", "dob", "birthdate"})
AHEAD = frozenset({"expires", "expiry", "expiration", "expire", "until", "deadline", "due", "next", "eta", "valid"}) | {
    *("scheduled", "upcoming", "future", "renewal", "appointment", "departure", "arrival", "delivery", "estimated")
}


@lru_cache(maxsize=4096)
def text_maker(name: str, within: str) -> Maker | None:
    """Tell how to make a text for a property, by its name and by the name of what it is in."""
    parts = split(name)
    if split(within)[-1:] and split(within)[-1] in PERSONS:
        found = longest_end(parts, PERSON_TEXTS.get)
        if found is not None:
            return found
    return longest_end(parts, TEXTS.get)


# What is looked for in a description, where neither name nor title says anything; the first one counts.
PHRASES: tuple[tuple[str, Maker], ...] = (
    ("uuid", uuid),
    ("email", email),
    ("e-mail", email),
    ("iso 8601", date_time),
    ("iso8601", date_time),
    ("rfc 3339", date_time),
    ("rfc3339", date_time),
    ("timestamp", date_time),
    ("phone number", phone),
    ("ip address", ipv4),
    ("currency code", one_of("EUR", "USD", "GBP", "CHF", "JPY")),
    ("country code", faked("country_code")),
    ("full name", faked("name")),
    ("url", url),
)


@lru_cache(maxsize=4096)
def spoken_of(description: str) -> Maker | None:
    """Tell how to make a text, by what its description speaks of."""
    text = description[:200].lower()
    return next((maker for phrase, maker in PHRASES if phrase in text), None)


@lru_cache(maxsize=4096)
def window_of(name: str) -> tuple[int, int]:
    """Tell where the dates of a property lie, in seconds from now: births long ago, what expires ahead."""
    parts = frozenset(split(name))
    if parts & BIRTH:
        return GROWN_UP
    return NEXT_MONTH if parts & AHEAD else LAST_YEAR


@lru_cache(maxsize=4096)
def number_span(name: str) -> tuple[Span, ...]:
    """Tell plausible ranges for a number, the best first."""
    parts = split(name)
    if parts and parts[-1] in MOMENTS:
        return (SECONDS,) if "seconds" in parts or "epoch" in parts else (MILLISECONDS, SECONDS)
    found = longest_end(parts, SPANS.get)
    return () if found is None else (found,)


def longest_end(parts: tuple[str, ...], find: Callable[[str], Found | None]) -> Found | None:
    ends = (find(" ".join(parts[start:])) for start in range(max(0, len(parts) - 3), len(parts)))
    return next((found for found in ends if found is not None), None)
