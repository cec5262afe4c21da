"""Reading document files: the entry and what it refers to, never outside the folders and hosts that are allowed."""

import contextlib
import errno
import stat
from collections.abc import Sequence
from pathlib import Path

from mockws.asyncapi.document import is_url
from mockws.callback import destination_of
from mockws.errors import Unreadable
from mockws.links.remote import UNREACHABLE, RemoteFiles
from mockws.source.limits import DEFAULT

MAX_FILES = 1000
MAX_REMOTE = 100
ENOUGH = DEFAULT.size + 1  # bytes: one more than the reader takes, so that it is the reader who refuses


class DocumentFiles:
    """Reads files for one reading of a document; of a file, the real path counts, after symlinks."""

    def __init__(
        self,
        entry: str,
        extra_roots: Sequence[str] = (),
        overlays: Sequence[str] = (),
        remote: RemoteFiles | None = None,
    ) -> None:
        self._named = {entry, *overlays}
        self._roots = [Path(entry).resolve().parent, *(Path(root).resolve() for root in extra_roots)]
        self._remote = remote or RemoteFiles()
        self._remote_names: set[str] = set()
        self._failed: dict[str, Unreadable] = {}  # files of the web, and hosts that gave no answer: once is enough
        self.read_paths: set[Path] = set()

    def __call__(self, name: str) -> bytes:
        """Read one file; raises Unreadable (missing, unreadable, unreachable, ref_...)."""
        return self._from_the_web(name) if is_url(name) else self._from_disk(name)

    def _from_disk(self, name: str) -> bytes:
        if "\0" in name:
            raise Unreadable("missing", "no file has a name with NUL in it", name.replace("\0", "␀"))
        path = Path(name)
        real = path.resolve()
        if not any(real.is_relative_to(root) for root in self._roots) and name not in self._named:
            advice = f"allow it with --allow-ref-root {real.parent}"
            raise Unreadable("ref_outside_root", "a reference leads out of the document's folder", name, advice=advice)
        if len(self.read_paths) >= MAX_FILES:
            raise Unreadable("ref_too_many", f"the document refers to more than {MAX_FILES} files", name)
        if name not in self._named:  # what the user names himself may be a pipe: <(a command)
            check_regular(path, name)
        self.read_paths.add(path.absolute())
        return self._content(path, name)

    def _from_the_web(self, url: str) -> bytes:
        host = destination_of(url).authority
        failed = self._failed.get(host) or self._failed.get(url)
        if failed is not None:
            raise Unreadable(failed.code, failed.message, url, advice=failed.advice)
        self._remote_names.add(url)
        if len(self._remote_names) > MAX_REMOTE:
            raise Unreadable("ref_too_many", f"the document refers to more than {MAX_REMOTE} files of the web", url)
        try:
            return self._remote.content(url)
        except Unreadable as problem:
            self._failed[host if problem.code == UNREACHABLE else url] = problem
            raise

    def _content(self, path: Path, name: str) -> bytes:
        try:
            with path.open("rb") as file:
                return file.read(ENOUGH)
        except FileNotFoundError:
            raise Unreadable("missing", "there is no such file", name) from None
        except OSError as problem:
            reason = "it is a folder" if problem.errno == errno.EISDIR else (problem.strerror or str(problem)).lower()
            raise Unreadable("unreadable", f"the file cannot be read: {reason}", name) from None


def check_regular(path: Path, name: str) -> None:
    """Look whether it is a file at all: a pipe that nobody writes to would be waited for without end."""
    with contextlib.suppress(OSError):  # reading it will tell
        mode = path.stat().st_mode
        if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
            raise Unreadable("unreadable", "the file cannot be read: it is no regular file", name)


def content_of(path: Path) -> bytes:
    """Read a file within the reader's own limit; raises Unreadable."""
    check_regular(path, str(path))
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
