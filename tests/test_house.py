"""The house stands: a module imports only from the floors below its own, and each library has its owner."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

FLOORS = [
    {"diagnostic"},
    {"errors"},
    {"source", "names", "units", "redaction", "callback"},
    {"schema", "address", "codec", "expression", "settings"},
    {"contract", "expect", "formats"},
    {"asyncapi", "engine", "client", "exercise"},
    {"host", "verify"},
    {"admin", "links"},
    {"app"},
    {"testing"},
    {"cli", "pytest_plugin"},
    {"__main__"},
]
FLOOR_OF = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}
PURE = {room for floor in FLOORS[:6] for room in floor} - {"client"}
IMPURE = {
    "asyncio",
    "logging",
    "os",
    "random",
    "secrets",
    "signal",
    "socket",
    "subprocess",
    "threading",
    "time",
    "uuid",
}
VALUES = {"random.Random", "uuid.UUID"}  # a generator of one's own is no global chance, and a UUID is a value

ANYWHERE = {"msgspec"}
OWNERS = {
    "cbor2": {"formats"},
    "click": {"cli"},
    "faker": {"schema"},
    "fastavro": {"formats"},
    "google": {"formats"},
    "grpc_tools": {"links"},
    "httpx2": {"client", "links", "verify"},
    "jsonpath_rfc9535": {"expect"},
    "jsonschema": {"schema"},
    "jsonschema_rs": {"schema"},
    "jsonschema_specifications": {"schema"},
    "minijinja": {"expect"},
    "prometheus_client": {"admin"},
    "pytest": {"pytest_plugin"},
    "referencing": {"schema"},
    "rich": {"cli", "verify"},
    "starlette": {"host", "admin", "app"},
    "uvicorn": {"host", "app", "cli"},
    "uvloop": {"host", "cli"},
    "watchfiles": {"links"},
    "websockets": {"host", "verify", "cli"},
    "yaml": {"source"},
}

ROOT = Path(__file__).parent.parent / "mockws"
MODULES = sorted(ROOT.rglob("*.py"))
HOUSED = [path for path in MODULES if path != ROOT / "__init__.py"]  # the face belongs to no floor
LONGEST_FILE, LONGEST_FUNCTION = 400, 50
SAYS_NOTHING = {"base", "common", "helper", "helpers", "manager", "managers", "misc", "util", "utils"}


def label(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def room_of(path: Path) -> str:
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def imports_of(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{label(path)}: write the whole name, not a relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def functions_of(path: Path) -> Iterator[tuple[str, int]]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, (node.end_lineno or node.lineno) - node.lineno + 1


def is_below(path: Path, name: str) -> bool:
    if name == "mockws.__version__":  # the one thing that all may ask the face for
        return True
    here, there = room_of(path), name.split(".")[1]
    return there == here or FLOOR_OF.get(there, len(FLOORS)) < FLOOR_OF[here]


@pytest.mark.parametrize("path", HOUSED, ids=label)
def test_every_module_has_a_floor(path: Path) -> None:
    assert room_of(path) in FLOOR_OF, f"give {room_of(path)} a floor here, and a line in ARCHITECTURE.md"


@pytest.mark.parametrize("path", HOUSED, ids=label)
def test_imports_go_down(path: Path) -> None:
    ours = [name for name in imports_of(path) if name.partition(".")[0] == "mockws"]

    assert [name for name in ours if not is_below(path, name)] == []


def test_the_face_imports_nothing() -> None:
    assert list(imports_of(ROOT / "__init__.py")) == []


@pytest.mark.parametrize("path", [path for path in HOUSED if room_of(path) in PURE], ids=label)
def test_pure_rooms_know_no_time_no_chance_and_no_outside(path: Path) -> None:
    impure = [name for name in imports_of(path) if name.partition(".")[0] in IMPURE and name not in VALUES]

    assert impure == []


@pytest.mark.parametrize("path", HOUSED, ids=label)
def test_a_library_is_imported_by_its_owner_only(path: Path) -> None:
    tops = {name.partition(".")[0] for name in imports_of(path)}
    libraries = tops - set(sys.stdlib_module_names) - ANYWHERE - {"mockws"}

    assert [each for each in sorted(libraries) if room_of(path) not in OWNERS.get(each, ())] == []


@pytest.mark.parametrize("path", MODULES, ids=label)
def test_no_import_hides_from_the_floors(path: Path) -> None:
    assert "TYPE_CHECKING" not in path.read_text("utf-8")


@pytest.mark.parametrize("path", MODULES, ids=label)
def test_a_file_opens_with_its_law(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text("utf-8")))


@pytest.mark.parametrize("path", MODULES, ids=label)
def test_files_and_functions_are_short(path: Path) -> None:
    lines = len(path.read_text("utf-8").splitlines())
    long = [(name, length) for name, length in functions_of(path) if length > LONGEST_FUNCTION]

    assert lines <= LONGEST_FILE
    assert long == []


@pytest.mark.parametrize("path", MODULES, ids=label)
def test_names_say_something(path: Path) -> None:
    words = {part.removesuffix(".py") for part in path.relative_to(ROOT).parts}

    assert not words & SAYS_NOTHING


def test_the_architecture_names_every_room() -> None:
    text = (ROOT.parent / "ARCHITECTURE.md").read_text("utf-8")

    assert [room for room in sorted(FLOOR_OF) if f"`{room}" not in text] == []


@pytest.mark.parametrize("path", [path for path in HOUSED if path.name != "__init__.py"], ids=label)
def test_the_architecture_names_every_file_of_a_room(path: Path) -> None:
    text = (ROOT.parent / "ARCHITECTURE.md").read_text("utf-8")

    assert f"`{path.stem}`" in text or f"`{path.name}`" in text
