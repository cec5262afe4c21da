"""What the mock says unasked, and when."""

from engines import connect, contract_of, engine_of, heard

from mockws.engine.actions import CancelTimer, Outcome, SetTimer
from mockws.engine.engine import Engine
from mockws.engine.events import Closed, ContractReplaced, TimerFired

FEED = """
channels:
  feed:
    address: /feed/{user}
    parameters: {user: {}}
    messages:
      ping: {payload: {type: object, required: [ping]}}
      created: {payload: {type: object}, examples: [{payload: {n: 1}}]}
      paid: {payload: {type: object, properties: {user: {}}}, examples: [{payload: {n: 2, user: none}}]}
      pong: {payload: {type: object}, examples: [{payload: {n: 3}}]}
      failed: {x-mockws: {error: true}, payload: {type: object}, examples: [{payload: {n: 4}}]}
  quiet: {address: /quiet, messages: {never: {payload: {type: string, pattern: '^(?=a)(?=b)x$'}}}}
operations:
  in: {action: receive, channel: {$ref: '#/channels/feed'}, messages: [{$ref: '#/channels/feed/messages/ping'}]}
  out:
    action: send
    channel: {$ref: '#/channels/feed'}
    messages:
      - {$ref: '#/channels/feed/messages/created'}
      - {$ref: '#/channels/feed/messages/paid'}
      - {$ref: '#/channels/feed/messages/pong'}
      - {$ref: '#/channels/feed/messages/failed'}
  hush: {action: send, channel: {$ref: '#/channels/quiet'}}
"""
CREATED, PAID = ("a", {"n": 1}), ("a", {"n": 2, "user": "ada"})


def timers(outcome: Outcome) -> list[int]:
    return [action.timer for action in outcome.actions if isinstance(action, SetTimer)]


def cancelled(outcome: Outcome) -> list[int]:
    return [action.timer for action in outcome.actions if isinstance(action, CancelTimer)]


def opened(push: str | None, document: str = FEED, path: str = "/feed/ada") -> tuple[Engine, Outcome]:
    engine = engine_of(document, push=push)
    return engine, connect(engine, "a", path)


def test_nothing_is_said_unasked_by_default() -> None:
    _, outcome = opened(None)

    assert (heard(outcome), timers(outcome)) == ([], [])


def test_push_open_speaks_once() -> None:
    _, outcome = opened("open")

    assert (heard(outcome), timers(outcome)) == ([CREATED], [])


def test_push_takes_turns_and_leaves_out_answers_and_errors() -> None:
    engine, outcome = opened("1s")
    said = heard(outcome)
    for _ in range(3):
        outcome = engine.step(TimerFired(*timers(outcome)))
        said += heard(outcome)

    assert said == [CREATED, PAID, CREATED, PAID]


def test_push_waits_as_long_as_it_was_told_but_never_spins() -> None:
    seconds = [
        [action.seconds for action in opened(push)[1].actions if isinstance(action, SetTimer)] for push in ("3s", "1ms")
    ]

    assert seconds == [[3.0], [0.01]]


def test_document_itself_can_ask_for_a_push() -> None:
    _, outcome = opened(None, FEED.replace("  out:\n", "  out:\n    x-mockws: {push: 2s}\n"))

    assert [action.seconds for action in outcome.actions if isinstance(action, SetTimer)] == [2.0]


def test_timer_that_has_fired_is_forgotten() -> None:
    engine, outcome = opened("1s")
    for _ in range(5):
        outcome = engine.step(TimerFired(*timers(outcome)))

    assert cancelled(engine.step(Closed("a", 1000))) == timers(outcome)


def test_timer_that_is_not_known_does_nothing() -> None:
    engine, outcome = opened("1s")
    engine.step(Closed("a", 1000))

    assert engine.step(TimerFired(*timers(outcome))).actions == ()


def test_what_cannot_be_said_is_journalled_and_tried_again() -> None:
    _, outcome = opened("1s", path="/quiet")

    assert [entry.event for entry in outcome.entries] == ["open", "undelivered"]
    assert len(timers(outcome)) == 1


def test_new_document_goes_on_with_its_own_pushes_and_none_is_doubled() -> None:
    engine, outcome = opened("1s")
    replaced = engine.step(ContractReplaced(contract_of(FEED.replace("n: 1", "n: 9"))))

    assert cancelled(replaced) == timers(outcome)
    assert heard(replaced) == []
    assert heard(engine.step(TimerFired(*timers(replaced)))) == [("a", {"n": 9})]


def test_new_document_without_that_operation_ends_its_pushes() -> None:
    engine, outcome = opened("1s")
    replaced = engine.step(ContractReplaced(contract_of(FEED[: FEED.index("  out:")])))

    assert (cancelled(replaced), timers(replaced)) == (timers(outcome), [])


def test_declared_reply_is_an_answer_and_never_pushed() -> None:
    reply = ", reply: {messages: [{$ref: '#/channels/feed/messages/created'}]}}\n  out:"
    document = FEED.replace("}\n  out:", reply, 1)

    assert heard(opened("open", document)[1]) == [PAID]
