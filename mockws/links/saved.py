"""Expectations that were added to a running mock, written to `saved.yaml` in the first stub folder.

The file is replaced whole or not at all, it is read again before it takes the old one's place, and nothing is written
elsewhere: no name comes from outside, and no link is followed.
"""

import contextlib
import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from mockws.contract import Contract
from mockws.engine.book import MOST, channel_of, check_names
from mockws.errors import BadExpectation, CannotSave, CannotWrite, StubsRefused, Unreadable
from mockws.expect.expectation import Compiled
from mockws.expect.reading import read_stub_file
from mockws.links.stubs import Payloads, StubFiles
from mockws.source.read import read
from mockws.source.write import yaml_text

NAME = "saved.yaml"
HEAD = "# Written by POST /__admin/expectations/save; the next one writes it anew.\n"


@dataclass(frozen=True, slots=True)
class Saved:
    """What became of expectations that were to be saved."""

    file: Path
    saved: tuple[str, ...] = ()
    skipped: dict[str, str] = field(default_factory=dict)  # id -> why


def save(places: Sequence[str], document: str, contract: Contract, added: Sequence[Compiled]) -> Saved:
    """Write expectations, the first of which wins a tie, before those that the file has already.

    Raises CannotSave where there is no place for them, CannotWrite where the file cannot be written. Then nothing has
    changed.
    """
    path = _folder(places) / NAME
    if path.is_symlink():
        raise CannotWrite(str(path), "it is a link, and links are not followed")
    files = StubFiles(places, document)
    try:
        there = files.load().expectations
    except StubsRefused as problem:
        raise CannotSave(f"a stub file is broken: {problem}", "mend it first") from None
    skipped = {each.id: why for each in added if (why := _obstacle(each, files, path, contract))}
    wanted = [each for each in added if each.id not in skipped]
    if len({each.id for each in (*there, *wanted)}) + len(added) > MOST:
        raise CannotSave(f"there would be more than {MOST} expectations", "take some out first")
    if wanted:
        before = _before(path, files, [each.id for each in there if files.file_of(each.id) == str(path)])
        content = _content(wanted, before, Path(document).name)
        _check(content, path, wanted)
        _replace(path, content)
    return Saved(path, tuple(each.id for each in wanted), skipped)


def _folder(places: Sequence[str]) -> Path:
    folder = next((path for path in map(Path, places) if path.is_dir()), None)
    if folder is None:
        raise CannotSave("there is no folder of stub files", "start the mock with --stubs FOLDER")
    return folder


def _obstacle(added: Compiled, files: StubFiles, path: Path, contract: Contract) -> str:
    """Say why an expectation cannot be loaded again from the file; nothing, where it can."""
    file = files.file_of(added.id)
    if file not in (None, str(path)):
        return f"{file} has an expectation of this id: change it there"
    try:
        check_names(added, contract, channel_of(added, contract))
    except BadExpectation as problem:
        return str(problem)
    return ""


def _before(path: Path, files: StubFiles, ids: Sequence[str]) -> dict[str, Any]:
    """Give what the file says now, each expectation with its id: its place may become another."""
    try:
        text = read(path.read_bytes(), str(path))
    except FileNotFoundError:
        return {}
    except OSError as problem:
        raise CannotWrite(str(path), f"it cannot be read: {problem.strerror}") from None
    if not files.is_ours(text, path):
        advice = "move that file away, or give this document a stub folder of its own"
        raise CannotSave(f"{path} is for {text.value['document']}", advice)
    written = zip(ids, text.value.get("expectations", []), strict=True)
    return {**text.value, "expectations": [{"id": identity, **each} for identity, each in written]}


def _content(added: Sequence[Compiled], before: dict[str, Any], document: str) -> bytes:
    ids = {each.id for each in added}
    kept = [each for each in before.get("expectations", []) if each["id"] not in ids]
    whole = {"version": 1, "document": document, **before, "expectations": [*map(_written, added), *kept]}
    return (HEAD + yaml_text(whole)).encode()


def _written(added: Compiled) -> dict[str, Any]:
    """Write an expectation as a file has it: with its id, and without what has become of it."""
    model: dict[str, Any] = msgspec.to_builtins(added.model)
    return {"id": added.id, **{key: value for key, value in model.items() if key not in ("id", "status")}}


def _check(content: bytes, path: Path, added: Sequence[Compiled]) -> None:
    """Make sure that the same expectations come out again."""
    try:
        value = read(content, str(path)).value
        found = {each.id: _written(each) for each in read_stub_file(value, NAME, Payloads(path.parent))}
    except (Unreadable, BadExpectation) as problem:
        raise CannotSave(f"what would be written could not be read again: {problem}", "save less") from None
    lost = [each.id for each in added if found.get(each.id) != _written(each)]
    if lost:
        raise CannotSave(f"{lost[0]!r} would not be read again as it is", "write it into a stub file by hand")


def _replace(path: Path, content: bytes) -> None:
    """Put a file in another's place: written aside, on the disk, and then renamed."""
    aside = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        _write(aside, content, path)
        aside.replace(path)
    except OSError as problem:
        raise CannotWrite(str(path), problem.strerror or str(problem)) from None
    finally:
        with contextlib.suppress(OSError):
            aside.unlink(missing_ok=True)
    with contextlib.suppress(OSError):  # it is in its place; not every system lets a folder be flushed
        _flush(path.parent)


def _write(aside: Path, content: bytes, path: Path) -> None:
    handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0), 0o666)
    with os.fdopen(handle, "wb") as file:
        if path.exists():
            aside.chmod(path.stat().st_mode & 0o777)
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _flush(folder: Path) -> None:
    """Let the rename reach the disk too."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
