"""What is damaged: documents in one file and in several, schemas, and what is packed."""

from pathlib import Path
from typing import Any

from mockws.source.read import read

BUNDLED = Path(__file__).parents[2] / "specification"
CORPUS = Path(__file__).parents[3] / "shared" / "corpus"  # is no part of this project; without it there is less to try
SMALL = 4_000  # bytes
THREE = "asyncapi: 3.0.0\ninfo: {title: T, version: 1.0.0}\n"
TWO = "asyncapi: 2.6.0\ninfo: {title: T, version: 1.0.0}\n"
RICH = [
    THREE
    + """
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
""",
    TWO
    + """
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
""",
]
PACKED = (
    THREE
    + """
defaultContentType: application/cbor
channels:
  c:
    address: /c
    messages:
      cbor: {payload: {type: object, required: [k], properties: {k: {const: 1}, raw: {type: string, format: binary}}}}
      pack:
        contentType: application/msgpack
        payload: {oneOf: [{type: array, items: {type: integer}}, {type: 'null'}]}
      avro:
        contentType: avro/binary
        payload:
          schemaFormat: application/vnd.apache.avro;version=1.9.0
          schema:
            type: record
            name: R
            namespace: n
            fields:
              - {name: id, type: long}
              - {name: next, type: ['null', R], default: null}
              - {name: kind, type: {type: enum, name: K, symbols: [A, B]}}
              - {name: at, type: {type: long, logicalType: timestamp-millis}}
              - {name: price, type: {type: bytes, logicalType: decimal, precision: 9, scale: 2}}
              - {name: all, type: {type: map, values: [int, string, {type: array, items: R}]}}
      json:
        contentType: application/json
        payload:
          $schema: https://json-schema.org/draft/2020-12/schema
          $dynamicAnchor: node
          type: object
          properties:
            kids: {type: array, items: {$dynamicRef: '#node'}}
            pair: {prefixItems: [{type: string}], items: false}
          if: {required: [a]}
          then: {properties: {a: {exclusiveMinimum: 3}}}
          dependentRequired: {b: [a]}
          unevaluatedProperties: false
      animal:
        contentType: application/json
        payload:
          discriminator: kind
          oneOf: [{$ref: '#/components/schemas/Cat'}, {$ref: '#/components/schemas/Dog'}]
operations:
  o: {action: receive, channel: {$ref: '#/channels/c'}, reply: {channel: {$ref: '#/channels/c'}}}
components:
  schemas:
    Animal: {type: object, required: [kind], properties: {kind: {type: string}}}
    Cat: {allOf: [{$ref: '#/components/schemas/Animal'}, {properties: {meow: {type: string, format: uri}}}]}
    Dog: {allOf: [{$ref: '#/components/schemas/Animal'}, {properties: {bark: {type: number, multipleOf: 0.5}}}]}
"""
)
# One document in several files, as they refer to each other.
TREE = {
    "spec.yaml": THREE + "channels: {c: {$ref: 'channels.yaml#/c'}}\noperations: {o: {$ref: 'parts/rest.yaml#/o'}}\n"
    "components: {messages: {m: {$ref: 'parts/rest.yaml#/messages/m'}}}\n",
    "channels.yaml": "c:\n  address: /c/{id}\n  parameters: {id: {$ref: 'parts/rest.yaml#/id'}}\n"
    "  messages: {m: {$ref: 'parts/rest.yaml#/messages/m'}, n: {$ref: 'parts/order.json'}}\n",
    "parts/rest.yaml": "id: {enum: [a]}\nmessages:\n  m:\n    traits: [{$ref: '#/trait'}]\n"
    "    payload: {$ref: 'order.json#/payload'}\n    examples: [{payload: {id: 1}}]\n"
    "trait: {contentType: application/json, headers: {type: object}}\n"
    "o: {action: receive, channel: {$ref: '../spec.yaml#/channels/c'}}\n",
    "parts/order.json": '{"payload": {"type": "object", "required": ["id"], "properties": {"id": {"$ref": "#/x-id"},'
    ' "next": {"$ref": "#/payload"}, "m": {"$ref": "rest.yaml#/messages/m"}}}, "x-id": {"type": "integer"}}',
}
OVERLAY = """overlay: 1.1.0
info: {title: T, version: 1.0.0}
actions:
  - {target: $.channels.*, update: {x-mockws: {push: 1s}}}
  - {target: "$..messages[?@.payload]", update: {contentType: application/json}}
  - {target: "$.components.schemas['S']", remove: true}
  - {target: $.info, copy: $.channels}
"""
SCHEMAS: list[Any] = [
    {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "type": "object",
        "required": ["id", "kind"],
        "properties": {
            "id": {"type": "integer", "minimum": 1, "maximum": 9},
            "kind": {"enum": ["a", "b", None]},
            "when": {"type": "string", "format": "date-time"},
            "tags": {"type": "array", "items": {"type": "string", "pattern": "^[a-z]{2,5}$"}, "uniqueItems": True},
            "child": {"$ref": "#"},
            "either": {"oneOf": [{"type": "string", "maxLength": 3}, {"type": "number", "multipleOf": 0.25}]},
        },
        "additionalProperties": {"type": "boolean"},
        "if": {"properties": {"kind": {"const": "a"}}},
        "then": {"required": ["when"]},
        "else": {"not": {"required": ["when"]}},
    },
    {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$defs": {"n": {"$dynamicAnchor": "n", "type": "object", "properties": {"k": {"$dynamicRef": "#n"}}}},
        "allOf": [{"$ref": "#/$defs/n"}, {"minProperties": 1, "maxProperties": 3}],
        "properties": {"a": {"prefixItems": [{"type": "integer"}], "items": False, "contains": {"const": 1}}},
        "propertyNames": {"pattern": "^[a-z]+$"},
        "patternProperties": {"^x": {"type": "null"}},
        "dependentSchemas": {"a": {"required": ["k"]}},
        "unevaluatedProperties": {"type": "string", "minLength": 2},
    },
    {"$schema": "http://json-schema.org/draft-04/schema#", "minimum": 1, "exclusiveMinimum": True, "type": "number"},
    {"anyOf": [{"allOf": [{"type": "array"}, {"minItems": 2}]}, {"type": ["string", "null"], "format": "uuid"}]},
]


def documents() -> list[Any]:
    """Give documents that have much in them, the bundled ones, and small ones that others wrote."""
    small = [path for path in sorted(CORPUS.glob("asyncapi-*/**/*.y*ml")) if path.stat().st_size < SMALL]
    texts = [*RICH, PACKED, *(path.read_text("utf-8") for path in (*sorted(BUNDLED.glob("*.yaml")), *small[::12]))]
    return [read(text.encode("utf-8"), "d.yaml").value for text in texts]


def trees() -> dict[str, Any]:
    """Give the document that is in several files, file by file."""
    return {name: read(text.encode("utf-8"), name).value for name, text in TREE.items()}
