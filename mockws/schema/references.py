"""Where the references within one document lead.

Only for making values: validators have their own way, and theirs counts. Nothing is read from outside the document.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote, urldefrag, urljoin

from mockws.schema.keywords import everything_below, look_up, steps_of

ANCHORS = ("$anchor", "$dynamicAnchor")


class References:
    """The named places of a document."""

    def __init__(self, document: Any) -> None:
        self._document = document
        self._places: dict[str, Any] | None = None
        self._resources: list[Any] = []

    def target(self, reference: str) -> Any:
        """Tell the schema that a reference means; one that cannot be told means anything."""
        if reference == "#":
            return self._document
        if reference.startswith("#/"):
            return self._at_pointer(reference[1:])
        places = self._named_places()
        address, fragment = urldefrag(reference)
        if not address:
            return places.get("#" + fragment, True)
        resource = next((one for name, one in places.items() if name == address or name.endswith("/" + address)), None)
        if resource is None:
            return True
        if fragment and not fragment.startswith("/"):
            return places.get("#" + fragment, True)
        try:
            return look_up(resource, steps_of(fragment)) if fragment else resource
        except LookupError:
            return True

    def _at_pointer(self, pointer: str) -> Any:
        steps = steps_of(pointer)
        for document in (self._document, *self._embedded()):
            try:
                return look_up(document, steps)
            except (LookupError, ValueError):
                continue
        return True

    def _embedded(self) -> list[Any]:
        """Tell the parts with an identity of their own: a pointer in them starts there."""
        self._named_places()
        return self._resources

    def _named_places(self) -> dict[str, Any]:
        if self._places is None:
            self._places = {}
            base = identity(self._document)
            for _, part in everything_below(self._document):
                if isinstance(part, Mapping):
                    self._note(part, base)
        return self._places

    def _note(self, part: Mapping[str, Any], base: str) -> None:
        assert self._places is not None
        name = identity(part)
        if name:
            self._places.setdefault(unquote(name), part)
            self._places.setdefault(urljoin(base, name), part)
            if not name.startswith("#"):
                self._resources.append(part)
        for keyword in ANCHORS:
            if isinstance(part.get(keyword), str):
                self._places.setdefault("#" + part[keyword], part)


def identity(part: Any) -> str:
    found = (part.get("$id") or part.get("id")) if isinstance(part, Mapping) else None
    return found if isinstance(found, str) else ""
