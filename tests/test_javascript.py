"""JavaScript's side: the example of the how-to runs, and the types are those of openapi.json."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from generate_types import types_of
from mockws.testing import MockServer

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "how-to" / "javascript.md").read_text("utf-8")
NODE = shutil.which("node")
CHAT = "specification/chat.yaml"
FEATURE = "--experimental-websocket"  # Node 20 wants it; newer ones take it, and need it not


def example() -> str:
    found = re.search(r"^```js\n(// chat\.test\.mjs\n.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    assert found is not None
    return found[1]


def run_node(folder: Path, url: str) -> subprocess.CompletedProcess[str]:
    assert NODE is not None
    environment = {"PATH": os.environ["PATH"], "MOCKWS_URL": url}
    command = [NODE, FEATURE, "--no-warnings", "--test", "chat.test.mjs"]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=60)


@pytest.mark.skipif(NODE is None, reason="there is no Node here")
def test_the_example_runs(tmp_path: Path) -> None:
    (tmp_path / "chat.test.mjs").write_text(example(), "utf-8")

    with MockServer(CHAT) as mock:
        done = run_node(tmp_path, mock.http_url)

        assert done.returncode == 0, done.stdout
        assert mock.admin.sessions() == []
    assert re.search(r"^. pass 2$", done.stdout, re.MULTILINE), done.stdout


@pytest.mark.skipif(NODE is None, reason="there is no Node here")
def test_the_example_fails_where_the_client_does_otherwise(tmp_path: Path) -> None:
    (tmp_path / "chat.test.mjs").write_text(example().replace('user: "ada", text', 'user: "ben", text'), "utf-8")

    with MockServer("specification/chat.yaml", on_invalid="ignore") as mock:
        mock.on_open("room").delay("500ms").close(4000)
        done = run_node(tmp_path, mock.http_url)

    assert done.returncode != 0


def test_types_say_what_a_schema_says() -> None:
    node = {
        "description": "A\nnode.",
        "type": "object",
        "required": ["kind"],
        "properties": {
            "kind": {"enum": ["a", 1]},
            "next": {"anyOf": [{"$ref": "#/components/schemas/Node"}, {"type": "null"}]},
            "tags": {"type": "array", "items": {"type": ["string", "integer"]}},
            "by-name": {"type": "object", "additionalProperties": {"type": "boolean"}, "default": {}},
            "any": {},
        },
    }
    answers = {"200": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Node"}}}}}
    document = {"components": {"schemas": {"Node": node}}, "paths": {"/x": {"get": {"responses": answers}}}}

    assert types_of(document).splitlines()[2:] == [
        "/** A node. */",
        "export interface Node {",
        '  kind: "a" | 1;',
        "  next?: Node | null;",
        "  tags?: (string | number)[];",
        '  "by-name"?: Record<string, boolean>;',
        "  any?: unknown;",
        "}",
        "",
        '/** What a request to a route says, and what it is answered: AdminApi["POST /verify"]. */',
        "export interface AdminApi {",
        '  "GET /x": { body?: undefined; answer: Node };',
        "}",
    ]


def test_a_schema_of_a_kind_that_is_not_known_is_an_error() -> None:
    with pytest.raises(KeyError):
        types_of({"components": {"schemas": {"X": {"oneOf": []}}}, "paths": {}})
