"""Reading document files: the entry and what it refers to, never outside the folders that are allowed."""

import errno
from collections.abc import Sequence
from pathlib import Path

from mockws.errors import Unreadable
from mockws.source.limits import DEFAULT

MAX_FILES = 1000
ENOUGH = DEFAULT.size + 1  # bytes: one more than the reader takes, so that it is the reader who refuses


class DocumentFiles:
    """Reads files for one document; the real path, after symlinks, counts."""

    def __init__(self, entry: str, extra_roots: Sequence[str] = ()) -> None:
        self._entry = entry
        self._roots = [Path(entry).resolve().parent, *(Path(root).resolve() for root in extra_roots)]
        self.read_paths: set[Path] = set()

    def __call__(self, name: str) -> bytes:
        """Read one file; raises Unreadable (missing, ref_outside_root, ref_too_many, unreadable)."""
        path = Path(name)
        real = path.resolve()
        if not any(real.is_relative_to(root) for root in self._roots) and name != self._entry:
            advice = f"allow it with --allow-ref-root {real.parent}"
            raise Unreadable("ref_outside_root", "a reference leads out of the document's folder", name, advice=advice)
        if len(self.read_paths) >= MAX_FILES:
            raise Unreadable("ref_too_many", f"the document refers to more than {MAX_FILES} files", name)
        self.read_paths.add(path.absolute())
        return self._content(path, name)

    def _content(self, path: Path, name: str) -> bytes:
        try:
            with path.open("rb") as file:
                return file.read(ENOUGH)
        except FileNotFoundError:
            raise Unreadable("missing", "there is no such file", name) from None
        except OSError as problem:
            reason = "it is a folder" if problem.errno == errno.EISDIR else (problem.strerror or str(problem)).lower()
            raise Unreadable("unreadable", f"the file cannot be read: {reason}", name) from None


def content_of(path: Path) -> bytes:
    """Read a file within the reader's own limit; raises Unreadable."""
    try:
        with path.open("rb") as file:
            content = file.read(DEFAULT.size + 1)
    except FileNotFoundError:
        raise Unreadable("missing", "there is no such file", str(path)) from None
    except OSError as problem:
        raise Unreadable("unreadable", f"the file cannot be read: {problem.strerror}", str(path)) from None
    if len(content) > DEFAULT.size:
        raise Unreadable("too_large", f"the file is larger than {DEFAULT.size >> 20} MiB", str(path))
    return content
