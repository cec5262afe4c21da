"""The JSON Schema of what is written, for editors and other tools: made from the models that check it.

Only what a reader sees is added here: titles, meanings of keys, examples. What fits is decided by the models.
"""

import inspect
from collections.abc import Mapping
from typing import Any

import msgspec

from mockws.expect.model import Expectation, Model, StubFile

DIALECT = "https://json-schema.org/draft/2020-12/schema"
PUBLISHED: Mapping[str, tuple[type[Model], str]] = {  # what is asked for -> its model and title
    "stubs": (StubFile, "A stub file of mockws"),
    "expectation": (Expectation, "An expectation of mockws"),
}
ONE_KEY = frozenset({"Action"})  # models of which exactly one key is given
WRITTEN_DURATION = [{"type": "string"}, {"type": "integer"}]  # as msgspec writes model.Duration
NAMED_DURATION = {"$ref": "#/$defs/Duration"}
DURATION = {
    "title": "Duration",
    "description": "How long: 250ms, 1.5s, 2m, or a number of milliseconds; at most an hour.",
    "examples": ["250ms", "1.5s", "2m", 500],
    "anyOf": WRITTEN_DURATION,
}
SAYING = {
    "duplicate": "How often it is said; once unless said.",
    "reorder": "Says it after what the script says next.",
    "fragments": "How many frames the message is cut into.",
    "chunkedDribbleDelay": "Writes its bytes in so many parts, over so much time.",
}
MEANINGS: Mapping[str, Mapping[str, str]] = {  # model -> key -> what an editor says about it
    "StubFile": {
        "version": "The version of this format: 1.",
        "document": "The AsyncAPI document it is for; where another one is served, the file is left out.",
        "credentials": "What handshakes may bring. A scheme without any here takes whatever has the right form.",
        "expectations": "What the mock does beyond the document. The earlier one wins a tie.",
    },
    "AcceptedCredential": {
        "scheme": "A name below components.securitySchemes of the document.",
        "token": "For bearer, oauth2 and openIdConnect.",
        "username": "For basic and userPassword.",
        "password": "For basic and userPassword.",
        "key": "For an API key in a header, the query or a cookie.",
    },
    "Expectation": {
        "id": "Its name; unless given, the file's name and its name or place.",
        "name": "For people and tools.",
        "metadata": "For people and tools; GET /__admin/expectations?metadata.KEY=VALUE chooses by it.",
        "priority": "1 is highest, 5 unless said.",
        "enabled": "false switches it off.",
        "trigger": "What sets it off.",
        "scenario": "Runs only where a state machine is in requiredState, and takes it to newState.",
        "times": "How often it may run; without end unless said.",
        "timeToLive": "For how long it is in force.",
        "probability": "0 to 1, drawn from --seed.",
        "when": "A condition over everything a template sees, such as {{ message.json.id > 10 }}.",
        "status": "What has become of it, where it is shown; of no account where it is written.",
        "actions": "Its script: run in order, each with exactly one key.",
    },
    "Saying": SAYING,
    "Sending": SAYING,
    "Stream": {**SAYING, "reorder": "Says the values of its sequence in another order, by --seed."},
    "Trigger": {
        "type": "What happens: message, unless said.",
        "channel": "A channel of the document, by its key, address or title; any, if there is no operation either.",
        "operation": "An operation of the document, instead of a channel.",
        "connection": "Which connections.",
        "message": "Which messages; only of type message.",
        "close": "Which ends of connections; only of type close.",
        "every": "How often on each connection; only of type interval.",
        "after": "How long a connection says nothing; only of type idle.",
        "name": "The name in POST /__admin/triggers/NAME; only of type named.",
    },
    "Action": {
        "reply": "Says something to the connection that it is about.",
        "send": "Says something to others.",
        "delay": "Waits.",
        "stream": "Says something again and again, beside the script.",
        "stop": "Ends the streams of that name.",
        "setState": "Puts a scenario into a state.",
        "group": "Joins or leaves a room of the stub's own making.",
        "remember": "Keeps a value with the connection: connection.values.NAME.",
        "expect": "Waits for a message, which it consumes.",
        "close": "Closes with a code and a reason.",
        "fault": "Does what no well-behaved server does: a fault by its name, or frames as hexadecimal digits.",
        "reject": "Refuses the handshake; the only action of an open trigger.",
    },
}


def published(name: str) -> dict[str, Any]:
    """Give the JSON Schema (2020-12) of what is called so in PUBLISHED."""
    model, title = PUBLISHED[name]
    written = msgspec.json.schema(model)
    definitions = {each: _told(each, schema) for each, schema in written.pop("$defs").items()}
    head = {"$schema": DIALECT, "$id": f"urn:mockws:{name}:1", "title": title}
    return {**head, **written, "$defs": {**definitions, "Duration": DURATION}}


def _told(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    """Say what a model and its keys mean."""
    told = {**schema, "properties": {key: _named(each) for key, each in schema["properties"].items()}}
    if "description" in schema:
        told["description"] = inspect.cleandoc(schema["description"])
    for key, meaning in MEANINGS.get(name, {}).items():
        told["properties"][key] = {"description": meaning, **told["properties"][key]}
    return {**told, "minProperties": 1, "maxProperties": 1} if name in ONE_KEY else told


def _named(schema: Any) -> Any:
    """Put the name of a duration where msgspec writes out what it is."""
    if isinstance(schema, list):
        return [_named(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    kinds = schema.get("anyOf", [])
    if kinds[:2] != WRITTEN_DURATION or any("type" in each for each in kinds[2:]):
        return {key: _named(each) for key, each in schema.items()}
    others = {key: each for key, each in schema.items() if key != "anyOf"}
    return {**others, **NAMED_DURATION} if len(kinds) == 2 else {**others, "anyOf": [NAMED_DURATION, *kinds[2:]]}
