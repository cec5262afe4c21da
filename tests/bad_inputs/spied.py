"""Runs `mockws` with a spy inside: what it opens, whom it calls, what it runs, and how many tasks it has.

A process that has everything imported already forks one child for each mock: that costs a tenth of a second.
Whoever started it asks in lines of JSON. A child is asked by a byte in the pipe `ask`, and answers in the pipe `told`.
"""

import asyncio
import contextlib
import gc
import importlib
import json
import os
import resource
import sys
import threading
import traceback
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
CALLS = {"socket.connect", "socket.sendto"}
RUNS = {"subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "pty.spawn"}
# What every process of Python may read: itself, its libraries, and what the system tells it.
INSTALLED = tuple(
    {os.path.realpath(each) for each in (sys.prefix, sys.base_prefix, ROOT / "mockws", "/proc", "/sys", "/dev/null")}
    | {os.path.realpath(each) for each in ("/usr/share/zoneinfo", "/etc/localtime", "/etc/ssl", "/etc/mime.types")}
)
FAMILIES_OF_ITS_OWN = {1, 16}  # AF_UNIX and AF_NETLINK lead nowhere outside of the machine


class Spy:
    """What was seen since it was last asked."""

    def __init__(self, allowed: list[str]) -> None:
        self._allowed = (*INSTALLED, *map(os.path.realpath, allowed))
        self.loops: list[asyncio.AbstractEventLoop] = []
        self._seen: dict[str, list[str]] = {"opened": [], "called": [], "ran": []}

    def hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Look at an event of the interpreter (PEP 578)."""
        if event == "open":
            self._opened(arguments[0])
        elif event in CALLS and arguments[0].family not in FAMILIES_OF_ITS_OWN:
            self._note("called", repr(arguments[1]))
        elif event in RUNS:
            self._note("ran", repr(arguments)[:200])

    def called(self, host: object, port: object) -> None:
        """uvloop calls without a word to the interpreter: its loop is watched as well."""
        self._note("called", f"{host}:{port}")

    def _opened(self, path: object) -> None:
        if not isinstance(path, str | bytes | os.PathLike):
            return  # a descriptor
        real = os.path.realpath(os.fsdecode(path))
        if not any(real == each or real.startswith(each + "/") for each in self._allowed):
            self._note("opened", real)

    def _note(self, kind: str, what: str) -> None:
        if len(self._seen[kind]) < 20:
            self._seen[kind].append(what)

    def told(self) -> dict[str, Any]:
        tasks = sum(len(asyncio.all_tasks(each)) for each in self.loops if not each.is_closed())
        seen, self._seen = self._seen, {"opened": [], "called": [], "ran": []}
        return {"tasks": tasks, **seen}


def answer(folder: Path, spy: Spy) -> None:
    """Answer each byte with what was seen."""
    ask, told = os.open(folder / "ask", os.O_RDWR), os.open(folder / "told", os.O_RDWR)
    while os.read(ask, 1):
        os.write(told, json.dumps(spy.told()).encode() + b"\n")


def watch_loops(spy: Spy) -> None:
    """Keep hold of the loop that the mock makes, and watch what it calls."""
    from mockws.cli import server

    make = server._loop_factory

    def remembered() -> Any:
        factory = make() or asyncio.new_event_loop

        def made() -> Any:
            loop = watched(factory(), spy)
            spy.loops.append(loop)
            return loop

        return made

    server._loop_factory = remembered


def watched(loop: Any, spy: Spy) -> Any:
    kind = type(loop)

    class Watched(kind):  # type: ignore[misc, valid-type]
        async def create_connection(self, factory: Any, host: Any = None, port: Any = None, **more: Any) -> Any:
            if host is not None:
                spy.called(host, port)
            return await super().create_connection(factory, host, port, **more)

    loop.close()
    return Watched()


def child(request: dict[str, Any]) -> int:
    """Be a mock until it ends; gives its exit code."""
    folder = Path(request["folder"])
    os.chdir(folder)
    os.environ.update(request.get("environment", {}))
    for stream, mode in (("stdin", os.O_RDONLY), ("stdout", os.O_WRONLY), ("stderr", os.O_WRONLY)):
        redirect(("stdin", "stdout", "stderr").index(stream), request.get(stream, os.devnull), mode)
    if "descriptors" in request:
        resource.setrlimit(resource.RLIMIT_NOFILE, (request["descriptors"], request["descriptors"]))
    if "file_size" in request:
        resource.setrlimit(resource.RLIMIT_FSIZE, (request["file_size"], request["file_size"]))
    for name, value in request.get("patched", ()):
        module, _, attribute = name.rpartition(".")
        setattr(importlib.import_module(module), attribute, value)
    spy = Spy([str(folder), *request.get("allowed", [])])
    watch_loops(spy)
    threading.Thread(target=answer, args=(folder, spy), daemon=True).start()
    sys.addaudithook(spy.hear)
    from mockws.cli.main import main

    try:
        main(request["arguments"])
    except SystemExit as end:
        return int(end.code or 0)
    finally:
        (folder / "spied.json").write_text(json.dumps(spy.told()))
    return 0


def redirect(descriptor: int, where: str, mode: int) -> None:
    """Let a stream lead into a file; `closed` closes it, `full` is a pipe in which nothing more finds room."""
    if where == "closed":
        os.close(descriptor)
        return
    if where == "full":
        os.dup2(full_pipe(), descriptor)
        return
    opened = os.open(where, mode | os.O_CREAT | os.O_APPEND if mode == os.O_WRONLY else mode, 0o600)
    os.dup2(opened, descriptor)
    os.close(opened)


def full_pipe() -> int:
    _, writing = os.pipe()
    os.set_blocking(writing, False)
    with contextlib.suppress(BlockingIOError):
        while True:
            os.write(writing, b"x" * 4096)
    os.set_blocking(writing, True)
    return writing


def fork(request: dict[str, Any]) -> int:
    pid = os.fork()
    if pid:
        return pid
    code = 70
    try:
        code = child(request)
    except BaseException:  # noqa: BLE001  # the child of a fork must never come back from here
        traceback.print_exc()
    finally:
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(Exception):
                stream.flush()
        os._exit(code)


def reaped(pid: int) -> int | None:
    """Give the exit code of a child that has ended (as the shell has it for signals: 128 and more)."""
    done, status = os.waitpid(pid, os.WNOHANG)
    if not done:
        return None
    code = os.waitstatus_to_exitcode(status)
    return code if code >= 0 else 128 - code


def tell(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> None:
    import_all()
    gc.collect()
    gc.freeze()
    tell("ready")
    for line in sys.stdin:
        request = json.loads(line)
        answered = reaped(request["reap"]) if "reap" in request else fork(request)
        tell(json.dumps(answered))


def import_all() -> None:
    import uvloop
    import watchfiles

    import mockws.app
    import mockws.cli.check
    import mockws.cli.main
    import mockws.cli.serve
    import mockws.cli.server
    from mockws.schema.schema import Schema

    del uvloop, watchfiles
    # What a first request would import or compile is there already: it must not count as what a case costs.
    Schema({"type": "object", "properties": {"a": {"type": "string", "format": "date"}}}).fake("warm")
    assert mockws.app is not None


if __name__ == "__main__":
    main()
