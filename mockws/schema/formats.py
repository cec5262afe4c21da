"""Texts that look natural: by format, and from the seed only.

A maker is a function of a Source. Dates are counted from the moment that the source is told, never from a clock: the
same seed and the same moment give the same text.
"""

import base64
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from random import Random
from typing import Any
from uuid import UUID

from mockws.schema.dictionary import PLAINLY, Manner

ANCHOR = datetime(2026, 1, 1, tzinfo=UTC)  # the moment that dates count from where none is told
DAY = 24 * 3600
YEAR = 365 * DAY
LAST_YEAR = (-YEAR, 0)  # seconds from now, the first and the last
HEX = "0123456789abcdef"
COLORS = ("black", "blue", "green", "orange", "purple", "red", "white", "yellow")


@cache
def generator(locale: str) -> Any:
    """Load faker, once and only when a fake wants it: the import costs a tenth of a second and more."""
    from faker.factory import Factory  # late: slow to import

    return Factory.create(locale, use_weighting=False)


def known_locales() -> frozenset[str]:
    """Name the locales that there are."""
    from faker.config import AVAILABLE_LOCALES  # late: slow to import

    return frozenset(AVAILABLE_LOCALES)


class Source:
    """Where the chance of one value comes from."""

    __slots__ = ("manner", "now", "random", "window")

    def __init__(self, seed: str, now: datetime = ANCHOR, manner: Manner = PLAINLY) -> None:
        self.random = Random(seed)
        self.now = now
        self.manner = manner
        self.window = LAST_YEAR  # where dates lie: seconds from now

    def fake(self, provider: str) -> Any:
        """Ask a provider of faker by its name; raises AttributeError for one that is not there."""
        return self._asked(self.manner.locale, provider)

    def latin(self, provider: str) -> str:
        """Ask a provider for a text that can stand in an address: where the locale has another alphabet, in English."""
        text = str(self.fake(provider))
        return text if text.isascii() else str(self._asked(PLAINLY.locale, provider))

    def _asked(self, locale: str, provider: str) -> Any:
        library = generator(locale)
        library.random = self.random
        return getattr(library, provider)()

    def moment(self) -> datetime:
        """Draw a moment out of the window, to the second."""
        first, last = self.window
        return self.now.replace(microsecond=0) + timedelta(seconds=self.random.randrange(first, last))

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
    return f"{latin_word(source)}.example.{source.pick('com', 'org', 'net')}"  # RFC 2606


def phone(source: Source) -> str:
    return f"+1-202-555-01{source.random.randint(0, 99):02}"  # numbers kept for fiction


def word(source: Source) -> str:
    return str(source.fake("word")).lower()


def latin_word(source: Source) -> str:
    return source.latin("word").lower()


def words(source: Source, count: int) -> str:
    return " ".join(word(source) for _ in range(count))


def url(source: Source) -> str:
    return f"https://{hostname(source)}/{latin_word(source)}"


def path(source: Source) -> str:
    return f"/{latin_word(source)}/{latin_word(source)}"


def duration(source: Source) -> str:
    return f"PT{source.random.randint(1, 12)}H{source.random.randint(1, 59)}M"


def base_64(source: Source) -> str:
    return base64.b64encode(words(source, 3).encode()).decode()


def password(source: Source) -> str:
    return f"{word(source).capitalize()}-{word(source)}-{source.random.randint(10, 99)}!"


def email(source: Source) -> str:
    first, last = source.latin("first_name"), source.latin("last_name")
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


def in_words(pattern: str, window: tuple[int, int] = LAST_YEAR) -> Maker:
    """Write moments of a window in a form of strftime."""

    def made(source: Source) -> str:
        before, source.window = source.window, window
        try:
            return source.moment().strftime(pattern)
        finally:
            source.window = before

    return made


NEXT_MONTH = (DAY, 30 * DAY)
GROWN_UP = (-65 * YEAR, -18 * YEAR)
ISO = "%Y-%m-%dT%H:%M:%SZ"
# Providers of faker that ask the wall clock, even with a seed.
ANCHORED: dict[str, Maker] = {
    **dict.fromkeys(("date_time", "iso8601", "past_datetime", "date_time_ad", "date_time_between"), in_words(ISO)),
    **dict.fromkeys(("date_time_this_century", "date_time_this_decade", "date_time_this_year"), in_words(ISO)),
    **dict.fromkeys(("date_time_this_month", "date_time_between_dates"), in_words(ISO, (-20 * DAY, 0))),
    **dict.fromkeys(("date", "date_object", "past_date", "date_between"), in_words("%Y-%m-%d")),
    **dict.fromkeys(("date_this_century", "date_this_decade", "date_this_year"), in_words("%Y-%m-%d")),
    "date_this_month": in_words("%Y-%m-%d", (-20 * DAY, 0)),
    "future_datetime": in_words(ISO, NEXT_MONTH),
    "future_date": in_words("%Y-%m-%d", NEXT_MONTH),
    "date_of_birth": in_words("%Y-%m-%d", GROWN_UP),
    **dict.fromkeys(("time", "time_object"), in_words("%H:%M:%S")),
    "unix_time": lambda source: str(int(source.moment().timestamp())),
    "year": in_words("%Y"),
    "month": in_words("%m"),
    "month_name": in_words("%B"),
    "day_of_month": in_words("%d"),
    "day_of_week": in_words("%A"),
    "am_pm": in_words("%p"),
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
