"""What breaks the official schemas is told with what was likely meant."""

import pytest
from reading import read, three


@pytest.mark.parametrize(
    ("channel", "meant"),
    [
        ("{adress: room}", "did you mean address?"),
        ("{address: room, messages: {m: {contenttype: text/plain}}}", "did you mean contentType?"),
        ("{address: room, messages: {m: {payload: {type: strng}}}}", "did you mean string?"),
        ("{address: room, zzz: 1}", ""),
        ("{address: [room]}", ""),
    ],
)
def test_unknown_word_is_told_with_the_closest_known_one(channel: str, meant: str) -> None:
    loaded = read(three(f"channels: {{room: {channel}}}"))

    (advice,) = [each.advice for each in loaded.diagnostics if each.code == "asyncapi-document-resolved"]
    assert advice.partition("see https://")[0].strip() == meant
