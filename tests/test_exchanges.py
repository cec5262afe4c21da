"""Every golden exchange is played twice: on the bare engine, and over real sockets."""

from collections.abc import Callable
from pathlib import Path

import pytest

from mockws.app import Mock
from playing.bare import BareStage
from playing.exchange import read_exchange
from playing.player import play
from playing.sockets import SocketStage
from playing.stage import Stage

HERE = Path(__file__).parent
EXCHANGES = sorted((HERE / "exchanges").glob("*.yaml"))
FOLDERS = (HERE / "exchanges" / "documents", HERE.parent / "specification")


@pytest.mark.parametrize("build", [BareStage, SocketStage], ids=["bare", "sockets"])
@pytest.mark.parametrize("path", EXCHANGES, ids=lambda path: path.stem)
def test_exchange(path: Path, build: Callable[[Mock], Stage], tmp_path: Path) -> None:
    exchange = read_exchange(path)

    play(exchange, exchange.place_document(FOLDERS, tmp_path), build)
