"""The public face: what a wheel holds, what can be imported, and what can be run."""

import ast
import os
import shutil
import subprocess
import sys
import tomllib
from importlib import metadata, resources
from pathlib import Path
from typing import Any

import pytest

import mockws
from mockws.asyncapi.load import VERSIONS

ROOT = Path(__file__).parent.parent
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
PROGRAM = shutil.which("mockws", path=str(Path(sys.executable).parent)) or "mockws"


def run(*command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MOCKWS_")}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=60)


def test_the_version_is_told_once_and_everywhere() -> None:
    assert mockws.__version__ == PROJECT["project"]["version"] == metadata.version("mockws")
    assert f"## {mockws.__version__} " in (ROOT / "CHANGELOG.md").read_text("utf-8")


def test_the_package_says_that_it_is_typed() -> None:
    assert resources.files("mockws").joinpath("py.typed").is_file()
    assert "Typing :: Typed" in PROJECT["project"]["classifiers"]


@pytest.mark.parametrize("name", [*(f"{version}.json" for version in VERSIONS), "LICENSE", "NOTICE"])
def test_the_official_schemas_are_there_with_their_licence(name: str) -> None:
    assert resources.files("mockws.asyncapi").joinpath("official", name).is_file()


def test_a_wheel_takes_the_whole_package_with_it() -> None:
    """Hatchling puts every file below a package into the wheel, but for what version control ignores."""
    wheel = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]
    ignored = (ROOT / ".gitignore").read_text("utf-8").split()

    assert wheel == {"packages": ["mockws"]}
    assert not {"*.json", "*.typed", "LICENSE", "NOTICE", "official/"} & set(ignored)


def test_the_licences_of_others_are_named() -> None:
    named = PROJECT["project"]["license-files"]

    assert {"LICENSE", "mockws/asyncapi/official/LICENSE", "mockws/asyncapi/official/NOTICE"} <= set(named)
    assert all((ROOT / each).is_file() for each in named)


@pytest.mark.parametrize("command", [[PROGRAM], [sys.executable, "-m", "mockws"]], ids=["mockws", "python -m mockws"])
def test_the_command_can_be_run(command: list[str], tmp_path: Path) -> None:
    done = run(*command, "--version", folder=tmp_path)

    assert (done.returncode, done.stdout) == (0, f"mockws, version {mockws.__version__}\n")


@pytest.mark.parametrize("flag", ["--version", "--help"])
def test_help_and_version_import_nothing_heavy(flag: str, tmp_path: Path) -> None:
    heavy = {"faker", "httpx2", "jsonschema", "jsonschema_rs", "rich", "starlette", "uvicorn", "watchfiles", "yaml"}
    code = f"from mockws.cli.main import run\nimport sys\nrun([{flag!r}])\nprint(sorted({heavy!r} & set(sys.modules)))"

    done = run(sys.executable, "-c", code, folder=tmp_path)

    assert done.stdout.splitlines()[-1] == "[]"


def test_pytest_finds_the_plugin() -> None:
    assert PROJECT["project"]["entry-points"]["pytest11"] == {"mockws": "mockws.pytest_plugin"}


def test_every_dependency_has_a_lower_bound() -> None:
    assert [each for each in PROJECT["project"]["dependencies"] if ">=" not in each] == []


def test_every_dependency_is_used_and_every_import_is_a_dependency() -> None:
    through = {"referencing": "jsonschema", "jsonschema_specifications": "jsonschema", "uvloop": "uvicorn"}
    named = {"jsonpath_rfc9535": "jsonpath-rfc9535", "jsonschema_rs": "jsonschema-rs", "yaml": "pyyaml"}
    named["prometheus_client"] = "prometheus-client"
    listed = {each.partition(">=")[0].partition("[")[0] for each in PROJECT["project"]["dependencies"]}

    imported = {named.get(each, through.get(each, each)) for each in _imported_libraries()}

    imported -= {"pytest"}  # the plugin is imported by pytest itself, and by nobody else
    imported -= {"testcontainers"} & PROJECT["project"]["optional-dependencies"].keys()  # an extra of its own name
    assert imported <= listed
    assert listed - imported <= {"websockets"}  # uvicorn's protocol; its lower bound is ours to say


def _imported_libraries() -> set[str]:
    found: set[str] = set()
    for path in (ROOT / "mockws").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                found.add(node.module.partition(".")[0])
    return found - set(sys.stdlib_module_names) - {"mockws"}
