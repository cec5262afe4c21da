"""Each rule with the least document that breaks it, and the same document as it should be."""

from dataclasses import dataclass

import pytest
from reading import message, read, three, told, two

from mockws.asyncapi.load import Options
from mockws.asyncapi.rule import Rule
from mockws.asyncapi.rules import RULES
from mockws.asyncapi.rules_advice import RULES as ADVICE

THOROUGH = Options(thorough=True)


@dataclass(frozen=True)
class Case:
    """A document that breaks a rule at a place; `wrong` stands in it once, and `right` mends it."""

    code: str
    text: str
    wrong: str
    right: str
    pointer: str
    severity: str = "error"

    def __str__(self) -> str:
        return f"{self.code} {self.pointer}"


PLAIN = "channels: {/c: {publish: {message: {payload: {}}}}}\n"
OPERATION = "operations: {o: {action: send, channel: {$ref: '#/channels/c'}}}\n"
OAUTH = (
    "components: {securitySchemes: {k: {type: oauth2, flows: {password: {tokenUrl: 'http://t', scopes: {read: r}}}}}}\n"
)
SERVER_THREE = "servers: {s: {host: h, protocol: ws}}\n"


def payload_two(schema: str, rest: str = "") -> str:
    return two(f"channels: {{/c: {{publish: {{message: {{payload: {schema}{rest}}}}}}}}}\n")


ADDRESSES = [
    Case(
        "asyncapi2-channel-parameters",
        two("channels: {'/c/{a}': {parameters: {b: {}}}}\n"),
        "b:",
        "a:",
        "/channels/~1c~1{a}",
    ),
    Case(
        "asyncapi2-channel-parameters", two("channels: {'/c/{a}': {}}\n"), "{a}", "a", "/channels/~1c~1{a}", "warning"
    ),
    Case(
        "asyncapi3-channel-parameters",
        three("channels: {c: {address: '/c/{a}', parameters: {a: {}, b: {}}}}\n"),
        ", b: {}",
        "",
        "/channels/c/parameters/b",
    ),
    Case(
        "asyncapi3-channel-parameters",
        three("channels: {c: {address: /c}}\ncomponents: {channels: {d: {address: '/{a}', parameters: {}}}}\n"),
        "'/{a}'",
        "/a",
        "/components/channels/d",
    ),
    Case("asyncapi2-channel-no-query-nor-fragment", two("channels: {'/c?a=b': {}}\n"), "?a=b", "", "/channels/~1c?a=b"),
    Case(
        "asyncapi3-channel-no-query-nor-fragment",
        three("channels: {c: {address: '/c#d'}}\n"),
        "#d",
        "",
        "/channels/c/address",
    ),
    Case(
        "asyncapi2-server-variables",
        two("servers: {s: {url: '{h}', protocol: ws, variables: {g: {}}}}\n" + PLAIN),
        "g:",
        "h:",
        "/servers/s",
    ),
    Case(
        "asyncapi3-server-variables",
        three("servers: {s: {host: h, protocol: ws, variables: {g: {}}}}\nchannels: {c: {address: /c}}\n"),
        "variables: {g: {}}",
        "variables: {}",
        "/servers/s/variables/g",
        "warning",
    ),
]
REFERENCES = [
    Case("asyncapi2-channel-servers", two("channels: {/c: {servers: [s]}}\n"), "[s]", "[]", "/channels/~1c/servers/0"),
    Case(
        "asyncapi3-channel-servers",
        three(SERVER_THREE + "channels: {c: {address: /c, servers: [t]}}\n"),
        "[t]",
        "[s]",
        "/channels/c/servers/0",
    ),
    Case(
        "asyncapi3-required-channel-servers-unambiguity",
        three(
            "servers: {s: {$ref: '#/components/servers/s'}}\n"
            "channels: {c: {address: /c, servers: [{$ref: '#/components/servers/s'}]}}\n"
            "components: {servers: {s: {host: h, protocol: ws}}}\n"
        ),
        "servers: [{$ref: '#/components/servers/s'}]",
        "servers: [{$ref: '#/servers/s'}]",
        "/channels/c/servers/0/$ref",
    ),
    Case(
        "asyncapi3-required-operation-channel-unambiguity",
        three(
            "channels: {c: {$ref: '#/components/channels/c'}}\ncomponents: {channels: {c: {address: /c}}}\n"
            "operations: {o: {action: send, channel: {$ref: '#/components/channels/c'}}}\n"
        ),
        "channel: {$ref: '#/components/channels/c'}",
        "channel: {$ref: '#/channels/c'}",
        "/operations/o/channel/$ref",
    ),
    Case(
        "asyncapi3-operation-messages-from-referred-channel",
        three(
            "channels: {c: {address: /c, messages: {m: {$ref: '#/components/messages/m'}}}}\n"
            "components: {messages: {m: {}}}\n"
            "operations: {o: {action: send, channel: {$ref: '#/channels/c'}, "
            "messages: [{$ref: '#/components/messages/m'}]}}\n"
        ),
        "[{$ref: '#/components/messages/m'}]",
        "[{$ref: '#/channels/c/messages/m'}]",
        "/operations/o/messages/0",
    ),
    Case(
        "asyncapi3-operation-messages-from-referred-channel",
        three(
            "channels: {c: {address: /c, messages: {m: {}}}, d: {address: /d, messages: {m: {}}}}\n"
            "operations: {o: {action: receive, channel: {$ref: '#/channels/c'}, "
            "reply: {channel: {$ref: '#/channels/d'}, messages: [{$ref: '#/channels/c/messages/m'}]}}}\n"
        ),
        "c/messages/m'}]",
        "d/messages/m'}]",
        "/operations/o/reply/messages/0",
    ),
]
SECURITY = [
    Case(
        "asyncapi2-server-security",
        two("servers: {s: {url: h, protocol: ws, security: [{x: []}]}}\n" + OAUTH + PLAIN),
        "{x: []}",
        "{k: []}",
        "/servers/s/security/0/x",
    ),
    Case(
        "asyncapi2-server-security",
        two("servers: {s: {url: h, protocol: ws, security: [{k: [write]}]}}\n" + OAUTH + PLAIN),
        "[write]",
        "[read]",
        "/servers/s/security/0/k/0",
    ),
    Case(
        "asyncapi2-operation-security",
        two("channels: {/c: {publish: {security: [{x: []}]}}}\n" + OAUTH),
        "{x: []}",
        "{k: []}",
        "/channels/~1c/publish/security/0/x",
    ),
]
UNIQUE = [
    Case(
        "asyncapi2-operation-operationId-uniqueness",
        two("channels: {/c: {publish: {operationId: o}, subscribe: {operationId: 'o'}}}\n"),
        "'o'",
        "p",
        "/channels/~1c/subscribe/operationId",
    ),
    Case(
        "asyncapi2-operation-operationId-uniqueness",
        two("channels: {/c: {publish: {operationId: o}, subscribe: {traits: [{operationId: 'o'}]}}}\n"),
        "'o'",
        "p",
        "/channels/~1c/subscribe",
    ),
    Case(
        "asyncapi2-message-messageId-uniqueness",
        two("channels: {/c: {publish: {message: {oneOf: [{messageId: m}, {messageId: 'm'}]}}}}\n"),
        "'m'",
        "n",
        "/channels/~1c/publish/message/oneOf/1/messageId",
    ),
    Case("asyncapi2-tags-uniqueness", two("tags: [{name: t}, {name: 't'}]\n" + PLAIN), "'t'", "u", "/tags/1/name"),
    Case(
        "asyncapi2-tags-uniqueness",
        two("channels: {/c: {publish: {message: {traits: [{tags: [{name: t}, {name: 't', description: d}]}]}}}}\n"),
        "'t'",
        "u",
        "/channels/~1c/publish/message/traits/0/tags/1/name",
    ),
    Case(
        "asyncapi3-tags-uniqueness",
        three("channels: {c: {address: /c, tags: [{name: t}, {name: 't', description: d}]}}\n"),
        "'t'",
        "u",
        "/channels/c/tags/1/name",
        "warning",
    ),
]
EXAMPLES = [
    Case(
        "asyncapi2-message-examples",
        payload_two("{type: string}", ", examples: [{payload: 1}]"),
        "payload: 1",
        "payload: a",
        "/channels/~1c/publish/message/examples/0/payload",
    ),
    Case(
        "asyncapi2-message-examples",
        payload_two("{}", ", headers: {type: object, required: [h]}, examples: [{headers: {}}]"),
        "headers: {}",
        "headers: {h: 1}",
        "/channels/~1c/publish/message/examples/0/headers",
    ),
    Case(
        "asyncapi3-message-examples",
        three(
            "channels: {c: {address: /c}}\n"
            "components: {messages: {m: {payload: {type: string}, examples: [{payload: 1}]}}}\n"
        ),
        "payload: 1",
        "payload: a",
        "/components/messages/m/examples/0/payload",
    ),
    Case(
        "asyncapi2-message-examples-custom-format",
        payload_two(
            "{type: string}",
            ", schemaFormat: 'application/schema+json;version=draft-07', examples: [{payload: 1}]",
        ),
        "payload: 1",
        "payload: a",
        "/channels/~1c/publish/message/examples/0/payload",
    ),
    Case(
        "asyncapi3-message-examples",
        three("channels: {c: {address: /c, messages: {m: {examples: [1]}}}}\n"),
        "[1]",
        "[{payload: 1}]",
        "/channels/c/messages/m/examples/0",
    ),
    Case(
        "asyncapi2-schema-default",
        payload_two("{type: string, default: 1}"),
        "default: 1",
        "default: a",
        "/channels/~1c/publish/message/payload/default",
    ),
    Case(
        "asyncapi2-schema-default",
        two("channels: {'/{p}': {parameters: {p: {schema: {type: integer, default: a}}}}}\n"),
        "default: a",
        "default: 1",
        "/channels/~1{p}/parameters/p/schema/default",
        "warning",
    ),
    Case(
        "asyncapi2-schema-examples",
        two(PLAIN + "components: {schemas: {s: {type: string, examples: [1]}}}\n"),
        "[1]",
        "[a]",
        "/components/schemas/s/examples/0",
    ),
    Case(
        "asyncapi3-schema-examples",
        three("channels: {c: {address: /c, messages: {m: {payload: {type: string, examples: [1]}}}}}\n"),
        "[1]",
        "[a]",
        "/channels/c/messages/m/payload/examples/0",
        "warning",
    ),
]
OWN = [
    Case(
        "asyncapi-binding",
        two("channels: {/c: {bindings: {ws: {method: PUT}}}}\n"),
        "PUT",
        "GET",
        "/channels/~1c/bindings/ws/method",
    ),
    Case(
        "asyncapi-binding",
        two("channels: {/c: {publish: {bindings: {amqp: {ack: 1, bindingVersion: 0.1.0}}}}}\n"),
        "ack: 1",
        "ack: true",
        "/channels/~1c/publish/bindings/amqp/ack",
    ),
    Case(
        "asyncapi-binding-handshake",
        three("channels: {c: {address: /c, bindings: {ws: {query: {type: string}}}}}\n"),
        "string",
        "object",
        "/channels/c/bindings/ws/query/type",
    ),
    Case(
        "asyncapi-server-name",
        two("servers: {'s!': {url: h, protocol: ws}}\n" + PLAIN),
        "s!",
        "s",
        "/servers/s!",
    ),
    Case(
        "asyncapi-server-variable-value",
        two("servers: {s: {url: '{v}', protocol: ws, variables: {v: {enum: [a], default: b}}}}\n" + PLAIN),
        "default: b",
        "default: a",
        "/servers/s/variables/v/default",
    ),
    Case(
        "asyncapi-discriminator",
        payload_two("{type: object, discriminator: k, properties: {k: {type: string}}, required: [z]}"),
        "[z]",
        "[k]",
        "/channels/~1c/publish/message/payload/discriminator",
    ),
    Case(
        "asyncapi-discriminator",
        payload_two("{type: object, discriminator: k, properties: {j: {type: string}}, required: [k]}"),
        "j:",
        "k:",
        "/channels/~1c/publish/message/payload/discriminator",
        "warning",
    ),
    Case(
        "asyncapi-regex-not-linear",
        payload_two("{type: object, properties: {k: {type: string, pattern: '(?=a)b'}}}"),
        "(?=a)b",
        "^ab$",
        "/channels/~1c/publish/message/payload/properties/k/pattern",
        "warning",
    ),
]
RECOMMENDED = [
    Case("asyncapi-latest-version", two(PLAIN), "2.6.0", "3.0.0", "/asyncapi", "info"),
    Case("asyncapi-id", two("id:\n" + PLAIN), "id:", "id: 'urn:a'", "", "info"),
    Case(
        "asyncapi-defaultContentType",
        two("defaultContentType:\n" + PLAIN),
        "ContentType:",
        "ContentType: application/json",
        "",
        "info",
    ),
    Case("asyncapi-info-description", two(PLAIN), "title: T", "title: T, description: d", "/info", "info"),
    Case("asyncapi-info-contact", two(PLAIN), "title: T", "title: T, contact: {name: n}", "/info", "info"),
    Case(
        "asyncapi-info-contact-properties",
        two(PLAIN).replace("title: T", "title: T, contact: {name: n}"),
        "name: n",
        "name: n, url: 'http://u', email: e@f.org",
        "/info/contact",
        "info",
    ),
    Case("asyncapi-info-license", two(PLAIN), "title: T", "title: T, license: {name: n}", "/info", "info"),
    Case(
        "asyncapi-info-license-url",
        two(PLAIN).replace("title: T", "title: T, license: {name: n}"),
        "name: n",
        "name: n, url: 'http://u'",
        "/info/license",
        "info",
    ),
    Case(
        "asyncapi-servers",
        two("servers: {}\n" + PLAIN),
        "servers: {}",
        "servers: {s: {url: h, protocol: ws}}",
        "",
        "info",
    ),
    Case(
        "asyncapi-unused-component",
        two(PLAIN + "components: {messages: {m: {}}}\n"),
        "payload: {}",
        "$ref: '#/components/messages/m'",
        "/components/messages/m",
        "info",
    ),
    Case("asyncapi2-tags", two("tags: []\n" + PLAIN), "[]", "[{name: t}]", "", "info"),
    Case(
        "asyncapi2-server-no-empty-variable",
        two("servers: {s: {url: 'h{}', protocol: ws}}\n" + PLAIN),
        "h{}",
        "h",
        "/servers/s/url",
        "info",
    ),
    Case(
        "asyncapi2-server-no-trailing-slash",
        two("servers: {s: {url: h/, protocol: ws}}\n" + PLAIN),
        "h/",
        "h",
        "/servers/s/url",
        "info",
    ),
    Case(
        "asyncapi2-channel-no-empty-parameter", two("channels: {'/c{}': {}}\n"), "{}'", "'", "/channels/~1c{}", "info"
    ),
    Case("asyncapi2-channel-no-trailing-slash", two("channels: {/c/: {}}\n"), "/c/", "/c", "/channels/~1c~1", "info"),
    Case(
        "asyncapi2-operation-operationId",
        two("channels: {/c: {publish: {traits: [{}]}}}\n"),
        "[{}]",
        "[{operationId: o}]",
        "/channels/~1c/publish",
        "info",
    ),
    Case(
        "asyncapi2-message-messageId",
        payload_two("{}"),
        "payload: {}",
        "payload: {}, messageId: m",
        "/channels/~1c/publish/message",
        "info",
    ),
    Case(
        "asyncapi2-unused-securityScheme",
        two("channels: {/c: {publish: {security: []}}}\n" + OAUTH),
        "[]",
        "[{k: []}]",
        "/components/securitySchemes/k",
        "info",
    ),
]
CASES = [*ADDRESSES, *REFERENCES, *SECURITY, *UNIQUE, *EXAMPLES, *OWN, *RECOMMENDED]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_broken_rule_is_told_where_it_is_broken(case: Case) -> None:
    assert case.text.count(case.wrong) == 1

    found = [each for each in read(case.text, THOROUGH).diagnostics if each.code == case.code]

    assert [(str(each.severity), each.pointer) for each in found[:1]] == [(case.severity, case.pointer)]
    assert all(each.place.line and each.message and (each.advice or case.code.endswith("examples")) for each in found)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_kept_rule_is_silent(case: Case) -> None:
    loaded = read(case.text.replace(case.wrong, case.right), THOROUGH)

    assert [each for each in loaded.diagnostics if each.code == case.code] == []
    assert loaded.contract.routes


@pytest.mark.parametrize("rule", [*RULES, *ADVICE], ids=lambda each: each.code)
def test_every_rule_has_its_document(rule: Rule) -> None:
    codes = [rule.code] if rule.code.startswith("asyncapi") else [f"asyncapi{each}-{rule.code}" for each in rule.majors]

    assert {case.code for case in CASES} & set(codes)


def test_recommendations_are_told_by_those_only_who_want_to_be_thorough() -> None:
    assert "info" in [severity for severity, _, _ in told(read(two(PLAIN), THOROUGH))]
    assert told(read(two(PLAIN))) == []


def test_one_message_that_is_used_twice_is_still_one() -> None:
    loaded = read(
        two(
            "channels: {/c: {publish: {message: {$ref: '#/components/messages/m'}}, "
            "subscribe: {message: {$ref: '#/components/messages/m'}}}}\n"
            "components: {messages: {m: {messageId: m}}}\n"
        )
    )

    assert told(loaded) == []


def test_unused_reference_to_another_file_is_followed_by_those_only_who_want_to_be_thorough() -> None:
    text = three(
        "channels: {c: {address: /c}}\ncomponents: {messages: {m: {$ref: 'gone.yaml'}, n: {$ref: 'odd.yaml'}}}\n"
    )

    codes = [code for _, code, _ in told(read(text, THOROUGH, odd="{"))]

    assert "invalid-ref" in codes
    assert "yaml_syntax" in codes
    assert not {"invalid-ref", "yaml_syntax"} & {code for _, code, _ in told(read(text, odd="{"))}


def test_server_that_is_named_as_in_version_2_is_taken() -> None:
    loaded = read(three(SERVER_THREE + "channels: {c: {address: /c, servers: [s]}}\n"))

    assert loaded.contract.channel("c").servers == ("s",)
    assert [code for _, code, _ in told(loaded)][:1] == ["asyncapi-document-resolved"]


def test_reference_where_none_is_allowed_is_told_and_followed() -> None:
    loaded = read(
        two(
            "channels: {/c: {publish: {$ref: '#/components/x-operations/o'}}}\n"
            "components: {x-operations: {o: {message: {$ref: '#/components/messages/m'}}}, messages: {m: {}}}\n"
        )
    )

    assert [code for _, code, _ in told(loaded)] == ["asyncapi-document-unresolved"]
    assert message(loaded, "m").name == "m"


def test_broken_payload_of_version_2_is_told_under_the_code_of_schemas() -> None:
    loaded = read(payload_two("{oneOf: {}}"))

    assert [code for _, code, _ in told(loaded)] == ["asyncapi2-schemas"]


def test_rules_look_at_what_nothing_uses_and_at_traits_that_stand_alone() -> None:
    loaded = read(
        two(
            PLAIN + "components:\n  messageTraits: {t: {tags: [{name: a}, {name: a, description: d}]}}\n"
            "  messages: {m: {payload: {type: string}, examples: [{payload: 1}]}}\n"
        )
    )

    assert [code for _, code, _ in told(loaded)] == ["asyncapi2-tags-uniqueness", "asyncapi2-message-examples"]
