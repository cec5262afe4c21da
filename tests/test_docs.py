"""The documentation says what the code has, says nothing else, and its code runs."""

import ast
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import click
import pytest

import generate_docs
import generate_python
from mockws import testing
from mockws.admin.api import ENDPOINTS
from mockws.admin.endpoint import Endpoint
from mockws.admin.metrics import SUMMARIES
from mockws.cli.exits import Exit
from mockws.client.client import LEFT_OUT
from mockws.expect.model import JsonPathMatching, Matching, StubFile
from mockws.expect.reading import keys_of
from mockws.host.entrance import ADMIN
from mockws.pytest_plugin import DOCUMENT, KEYS, STUBS
from mockws.redaction import SECRET_HEADERS, SECRET_QUERY
from mockws.settings import OPTIONS, PREFIX
from mockws.source.read import read
from mockws.testing.wanted import Matched, Scripted
from mockws.verify.scenario import Scenario

ROOT = Path(__file__).parent.parent
REFERENCE = ROOT / "docs" / "reference"
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "stubs").glob("*.md")])
TOLD = [ROOT / "README.md", ROOT / "docs" / "tutorial.md", ROOT / "docs" / "guide.md"]
RUNNING = [*TOLD, *sorted((ROOT / "docs" / "how-to").glob("*.md"))]
ORDERS = ROOT / "specification" / "order-api.yaml"
LIMIT = 60  # seconds that the code of one page may take
OF_OTHERS = {
    "--build",
    "--detach",
    "--exit-code-from",
    "--rm",
    "--read-only",
    "--build-arg",
    "--check",
}  # docker, scripts
OF_OTHERS |= {"--fail-with-body", "--silent", "--show-error", "--write-out"}  # curl
OF_OTHERS |= {"--list", "--scale"}  # scripts/soak
OF_OTHERS |= {"--cacert"}  # curl
OF_OTHERS |= {"--test", "--experimental-websocket"}  # node
OF_OTHERS |= {"--param"}  # asyncapi
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
CODE = re.compile(r"[a-z][a-z0-9]*(?:[-_][a-z0-9]+)*")
REPORTING = {"error", "warn", "say", "refuse", "refuse_twin", "_refuse", "_refused", "Unreadable", "BrokenSchema"}
REPORTING |= {"told", "refused"}
REPORTING |= {"Diagnostic", "BadExpectation", "_told", "_error", "Rule", "_advice"}

TELLING: tuple[str, ...] = ("source/*.py", "asyncapi/*.py", "schema/*.py", "formats/*.py", "links/*.py", "expect/*.py")
TELLING += ("specmatic/*.py",)
TELLING += (
    "verify/reading.py",
    "engine/book.py",
    "engine/outgoing.py",
    "engine/callbacks.py",
    "*/credentials.py",
    "app.py",
)  # where diagnostics are made


def name_of(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def text_of(name: str) -> str:
    return (REFERENCE / name).read_text("utf-8")


def trees_of(*rooms: str) -> Iterator[ast.Module]:
    for room in rooms:
        for path in sorted((ROOT / "mockws").glob(room)):
            yield ast.parse(path.read_text("utf-8"))


# What the code has, the reference has.


COMMANDS = dict(generate_docs.all_commands())


def flags_of(name: str) -> set[str]:
    options = [each for each in COMMANDS[name].params if isinstance(each, click.Option)]
    return {flag for each in options for flag in (*each.opts, *each.secondary_opts)}


def test_generated_parts_are_current() -> None:
    assert generate_docs.stale() == [], "run scripts/docs"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_flag_of_a_command_is_in_the_reference(name: str) -> None:
    section = text_of("cli.md").partition(f"### mockws {name}\n")[2].partition("\n### ")[0]

    assert [flag for flag in flags_of(name) if flag not in section] == []


@pytest.mark.parametrize("name", OPTIONS)
def test_every_setting_is_in_the_reference(name: str) -> None:
    text = text_of("settings.md")

    assert f"`--{name.replace('_', '-')}`" in text
    assert f"`{PREFIX}{name.upper()}`" in text


def test_every_environment_variable_is_in_the_reference() -> None:
    trees = trees_of("*.py", "*/*.py")
    constants = (node.value for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Constant))
    found = {each for text in constants if isinstance(text, str) for each in re.findall(r"MOCKWS_[A-Z_]*[A-Z]", text)}

    assert "MOCKWS_URL" in found
    assert [each for each in sorted(found) if each not in text_of("settings.md")] == []


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda each: f"{each.method} {each.path}")
def test_every_admin_route_is_in_the_reference(endpoint: Endpoint) -> None:
    assert f"`{endpoint.method} {ADMIN}{endpoint.path.replace(':path', '')}`" in text_of("admin.md")


@pytest.mark.parametrize("name", SUMMARIES)
def test_every_metric_is_in_the_reference(name: str) -> None:
    assert f"| `{name}` |" in text_of("admin.md")


@pytest.mark.parametrize("key", sorted(keys_of(StubFile)))
def test_every_key_of_a_stub_file_is_in_the_reference(key: str) -> None:
    assert f"`{key}`" in text_of("stubs.md")


@pytest.mark.parametrize("key", sorted(keys_of(Scenario) - keys_of(Matching) - keys_of(JsonPathMatching)))
def test_every_key_of_a_scenario_is_in_the_reference(key: str) -> None:
    assert f"`{key}`" in text_of("scenarios.md")


@pytest.mark.parametrize("code", Exit)
def test_every_exit_code_is_in_the_reference(code: Exit) -> None:
    assert f"| {code.value} | {code.name} |" in text_of("cli.md")


def close_codes() -> set[int]:
    constants = (node for tree in trees_of("engine/*.py", "host/*.py") for node in ast.walk(tree))
    found = {node.value for node in constants if isinstance(node, ast.Constant) and isinstance(node.value, int)}
    unsent = {1004, 1005, 1006, 1015}  # RFC 6455, 7.4.1: never on the wire
    return {code for code in found if 1000 < code < 1016 or 4400 <= code < 4500} - unsent


def test_every_close_code_is_in_the_reference() -> None:
    text = text_of("close-codes.md")

    assert close_codes() >= {1003, 1007, 1008, 1012, 1013, 4401, 4403}
    assert [code for code in sorted(close_codes()) if f"| {code} |" not in text] == []


@cache
def diagnostic_codes() -> frozenset[str]:
    """Find the codes as they are written: in calls that report, in `code=...`, and in constants called CODE."""
    found: set[str] = set()
    for tree in trees_of(*TELLING):
        constants = dict(_constants_of(tree))
        for node in ast.walk(tree):
            found.update(_codes_in(node, constants))
    return frozenset(found)


def _constants_of(tree: ast.Module) -> Iterator[tuple[str, ast.expr]]:
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            yield node.targets[0].id, node.value


def _codes_in(node: ast.AST, constants: Mapping[str, ast.expr]) -> Iterator[str]:
    values: list[ast.expr] = []
    if isinstance(node, ast.Call):
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        values += node.args[:2] if called in REPORTING else []
        values += [keyword.value for keyword in node.keywords if keyword.arg == "code"]
    elif isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
        target = node.target if isinstance(node, ast.AnnAssign) else node.targets[0]
        values += [node.value] if getattr(target, "id", "").lower() == "code" else []
    named = [constants.get(value.id, value) if isinstance(value, ast.Name) else value for value in values]
    choices = [each for value in named for each in _branches(value)]
    texts = (each.value for each in choices if isinstance(each, ast.Constant) and isinstance(each.value, str))
    yield from (text for text in texts if CODE.fullmatch(text))


def _branches(value: ast.expr) -> list[ast.expr]:
    return [value.body, value.orelse] if isinstance(value, ast.IfExp) else [value]


@pytest.mark.parametrize("code", sorted(diagnostic_codes()))
def test_every_diagnostic_is_in_the_reference(code: str) -> None:
    text = text_of("diagnostics.md")

    assert f"`{code}`" in text or re.search(rf"`asyncapi[23]-{code}`", text)


@pytest.mark.parametrize("name", [*sorted(SECRET_HEADERS | SECRET_QUERY)])
def test_every_name_that_is_masked_is_in_the_page_on_security(name: str) -> None:
    assert f"`{name}`" in (ROOT / "docs" / "security.md").read_text("utf-8")


def test_what_the_page_on_security_says_is_tried_is_there() -> None:
    tried = re.findall(r"`((?:tests|scripts)/[\w./]+)", (ROOT / "docs" / "security.md").read_text("utf-8"))

    assert len(tried) > 8
    assert [each for each in tried if not (ROOT / each).is_file()] == []


def test_every_public_name_of_the_tests_room_is_in_the_reference() -> None:
    text = text_of("python.md")
    words = {**Matched.__annotations__, **Scripted.__annotations__}

    assert set(generate_python.ORDER) | {"EntryView"} == set(testing.__all__)
    assert [name for name in generate_python.ORDER if f"### {name}\n" not in text] == []
    assert [word for word in words if f"`{word}`" not in text and f"`{word}=" not in text] == []
    assert [
        route for route in LEFT_OUT if f"| `{route.replace(' ', ' /__admin')}` | {LEFT_OUT[route]} |" not in text
    ] == []
    assert [name for name in (*KEYS, DOCUMENT, STUBS) if f"`{name}`" not in text and f"`{name}=" not in text] == []


# What the documentation has, the code has.


def known_flags() -> set[str]:
    return {flag for name in COMMANDS for flag in flags_of(name)} | {"--help", "--version"} | OF_OTHERS


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_no_page_names_a_flag_that_is_not_there(page: Path) -> None:
    named = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", "\n".join(re.findall(r"`[^`]+`", page.read_text("utf-8")))))

    assert named - known_flags() == set()


@pytest.mark.parametrize("code", re.findall(r"^\| `([a-z0-9_-]+)`", text_of("diagnostics.md"), re.MULTILINE))
def test_no_diagnostic_is_told_of_that_is_not_there(code: str) -> None:
    assert code in diagnostic_codes() or re.sub(r"^asyncapi[23]-", "", code) in diagnostic_codes()


FENCED = re.compile(r"^```.*?^```$", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"\]\(([^)\s:]+)\)")  # those with a colon lead out of the checkout


@cache
def anchors_of(page: Path) -> frozenset[str]:
    """Give the names of a page's headings, as GitHub and the site make them."""
    headings = re.findall(r"^#+ +(.+?)\s*$", FENCED.sub("", page.read_text("utf-8")), re.MULTILINE)
    words = (re.sub(r"[^\w\- ]", "", re.sub(r"\]\([^)]*\)", "", each)).lower() for each in headings)
    return frozenset(each.replace(" ", "-") for each in words)


def leads_nowhere(page: Path, link: str) -> bool:
    path, _, anchor = link.partition("#")
    there = page.parent / path if path else page
    return not there.exists() or bool(anchor and there.suffix == ".md" and anchor not in anchors_of(there))


@pytest.mark.parametrize("page", [*PAGES, ROOT / "specification" / "README.md"], ids=name_of)
def test_links_lead_somewhere(page: Path) -> None:
    links = LINK.findall(FENCED.sub("", page.read_text("utf-8")))

    assert [each for each in links if leads_nowhere(page, each)] == []


def test_a_link_to_a_heading_that_is_not_there_is_found() -> None:
    page = ROOT / "docs" / "how-to" / "verify.md"

    assert not leads_nowhere(page, "../reference/admin.md#near-misses")
    assert leads_nowhere(page, "../reference/admin.md#far-misses")
    assert leads_nowhere(page, "../reference/admin.html")


@pytest.mark.parametrize("page", sorted((ROOT / "docs").rglob("*.md")), ids=name_of)
def test_the_index_of_the_documentation_names_every_page(page: Path) -> None:
    index = ROOT / "docs" / "README.md"

    assert page == index or f"]({page.relative_to(index.parent).as_posix()})" in index.read_text("utf-8")


def test_compose_starts_the_consumer_when_the_mock_is_healthy() -> None:
    services = read((ROOT / "docker-compose.yaml").read_bytes(), "docker-compose.yaml").value["services"]

    assert services["consumer"]["depends_on"] == {"mock": {"condition": "service_healthy"}}
    assert "HEALTHCHECK" in (ROOT / "Dockerfile").read_text("utf-8")


# Code that runs: the blocks of a page, one after the other, in a copy of the checkout's top.

PYTEST = "python -m pytest -q -W error -p no:mockws -p mockws.pytest_plugin"  # whether or not it is installed
PRELUDE = r"""
set -euo pipefail
server=
stop() { [[ -z $server ]] || { kill "$server" && wait "$server" || true; }; server=; }
trap stop EXIT
mockws() {
    if [[ $1 != serve ]]; then command mockws "$@"; return; fi
    stop
    command mockws "$@" 2>>mock.log &
    server=$!
    command mockws health --wait 20s >>mock.log
}
scripts/serve() { mockws serve specification/order-api.yaml "$@"; }
scripts/test() { :; }  # it is what runs this
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def script_of(page: str, folder: Path, port: int) -> str:
    """Make one script of a page's blocks; `mockws serve` goes on in the background until the next."""
    lines = [PRELUDE]
    for number, (language, code) in enumerate(BLOCK.findall(page.replace("8080", str(port)))):
        if language == "python":
            (folder / f"block{number}.py").write_text(code, "utf-8")
            runner = PYTEST if "def test_" in code else "python -W error"
            lines.append(f"{runner} block{number}.py\n")
        elif language == "sh":
            lines.append(code)
    return "".join(lines)


def run(script: str, folder: Path, port: int) -> subprocess.CompletedProcess[str]:
    """Run a script, with all that it starts, within the limit."""
    for name in ("specification", "stubs"):
        (folder / name).symlink_to(ROOT / name)
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    own = {"PATH": path, "MOCKWS_PORT": str(port), "NO_PROXY": "*", "PYTHONPATH": str(ROOT)}
    command = ["bash", "-c", script]
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command, cwd=folder, env=own, stdout=pipe, stderr=subprocess.STDOUT, text=True, start_new_session=True
    ) as process:
        try:
            output, _ = process.communicate(timeout=LIMIT)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            raise
    return subprocess.CompletedProcess(command, process.returncode, output)


def has_code(page: Path) -> bool:
    return any(language in ("sh", "python") for language, _ in BLOCK.findall(page.read_text("utf-8")))


@pytest.mark.parametrize("page", [page for page in RUNNING if has_code(page)], ids=name_of)
def test_code_of_a_page_runs(page: Path, tmp_path: Path) -> None:
    port = free_port()

    done = run(script_of(page.read_text("utf-8"), tmp_path, port), tmp_path, port)

    assert done.returncode == 0, done.stdout


def test_the_consumer_of_the_compose_file_gets_its_order(tmp_path: Path) -> None:
    port = free_port()
    consumer = ROOT / "examples" / "consumer" / "consumer.py"
    script = f"{PRELUDE}scripts/serve\nORDERS_URL=ws://127.0.0.1:{port} python '{consumer}'\n"

    done = run(script, tmp_path, port)

    assert done.stdout == "order 10 is INITIATED, 2000 in all\n"


# The scripts that the README begins with.


def prepared(folder: Path) -> Path:
    """Give a virtual environment that scripts/environment takes for its own: the one that runs this test."""
    venv = folder / "venv"
    (venv / "bin").mkdir(parents=True)
    for name in ("python", "mockws"):
        (venv / "bin" / name).symlink_to(Path(sys.executable).parent / name)
    told = "source scripts/environment && fingerprint"
    stamp = subprocess.run(["bash", "-c", told], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    (venv / "mockws-user.stamp").write_text(stamp, "utf-8")
    return venv


@pytest.mark.parametrize("document", [[], ["specification/chat.yaml"]], ids=["the order document", "another"])
def test_serve_starts_from_anywhere(document: list[str], tmp_path: Path) -> None:
    venv, port = prepared(tmp_path), free_port()
    script = (
        f"'{ROOT}/scripts/serve' {' '.join(document)} --no-watch 2>said & mockws health --wait 20s; kill $!; wait $!"
    )

    done = run(f"export VENV='{venv}'; {script}; cat said", tmp_path, port)

    assert done.returncode == 0, done.stdout
    assert ("Chat" if document else "Order API") in done.stdout


@pytest.mark.parametrize(
    "name",
    [
        "scripts/serve",
        "scripts/test",
        "scripts/docs",
        "scripts/measure-startup",
        "scripts/jsonschema-suite",
        "scripts/soak",
        "scripts/site",
        "scripts/image",
        ".ci/run",
    ],
)
def test_scripts_can_be_run_and_stop_at_the_first_failure(name: str) -> None:
    assert os.access(ROOT / name, os.X_OK)
    assert "set -euo pipefail" in (ROOT / name).read_text("utf-8")
