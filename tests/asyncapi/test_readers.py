"""What both major versions make of a document: routes, directions, messages, replies, handshakes."""

import pytest
from reading import channel, message, messages_told, paths, read, three, told, two

from mockws.asyncapi.load import Options
from mockws.asyncapi.official import official_schema, sharpened
from mockws.contract import Action, Carrier
from mockws.schema.schema import Schema

OPERATION = "operations: {o: {action: receive, channel: {$ref: '#/channels/c'}}}\n"


def one(channel_body: str, rest: str = OPERATION) -> str:
    return three(f"channels: {{c: {channel_body}}}\n{rest}")


@pytest.mark.parametrize(
    ("server", "expected"),
    [
        ("{host: h, protocol: ws}", ["/c"]),
        ("{host: h, pathname: /v1, protocol: ws}", ["/v1/c", "/c"]),
        ("{host: 'wss://h:8080/deep/v1/', protocol: wss}", ["/deep/v1/c", "/c"]),
        (
            "{host: h, pathname: '/{v}', protocol: ws, variables: {v: {enum: [a, b], default: b}}}",
            ["/b/c", "/a/c", "/c"],
        ),
        ("{host: h, pathname: '/{v}', protocol: ws, variables: {v: {default: x}}}", ["/x/c", "/c"]),
        ("{host: h, protocol: kafka}", ["/c"]),
    ],
)
def test_path_is_the_servers_and_then_the_address(server: str, expected: list[str]) -> None:
    loaded = read(
        three(f"servers: {{s: {server}}}\nchannels: {{c: {{address: c, messages: {{m: {{}}}}}}}}\n" + OPERATION)
    )

    assert paths(loaded.contract) == expected


@pytest.mark.parametrize(
    ("address", "path"),
    [("c", "/c"), ("'/c/{id}'", "/c/{id}"), ("'wss://h.example.com/c'", "/c"), ("'/c?token=a'", "/c"), ("/", "/")],
)
def test_address_is_mended_into_a_path(address: str, path: str) -> None:
    assert paths(read(one(f"{{address: {address}, messages: {{m: {{}}}}}}")).contract) == [path]


def test_query_in_an_address_is_required_of_the_handshake() -> None:
    loaded = read(one("{address: '/c?version=1&token={t}', parameters: {t: {}}, messages: {m: {}}}"))

    query = loaded.contract.routes[0].handshakes[0].query
    assert [code for _, code, _ in told(loaded)] == ["asyncapi3-channel-no-query-nor-fragment"]
    assert query is not None
    assert query.accepts({"version": "1", "token": "x"})
    assert not query.accepts({"version": "2", "token": "x"})


def test_topics_share_the_servers_path_unless_a_channel_is_there() -> None:
    topics = "servers: {s: {host: h, pathname: /ws, protocol: ws}}\nchannels: {a: {address: a}, b: {address: b}"

    shared, taken = read(three(topics + "}")), read(three(topics + ", c: {address: /}}"))

    assert [str(route.path) for route in shared.contract.routes if route.topics] == ["/ws"]
    assert not [route for route in taken.contract.routes if route.topics]
    assert "/ws" in paths(taken.contract)


def test_topics_can_be_turned_off_and_on() -> None:
    slashed = three("channels: {a: {address: /a}, b: {address: /b}}")

    assert "/" not in paths(read(slashed).contract)
    assert "/" in paths(read(slashed, Options(topics=True)).contract)
    assert "/" not in paths(read(slashed.replace("/a", "a").replace("/b", "b"), Options(topics=False)).contract)


def test_operation_without_messages_has_all_of_its_channel_and_an_empty_list_means_none() -> None:
    messages = "{address: c, messages: {m: {}, n: {}}}"
    all_of_them, none = read(one(messages)), read(one(messages, OPERATION.replace("}}}", "}, messages: []}}")))

    assert [each.name for each in all_of_them.contract.operation("o").messages] == ["m", "n"]
    assert none.contract.operation("o").messages == ()


def test_channel_without_messages_takes_anything() -> None:
    for text in (one("{address: c}"), one("{address: c}", ""), two("channels: {c: {publish: {}}}")):
        contract = read(text).contract

        incoming = contract.incoming(contract.channels[0])
        assert [each.payload.accepts(["any"]) for each, _ in incoming] == [True]


def test_version_2_is_told_from_the_clients_side() -> None:
    contract = read(two("channels: {c: {publish: {operationId: p, message: {name: In}}, subscribe: {}}}")).contract

    assert {each.name: each.action for each in contract.operations} == {"p": Action.RECEIVE, "c.subscribe": Action.SEND}


def test_messages_of_version_2_are_named_by_component_name_or_place_and_never_share_a_name() -> None:
    loaded = read(
        two("""channels:
  c:
    publish: {message: {oneOf: [{$ref: '#/components/messages/A'}, {name: B}, {name: B, title: other}, {}, {title: T}]}}
    subscribe: {message: {$ref: '#/components/messages/A'}}
components: {messages: {A: {name: Alias}}}""")
    )

    receives = loaded.contract.operation("c.publish").messages
    assert [each.name for each in receives] == ["A", "B", "B2", "c.publish.message", "T"]
    assert message(loaded, "Alias").name == "A"


def test_operation_id_that_is_taken_is_told_and_replaced() -> None:
    loaded = read(two("channels: {c: {publish: {operationId: o}}, d: {publish: {operationId: o}}}"))

    assert "asyncapi2-operation-operationId-uniqueness" in messages_told(loaded)
    assert [each.name for each in loaded.contract.operations] == ["o", "d.publish"]


def test_server_of_a_channel_that_is_not_there_is_told_and_takes_nothing_away() -> None:
    loaded = read(two("servers: {s: {url: h, protocol: ws}}\nchannels: {c: {servers: [nope], publish: {}}}"))

    assert "asyncapi2-channel-servers" in messages_told(loaded)
    assert paths(loaded.contract) == ["/c"]


def trait(version: str) -> str:
    traits = "components: {messageTraits: {t: {contentType: text/plain, x-response: {type: 'null'}}}}"
    body = "{traits: [{$ref: '#/components/messageTraits/t'}], contentType: application/json, payload: {const: null}}"
    if version == "2":
        return two(f"channels: {{c: {{publish: {{message: {body}}}}}}}\n{traits}")
    return one(f"{{address: c, messages: {{m: {body}}}}}", OPERATION + traits)


@pytest.mark.parametrize(("version", "wins"), [("2", "text/plain"), ("3", "application/json")])
def test_trait_wins_in_version_2_and_its_target_in_version_3(version: str, wins: str) -> None:
    made = read(trait(version)).contract.channels[0].messages[0]

    assert made.content_type == wins
    assert made.response is not None
    assert not made.payload.accepts(1)  # const: null is a value, not a removal


def test_extensions_are_read() -> None:
    loaded = read(
        three("""x-mockws: {subprotocols: [base]}
channels:
  c: {address: c, x-mockws: {subprotocols: [v1, v2]}, messages: {m: {x-mockws: {error: true}}, someError: {}}}
  d: {address: d, messages: {n: {}}}
operations:
  a: {action: send, channel: {$ref: '#/channels/c'}, x-mockws: {push: 250ms}}
  b: {action: send, channel: {$ref: '#/channels/c'}, x-microcks-operation: {frequency: 3}}
  e: {action: send, channel: {$ref: '#/channels/d'}, x-mockws: {push: soon}}
""")
    )

    protocols = {str(route.path): route.subprotocols for route in loaded.contract.routes}
    assert (protocols["/c"], protocols["/d"]) == (("v1", "v2"), ("base",))
    assert [each.push for each in loaded.contract.operations] == [0.25, 3.0, None]
    assert [(each.is_error, each.marked_error) for each in channel(loaded, "c").messages] == [
        (True, True),
        (True, False),
    ]
    assert told(loaded) == [("warning", "x-mockws-push", 10)]


def test_correlation_that_is_no_expression_is_told_once() -> None:
    loaded = read(one("{address: c, messages: {m: {correlationId: {location: here}}}}"))

    assert len(loaded.diagnostics) == 1
    assert message(loaded, "m").correlation is None


def test_security_of_version_2_is_a_set_and_of_version_3_a_choice() -> None:
    schemes = "components: {securitySchemes: {a: {type: httpApiKey, name: k, in: query}, b: {type: userPassword}}}"
    both = read(
        two(f"servers: {{s: {{url: h, protocol: ws, security: [{{a: [], b: []}}]}}}}\nchannels: {{c: {{}}}}\n{schemes}")
    )

    assert [[scheme.carrier for scheme in each] for each in both.contract.routes[0].security] == [
        [Carrier.QUERY, Carrier.BASIC]
    ]


def test_servers_as_a_list_and_idioms_of_the_other_version_are_read_as_meant() -> None:
    older = read(two("servers: [{name: s, host: h, pathname: /v1, protocol: ws}]\nchannels: {c: {publish: {}}}"))
    newer = read(
        three("channels: {c: {address: c, publish: {message: {name: In}}, subscribe: {message: {name: Out}}}}")
    )

    assert paths(older.contract) == ["/v1/c", "/c"]
    assert [(each.action, each.messages[0].name) for each in newer.contract.operations] == [
        (Action.RECEIVE, "In"),
        (Action.SEND, "Out"),
    ]


def test_perspective_can_be_asked_for() -> None:
    sending = OPERATION.replace("receive", "send")
    text = one("{address: c, messages: {m: {}}}", sending)

    asked = read(text, Options(perspective="client")).contract

    assert asked.perspective == "client"
    assert asked.operations[0].action is Action.RECEIVE
    assert read(text, Options(perspective="server")).contract.operations[0].action is Action.SEND


def test_reply_on_a_send_operation_speaks_for_the_client() -> None:
    text = three("""channels: {c: {address: c, messages: {ask: {}, answer: {}}}}
operations:
  o:
    action: send
    channel: {$ref: '#/channels/c'}
    messages: [{$ref: '#/channels/c/messages/ask'}]
    reply: {messages: [{$ref: '#/channels/c/messages/answer'}]}""")

    contract = read(text).contract

    assert contract.perspective == "client"
    assert "names a reply" in contract.perspective_reason
    assert [each.name for each, _ in contract.incoming(contract.channels[0])] == ["ask"]


@pytest.mark.parametrize("version", ["2.0.0", "2.4.0", "2.6.0", "3.0.0", "3.1.0"])
def test_sharpened_schema_takes_and_refuses_what_the_published_one_does(version: str) -> None:
    published, sharp = Schema(official_schema(version)), sharpened(version)
    schemes = [
        {"type": "http", "scheme": "bearer"},
        {"type": "http", "scheme": "basic"},
        {"type": "http"},
        {"type": "x"},
    ]
    schemes += [{"type": "apiKey", "in": "user"}, {"type": "apiKey", "in": "here"}, {"$ref": "#/a"}, {}]
    base = {"asyncapi": version, "info": {"title": "T", "version": "1"}, "channels": {}}

    documents = [{**base, "components": {"securitySchemes": {"s": each}}} for each in schemes]

    assert [sharp.accepts(each) for each in documents] == [published.accepts(each) for each in documents]
