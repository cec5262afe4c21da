"""The names that cases use, and what this project calls the same: the one place where they are put together."""

from collections.abc import Mapping
from typing import Any

# A proposed code of an error -> what our answer, log or finding has instead: any of these will do.
CODES: Mapping[str, tuple[str, ...]] = {
    # handshakes: a problem document has a title
    "bad_handshake": ("bad request",),
    "upgrade_required": ("WebSocket",),  # a page for whoever opened it in a browser
    "bad_path_encoding": ("bad path",),
    "handshake_schema": ("/query/token",),
    # files
    "yaml_recursive_alias": ("yaml_cycle",),
    "encoding": ("encoding",),
    "address_conflict": ("route-merged",),
    "ref_unresolved": ("invalid-ref",),
    "schema_unsatisfiable": ("unsatisfiable-schema",),
    "schema_invalid": ("asyncapi-document-resolved",),
    "regex_syntax": ("must be a regular expression",),
    "fake_too_large": ("cannot-fake",),
    "schema_depth": ("json_depth", "yaml_depth"),  # the reader of the document is the first to refuse it
    "regex_not_linear": ("asyncapi-regex-not-linear",),
    "unknown_field": ("stub-schema",),
    # what ends a process is one line in words
    "port_in_use": ("is in use",),
    "tls_config": ("certificate",),
    # the admin API
    "cross_site": ("cross site", "foreign origin"),
    "host_not_allowed": ("host not allowed",),
    "schema": ("does not fit",),
    "no_connection": ("no one was reached",),
}

# A route that a case proposes -> ours.
ROUTES: Mapping[str, str] = {
    "/stubs": "/expectations",
    "/events": "/journal/stream",
}

INVALID = {"invalid": "invalid", "recorded": None}


def is_told(code: str, told: str) -> bool:
    """Tell whether an error is what it is proposed to be, by its code or by its words."""
    return any(each in told for each in (code, *CODES.get(code, ())))


def route(path: str) -> str:
    """Give the path of the admin API that a case means."""
    for proposed, ours in ROUTES.items():
        if path == proposed or path.startswith((f"{proposed}/", f"{proposed}?")):
            return "/__admin" + ours + path.removeprefix(proposed)
    return f"/__admin{path}"


def expectation(stub: Mapping[str, Any]) -> dict[str, Any]:
    """Write a stub of the cases' own grammar as an expectation."""
    trigger: dict[str, Any] = {}
    actions: list[Any] = []
    for key, value in stub.items():
        if key == "channel":
            trigger["channel"] = value
        elif key == "template":
            actions.append({"reply": {"text": value}})
        elif key == "body_file":
            actions.append({"reply": {"file": value}})
        elif key == "delay_ms":
            actions.append({"delay": value})
        elif key == "close":
            reason = value["reason_repeat"]
            actions.append({"close": {"code": value["code"], "reason": reason["unit"] * reason["times"]}})
        elif key == "side_effect":
            actions.append({"http": {"url": value["http"], "json": {}}})
        else:  # an answer belongs to a trigger here
            trigger |= {"type": "http", "http": {"path": "/anything"}, key: value}
    return {"id": "case", "trigger": trigger, "actions": actions or [{"reply": {"text": "ok"}}]}
