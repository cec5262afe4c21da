"""What of a document can be exercised, and the ledger of who did."""

from mockws.asyncapi.load import load
from mockws.contract import Contract
from mockws.exercise import Kind, Ledger, Mark, Occasion, enum_marks, marks_of, overall, parameter_marks

DOCUMENT = """
asyncapi: 3.0.0
info: {title: Feed, version: 1.0.0}
channels:
  feed:
    address: /feeds/{market}/{depth}
    parameters: {market: {enum: [spot, swap]}, depth: {}}
    messages:
      ask:
        payload:
          type: object
          properties:
            side: {enum: [buy, sell]}
            legs: {type: array, items: {oneOf: [{type: object, properties: {kind: {enum: [1, true]}}}]}}
      tick: {payload: {type: object}, examples: [{name: first, payload: {}}]}
operations:
  ask:
    action: receive
    channel: {$ref: '#/channels/feed'}
    messages: [{$ref: '#/channels/feed/messages/ask'}]
    reply: {messages: [{$ref: '#/channels/feed/messages/tick'}]}
"""


def contract() -> Contract:
    return load("feed.yaml", lambda _: DOCUMENT.encode()).contract


def named(kind: Kind) -> list[str]:
    return [mark.name for mark in marks_of(contract()) if mark.kind is kind]


def test_everything_that_can_be_exercised_has_a_name() -> None:
    assert named(Kind.CHANNEL) == ["feed"]
    assert named(Kind.MESSAGE) == ["feed/ask", "feed/tick"]
    assert named(Kind.EXAMPLE) == ["feed/tick#first"]
    assert named(Kind.PARAMETER) == ["feed {market} = spot", "feed {market} = swap", "feed {depth}"]
    assert named(Kind.REPLY) == ["ask: ask → tick"]
    assert named(Kind.ENUM_VALUE) == [
        'feed/ask /side = "buy"',
        'feed/ask /side = "sell"',
        "feed/ask /legs/*/kind = 1",
        "feed/ask /legs/*/kind = true",
    ]


def test_the_enum_values_of_a_message_are_found_in_all_items() -> None:
    channel = contract().channels[0]
    value = {"side": "sell", "legs": [{"kind": True}, {"kind": 3}, {}]}

    found = [mark.name for mark in enum_marks(channel, channel.messages[0], value)]

    assert found == ['feed/ask /side = "sell"', "feed/ask /legs/*/kind = true"]


def test_a_parameter_counts_by_its_value_only_where_there_is_an_enum() -> None:
    channel = contract().channels[0]

    found = [mark.name for mark in parameter_marks(channel, {"market": "swap", "depth": "20"})]

    assert found == ["feed {market} = swap", "feed {depth}"]


def test_a_line_tells_who_exercised_a_thing_when_and_how_it_fails() -> None:
    ledger, mark = Ledger(), Mark(Kind.CHANNEL, "feed")
    for number in range(7):
        ledger.note([mark, mark], Occasion(f"c{number}", 10.0 - number))
    ledger.note([mark], Occasion("c1", 3.5, "refused"))

    line = ledger.lines(contract())[0]

    assert (line.passed, line.failed, line.failing) == (7, 1, ("refused",))
    assert (line.by, line.others) == (("c0", "c1", "c2", "c3", "c4"), 2)
    assert (line.first, line.last) == (3.5, 10.0)


def test_ledgers_add_up_and_whoever_counted_better_is_believed() -> None:
    one, other, mark = Ledger(), Ledger(), Mark(Kind.CHANNEL, "feed")
    one.note([mark], Occasion("a", 2.0))
    other.note([mark], Occasion("b", 1.0))
    one.add(other)

    first = one.lines(contract(), {mark: 9})[0]

    assert (first.passed, first.by, first.first, first.last) == (9, ("a", "b"), 1.0, 2.0)
    assert overall(one.lines(contract()), Kind.CHANNEL) == (1, 1)
    assert overall(one.lines(contract()))[0] == 1
