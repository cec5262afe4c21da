"""The compiler of Protobuf: a program of its own, in a folder of its own, within a bounded time.

It sees the files that it is given and what Protobuf brings along, and it is never run while messages are exchanged.
"""

import importlib.util
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from mockws.errors import BrokenSchema
from mockws.formats.extras import MissingExtra
from mockws.formats.protobuf import EXTRA, NAME

LONGEST = 20.0  # seconds
COMPILED = "compiled"
MOST_LINES = 3  # of what the compiler says


class Protoc:
    """Compiles schemas, each text once."""

    def __init__(self) -> None:
        self._made: dict[tuple[tuple[str, str], ...], bytes] = {}

    def __call__(self, entry: str, files: Mapping[str, str]) -> bytes:
        """Compile a file and what it imports to descriptors; raises BrokenSchema, MissingExtra."""
        if importlib.util.find_spec("grpc_tools") is None:
            raise MissingExtra(EXTRA, NAME)
        key = tuple(sorted(files.items()))
        if key not in self._made:
            self._made[key] = _compiled(entry, files)
        return self._made[key]


def _compiled(entry: str, files: Mapping[str, str]) -> bytes:
    with TemporaryDirectory(prefix="mockws-") as name:
        folder = Path(name)
        for file, text in files.items():
            _write(folder / "in", file, text)
        arguments = ["--proto_path=in", "--include_imports", f"--descriptor_set_out={COMPILED}", entry]
        command = [
            sys.executable,
            "-P",
            "-m",
            "grpc_tools.protoc",
            *arguments,
        ]  # -P: no module from the folder it is in
        try:
            done = subprocess.run(  # noqa: S603  # nosec B603  # our own interpreter, with names that were looked at
                command, cwd=folder, capture_output=True, timeout=LONGEST, check=False, stdin=subprocess.DEVNULL
            )
        except subprocess.TimeoutExpired:
            raise BrokenSchema("protobuf_schema", f"its compiler did not end within {LONGEST:.0f} s") from None
        except OSError as problem:
            raise BrokenSchema("protobuf_schema", f"its compiler cannot be run: {problem.strerror}") from None
        compiled = folder / COMPILED
        if done.returncode or not compiled.is_file():
            raise BrokenSchema("protobuf_schema", _told(done.stderr.decode("utf-8", "replace"), entry))
        return compiled.read_bytes()


def _write(folder: Path, name: str, text: str) -> None:
    """Write a file into the folder; one that is named out of it is none that can be imported."""
    parts = PurePosixPath(name).parts
    if not name.endswith(".proto") or name.startswith("/") or ".." in parts or "\\" in name or ":" in name:
        raise BrokenSchema("protobuf_import", f"{name} is no name of a .proto file below the document's folder")
    path = folder.joinpath(*parts)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def _told(said: str, entry: str) -> str:
    lines = [line.replace(f"in/{entry}:", "line ").replace(f"{entry}:", "line ") for line in said.splitlines() if line]
    return "; ".join(lines[:MOST_LINES]) or "its compiler says nothing"
