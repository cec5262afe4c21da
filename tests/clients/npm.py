"""Node, and the packages that npm fetches for it: once, into `.cache/clients`, which git does not see."""

import fcntl
import shutil
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).parent
KEPT = HERE.parents[1] / ".cache" / "clients"
PATIENCE = 40  # seconds: two small packages take one
INSTALL = ("install", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error")
IMPATIENT = ("--fetch-retries=0", "--fetch-timeout=10000")
NODE, NPM = shutil.which("node"), shutil.which("npm")
FEATURE = "--experimental-websocket"  # Node 20 wants it; newer ones take it, and need it not


def node(*arguments: str) -> list[str]:
    """Give the command of Node; skips a test where there is none."""
    if NODE is None:
        pytest.skip("there is no Node here")
    return [NODE, FEATURE, "--no-warnings", *arguments]


def packages() -> Path:
    """Give the folder that has what package.json wants; skips a test where npm, or its registry, is out of reach."""
    if NPM is None:
        pytest.skip("there is no npm here")
    KEPT.mkdir(parents=True, exist_ok=True)
    with (KEPT / "lock").open("w") as lock:  # workers of pytest-xdist come at the same time
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not _is_there():
            _fetch(NPM)
    return KEPT


def _is_there() -> bool:
    wanted, had = HERE / "package.json", KEPT / "package.json"
    return had.is_file() and had.read_bytes() == wanted.read_bytes() and (KEPT / "node_modules").is_dir()


def _fetch(npm: str) -> None:
    """Fetch into a folder beside it, so that what is there is whole."""
    fresh = KEPT / "fresh"
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir()
    shutil.copy(HERE / "package.json", fresh)
    try:
        subprocess.run([npm, *INSTALL, *IMPATIENT], cwd=fresh, check=True, capture_output=True, timeout=PATIENCE)
    except (subprocess.SubprocessError, OSError) as problem:
        said = getattr(problem, "stderr", None) or b""
        pytest.skip(f"npm cannot fetch ws and wscat: {said.decode().strip()[:300] or problem}")
    shutil.rmtree(KEPT / "node_modules", ignore_errors=True)
    (fresh / "node_modules").replace(KEPT / "node_modules")
    (fresh / "package.json").replace(KEPT / "package.json")
    shutil.rmtree(fresh)
