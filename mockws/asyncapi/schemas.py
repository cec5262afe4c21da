"""Payload schemas: a compiled `Schema` for each place where the document has one.

Which dialect a `schemaFormat` means is decided here, and what is done about a schema that is broken.
"""

from dataclasses import dataclass, field
from functools import partial
from typing import Any

from mockws.asyncapi.definitions import Definitions
from mockws.asyncapi.document import Document, Node
from mockws.diagnostic import Place
from mockws.errors import BrokenSchema
from mockws.schema.schema import Draft, Schema
from mockws.schema.violations import shown
from mockws.source.pointer import parse

# AsyncAPI 3.0, "Multi Format Schema Object": schemaFormat -> the dialect of JSON Schema that it is served with.
FORMATS = {
    "application/schema+json;version=draft-04": Draft.D4,
    "application/schema+json;version=draft-06": Draft.D6,
    "application/schema+json;version=draft-07": Draft.D7,
    "application/schema+json;version=2019-09": Draft.D2019,
    "application/schema+json;version=draft-2019-09": Draft.D2019,
    "application/schema+json;version=2020-12": Draft.D2020,
    "application/schema+json;version=draft-2020-12": Draft.D2020,
    "application/vnd.oai.openapi": Draft.D4,
}
MAX_REPAIRS = 20


def draft_of(schema_format: str) -> Draft | None:
    """Tell the dialect of a `schemaFormat`; None where payloads of that format cannot be checked here."""
    bare = schema_format.lower().replace(" ", "").replace("+yaml", "+json").replace("'", "")
    if bare in ("", "application/schema+json") or bare.startswith("application/vnd.aai.asyncapi"):
        return Draft.D7
    bare = bare.replace("+json;", ";") if "openapi" in bare else bare
    return next((draft for name, draft in FORMATS.items() if bare.startswith(name)), None)


@dataclass
class Schemas:
    """Makes schemas of nodes, each once."""

    document: Document
    _made: dict[tuple[str, str, Draft], Schema] = field(default_factory=dict)
    _definitions: Definitions = field(default_factory=Definitions)

    def of(self, node: Node | None, schema_format: str = "") -> Schema:
        """Make the schema at a node; anything goes where there is none, or where its format cannot be checked."""
        if node is None:
            return Schema(True)
        if isinstance(node.value, dict) and "schemaFormat" in node.value and "schema" in node.value:
            return self.of(node.get("schema"), node.text("schemaFormat"))
        draft = draft_of(schema_format)
        if draft is None:
            advice = "give the message examples: they are what can be served"
            node.warn(
                "schema-format",
                f"schemaFormat {schema_format} is not checked here, anything goes",
                advice,
                once=schema_format,
            )
            return Schema(True)
        key = (*node.identity, draft)
        if key not in self._made:
            self._made[key] = self._compiled(node, draft)
        return self._made[key]

    def _compiled(self, node: Node, draft: Draft) -> Schema:
        document = self._definitions.self_contained(node)
        named = Draft.of(node.value, draft)
        for _ in range(MAX_REPAIRS):
            try:
                return self._tried(Schema(document, draft=named, locate=partial(self._locate, node)), node)
            except BrokenSchema as problem:
                self._tell(node, problem)
                document = without(document, parse(problem.pointer))
        return Schema(True)

    def _locate(self, root: Node, pointer: str) -> tuple[str, Place]:
        """Tell where in its file a place of a copy was written."""
        origin = self._definitions.origin(root, pointer)
        return origin.pointer, origin.place

    def _tried(self, schema: Schema, node: Node) -> Schema:
        """Report a schema that no message can be made of, where a document is looked through and not served."""
        problem = schema.why_not_faked if self.document.thorough else None
        if problem is not None and problem.proven:
            node.warn("unsatisfiable-schema", str(problem), "no message fits it: mend what contradicts itself")
        elif problem is not None:
            node.warn("cannot-fake", str(problem), "give the message an example, or ask for less")
        return schema

    def _tell(self, root: Node, problem: BrokenSchema) -> None:
        """Report a broken keyword where it stands, unless the official schema has told of it already."""
        place = self._definitions.origin(root, problem.pointer)
        if place.document.report.has_said(place.file, place.pointer):
            return
        message = f"{place.key} cannot be {shown(place.value)}" if problem.code == "schema_invalid" else problem.message
        place.error(problem.code, f"the schema is broken: {message}", "that keyword is left out until it is mended")


def without(document: Any, tokens: tuple[str, ...]) -> Any:
    """Copy a schema without the keyword at a place; without everything, where the place is the schema itself."""
    if not tokens:
        return True
    if isinstance(document, list) and tokens[0].isdecimal() and int(tokens[0]) < len(document):
        index = int(tokens[0])
        return [*document[:index], without(document[index], tokens[1:]), *document[index + 1 :]]
    if not isinstance(document, dict) or tokens[0] not in document:
        return True
    rest = {key: value for key, value in document.items() if key != tokens[0]}
    if len(tokens) == 1 or not isinstance(document[tokens[0]], dict | list):
        return rest
    return {**document, tokens[0]: without(document[tokens[0]], tokens[1:])}
