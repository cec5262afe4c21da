"""Documents that went wrong somewhere: whatever is dropped, swapped or doubled, they load or are refused."""

import copy
import json
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from reading import three, two

from mockws.asyncapi.load import Options, load
from mockws.engine.engine import Engine
from mockws.engine.survey import survey
from mockws.errors import DocumentRefused, Unreadable
from mockws.source.read import read as read_source

BUNDLED = Path(__file__).parents[2] / "specification"
CORPUS = Path(__file__).parents[3] / "shared" / "corpus"  # is no part of this project; without it there is less to try
SMALL = 4_000  # bytes
THOROUGH = Options(thorough=True)
RICH = [
    three("""
servers:
  s: {host: 'ws://h:1/p', pathname: '/{v}', protocol: ws, variables: {v: {enum: [a, b], default: a}},
      security: [{$ref: '#/components/securitySchemes/k'}]}
channels:
  c:
    address: x/{id}?q=1
    parameters: {id: {enum: ['1', '2'], default: '1', location: '$message.payload#/id'}, stray: {}}
    servers: [{$ref: '#/servers/s'}]
    bindings: {ws: {query: {type: object, properties: {t: {type: string}}}, headers: {type: object}}}
    x-mockws: {subprotocols: [v1]}
    messages:
      m: {$ref: '#/components/messages/M'}
      n: {payload: {schemaFormat: 'application/vnd.oai.openapi;version=3.0.0', schema: {type: string, nullable: true}}}
operations:
  o:
    action: receive
    channel: {$ref: '#/channels/c'}
    messages: [{$ref: '#/channels/c/messages/m'}]
    traits: [{$ref: '#/components/operationTraits/t'}]
    reply:
      address: {location: '$message.header#/replyTo'}
      channel: {$ref: '#/channels/c'}
      messages: [{$ref: '#/channels/c/messages/n'}]
    x-mockws: {push: 1s}
components:
  operationTraits: {t: {security: [{$ref: '#/components/securitySchemes/k'}]}}
  messageTraits: {h: {correlationId: {location: '$message.payload#/id'}, contentType: application/json}}
  securitySchemes: {k: {type: httpApiKey, name: k, in: query}}
  schemas: {S: {type: object, properties: {s: {$ref: '#/components/schemas/S'}, id: {type: integer, required: true}}}}
  messages:
    M:
      traits: [{$ref: '#/components/messageTraits/h'}]
      payload: {allOf: [{$ref: '#/components/schemas/S'}, {required: [id]}]}
      examples: [{name: e, payload: {id: 1}}]
      x-response: {type: object}
"""),
    two("""
servers:
  s: {url: 'wss://{h}/p', protocol: wss, variables: {h: {default: a}}, security: [{b: []}]}
channels:
  x/{id}:
    servers: [s]
    parameters: {id: {schema: {type: string, enum: [a]}}}
    bindings: {websockets: {query: {type: object}}}
    publish:
      operationId: p
      traits: [{operationId: q}]
      message: {oneOf: [{$ref: '#/components/messages/M'}, {payload: {type: string}}]}
    subscribe: {message: {payload: {$ref: '#/components/messages/M'}}, x-microcks-operation: {frequency: 3}}
components:
  securitySchemes: {b: {type: http, scheme: bearer}}
  messages: {M: {name: M, payload: {type: object, nullable: true}, examples: [{payload: {}}]}}
"""),
]
ODDITIES: list[Any] = [None, True, 0, -1.5, "", "x", "#/a", [], ["x"], {}, {"$ref": "#"}, {"$ref": "#/nowhere"}]
ODDITIES += [{"$ref": 1}, [{"$ref": "nofile.yaml"}], {"type": "object"}, {"payload": 1}]
ODDITIES += ["$message.payload#/~", "{", "?a=b#c", {"$ref": "#/channels/c/x"}]
KEYS = ["", "a/b", "~", "$ref", "payload", "oneOf", "x-mockws"]

Path_ = tuple[str | int, ...]


def values() -> list[Any]:
    small = [path for path in sorted(CORPUS.glob("asyncapi-*/**/*.y*ml")) if path.stat().st_size < SMALL]
    texts = [*RICH, *(path.read_text("utf-8") for path in (*sorted(BUNDLED.glob("*.yaml")), *small[::12]))]
    return [read_source(text.encode("utf-8"), "d.yaml").value for text in texts]


VALUES = values()


def places(value: Any, path: Path_ = ()) -> list[Path_]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [each for key, child in inner for each in ((*path, key), *places(child, (*path, key)))]


def at(value: Any, path: Path_) -> Any:
    for step in path:
        value = value[step]
    return value


def changed(value: Any, draw: st.DataObject) -> Any:
    """Drop, replace, double or move one thing."""
    path = draw.draw(st.sampled_from(places(value) or [()]))
    if not path:
        return value
    parent, key = at(value, path[:-1]), path[-1]
    match draw.draw(st.sampled_from(["drop", "replace", "copy", "rename"])):
        case "drop":
            del parent[key]
        case "replace":
            parent[key] = copy.deepcopy(draw.draw(st.sampled_from(ODDITIES)))
        case "copy":
            other = draw.draw(st.sampled_from(places(value)))
            parent[key] = copy.deepcopy(at(value, other))
        case _ if isinstance(parent, dict):
            parent[draw.draw(st.sampled_from(KEYS))] = parent.pop(key)
    return value


@settings(max_examples=500, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(st.sampled_from(VALUES), st.integers(1, 6), st.data())
def test_damaged_document_loads_or_is_refused(value: Any, times: int, draw: st.DataObject) -> None:
    try_damaged(value, times, draw)


def try_damaged(value: Any, times: int, draw: st.DataObject) -> None:
    """Damage a document so many times, and load what is left of it."""
    value = copy.deepcopy(value)
    for _ in range(times):
        value = changed(value, draw)
    text = json.dumps(value).encode("utf-8")

    try:
        loaded = load("d.json", lambda name: text if name == "d.json" else _none(name), THOROUGH)
    except DocumentRefused as refused:
        assert refused.diagnostics
        return

    assert survey(Engine(loaded.contract)) or not loaded.contract.routes


def _none(name: str) -> bytes:
    raise Unreadable("missing", "there is no such file", name)
