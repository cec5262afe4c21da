"""Documents as people write them, with all that is to be said about each: no more, no less, and at the right line."""

from reading import channel, messages_told, paths, read, refusal, three, told, two

from mockws.asyncapi.load import Options
from mockws.contract import Action

PARCELS = """servers:
  wsServer:
    host: 'ws://localhost:8080'
    protocol: ws
channels:
  ParcelHandedIn:
    address: new-parcels
    servers: [{$ref: '#/servers/wsServer'}]
    messages: {handIn.message: {$ref: '#/components/messages/ParcelIn'}}
  ParcelRegistered:
    address: registered-parcels
    messages: {registered.message: {$ref: '#/components/messages/Parcel'}}
operations:
  handIn:
    action: receive
    channel: {$ref: '#/channels/ParcelHandedIn'}
    messages: [{$ref: '#/channels/ParcelHandedIn/messages/handIn.message'}]
    reply:
      channel: {$ref: '#/channels/ParcelRegistered'}
      messages: [{$ref: '#/channels/ParcelRegistered/messages/registered.message'}]
components:
  messages:
    ParcelIn: {name: ParcelRequest, payload: {type: object, required: [id]}}
    Parcel: {name: Parcel, payload: {type: object, required: [id, status]}}
"""


def test_host_with_a_scheme_is_one_warning() -> None:
    loaded = read(three(PARCELS))

    assert told(loaded) == [("warning", "server-host", 4)]
    assert "read as host localhost:8080" in messages_told(loaded)
    assert paths(loaded.contract)[:2] == ["/new-parcels", "/registered-parcels"]
    assert loaded.contract.perspective == "server"


def test_message_goes_by_its_key_its_name_and_its_component() -> None:
    contract = read(three(PARCELS)).contract

    assert {contract.message(name).name for name in ("handIn.message", "ParcelRequest", "ParcelIn")} == {
        "handIn.message"
    }


def test_reply_whose_message_dangles_is_named() -> None:
    loaded = read(
        three("""channels:
  a: {address: new-parcels, servers: [{$ref: '#/servers/wsServer'}], messages: {m: {payload: {type: object}}}}
  b: {address: registered-parcels, messages: {n: {$ref: '#/components/messages/Parcel'}}}
operations:
  handIn:
    action: receive
    channel: {$ref: '#/channels/a'}
    reply: {channel: {$ref: '#/channels/b'}, messages: [{$ref: '#/channels/b/messages/n'}]}
""")
    )

    assert told(loaded) == [("error", "invalid-ref", 4), ("error", "invalid-ref", 5)]
    reply = loaded.contract.operation("handIn").reply
    assert reply is not None and reply.missing == ("Parcel",)


BOARD = """channels:
  boardUpdates:
    messages:
      note: {$ref: '#/components/messages/note'}
    bindings:
      websockets:
        query: {type: object, properties: {clientId: {type: string}}}
operations:
  sendNote:
    bindings:
      websockets: {bindingVersion: '0.1.0'}
messages:
  chatMessage: {}
components:
  messages:
    note: {payload: {type: object, required: [text]}}
"""


def test_fragments_are_mended_before_the_schema_check() -> None:
    loaded = read(three(BOARD))

    assert told(loaded) == [
        ("warning", "channel-address", 4),
        ("warning", "channel-operations", 4),
        ("error", "binding-key", 8),
        ("error", "operation-incomplete", 11),
        ("error", "binding-key", 13),
        ("error", "misplaced", 14),
    ]
    assert "operation sendNote is left out: action and channel are missing" in messages_told(loaded)
    assert "the official key is ws" in messages_told(loaded)
    assert "belongs under components" in messages_told(loaded)


def test_channel_that_nobody_names_goes_both_ways_at_its_own_name() -> None:
    contract = read(three(BOARD)).contract

    assert paths(contract) == ["/boardUpdates"]
    assert [each.action for each in contract.operations] == [Action.RECEIVE, Action.SEND]
    assert contract.routes[0].handshakes[0].query is not None


def test_binding_key_websockets_is_a_warning_in_version_2_one_for_each_place() -> None:
    loaded = read(
        two("""servers: {s: {url: 'wss://api.example.com/ws', protocol: wss, bindings: {websockets: {}}}}
channels:
  quotes:
    publish: {operationId: wish, bindings: {websockets: {}}, message: {name: Wish}}
    subscribe: {operationId: quote, message: {name: Quote, bindings: {websockets: {}}}}
""")
    )

    assert told(loaded) == [("warning", "binding-key", line) for line in (3, 6, 7)]
    assert paths(loaded.contract) == ["/ws/quotes", "/quotes"]


REGIONS = """servers:
  eu: {host: eu.example.com, protocol: wss}
  dev: {host: 'localhost:8080', pathname: /ws, protocol: ws}
  secure:
    host: secure.example.com
    pathname: /ws
    protocol: wss
    security: [{$ref: '#/components/securitySchemes/bearerAuth'}]
channels: {updates: {address: updates, messages: {tick: {}}}}
operations: {take: {action: receive, channel: {$ref: '#/channels/updates'}}}
components: {securitySchemes: {bearerAuth: {type: http, scheme: bearer}}}
"""


def test_open_server_opens_a_shared_path_and_the_warning_tells_how_to_close_it() -> None:
    loaded = read(three(REGIONS))

    assert told(loaded) == [("warning", "open-route", 6)]
    assert "--server secure" in messages_told(loaded)
    assert [route.security for route in loaded.contract.routes] == [(), ()]


def test_one_server_alone_has_its_paths_and_its_security() -> None:
    secure = read(three(REGIONS), Options(servers=("secure",))).contract

    assert paths(secure) == ["/ws/updates", "/updates"]
    assert all(route.security for route in secure.routes)


def test_scheme_that_is_not_defined_is_told_once_with_a_definition_to_paste() -> None:
    security = "security: [{bearerAuth: []}]"
    loaded = read(
        two(f"""servers:
  a: {{url: 'wss://a.example.com/ws', protocol: wss, {security}}}
  b: {{url: 'wss://b.example.com/ws', protocol: wss, {security}}}
channels: {{trades: {{publish: {{message: {{name: Order}}}}}}}}
""")
    )

    assert told(loaded) == [("error", "asyncapi2-server-security", 4)]
    assert "bearerAuth: {type: http, scheme: bearer}" in messages_told(loaded)
    assert not any(alternative for route in loaded.contract.routes for alternative in route.security)


def test_scheme_that_is_named_as_in_version_2_is_enforced_in_version_3_if_it_is_there() -> None:
    servers = "servers: {s: {host: h, protocol: ws, security: [{key: []}]}}\n"
    servers += "channels: {c: {address: /c, messages: {m: {}}}}\n"
    operation = "operations: {o: {action: receive, channel: {$ref: '#/channels/c'}}}\n"
    defined = "components: {securitySchemes: {key: {type: httpApiKey, name: k, in: query}}}"

    with_scheme, without = read(three(servers + operation + defined)), read(three(servers + operation))

    assert told(with_scheme) == told(without) == [("error", "security-by-name", 3)]
    assert with_scheme.contract.routes[0].security[0][0].name == "key"
    assert without.contract.routes[0].security == ()


def test_document_without_channels_is_valid_but_not_to_be_served() -> None:
    first, *others = refusal(three("servers: {primary: {host: h, protocol: ws}, other: {host: i, protocol: ws}}"))

    assert (str(first.severity), first.code, others) == ("warning", "no-channels", [])
    assert first.message == "spec.yaml has no channels: nothing to serve (servers: primary, other)"


def test_unknown_version_is_one_clear_line() -> None:
    for version in ("1.2.0", "4.0.0", "3.2", "{a: 1}"):
        diagnostics = refusal(f"asyncapi: {version}\ninfo: {{}}\ntopics: {{}}")

        assert [each.code for each in diagnostics] == ["asyncapi-is-asyncapi"]
        assert "known are 2.0.0 to 2.6.0, 3.0.0 and 3.1.0" in str(diagnostics[0])


def test_what_is_no_asyncapi_document_says_what_it_is_instead() -> None:
    assert "openapi" in refusal("openapi: 3.0.0")[0].message
    assert refusal("[1, 2]")[0].code == "asyncapi-is-asyncapi"


def test_each_mistake_against_the_official_schema_is_told_once_and_readably() -> None:
    loaded = read(
        "asyncapi: 3.0.0\ninfo: {title: T}\nchannels:\n  c:\n    address: /c\n"
        "    adress: /d\n    messages: {m: {name: 5}}\n"
        "operations:\n  o: {action: recieve, channel: {$ref: '#/channels/c'}}\n"
    )

    lines = [(line, str(each)) for each in loaded.diagnostics for line in [each.place.line]]
    assert [line for line, _ in lines] == [2, 4, 6, 7, 9, 9]
    assert "/info/version: is required" in lines[0][1]
    assert "/channels/c/adress: is not a property of this object" in lines[2][1]
    assert "/channels/c/messages/m/name: must be a string, is an integer (5)" in lines[3][1]
    assert "/operations/o/action: must be one of" in lines[4][1]


def test_security_scheme_of_an_unknown_type_is_told_with_the_known_ones() -> None:
    loaded = read(
        three("""channels: {c: {address: c, messages: {m: {}}}}
operations: {o: {action: receive, channel: {$ref: '#/channels/c'}}}
components: {securitySchemes: {s: {type: magic}}}""")
    )

    assert [line for _, _, line in told(loaded)] == [5]
    assert '/components/securitySchemes/s/type: must be one of "userPassword", "apiKey"' in messages_told(loaded)


def test_too_many_alike_are_counted_and_not_listed() -> None:
    channels = ", ".join(f"c{n}: {{address: /c{n}, messages: {{m: {{}}}}}}" for n in range(130))
    loaded = read(three(f"channels: {{{channels}}}"))

    assert len(loaded.diagnostics) == 101
    assert "30 more of these" in messages_told(loaded)


def test_parameter_of_an_address_is_declared_and_a_stray_one_is_a_query_argument() -> None:
    loaded = read(
        three("""channels:
  c:
    address: /a/{x}
    parameters: {token: {enum: [t]}}
    messages: {m: {}}
operations: {o: {action: receive, channel: {$ref: '#/channels/c'}}}""")
    )

    assert told(loaded) == [("error", "asyncapi3-channel-parameters", 4), ("error", "asyncapi3-channel-parameters", 6)]
    query = loaded.contract.routes[0].handshakes[0].query
    assert (
        query is not None and query.accepts({}) and query.accepts({"token": "t"}) and not query.accepts({"token": "u"})
    )
    assert channel(loaded, "c").parameters[0].name == "token"
