"""The compiler of Protobuf where it cannot be run."""

import subprocess
from typing import Any

import pytest

from mockws.errors import BrokenSchema
from mockws.links.protoc import Protoc

TEXT = 'syntax = "proto3"; message M {}'


def test_compiler_that_cannot_be_run_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: Any, **__: Any) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("mockws.links.protoc.subprocess.run", fails)

    with pytest.raises(BrokenSchema, match="cannot be run: Permission denied"):
        Protoc()("m.proto", {"m.proto": TEXT})


def test_same_text_is_compiled_once(monkeypatch: pytest.MonkeyPatch) -> None:
    runs: list[Any] = []
    run = subprocess.run

    def counted(*given: Any, **more: Any) -> Any:
        runs.append(given)
        return run(*given, **more)

    monkeypatch.setattr("mockws.links.protoc.subprocess.run", counted)
    compiler = Protoc()

    assert compiler("m.proto", {"m.proto": TEXT}) == compiler("m.proto", {"m.proto": TEXT})
    assert len(runs) == 1
