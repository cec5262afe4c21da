"""Files that are torn, and a disk that is full: what is served is what was whole."""

import asyncio
import random
import resource
import tempfile
import time
from pathlib import Path

from soaking.bars import Report
from soaking.clients import connected, said
from soaking.mock import Mock, mock

CHANNELS, STUBS = 30, 30
DOCUMENT = """\
asyncapi: 3.0.0
info: {{title: Torn, version: '{version}'}}
channels:
{channels}
operations:
{operations}
"""
CHANNEL = "  c{n}:\n    address: /c{n}\n    messages: {{m: {{payload: {{type: object, x-version: {version}}}}}}}\n"
OPERATION = "  o{n}: {{action: receive, channel: {{$ref: '#/channels/c{n}'}}}}\n"
STUB = """\
- id: s{n}
  trigger: {{type: message, channel: c{n}}}
  actions: [{{reply: {{text: v{version}, validate: false}}}}]
"""


def _document(version: int) -> str:
    channels = "".join(CHANNEL.format(n=n, version=version) for n in range(CHANNELS))
    return DOCUMENT.format(version=version, channels=channels, operations="".join(map(_operation, range(CHANNELS))))


def _operation(n: int) -> str:
    return OPERATION.format(n=n)


def _stubs(version: int) -> str:
    return "version: 1\nexpectations:\n" + "".join(STUB.format(n=n, version=version) for n in range(STUBS))


def _versions(served: Mock) -> tuple[set[str], set[str]]:
    """Read which versions of the document and of the stubs are in force; more than one of either is a torn one."""
    document = served.ask("/document")[1]
    schemas = [each["messages"]["m"]["payload"] for each in document["channels"].values()]
    found = {str(each.get("x-version")) for each in schemas} | {document["info"]["version"]}
    if len(document["channels"]) != CHANNELS or len(document["operations"]) != CHANNELS:
        found.add("cut")
    stubs = served.ask("/expectations")[1]
    said = {each["actions"][0]["reply"]["text"].removeprefix("v") for each in stubs}
    return found, said if len(stubs) == STUBS else {*said, "cut"}


async def torn(report: Report, scale: float) -> None:
    """A document and a stub file are cut somewhere a thousand times, and written whole again."""
    dice = random.Random(7)
    with tempfile.TemporaryDirectory() as name:
        document, stubs = Path(name) / "spec.yaml", Path(name) / "stubs.yaml"
        document.write_text(_document(0), "utf-8")
        stubs.write_text(_stubs(0), "utf-8")
        with mock("--stubs", str(stubs), document=str(document)) as served:
            seen, wrong = await _tear(served, dice, document, stubs, int(1000 * scale))
            report.exactly("looks that found a torn or unknown version", wrong, 0)
            report.note("versions that were served", seen)
            last = {str(int(1000 * scale))}
            took = await served.until(lambda: _versions(served) == (last, last), 10)
            report.seconds("until the last version was served", took, 3)
            client = await connected(served.port, "/c7")
            client.transport.write(said("hello"))
            report.exactly("it answers with", (await client.next()).decode(), f"v{int(1000 * scale)}")
            client.transport.abort()
            report.exactly("health", served.ask("/health")[1]["status"], "UP")
            report.exactly("tracebacks", served.log().count("Traceback"), 0)


async def _tear(served: Mock, dice: random.Random, document: Path, stubs: Path, count: int) -> tuple[int, int]:
    """Cut and mend so often; give how many versions were seen, and how many looks found another thing."""
    seen: set[str] = set()
    wrong = 0
    for version in range(1, count + 1):
        for path, text in ((document, _document(version)), (stubs, _stubs(version))):
            path.write_text(text[: dice.randrange(len(text))], "utf-8")
            await asyncio.sleep(dice.random() * 0.1)  # less than a file has to stand still
            path.write_text(text, "utf-8")
        if dice.random() < 0.2:
            await asyncio.sleep(0.4)
        for found in await asyncio.to_thread(_versions, served):
            known = len(found) == 1 and next(iter(found)).isdigit() and int(next(iter(found))) <= version
            wrong += not known
            seen |= found if known else set()
    return len(seen), wrong


async def full_disk(report: Report, scale: float) -> None:  # noqa: ARG001  # it is short
    """Expectations are saved where no file may be larger than 16 KiB."""
    with tempfile.TemporaryDirectory() as name:
        saved = Path(name) / "saved.yaml"
        limits = ((resource.RLIMIT_FSIZE, 16 << 10),)
        with mock("--stubs", name, log_format="json", limits=limits) as served:
            stub = {"trigger": {"type": "message"}, "actions": [{"reply": {"text": "small", "validate": False}}]}
            served.ask("/expectations", "POST", stub | {"id": "small"})
            report.exactly("a small file is saved", served.ask("/expectations/save", "POST")[0], 200)
            before = saved.read_bytes()
            for number in range(20):
                reply = {"reply": {"text": "x" * 2000, "validate": False}}
                served.ask(
                    "/expectations", "POST", {"id": f"large{number}", "trigger": stub["trigger"], "actions": [reply]}
                )
            status, problem = served.ask("/expectations/save", "POST")
            report.exactly("one that has no room is answered with", status, 507)
            report.note("which says", problem.get("detail"))
            report.exactly("the old file is as it was", saved.read_bytes() == before, True)
            report.exactly("other files in the folder", len(list(Path(name).iterdir())) - 1, 0)
            client = await connected(served.port)
            client.transport.write(said("hello"))
            report.exactly("and the mock answers", (await client.next())[:5].decode(), "xxxxx")
            client.transport.abort()
            began = time.monotonic()
            report.exactly("exit code", (await asyncio.to_thread(served.end))[0], 0)
            report.seconds("until the end", time.monotonic() - began, 5)
