"""Which dialect of JSON Schema a `schemaFormat` means."""

from mockws.schema.schema import Draft

# AsyncAPI 3.0, "Multi Format Schema Object": schemaFormat -> the dialect of JSON Schema that it is served with.
FORMATS = {
    "application/schema+json;version=draft-04": Draft.D4,
    "application/schema+json;version=draft-06": Draft.D6,
    "application/schema+json;version=draft-07": Draft.D7,
    "application/schema+json;version=2019-09": Draft.D2019,
    "application/schema+json;version=draft-2019-09": Draft.D2019,
    "application/schema+json;version=2020-12": Draft.D2020,
    "application/schema+json;version=draft-2020-12": Draft.D2020,
    "application/vnd.oai.openapi;version=3.1": Draft.D2020,
    "application/vnd.oai.openapi;version=3.2": Draft.D2020,
    "application/vnd.oai.openapi": Draft.D4,
}


def draft_of(schema_format: str) -> Draft | None:
    """Tell the dialect of a `schemaFormat`; None where payloads of that format cannot be checked here."""
    bare = schema_format.lower().replace(" ", "").replace("+yaml", "+json").replace("'", "")
    if bare in ("", "application/schema+json") or bare.startswith("application/vnd.aai.asyncapi"):
        return Draft.D7
    bare = bare.replace("+json;", ";") if "openapi" in bare else bare
    return next((draft for name, draft in FORMATS.items() if bare.startswith(name)), None)


def is_openapi(schema_format: str) -> bool:
    """Tell whether a format is OpenAPI's, whose schemas have words of their own."""
    return "openapi" in schema_format.lower()
