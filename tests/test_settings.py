"""Settings from flags, environment and file."""

from collections.abc import Mapping
from typing import Any

import pytest

from mockws.errors import BadSetting
from mockws.settings import OPTIONS, Settings, kind_of, read_option, settings_from


def settings(
    flags: Mapping[str, Any] | None = None, environment: Mapping[str, str] | None = None, **file: Any
) -> Settings:
    return settings_from(flags or {}, environment or {}, file, "mockws.toml")


def test_flags_win_over_environment_over_file_over_defaults() -> None:
    environment = {"MOCKWS_PORT": "2", "MOCKWS_SEED": "2"}

    chosen = settings({"port": "1"}, environment, port=3, seed=3, dynamic=True)

    assert (chosen.port, chosen.seed, chosen.dynamic, chosen.host) == (1, 2, True, "127.0.0.1")


@pytest.mark.parametrize(
    ("name", "written", "value"),
    [
        ("port", "0", 0),
        ("port", 65535, 65535),
        ("seed", "-7", -7),
        ("seed", " 7 ", 7),
        ("watch", "off", False),
        ("watch", "YES", True),
        ("watch", 1, True),
        ("topics", "false", False),
        ("topics", None, None),
        ("server", "a, b,,c ", ("a", "b", "c")),
        ("server", "", ()),
        ("server", ["a,b", "c"], ("a,b", "c")),
        ("reply_wait", "250ms", 0.25),
        ("reply_wait", 5000, 5.0),
        ("reply_wait", 1500.0, 1.5),
        ("ping_interval", "0", 0.0),
        ("max_message", "64KiB", 65536),
        ("push", "open", "open"),
        ("push", "3s", "3s"),
        ("push", 3000, "3000"),
        ("push", None, None),
        ("on_invalid", "problem", "problem"),
        ("admin_token", "123", "123"),
    ],
)
def test_value_is_read_as_its_option_wants_it(name: str, written: Any, value: Any) -> None:
    assert read_option(name, written, "here") == value


@pytest.mark.parametrize(
    ("name", "written", "told"),
    [
        ("port", "-1", "-1 is not between 0 and 65535"),
        ("port", 65536, "65536 is not between 0 and 65535"),
        ("port", "80a", "'80a' is not a whole number"),
        ("port", 80.5, "80.5 is not a whole number"),
        ("port", True, "True is not a whole number"),
        ("port", "9" * 5000, "is not a whole number"),
        ("port", None, "None is not a whole number"),
        ("max_connections", "0", "0 is less than 1"),
        ("max_connections", -5, "-5 is less than 1"),
        ("max_message", "0", "0 is less than 1"),
        ("max_message", "-1", "'-1' is not a size such as 64KiB"),
        ("max_message", "lots", "'lots' is not a size such as 64KiB"),
        ("reply_wait", "-1s", "'-1s' is not a duration such as 250ms or 3s"),
        ("reply_wait", -1.0, "-1.0 is not a duration such as 250ms or 3s"),
        ("watch", "maybe", "'maybe' is neither true nor false"),
        ("on_invalid", "shout", "'shout' is none of close, problem, ignore, error"),
        ("push", "often", "'often' is neither open nor a duration such as 3s"),
        ("push", "0s", "'0s' is neither open nor a duration such as 3s"),
        ("push", True, "True is neither open nor a duration such as 3s"),
        ("server", 3, "3 is not a list of texts"),
        ("server", ["a", 3], "['a', 3] is not a list of texts"),
        ("host", 127, "127 is not a text"),
    ],
)
def test_value_that_does_not_fit_is_refused(name: str, written: Any, told: str) -> None:
    with pytest.raises(BadSetting) as refusal:
        read_option(name, written, "here")

    assert str(refusal.value).startswith(f"here: {name}: ")
    assert told in str(refusal.value)


@pytest.mark.parametrize(
    ("key", "hint"), [("max-conections", "max-connections"), ("prot", "port"), ("on_invalidd", "on_invalid")]
)
def test_unknown_key_of_the_file_suggests_the_right_one(key: str, hint: str) -> None:
    with pytest.raises(BadSetting, match=rf"mockws.toml: {key}: no such option, did you mean {hint}\?"):
        settings_from({}, {}, {key: 1}, "mockws.toml")


def test_key_like_no_other_suggests_nothing() -> None:
    with pytest.raises(BadSetting, match=r"no such option$"):
        settings(qqqqqq=1)


def test_dashes_do_as_well_as_underscores_in_the_file() -> None:
    assert settings_from({}, {}, {"on-invalid": "ignore"}, "").on_invalid == "ignore"


def test_list_comes_from_the_environment_by_commas() -> None:
    chosen = settings(environment={"MOCKWS_WS_ORIGINS": "http://a, http://b"})

    assert chosen.ws_origins == ("http://a", "http://b")


@pytest.mark.parametrize("text", ["tcp://10.0.0.1:8080", ""])
def test_port_that_somebody_else_injects_is_ignored(text: str) -> None:
    assert settings(environment={"MOCKWS_PORT": text}).port == 8080


def test_origin_of_a_bad_value_is_named() -> None:
    with pytest.raises(BadSetting, match="MOCKWS_SEED: seed: 'x' is not a whole number"):
        settings(environment={"MOCKWS_SEED": "x"})
    with pytest.raises(BadSetting, match="--max-message: max_message"):
        settings({"max_message": "x"})


def test_every_default_is_a_value_of_its_own_option() -> None:
    for name, option in OPTIONS.items():
        if option.metadata["unit"] != "duration":  # a duration that is written is in milliseconds
            assert read_option(name, option.default, "here") == option.default


def test_kind_of_an_option_is_plain() -> None:
    kinds = [kind_of(OPTIONS[name]) for name in ("port", "watch", "topics", "server", "host", "push", "reply_wait")]

    assert kinds == [int, bool, bool, tuple, str, str, float]
