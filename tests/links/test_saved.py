"""What is saved is read again unchanged: every expectation of the golden exchanges and of the bundled stub files."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from mockws.app import load_document
from mockws.engine.book import MOST
from mockws.errors import CannotSave
from mockws.expect.expectation import Compiled
from mockws.expect.reading import read_expectation
from mockws.links.saved import save
from mockws.links.stubs import StubFiles
from mockws.settings import Settings
from playing.exchange import read_exchange

TESTS = Path(__file__).parents[1]
FOLDERS = (TESTS / "exchanges" / "documents", TESTS.parent / "specification")
PLAYED = sorted(path for path in (TESTS / "exchanges").glob("*.yaml") if "\nstubs:" in path.read_text("utf-8"))
CHAT = "specification/chat.yaml"


def seen(expectations: tuple[Compiled, ...]) -> Iterator[object]:
    for each in expectations:
        yield {**msgspec.to_builtins(each.model), "id": each.id}


@pytest.mark.parametrize("path", PLAYED, ids=lambda path: path.stem)
def test_what_is_saved_is_read_again_unchanged(path: Path, tmp_path: Path) -> None:
    exchange = read_exchange(path)
    added = exchange.stubs.expectations
    document = str(exchange.place_document(FOLDERS, tmp_path))
    folder = tmp_path / "stubs"
    folder.mkdir()

    told = save([str(folder)], document, load_document(document, exchange.settings).contract, added)

    assert (told.saved, told.skipped) == (tuple(each.id for each in added), {})
    assert list(seen(StubFiles([str(folder)], document).load().expectations)) == list(seen(added))


def test_what_has_become_of_it_is_not_saved(tmp_path: Path) -> None:
    added = read_expectation({"trigger": {}, "status": {"ran": 3}}, "e1")

    save([str(tmp_path)], CHAT, load_document(CHAT, Settings()).contract, [added])

    assert "ran" not in (tmp_path / "saved.yaml").read_text()


def test_what_the_document_has_no_channel_for_is_skipped(tmp_path: Path) -> None:
    lost = read_expectation({"trigger": {"channel": "gone"}}, "lost")

    told = save([str(tmp_path)], CHAT, load_document(CHAT, Settings()).contract, [lost])

    assert told.saved == ()
    assert "no channel 'gone'" in told.skipped["lost"]


def test_no_more_is_saved_than_can_be_in_force(tmp_path: Path) -> None:
    model: dict[str, Any] = {"trigger": {}}
    added = [read_expectation(model, f"e{number}") for number in range(MOST // 2 + 1)]

    with pytest.raises(CannotSave, match="there would be more than"):
        save([str(tmp_path)], CHAT, load_document(CHAT, Settings()).contract, added)
    assert list(tmp_path.iterdir()) == []
