"""YAML text becomes a value: YAML 1.2 types, string keys, no tags, limits, and the place of everything.

It is built on the parser's events with a stack of its own: a composer recurses (libyaml's dies on 50,000 brackets),
drops duplicate keys in silence and reads YAML 1.1. Only this file and `write` know the yaml library.
"""

from collections.abc import Callable, Iterator
from typing import Any

import yaml

from mockws.errors import Unreadable
from mockws.source import scalar, wording
from mockws.source.encoding import decode
from mockws.source.frames import Anchor, Frame, Mapping, Sequence
from mockws.source.limits import DEFAULT, Limits
from mockws.source.text import Lines, Node, Text, quoted

# Where PyYAML was built without libyaml the pure loader gives the same events, some fifty times slower.
LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_CORE = "tag:yaml.org,2002:"
_SCALAR_TAGS: dict[str, tuple[type, ...]] = {
    f"{_CORE}str": (str,),
    f"{_CORE}int": (int,),
    f"{_CORE}float": (float, int),
    f"{_CORE}bool": (bool,),
    f"{_CORE}null": (type(None),),
}
_PLAIN_NULL_BEGINS_WITH = ("n", "N", "~", "!", "&")


def read_yaml(content: bytes, name: str, limits: Limits = DEFAULT) -> Text:
    """Read a YAML file; raise Unreadable for all that is wrong with it."""
    lines = decode(content, name, limits)
    builder = _Builder(lines, limits)
    take = builder.handlers()
    try:
        for event in _events(lines.characters):
            take[event.__class__](event)
    except yaml.YAMLError as error:
        raise _syntax_error(error, lines) from None
    value, node = builder.document()
    return Text(name, value, lines, lambda: node)


def _events(characters: str) -> Iterator[Any]:
    events: Iterator[Any] = yaml.parse(characters, Loader=LOADER)
    return events if LOADER is not yaml.SafeLoader else _checked(events)


def _checked(events: Iterator[Any]) -> Iterator[Any]:
    # libyaml refuses the escapes "\ud800" and "\U00110000"; the pure loader makes a lone surrogate, or fails in chr().
    try:
        for event in events:
            if isinstance(event, yaml.ScalarEvent):
                event.value.encode()
            yield event
    except (UnicodeError, ValueError, OverflowError):
        raise yaml.YAMLError("found invalid Unicode character escape code") from None


def _syntax_error(error: yaml.YAMLError, lines: Lines) -> Unreadable:
    if isinstance(error, yaml.reader.ReaderError):
        # The parser counts bytes here, so the character is looked for: it stops at the first that is not allowed.
        offset = lines.characters.find(chr(int(error.character)))
        return lines.refuse(
            "yaml_syntax",
            f"the control character U+{int(error.character):04X} cannot stand in YAML",
            offset,
            advice='remove it, or write it as an escape in "double quotes"',
        )
    problem = getattr(error, "problem", None) or str(error)
    mark, context = getattr(error, "problem_mark", None), getattr(error, "context_mark", None)
    return wording.yaml_error(
        lines,
        problem=problem,
        context=getattr(error, "context", None) or "",
        offset=mark.index if mark else None,
        begins=context.index if context else None,
    )


class _Builder:
    """Builds the value and the tree of places, one event after the other."""

    def __init__(self, lines: Lines, limits: Limits) -> None:
        self._lines = lines
        self._limits = limits
        self._root = Sequence(offset=0)  # a sequence around the document, so that the root needs no special case
        self._frame: Frame = self._root
        self._stack: list[Frame] = [self._root]
        self._anchors: dict[str, Anchor] = {}
        self._nodes = 0
        self._expanded = 0

    def handlers(self) -> dict[type, Callable[[Any], None]]:
        """Say which method takes which event."""
        return {
            yaml.ScalarEvent: self._scalar,
            yaml.MappingStartEvent: self._mapping,
            yaml.SequenceStartEvent: self._sequence,
            yaml.MappingEndEvent: self._end,
            yaml.SequenceEndEvent: self._end,
            yaml.AliasEvent: self._alias,
            yaml.DocumentStartEvent: self._document,
            yaml.DocumentEndEvent: _nothing,
            yaml.StreamStartEvent: _nothing,
            yaml.StreamEndEvent: _nothing,
        }

    def document(self) -> tuple[Any, Node]:
        """Give the value and its place, once every event is in."""
        values, nodes = self._root.values, self._root.nodes
        if not values:
            raise self._lines.refuse("empty", "the file holds comments only")
        if isinstance(nodes[0], int) and values[0] is None:
            self._refuse_blank(nodes[0])
        return values[0], nodes[0]

    def _refuse_blank(self, offset: int) -> None:
        if not self._lines.characters.startswith(_PLAIN_NULL_BEGINS_WITH, offset):
            raise self._lines.refuse("empty", "the document in this file is empty")

    def _document(self, event: Any) -> None:
        if self._root.values:
            raise self._refuse(
                "yaml_documents",
                "a second YAML document begins here",
                event,
                advice="keep one document in a file; remove the '---'",
            )

    def _scalar(self, event: Any) -> None:
        self._count(event)
        offset = event.start_mark.index
        mapping = self._key_wanted()
        if mapping is None:
            self._frame.put(self._meaning(event), offset, height=0)
        else:
            self._key(mapping, event)
        if event.anchor is not None:
            self._anchors[event.anchor] = Anchor(self._meaning(event), offset, key=event.value, finished=True)

    def _key(self, mapping: Mapping, event: Any) -> None:
        if event.tag is not None:
            self._tagged(event)
        merge = event.value == "<<" and event.implicit[0]
        self._enter(mapping, event.value, event.start_mark.index, merge=merge)

    def _enter(self, mapping: Mapping, key: str, offset: int, *, merge: bool = False) -> None:
        first = mapping.take_key(key, offset, merge=merge)
        if first is not None:
            raise self._lines.refuse_twin("yaml_duplicate_key", key, first, offset)

    def _key_wanted(self) -> Mapping | None:
        frame = self._frame
        return frame if isinstance(frame, Mapping) and frame.expects_key else None

    def _meaning(self, event: Any) -> Any:
        if event.tag is not None:
            return self._tagged(event)
        return self._plain(event) if event.implicit[0] else event.value

    def _plain(self, event: Any) -> Any:
        try:
            return scalar.plain(event.value, digits=self._limits.digits)
        except ValueError as error:
            raise self._refuse("yaml_number", str(error), event, advice="quote it if it is meant as text") from None

    def _tagged(self, event: Any) -> Any:
        kinds = _SCALAR_TAGS.get(event.tag)
        if kinds is None:
            raise self._refuse_tag(event)
        value = event.value if str in kinds else self._plain(event)
        if type(value) not in kinds:
            raise self._refuse_tag(event, f"{quoted(event.value)} is no {kinds[0].__name__}, as its tag says")
        return value

    def _mapping(self, event: Any) -> None:
        self._start(event, Mapping(event.start_mark.index), tag=f"{_CORE}map")

    def _sequence(self, event: Any) -> None:
        self._start(event, Sequence(event.start_mark.index), tag=f"{_CORE}seq")

    def _start(self, event: Any, frame: Frame, *, tag: str) -> None:
        if self._key_wanted():
            advice = "quote the text if it was meant as text, as in \"{{ name }}\" or '[a]'"
            raise self._refuse("yaml_key", "a key must be a text, not a list or a mapping", event, advice=advice)
        if event.tag is not None and event.tag != tag:
            raise self._refuse_tag(event)
        if len(self._stack) > self._limits.depth:
            raise self._too_deep(event)
        frame.started = self._nodes
        self._count(event)
        if event.anchor is not None:
            frame.anchor = self._anchors[event.anchor] = Anchor(None, 0)
        self._stack.append(frame)
        self._frame = frame

    def _end(self, _event: Any) -> None:
        frame = self._stack.pop()
        self._frame = self._stack[-1]
        if (misfit := frame.finish()) is not None:
            advice = "write '<<: *name' or '<<: [*one, *other]'"
            raise self._lines.refuse("yaml_merge", "'<<' merges mappings only", misfit, advice=advice)
        node: Node = (frame.offset, frame.nodes)
        if frame.anchor is not None:
            frame.anchor.finish(frame.values, node, size=self._nodes - frame.started, height=frame.height + 1)
        self._frame.put(frame.values, node, height=frame.height + 1)

    def _alias(self, event: Any) -> None:
        anchor = self._anchor(event)
        offset = event.start_mark.index
        self._expanded += anchor.size - 1
        self._count(event, anchor.size)
        mapping = self._key_wanted()
        if mapping is not None:
            if anchor.key is None:
                message, advice = "a key must be a text; this alias is a list or a mapping", "write the key out"
                raise self._refuse("yaml_key", message, event, advice=advice)
            return self._enter(mapping, anchor.key, offset)
        if len(self._stack) - 1 + anchor.height > self._limits.depth:
            raise self._too_deep(event)
        node = offset if isinstance(anchor.node, int) else (offset, anchor.node[1])
        return self._frame.put(anchor.value, node, height=anchor.height)

    def _anchor(self, event: Any) -> Anchor:
        anchor = self._anchors.get(event.anchor)
        if anchor is None:
            advice = f"write '&{event.anchor}' before the value that is meant, or quote the text"
            raise self._refuse("yaml_syntax", f"the alias '*{event.anchor}' has no anchor", event, advice=advice)
        if not anchor.finished:
            message = f"the alias '*{event.anchor}' stands inside the value that it names"
            raise self._refuse("yaml_recursive_alias", message, event, advice="describe recursion with a '$ref'")
        return anchor

    def _count(self, event: Any, size: int = 1) -> None:
        self._nodes += size
        if self._nodes > self._limits.nodes:
            raise self._over_budget(event)

    def _over_budget(self, event: Any) -> Unreadable:
        most = f"at most {self._limits.nodes:,} keys and values are read"
        if self._nodes - self._expanded <= self._limits.nodes:
            message = f"with its aliases expanded the file is too large: {most}"
            return self._refuse("yaml_alias_expansion", message, event, advice="use fewer aliases, or '$ref'")
        message = f"the file holds too much: {most}"
        return self._refuse("yaml_nodes", message, event, advice="split it into several files")

    def _too_deep(self, event: Any) -> Unreadable:
        message = f"the nesting is too deep: at most {self._limits.depth} levels are read"
        return self._refuse("yaml_depth", message, event, advice="move inner parts to 'components' and use '$ref'")

    def _refuse_tag(self, event: Any, message: str = "") -> Unreadable:
        said = message or f"the tag {quoted(event.tag.replace(_CORE, '!!'))} has no meaning here"
        return self._refuse("yaml_tag", said, event, advice="remove the tag; quote the value if it is text")

    def _refuse(self, code: str, message: str, event: Any, *, advice: str = "") -> Unreadable:
        return self._lines.refuse(code, message, event.start_mark.index, advice=advice)


def _nothing(event: Any) -> None:
    """Pass over an event that says nothing about the value."""
