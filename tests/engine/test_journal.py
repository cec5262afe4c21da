"""The journal: bounded in entries and bytes, numbered without gaps, and honest about what it has dropped."""

from hypothesis import given
from hypothesis import strategies as st

from mockws.codec import Frame
from mockws.engine.actions import Entry, Exchange, Way
from mockws.engine.events import Received
from mockws.engine.journal import OVERHEAD, Journal, size_of, weight
from mockws.expect.expectation import Facts
from mockws.schema.violations import Violation


def entry(frame: Frame | None = None) -> Entry:
    return Entry(0.0, "message", frame=frame)


def numbers(journal: Journal, after: int = 0) -> list[int]:
    return [each.seq for each in journal.since(after)]


def test_entries_are_numbered_from_one() -> None:
    journal = Journal()

    journal.add([entry(), entry()])

    assert (numbers(journal), journal.last, journal.first) == ([1, 2], 2, 1)


def test_the_oldest_go_where_there_are_too_many() -> None:
    journal = Journal(entries=2)

    journal.add([entry()] * 5)

    assert (numbers(journal), journal.dropped, len(journal)) == ([4, 5], 3, 2)


def test_the_oldest_go_where_they_are_too_large() -> None:
    journal = Journal(size=2 * OVERHEAD + 10)

    journal.add([entry("x" * 9), entry("y"), entry("z" * 5)])

    assert (numbers(journal), journal.dropped) == ([2, 3], 1)


def test_an_entry_that_is_larger_than_the_journal_is_dropped_itself() -> None:
    journal = Journal(size=OVERHEAD)

    journal.add([entry("x")])

    assert (numbers(journal), journal.dropped, journal.first) == ([], 1, 2)


def test_who_asks_for_what_was_dropped_can_tell() -> None:
    journal = Journal(entries=2)
    journal.add([entry()] * 5)

    assert [journal.lost_since(seq) for seq in (0, 2, 3, 5)] == [True, True, False, False]


def test_a_cleared_journal_counts_on() -> None:
    journal = Journal(entries=2)
    journal.add([entry()] * 3)

    journal.clear()
    journal.add([entry()])

    assert (numbers(journal), journal.dropped, journal.lost_since(0)) == ([4], 0, False)


def test_the_size_of_a_payload_is_what_is_on_the_wire() -> None:
    assert [size_of(frame) for frame in (None, "", "abc", "äé", b"\xff")] == [0, 0, 3, 4, 1]


@given(
    st.lists(st.one_of(st.none(), st.text(max_size=50), st.binary(max_size=50)), max_size=40),
    st.integers(1, 10),
    st.integers(0, 2000),
)
def test_a_journal_never_outgrows_its_bounds(frames: list[Frame | None], most: int, room: int) -> None:
    journal = Journal(entries=most, size=room)

    for frame in frames:
        journal.add([entry(frame)])

    kept = list(journal.since(0))
    assert len(kept) <= most
    assert sum(weight(each.entry) for each in kept) <= room
    assert len(kept) + journal.dropped == journal.last == len(frames)
    assert [each.seq for each in kept] == list(range(journal.first, journal.last + 1))


def facts(identity: str) -> Facts:
    return Facts(identity, {}, {"token": "x" * 100}, {}, {}, None, frozenset())


def test_what_is_known_of_a_connection_goes_with_its_last_entry() -> None:
    journal = Journal(entries=2)
    journal.know(facts("a"))
    journal.add([Entry(0.0, "close", "a"), entry()])
    assert journal.facts("a") == facts("a")

    journal.add([entry()])

    assert journal.facts("a") is None


def test_what_is_known_of_connections_counts_as_size() -> None:
    journal = Journal(size=3 * OVERHEAD + 50)
    journal.know(facts("a"))

    journal.add([Entry(0.0, "close", "a"), entry(), entry()])

    assert (len(journal), journal.facts("a")) == (2, None)


@given(st.integers(1, 8), st.lists(st.integers(0, 6), max_size=4), st.integers(0, 30), st.integers(0, 9) | st.none())
def test_what_comes_after_a_number_is_found_without_looking(
    room: int, added: list[int], after: int, most: int | None
) -> None:
    journal = Journal(entries=room)
    for count in added:
        journal.add([entry()] * count)

    kept = [each.seq for each in journal.since(0)]
    assert kept == list(range(journal.last - len(journal) + 1, journal.last + 1))
    assert [each.seq for each in journal.since(after, most)] == [seq for seq in kept if seq > after][:most]
    assert [journal.entry(seq) is not None for seq in range(40)] == [seq in kept for seq in range(40)]


WAY = Way("orders", "Order", "declared", "Accepted", "declared: answers Order", "first")


def exchange(number: int, size: int = 10) -> Exchange:
    event = Received("a", f"asked {number}", float(number))
    return Exchange(event, WAY, "/orders", b"told %d" % number, OVERHEAD + size)


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 900)), max_size=60), st.integers(1, 30), st.integers(0, 9000))
def test_an_exchange_is_two_entries_to_whoever_reads(moves: list[tuple[bool, int]], most: int, room: int) -> None:
    journal = Journal(most, OVERHEAD * 3 + room)
    written: list[Entry] = []
    for number, (short, size) in enumerate(moves):
        each = exchange(number, size)
        if short:
            journal.note(each)
        else:
            journal.add([each.heard])
        written += each.entries if short else [each.heard]

    kept = list(journal.since(0))
    assert [each.entry for each in kept] == written[len(written) - len(kept) :]
    assert [each.seq for each in kept] == list(range(journal.first, journal.last + 1))
    assert [journal.entry(each.seq) for each in kept] == [each.entry for each in kept]
    assert (journal.last, journal.dropped) == (len(written), len(written) - len(kept))
    assert len(journal) <= most


def test_exchanges_are_dropped_many_at_once_and_nobody_sees_it() -> None:
    journal = Journal(entries=1000)

    for number in range(2000):
        journal.note(exchange(number))
        assert number % 97 or len(journal) <= 1000

    assert (len(journal), journal.first, journal.dropped) == (1000, 3001, 3000)
    assert [each.entry for each in journal.since(3998)] == [*exchange(1999).entries]


def test_large_exchanges_go_at_once() -> None:
    journal = Journal(entries=1000, size=10 * OVERHEAD)

    for number in range(20):
        journal.note(exchange(number, 10_000))

    assert journal._size <= 10 * OVERHEAD


def test_the_address_and_the_note_of_a_refused_handshake_count_as_size() -> None:
    journal = Journal(size=9_000)

    journal.add([Entry(0.0, "refused", address="/" + "x" * 3000, note="n" * 100)] * 5)

    assert (numbers(journal), journal.dropped) == ([4, 5], 3)


def test_violations_count_as_size() -> None:
    entries = [
        Entry(0.0, "message", "a", frame="{}", violations=(Violation("/" + "k" * 900, "m" * 100, ""),) * count)
        for count in range(3)
    ]

    assert [weight(each) - OVERHEAD for each in entries] == [2, 2 + OVERHEAD + 1001, 2 + 2 * (OVERHEAD + 1001)]


def test_what_is_known_of_a_connection_counts_whole() -> None:
    known = Facts(
        "a", {"room": "r" * 1000}, {"token": "t" * 200}, {"cookie": "c" * 300}, {"id": "c" * 297}, None, frozenset()
    )
    journal = Journal(size=2 * OVERHEAD + 2000)

    journal.know(known)
    journal.add([Entry(0.0, "close", "a")])
    assert journal.facts("a") == known
    journal.add([entry()])

    assert (len(journal), journal.facts("a")) == (1, None)
