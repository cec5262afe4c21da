"""What the bodies of admin requests look like: one set of models checks requests and writes their JSON Schema."""

from typing import Annotated, Any

import msgspec
from msgspec import UNSET, UnsetType


class To(msgspec.Struct, forbid_unknown_fields=True):
    """Whom a send is for; exactly one of these."""

    channel: str | UnsetType = UNSET
    connection: str | UnsetType = UNSET
    address: str | UnsetType = UNSET
    all: bool | UnsetType = UNSET


class SendBody(msgspec.Struct, forbid_unknown_fields=True, rename={"with_": "with"}):
    """`POST /send`: what is said, and to whom."""

    to: To | UnsetType = UNSET
    operation: str | UnsetType = UNSET
    message: str | UnsetType = UNSET
    example: str | UnsetType = UNSET
    generate: bool = False
    with_: dict[str, Any] = {}
    json: Any = UNSET
    text: str | UnsetType = UNSET
    base64: str | UnsetType = UNSET
    validate: bool = True
    waitForConnections: Annotated[int, msgspec.Meta(ge=0)] = 0  # noqa: N815  # the name on the wire
    timeout: str | int = "5s"
    allowNone: bool = False  # noqa: N815
