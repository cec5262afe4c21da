"""Payload schemas: a compiled `Schema` for each place where the document has one.

Which dialect a `schemaFormat` means is decided here, and what is done about a schema that is broken.
"""

from dataclasses import dataclass, field
from functools import partial
from typing import Any

from mockws.asyncapi.definitions import Definitions
from mockws.asyncapi.dialects import draft_of, is_openapi
from mockws.asyncapi.document import Document, Node
from mockws.asyncapi.languages import Languages, language_of
from mockws.diagnostic import Place
from mockws.errors import BrokenSchema
from mockws.formats.wire import Types
from mockws.schema.schema import Draft, Schema
from mockws.schema.violations import shown
from mockws.source.pointer import parse

MAX_REPAIRS = 20


@dataclass(frozen=True, slots=True)
class Payload:
    """The schema of a payload: as JSON Schema, and as what it is written in where that is another language."""

    schema: Schema
    types: Types | None = None
    told: bool = False  # it is said already that this cannot be checked


@dataclass
class Schemas:
    """Makes schemas of nodes, each once."""

    document: Document
    _made: dict[tuple[str, str, Draft], Schema] = field(default_factory=dict)
    _translated: dict[int, Schema] = field(default_factory=dict)
    _languages: Languages = field(default_factory=Languages)
    _definitions: Definitions = field(default_factory=Definitions)
    _of_openapi: Definitions = field(default_factory=lambda: Definitions(openapi=True))

    def of(self, node: Node | None, schema_format: str = "") -> Schema:
        """Make the schema at a node; anything goes where there is none, or where its format cannot be checked."""
        if node is None:
            return Schema(True)
        return self._of(node, schema_format, node).schema

    def payload(self, node: Node | None, message: Node) -> Payload:
        """Make the schema of a message's payload; in version 2 the message tells its format."""
        return Payload(Schema(True)) if node is None else self._of(node, message.text("schemaFormat"), message)

    def _of(self, node: Node, schema_format: str, message: Node) -> Payload:
        if isinstance(node.value, dict) and "schemaFormat" in node.value and "schema" in node.value:
            inner = node.get("schema")
            return self._of(inner, node.text("schemaFormat"), message) if inner else Payload(Schema(True))
        language = language_of(schema_format)
        if language:
            return self._foreign(language, node, message)
        draft = draft_of(schema_format)
        if draft is None:
            advice = "give the message examples: they are what can be served"
            node.warn(
                "schema-format",
                f"schemaFormat {schema_format} is not checked here, anything goes",
                advice,
                once=schema_format,
            )
            return Payload(Schema(True), told=True)
        definitions = self._of_openapi if is_openapi(schema_format) else self._definitions
        key = (*node.identity, draft)
        if key not in self._made:
            self._made[key] = self._compiled(node, draft, definitions)
        return Payload(self._made[key])

    def _foreign(self, language: str, node: Node, message: Node) -> Payload:
        """Make a schema that is not JSON Schema: what it admits, said in JSON Schema, and how it is written."""
        types = self._languages.types(language, node, message)
        if types is None:
            return Payload(Schema(True), told=True)
        key = id(types)
        if key not in self._translated:
            self._translated[key] = self._tried(Schema(types.document), node)
        return Payload(self._translated[key], types)

    def _compiled(self, node: Node, draft: Draft, definitions: Definitions) -> Schema:
        document = definitions.self_contained(node)
        named = Draft.of(node.value, draft)
        for _ in range(MAX_REPAIRS):
            try:
                return self._tried(Schema(document, draft=named, locate=partial(self._locate, definitions, node)), node)
            except BrokenSchema as problem:
                self._tell(definitions.origin(node, problem.pointer), problem)
                document = without(document, parse(problem.pointer))
        return Schema(True)

    def _locate(self, definitions: Definitions, root: Node, pointer: str) -> tuple[str, Place]:
        """Tell where in its file a place of a copy was written."""
        origin = definitions.origin(root, pointer)
        return origin.pointer, origin.place

    def _tried(self, schema: Schema, node: Node) -> Schema:
        """Report a schema that nothing fits; and one that is only hard to fake where a document is not to be served."""
        problem = schema.why_not_faked if self.document.thorough or schema.is_contradiction else None
        if problem is not None and problem.proven:
            node.warn("unsatisfiable-schema", str(problem), "no message fits it: mend what contradicts itself")
        elif problem is not None:
            node.warn("cannot-fake", str(problem), "give the message an example, or ask for less")
        return schema

    def _tell(self, place: Node, problem: BrokenSchema) -> None:
        """Report a broken keyword where it stands, unless the official schema has told of it already."""
        if place.document.report.has_said(place):
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
