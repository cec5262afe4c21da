"""What is promised in answer to a message, and in which order the promises count."""

from engines import contract_of

from mockws.engine.plan import Plan, Via, plan_for

REFERENCE = "{{$ref: '#/channels/c/messages/{0}'}}"


def plan_of(received: str, sent: str, *, extra: str = "", reply: str = "", infer: bool = True) -> Plan:
    """Plan the answer to the first of the received messages; names are separated by blanks."""
    names = dict.fromkeys([*received.split(), *sent.split(), "declared"])
    messages = "".join(
        f"      {name}: {{payload: {{type: object}}{extra if name == 'order' else ''}}}\n" for name in names
    )
    document = f"channels:\n  c:\n    address: /c\n    messages:\n{messages}operations:\n"
    document += (
        f"  in: {{action: receive, channel: {{$ref: '#/channels/c'}}, messages: [{_references(received)}]{reply}}}\n"
    )
    document += f"  out: {{action: send, channel: {{$ref: '#/channels/c'}}, messages: [{_references(sent)}]}}\n"
    contract = contract_of(document)
    channel = contract.channels[0]
    message, operation = contract.incoming(channel)[0]
    return plan_for(contract, channel, message, operation, infer=infer)


def _references(names: str) -> str:
    return ", ".join(REFERENCE.format(name) for name in names.split())


def named(plan: Plan) -> list[str]:
    return [message.name for message in plan.replies]


DECLARED = ", reply: {messages: [{$ref: '#/channels/c/messages/declared'}]}"
RESPONSE = ", x-response: {type: object}"


def test_declared_reply_comes_first() -> None:
    plan = plan_of("order", "order orderResponse", extra=RESPONSE, reply=DECLARED)

    assert (plan.via, named(plan)) == (Via.DECLARED, ["declared"])


def test_x_response_comes_before_what_is_inferred() -> None:
    plan = plan_of("order", "order orderResponse", extra=RESPONSE)

    assert plan.via is Via.RESPONSE


def test_message_that_goes_both_ways_is_relayed() -> None:
    plan = plan_of("order", "order orderResponse")

    assert (plan.via, named(plan)) == (Via.RELAY, ["order"])


def test_pair_comes_before_the_only_message() -> None:
    plan = plan_of("getOrder", "orderResponse tick")

    assert (plan.via, named(plan)) == (Via.PAIRED, ["orderResponse"])


def test_only_message_answers_what_asks_by_its_name() -> None:
    plan = plan_of("getOrder", "tick")

    assert (plan.via, named(plan)) == (Via.ASKED, ["tick"])


def test_only_message_does_not_answer_what_does_not_ask() -> None:
    plan = plan_of("order", "tick")

    assert (plan.via, plan.note) == (Via.NONE, "no reply declared; nothing is guessed among tick")


def test_nothing_is_guessed_among_several() -> None:
    plan = plan_of("getOrder", "tick tock")

    assert (plan.via, plan.note) == (Via.NONE, "no reply declared; nothing is guessed among tick, tock")


def test_nothing_is_guessed_among_several_pairs() -> None:
    plan = plan_of("order", "orderAck orderResponse")

    assert (plan.via, plan.note) == (Via.NONE, "no reply declared; nothing is guessed among orderAck, orderResponse")


def test_error_is_never_inferred() -> None:
    plan = plan_of("getOrder", "orderError")

    assert (plan.via, plan.note) == (Via.NONE, "no reply declared")


def test_error_does_not_make_several_of_one() -> None:
    plan = plan_of("getOrder", "orderError tick")

    assert named(plan) == ["tick"]


def test_nothing_is_inferred_where_nobody_wants_it() -> None:
    plan = plan_of("order", "orderResponse", infer=False)

    assert (plan.via, plan.note) == (Via.NONE, "no reply declared")


def test_declared_reply_that_pairs_by_name_is_ranked_first() -> None:
    references = _references("orderError declared orderAck")
    plan = plan_of("order orderError orderAck", "declared", reply=f", reply: {{messages: [{references}]}}")

    assert named(plan) == ["declared", "orderAck", "orderError"]


def test_reply_whose_message_is_missing_says_so() -> None:
    plan = plan_of("order", "tick", reply=", reply: {messages: [{$ref: '#/components/messages/Gone'}]}")

    assert (plan.via, plan.note) == (Via.NONE, "reply message Gone does not exist")


def test_message_that_wants_something_identified_asks_for_it() -> None:
    assert _wish("Wish").via is Via.ASKED


def test_acknowledgement_never_asks() -> None:
    assert _wish("Acknowledge").via is Via.NONE


def _wish(name: str) -> Plan:
    payload = "payload: {type: object, required: [wishId], properties: {wishId: {type: integer}}}"
    contract = contract_of(f"""
channels:
  c: {{address: /c, messages: {{{name}: {{{payload}}}, Quote: {{{payload}}}}}}}
operations:
  in: {{action: receive, channel: {{$ref: '#/channels/c'}}, messages: [{REFERENCE.format(name)}]}}
  out: {{action: send, channel: {{$ref: '#/channels/c'}}, messages: [{REFERENCE.format("Quote")}]}}
""")
    channel = contract.channels[0]
    message, operation = contract.incoming(channel)[0]
    return plan_for(contract, channel, message, operation, infer=True)


def test_answer_to_what_the_mock_began_is_not_answered() -> None:
    contract = contract_of(f"""
channels:
  c: {{address: /c, messages: {{question: {{payload: true}}, reply: {{payload: true}}}}}}
operations:
  ask:
    action: send
    channel: {{$ref: '#/channels/c'}}
    messages: [{REFERENCE.format("question")}]
    reply: {{messages: [{REFERENCE.format("reply")}]}}
""")
    channel = contract.channels[0]
    message, operation = contract.incoming(channel)[0]

    plan = plan_for(contract, channel, message, operation, infer=True)

    assert (message.name, plan.via, plan.note) == ("reply", Via.NONE, "it answers operation ask, which the mock began")
