"""Dictionary files: read with positions, reloaded with the document."""

import asyncio
import json
from pathlib import Path

import pytest
from websockets.asyncio.client import connect

from mockws.app import Mock
from mockws.errors import BadSetting, StubsRefused
from mockws.host.server import running
from mockws.links.dictionaries import DictionaryFiles, manner_of
from mockws.settings import Settings

DOCUMENT = """asyncapi: 3.0.0
info: {title: Shop, version: 1.0.0}
channels:
  shop:
    address: /shop
    messages:
      GetProduct: {payload: {type: object, required: [ask], properties: {ask: {type: boolean}}}}
      Answer: {payload: {type: object, required: [product], properties: {product: {type: string}}}}
operations:
  ask: {action: receive, channel: {$ref: '#/channels/shop'}, messages: [{$ref: '#/channels/shop/messages/GetProduct'}]}
  answer: {action: send, channel: {$ref: '#/channels/shop'}, messages: [{$ref: '#/channels/shop/messages/Answer'}]}
"""


@pytest.mark.parametrize(
    ("text", "line", "column", "words"),
    [
        ("name: Chair\n", 1, 1, "must have a list of values, has 'Chair'"),
        ("a: [1]\nname: []\n", 2, 1, "'name' has no values"),
        ("a..b: [1]\n", 1, 1, "'a..b' is no field"),
        ("- 1\n", 1, 1, "mapping of fields"),
        ("name: {a: 1}\n", 1, 1, "has a mapping"),
        ("name: [\n", 2, None, ""),
    ],
)
def test_what_is_wrong_is_told_with_its_place(
    tmp_path: Path, text: str, line: int, column: int | None, words: str
) -> None:
    (tmp_path / "words.yaml").write_text(text)

    with pytest.raises(StubsRefused) as refused:
        DictionaryFiles([str(tmp_path / "words.yaml")]).load()

    told = refused.value.diagnostics[0]
    assert (told.place.line, words in told.message) == (line, True)
    assert column in (None, told.place.column)


def test_all_files_are_told_of_at_once(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"name": 1}')

    with pytest.raises(StubsRefused) as refused:
        DictionaryFiles([str(tmp_path / "a.json"), str(tmp_path / "none.yaml")]).load()

    assert [each.code for each in refused.value.diagnostics] == ["dictionary", "missing"]


def test_a_locale_that_there_is_not_is_refused() -> None:
    with pytest.raises(BadSetting, match="did you mean de_DE"):
        manner_of(Settings(locale="de_DD"))


@pytest.mark.parametrize("name", ["de-DE", "de_DE"])
def test_a_locale_is_written_either_way(name: str) -> None:
    assert manner_of(Settings(locale=name)).locale == "de_DE"


def test_a_changed_dictionary_holds_for_the_next_message(tmp_path: Path) -> None:
    (tmp_path / "shop.yaml").write_text(DOCUMENT)
    words = tmp_path / "words.yaml"
    words.write_text("Answer.product: [Chair]\n")
    settings = Settings(port=0, watch=False, perspective="server", dictionary=(str(words),))
    mock = Mock.of(str(tmp_path / "shop.yaml"), settings)

    async def asked(url: str) -> str:
        async with connect(url) as client:
            await client.send('{"ask": true}')
            return str(json.loads(await asyncio.wait_for(client.recv(), 2))["product"])

    async def play() -> list[str]:
        async with asyncio.timeout(15), running(mock) as port:
            url = f"ws://127.0.0.1:{port}/shop"
            first = await asked(url)
            words.write_text("Answer.product: [Table]\n")
            await mock.reload()
            second = await asked(url)
            words.write_text("Answer.product: Lamp\n")
            await mock.reload()
            assert mock.health.problem is not None
            assert mock.health.problem.code == "dictionary"
            return [first, second, await asked(url)]

    assert asyncio.run(play()) == ["Chair", "Table", "Table"]
