"""What goes wrong on purpose, byte by byte: wrong frames, habits that are broken, messages in pieces."""

import asyncio
import ssl
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from raw import BYE, CHAT, HELLO, OPEN, REQUEST, SAID, Loop, Raw, World, both_loops, frame, masked, stub
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from mockws.app import Mock
from mockws.engine.events import Expect, FaultCommand, SetWeather
from mockws.errors import StubsRefused
from mockws.expect.faults import Power
from mockws.expect.model import FaultProfile
from mockws.expect.profile import compile_profile
from mockws.host import keepalive, server, wayward
from mockws.host.server import config_of
from mockws.host.wire import WebSocket
from mockws.settings import Settings

DEFLATED = REQUEST.replace(b"\r\n\r\n", b"\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n")
PING = b"\x89\x80\x00\x00\x00\x00"
PONG = b"\x8a\x00"
# RFC 6455, 5.2: FIN and opcode 3, FIN and RSV2, a text that is no UTF-8, a mask, 126 bytes in a ping, no FIN;
# 7.4.2: a code below 1000.
WRONG = {
    "MALFORMED_FRAME": b'\x83\x1b{"fault":"MALFORMED_FRAME"}',
    "RESERVED_BIT": b'\xa1\x18{"fault":"RESERVED_BIT"}',
    "INVALID_UTF8": b'\x81\x0e{"fault":"\xc3("}',
    "MASKED_FRAME": b"\x81\x98ZZZZ" + bytes(each ^ 0x5A for each in b'{"fault":"MASKED_FRAME"}'),
    "BAD_CLOSE_CODE": b"\x88\x02\x03\xe7",
    "OVERSIZED_CONTROL_FRAME": b"\x89\x7e\x00\x7e" + b"x" * 126,
    "UNFINISHED_FRAGMENT": b'\x01\x1f{"fault":"UNFINISHED_FRAGMENT"}',
}
each_wrong_frame = pytest.mark.parametrize("fault", WRONG)


def goodbye(code: int) -> bytes:
    """Write a close frame of a client."""
    return b"\x88\x82\x00\x00\x00\x00" + code.to_bytes(2, "big")


async def opened(world: World, request: bytes = REQUEST, receive_buffer: int | None = None) -> Raw:
    client = Raw(world.port, receive_buffer)
    await client.say(request)
    await client.until(b"\r\n\r\n")
    client.seen = client.seen.partition(b"\r\n\r\n")[2]
    return client


def ends(world: World) -> list[tuple[int | None, str]]:
    return [(each.code, each.note) for each in world.events("close")]


def freeze(world: World) -> Callable[[float], None]:
    """Let the mock's time stand still; what comes back moves it on."""
    assert world.mock.sessions is not None
    clock = world.mock.sessions.main.clock
    clock.freeze()
    return clock.advance


def alarms(world: World) -> float | None:
    assert world.mock.sessions is not None
    return world.mock.sessions.main.clock._next_due()


@both_loops
@each_wrong_frame
def test_wrong_frame_is_the_last_word_and_its_reader_may_complain(fault: str, loop: Loop) -> None:
    async def scenario(world: World) -> None:
        client = await opened(world)
        await client.say(masked(HELLO))
        await client.until(WRONG[fault])
        await client.say(goodbye(1002))

        assert await client.end() == "FIN"
        assert client.seen == frame(SAID) + WRONG[fault]
        client.close()
        await world.until_nobody_is_there()

    world = World(stub(BYE, {"fault": fault}, BYE), stop_timeout=10)
    world.play(scenario, loop)

    assert [each.note for each in world.events("fault")] == [fault]
    assert ends(world) == [(1002, "by the client")]


@each_wrong_frame
def test_wrong_frame_is_as_wrong_where_messages_are_compressed(fault: str) -> None:
    async def scenario(world: World) -> None:
        client = await opened(world, DEFLATED)
        await client.say(masked(HELLO))

        assert await client.end() == "FIN"
        assert client.seen == WRONG[fault]
        client.close()
        await world.until_nobody_is_there()

    world = World(stub({"fault": fault}), stop_timeout=0.1, compression=True)
    world.play(scenario)

    assert ends(world) == [(1006, "by the server")]


def test_close_frame_without_a_code_is_answered_in_kind() -> None:
    async def scenario(world: World) -> None:
        client = await opened(world)
        await client.say(masked(HELLO))
        await client.until(b"\x88\x00")
        await client.say(b"\x88\x80\x00\x00\x00\x00")

        assert (await client.end(), client.seen) == ("FIN", b"\x88\x00")
        client.close()
        await world.until_nobody_is_there()

    world = World(stub({"fault": "NO_STATUS_CLOSE"}), stop_timeout=10)
    world.play(scenario)

    assert ends(world) == [(1005, "by the server")]


def noise(seed: int, on: Any = None, request: bytes = REQUEST) -> bytes:
    """Give what a client sees of random data."""
    seen: list[bytes] = []

    async def scenario(world: World) -> None:
        client = Raw(world.port)
        await client.say(request + masked(HELLO))
        assert await client.end() == "FIN"
        seen.append(client.seen)
        client.close()
        await world.until_nobody_is_there()

    World(stub({"fault": "RANDOM_DATA_THEN_CLOSE"}, on=on), seed=seed).play(scenario)
    return seen[0]


def test_random_data_is_that_of_the_seed_and_no_frame() -> None:
    data = noise(1).partition(b"\r\n\r\n")[2]

    assert (len(data), data[0] & 0x30) == (64, 0x30)
    assert data == noise(1).partition(b"\r\n\r\n")[2] != noise(2).partition(b"\r\n\r\n")[2]


def test_random_data_in_place_of_the_101_is_all_there_is() -> None:
    assert len(noise(1, on=OPEN)) == 64


@pytest.mark.usefixtures("way")
def test_random_data_comes_over_both_ways() -> None:
    assert len(noise(1).partition(b"\r\n\r\n")[2]) == len(noise(1, on=OPEN)) == 64


@pytest.mark.parametrize("before", [[], [{"accept": {}}], [{"delay": "10ms"}]], ids=["at once", "accept", "delay"])
def test_wrong_frame_comes_right_after_the_101(before: list[Any]) -> None:
    async def scenario(world: World) -> None:
        client = await opened(world)
        assert (await client.end(), client.seen) == ("FIN", WRONG["RESERVED_BIT"])
        client.close()

    World(stub(*before, {"fault": "RESERVED_BIT"}, on=OPEN), stop_timeout=0.1).play(scenario)


def test_fault_from_outside_and_one_of_a_profile_are_the_same_bytes() -> None:
    async def scenario(world: World) -> None:
        first, second = await opened(world), await opened(world)
        world.command(FaultCommand("c1", "MASKED_FRAME"))
        assert (await first.end(), first.seen) == ("FIN", WRONG["MASKED_FRAME"])

        world.command(SetWeather("room", compile_profile(FaultProfile(fault="INVALID_UTF8"))))
        await second.say(masked(HELLO))
        assert (await second.end(), second.seen) == ("FIN", WRONG["INVALID_UTF8"])
        first.close()
        second.close()

    World(stub(BYE), stop_timeout=0.1).play(scenario)


def test_bytes_are_written_as_they_stand_and_the_script_goes_on() -> None:
    async def scenario(world: World) -> None:
        client = await opened(world)
        await client.say(masked(HELLO))
        await client.until(frame(SAID))

        assert client.seen == b"\x89\x02hi\xf0" + frame(SAID)
        client.close()

    World(stub({"fault": {"frames": "8902 6869 f0"}}, BYE)).play(scenario)


# Habits


@both_loops
def test_stalled_connection_reads_nothing_more_and_is_pinged_for_ever(loop: Loop) -> None:
    async def scenario(world: World) -> None:
        client = await opened(world)
        await client.say(masked(HELLO))
        await client.until(frame(SAID))
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(client.say(masked(HELLO) * 400_000), 0.5)
        for number in (b"2", b"7"):
            await client.until(b"keepalive-" + number)
        assert len(world.events("message")) == 2
        assert ends(world) == []

        client.close()
        await world.until_nobody_is_there()

    World(stub(BYE, {"fault": "STALL"}), ping_interval=0.05, ping_timeout=0.05).play(scenario, loop)


def test_what_came_with_the_handshake_is_not_read_where_the_greeting_is_a_stall() -> None:
    async def scenario(world: World) -> None:
        client = Raw(world.port)
        await client.say(REQUEST + masked(HELLO))
        await client.until(frame(SAID))
        world.command(FaultCommand("c1", "CONNECTION_RESET_BY_PEER"))
        assert await client.end() == "RST"
        client.close()

    world = World(stub({"fault": "STALL"}, BYE, on=OPEN))
    world.play(scenario)

    assert [each.direction for each in world.events("message")] == ["out"]


def test_what_waits_for_its_turn_is_not_read_by_one_that_stalls() -> None:
    async def scenario(world: World) -> None:
        client = await opened(world)
        await client.say(masked(HELLO) * 1000)
        await client.until(frame(SAID))
        world.command(FaultCommand("c1", "ABNORMAL_CLOSE"))
        await client.end()
        client.close()

    world = World(stub({"fault": "STALL"}, BYE, times=1))
    world.play(scenario)

    assert len([each for each in world.events("message") if each.direction == "in"]) < 1000


def test_stall_ends_after_an_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wayward, "LONGEST_STALL", 0.05)

    async def scenario(world: World) -> None:
        client = await opened(world)
        await client.say(masked(HELLO))
        assert (await client.end(), client.seen) == ("FIN", b"")
        client.close()
        await world.until_nobody_is_there()

    world = World(stub({"fault": "STALL"}), stop_timeout=0.1, ping_interval=0)
    world.play(scenario)

    assert ends(world) == [(1006, "by the server")]


def test_pings_are_not_answered_and_all_else_is() -> None:
    async def scenario(world: World) -> None:
        client = await opened(world)
        await client.say(PING)
        await client.until(PONG)
        await client.say(masked(HELLO) + PING + PING + masked(HELLO))
        await client.until(frame(SAID) * 2)
        await client.say(goodbye(1000))

        assert await client.end() == "FIN"
        assert client.seen == PONG + frame(SAID) * 2 + b"\x88\x02\x03\xe8"
        client.close()

    World(stub({"fault": "NO_PONG"}, BYE)).play(scenario)


def test_close_frame_of_a_client_is_heard_and_not_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wayward, "LONGEST_SILENCE", 0.1)

    async def scenario(world: World) -> None:
        client = await opened(world)
        await client.say(masked(HELLO) + goodbye(1000) + masked(HELLO) + goodbye(1001))
        await world.until(lambda: ends(world))
        assert (await client.end(), client.seen) == ("FIN", frame(SAID))
        client.close()
        await world.until_nobody_is_there()

    world = World(stub(BYE, {"fault": "NO_CLOSE_REPLY"}), ping_interval=0)
    world.play(scenario)

    assert ends(world) == [(1000, "by the client")]


def test_goodbye_of_the_mocks_own_is_said_whatever_it_neglects() -> None:
    async def scenario(world: World) -> None:
        client = await opened(world)
        await client.say(masked(HELLO))
        await client.until(b"\x88\x02\x0f\xa0")
        await client.say(goodbye(4000))
        assert await client.end() == "FIN"
        client.close()

    World(stub({"fault": "NO_CLOSE_REPLY"}, {"close": {"code": 4000}}), stop_timeout=10).play(scenario)


def test_server_stops_while_a_close_frame_is_not_answered() -> None:
    clients: list[Raw] = []

    async def scenario(world: World) -> None:
        clients.append(await opened(world))
        await clients[0].say(masked(HELLO) + goodbye(1000))
        await world.until(lambda: ends(world))

    World(stub({"fault": "NO_CLOSE_REPLY"})).play(scenario)

    clients[0].close()


# Messages in pieces


def test_message_in_fragments_has_its_kind_in_the_first_and_its_end_in_the_last() -> None:
    async def scenario(world: World) -> None:
        client = await opened(world)
        await client.say(masked(HELLO))
        await client.until(frame(SAID))

        whole = SAID.encode()
        first, second, third = (bytes((head, 14)) + whole[at : at + 14] for head, at in ((1, 0), (0, 14), (0x80, 28)))
        assert client.seen == first + second + third + frame(SAID)
        client.close()

    World(stub({"reply": {"text": SAID, "fragments": 3}}, BYE)).play(scenario)


def test_compressed_message_in_fragments_says_so_in_the_first_only() -> None:
    async def scenario(world: World) -> None:
        client = await opened(world, DEFLATED)
        await client.say(masked(HELLO) + goodbye(1000))
        await client.end()

        heads, payload, at = [], b"", 0
        for _ in range(3):
            size = client.seen[at + 1]
            heads.append(client.seen[at])
            payload += client.seen[at + 2 : at + 2 + size]
            at += 2 + size
        assert heads == [0x41, 0x00, 0x80]
        assert zlib.decompressobj(-15).decompress(payload + b"\x00\x00\xff\xff") == SAID.encode()
        client.close()

    World(stub({"reply": {"text": SAID, "fragments": 3}}), compression=True).play(scenario)


def slowly(text: str = SAID, chunks: int = 4, **more: Any) -> dict[str, Any]:
    dribble = {"numberOfChunks": chunks, "totalDuration": "300ms"}
    return {"reply": {"text": text, "chunkedDribbleDelay": dribble, **more}}


async def there(client: Raw, fence: Raw) -> bytes:
    """Give what has come by the time that somebody else has had an answer."""
    fence.seen = b""
    await fence.say(PING)
    await fence.until(PONG)
    return client.take()


@pytest.mark.parametrize("policy", ["close", "drop-oldest", "pause"])
def test_bytes_dribble_on_the_mocks_clock_and_nothing_overtakes_them(policy: str) -> None:
    async def scenario(world: World) -> None:
        advance = freeze(world)
        fence, client = await opened(world), await opened(world)
        whole = frame(SAID)
        quarter = len(whole) // 4

        await client.say(masked(HELLO) + PING)
        assert await there(client, fence) == whole[:quarter]
        advance(0.1)
        assert await there(client, fence) == whole[quarter : len(whole) // 2]
        advance(0.15)
        advance(0.05)
        rest = whole[len(whole) // 2 :]
        kept = PONG + frame("{}") if policy == "drop-oldest" else frame("{}") + PONG  # what may be dropped comes last
        assert await there(client, fence) == rest + kept
        await client.say(PING)
        await client.until(PONG)
        assert alarms(world) is None
        fence.close()
        client.close()

    said = stub(slowly(), {"reply": {"text": "{}", "validate": False}})
    World(said, outbox_policy=policy).play(scenario)


def test_two_that_dribble_come_one_after_the_other_and_a_close_behind_them() -> None:
    async def scenario(world: World) -> None:
        advance = freeze(world)
        fence, client = await opened(world), await opened(world)
        whole = frame(SAID)

        await client.say(masked(HELLO))
        await there(client, fence)
        advance(0.3)
        assert (await there(client, fence)).endswith(whole[-1:] + whole[: len(whole) // 4])
        advance(0.3)
        await client.until(b"\x88\x02\x0f\xa0")
        await client.say(goodbye(4000))
        assert await client.end() == "FIN"
        fence.close()
        client.close()

    World(stub(slowly(duplicate=2), {"close": {"code": 4000}}), stop_timeout=0.5).play(scenario)


@pytest.mark.parametrize(("fault", "end"), [("CONNECTION_RESET_BY_PEER", "RST"), ("ABNORMAL_CLOSE", "FIN")])
def test_cut_comes_in_the_middle_of_what_dribbles(fault: str, end: str) -> None:
    async def scenario(world: World) -> None:
        freeze(world)
        client = await opened(world)
        await client.say(masked(HELLO))

        assert (await client.end(), client.seen) == (end, frame(SAID)[: len(frame(SAID)) // 4])
        client.close()
        await world.until_nobody_is_there()
        assert alarms(world) is None

    World(stub(slowly(), {"fault": fault})).play(scenario)


def test_client_that_closes_gets_the_rest_at_once() -> None:
    async def scenario(world: World) -> None:
        freeze(world)
        client = await opened(world)
        await client.say(masked(HELLO) + goodbye(1000))

        assert await client.end() == "FIN"
        assert client.seen == frame(SAID) + b"\x88\x02\x03\xe8"
        client.close()
        assert alarms(world) is None

    World(stub(slowly())).play(scenario)


def test_client_that_breaks_the_protocol_gets_the_rest_at_once() -> None:
    async def scenario(world: World) -> None:
        freeze(world)
        client = await opened(world)
        await client.say(masked(HELLO) + b"\x83\x80\x00\x00\x00\x00")

        assert await client.end() == "FIN"
        assert client.seen.startswith(frame(SAID) + b"\x88")
        client.close()

    World(stub(slowly())).play(scenario)


def test_client_that_leaves_takes_along_what_dribbles() -> None:
    async def scenario(world: World) -> None:
        freeze(world)
        client = await opened(world)
        await client.say(masked(HELLO))
        await client.until(b"\x81")
        client.close()
        await world.until_nobody_is_there()
        assert alarms(world) is None

    World(stub(slowly())).play(scenario)


def test_what_waits_behind_a_dribble_is_bounded() -> None:
    async def scenario(world: World) -> None:
        freeze(world)
        client = await opened(world)
        await client.say(masked(HELLO))
        await client.until(b"\x88")
        await client.say(goodbye(1013))
        assert await client.end() == "FIN"
        client.close()

    world = World(stub(slowly(), *[slowly(duplicate=100)] * 20), max_outbox=60_000)
    world.play(scenario)

    assert [code for code, _ in ends(world)] == [1013]


def test_server_that_stops_lets_go_of_what_dribbles() -> None:
    async def scenario(world: World) -> None:
        freeze(world)
        client = await opened(world)
        await client.say(masked(HELLO))
        await client.until(b"\x81")
        assert world.mock.driver is not None
        world.mock.driver.stop("")
        await client.until(frame(SAID) + b"\x88\x02\x03\xf4")
        await client.say(goodbye(1012))
        assert await client.end() == "FIN"
        client.close()

    World(stub(slowly()), stop_timeout=10).play(scenario)


def test_server_stops_while_a_close_waits_behind_what_dribbles() -> None:
    clients: list[Raw] = []

    async def scenario(world: World) -> None:
        freeze(world)
        clients.append(await opened(world))
        await clients[0].say(masked(HELLO))
        await clients[0].until(b"\x81")

    World(stub(slowly(), {"close": {}}), stop_timeout=0.2).play(scenario)

    clients[0].close()


def test_dribble_through_a_narrow_socket_is_whole() -> None:
    async def scenario(world: World) -> None:
        client = await opened(world, receive_buffer=65536)
        await client.say(masked(HELLO))
        await client.until(frame(SAID))
        await world.until(lambda: len(world.events("message")) == 5)
        await client.say(goodbye(1000))

        assert await client.end() == "FIN"
        assert client.seen == frame(SAID) + frame(long) * 2 + frame(SAID) + b"\x88\x02\x03\xe8"
        client.close()

    long = '{"type":"chat","user":"mock","text":"' + "x" * 4_000_000 + '"}'
    say = {"reply": {"text": long, "chunkedDribbleDelay": {"numberOfChunks": 3, "totalDuration": "20ms"}}}
    World(stub(BYE, say, say, BYE, {"close": {}}), max_outbox=1 << 26, stop_timeout=10).play(scenario)


def test_client_is_not_blamed_for_pings_that_wait_behind_a_dribble(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keepalive, "GRACE", 0.01)

    async def scenario(world: World) -> None:
        advance = freeze(world)
        client = await opened(world)
        await client.say(masked(HELLO))
        silent = await opened(world)
        await world.until(lambda: ends(world))
        assert silent.take().startswith(b"\x89")
        advance(1)
        await client.until(frame(SAID)[-10:] + b"\x89\x0bkeepalive-1\x89\x0bkeepalive-2")
        assert [each.connection for each in world.events("close")] == ["c2"]
        client.close()
        silent.close()

    World(stub(slowly()), ping_interval=0.05, ping_timeout=0.05).play(scenario)


@pytest.mark.parametrize(
    "action",
    [
        {"fault": "RESERVED_BIT"},
        {"fault": {"frames": "00"}},
        {"fault": "STALL"},
        {"reply": {"text": SAID, "fragments": 2}},
    ],
)
def test_who_is_cut_off_for_reading_too_slowly_gets_nothing_more(action: Any) -> None:
    async def scenario(world: World) -> None:
        client = await opened(world, receive_buffer=4096)
        await client.say(masked(HELLO))
        await world.until(lambda: ends(world))
        client.close()

    long = '{"type":"chat","user":"mock","text":"' + "x" * 900_000 + '"}'
    world = World(stub({"reply": {"text": long, "fragments": 2, "duplicate": 20}}, action))
    world.play(scenario)

    assert [code for code, _ in ends(world)] == [1013]


# Over TLS


@pytest.mark.parametrize(
    ("fault", "seen", "end"),
    [
        ("CONNECTION_RESET_BY_PEER", b"", "RST"),
        ("ABNORMAL_CLOSE", b"", "FIN"),
        ("RESERVED_BIT", WRONG["RESERVED_BIT"], "FIN"),
        ("UNFINISHED_FRAGMENT", WRONG["UNFINISHED_FRAGMENT"], "FIN"),
    ],
)
def test_faults_are_the_same_over_tls(fault: str, seen: bytes, end: str, certificate: tuple[Path, Path]) -> None:
    async def scenario(world: World) -> None:
        trusting = ssl.create_default_context(cafile=str(certificate[0]))
        reader, writer = await asyncio.open_connection("localhost", world.port, ssl=trusting)
        writer.write(REQUEST)
        await reader.readuntil(b"\r\n\r\n")
        writer.write(masked(HELLO))
        assert await reader.readexactly(len(frame(SAID) + seen)) == frame(SAID) + seen
        try:
            assert (await reader.read(), end) == (b"", "FIN")
        except ConnectionResetError:
            assert end == "RST"
        writer.transport.abort()

    files = {"ssl_certfile": str(certificate[0]), "ssl_keyfile": str(certificate[1])}
    World(stub(BYE, {"fault": fault}), stop_timeout=0.1, **files).play(scenario)


def test_stall_and_dribble_over_tls(certificate: tuple[Path, Path]) -> None:
    async def scenario(world: World) -> None:
        trusting = ssl.create_default_context(cafile=str(certificate[0]))
        reader, writer = await asyncio.open_connection("localhost", world.port, ssl=trusting)
        writer.write(REQUEST)
        await reader.readuntil(b"\r\n\r\n")
        writer.write(masked(HELLO))
        assert await reader.readexactly(len(frame(SAID))) == frame(SAID)
        writer.write(masked(HELLO) * 100_000)
        await reader.readuntil(b"keepalive-3")
        writer.transport.abort()
        await world.until_nobody_is_there()

    files = {"ssl_certfile": str(certificate[0]), "ssl_keyfile": str(certificate[1])}
    world = World(stub(slowly(), {"fault": "STALL"}, times=1), ping_interval=0.05, **files)
    world.play(scenario)

    assert len(world.events("message")) == 2


# Another server than ours

NEEDING_FRAMES = (
    {"fault": "RESERVED_BIT"},
    {"fault": "STALL"},
    {"fault": "NO_STATUS_CLOSE"},
    {"fault": {"frames": "00"}},
    {"reply": {"text": SAID, "fragments": 2}},
    slowly(),
)


@pytest.mark.parametrize("action", NEEDING_FRAMES)
def test_portable_way_refuses_what_it_has_no_frames_for(action: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "WAY", WebSocket)
    refused: list[Any] = []

    async def scenario(world: World) -> None:
        refused.append(world.command(Expect(stub({"delay": 1}, action))).answer)
        assert not isinstance(world.command(Expect(stub({"fault": "ABNORMAL_CLOSE"}))).answer, Exception)

    World().play(scenario)

    assert (refused[0].code, refused[0].pointer.split("/")[:3]) == ("not_possible_here", ["", "actions", "1"])
    assert "not possible here" in refused[0].message


def test_stub_file_is_refused_with_its_line_before_such_a_server_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "WAY", WebSocket)
    file = tmp_path / "stubs.yaml"
    file.write_text("expectations:\n- trigger: {}\n  actions:\n  - fault: STALL\n")
    mock = Mock.of(CHAT, Settings(port=0, watch=False, stubs=(str(file),)))

    with pytest.raises(StubsRefused) as refused:
        config_of(mock)

    (said,) = refused.value.diagnostics
    assert (said.place.line, "STALL is not possible here" in said.message) == (4, True)


def test_stub_file_is_refused_by_any_other_server_when_it_starts(tmp_path: Path) -> None:
    file = tmp_path / "stubs.yaml"
    file.write_text("expectations:\n- {trigger: {}, actions: [{fault: ABNORMAL_CLOSE}]}\n")
    mock = Mock.of(CHAT, Settings(port=0, watch=False, stubs=(str(file),)))

    with pytest.raises(StubsRefused), TestClient(mock.app()):
        pass


@pytest.mark.parametrize(
    ("action", "deed"),
    [
        ({"fault": "NO_PONG"}, "do NO_PONG"),
        ({"fault": {"frames": "00"}}, "write bytes as they stand"),
        ({"reply": {"text": SAID, "fragments": 2}}, "say a message in pieces"),
    ],
)
def test_server_that_promised_too_much_says_so_and_goes_on(action: Any, deed: str) -> None:
    world = World(stub(action, BYE))
    world.mock.runs_on(Power.FRAMES)
    with TestClient(world.mock.app()) as client:
        world.prepare()
        with client.websocket_connect("/rooms/lobby") as socket_:
            socket_.send_text(HELLO.decode())
            assert socket_.receive_text() == SAID

    assert world.events("fault")[-1].note.endswith(f"cannot {deed}")


def test_server_that_has_no_wrong_frames_closes() -> None:
    world = World(stub(BYE, {"fault": "MASKED_FRAME"}))
    world.mock.runs_on(Power.FRAMES)
    with TestClient(world.mock.app()) as client:
        world.prepare()
        with client.websocket_connect("/rooms/lobby") as socket_:
            socket_.send_text(HELLO.decode())
            assert socket_.receive_text() == SAID
            with pytest.raises(WebSocketDisconnect) as ended:
                socket_.receive_text()

    assert ended.value.code == 1011
