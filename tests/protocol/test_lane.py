"""The order inside one request."""

import pytest

from vrbridge.protocol.bodies import Body
from vrbridge.protocol.lane import PROGRESS_INTERVAL_S, Lane
from vrbridge.protocol.messages import Progress, SequencedMessage, Text


def lane() -> Lane:
    return Lane(request_id=1, tier=0, is_dialogue=False, number=1)


def text(offset: int = 0) -> Text:
    return Text(id=1, text="word", offset=offset)


def progress(fraction: float) -> Progress:
    return Progress(id=1, stage="work", fraction=fraction)


def body_of(asset: int, size: int, header_seq: int | None) -> Body:
    return Body(asset, 1, "sha256:", size, memoryview(bytes(size)), header_seq=header_seq)


def with_body(size: int = 10, *, header_seq: int | None = 3) -> tuple[Lane, Body]:
    full = lane()
    full.bodies[1] = body_of(1, size, header_seq)
    return full, full.bodies[1]


def drain(full: Lane, *, now: float = 0.0) -> list[SequencedMessage]:
    messages = []
    full.release_held(now=now)
    while full.head() is not None:
        messages.append(full.take(now=now)[1])
    return messages


def test_what_was_put_first_leaves_first() -> None:
    full = lane()
    assert [full.put(order, text(order), now=0.0) for order in range(3)] == [1, 1, 1]
    assert drain(full) == [text(0), text(1), text(2)]
    assert full.is_idle


def test_chunks_come_before_what_was_put_after_their_asset() -> None:
    full, body = with_body()
    full.put(1, text(), now=0.0)
    full.announce(1)
    assert full.head() is None
    assert full.body_to_send() is body
    body.offset = 10
    assert full.head() == (1, text(), 0.0)


def test_an_asset_without_bytes_holds_nothing_up() -> None:
    full, _ = with_body(0)
    full.announce(1)
    assert full.body_to_send() is None
    assert full.is_idle


def test_assets_are_sent_in_the_order_they_were_announced() -> None:
    full, first = with_body()
    full.bodies[2] = second = body_of(2, 5, 4)
    full.announce(1)
    full.announce(2)
    assert full.body_to_send() is first
    first.is_held = False
    assert full.body_to_send() is second


def test_a_newer_progress_takes_the_place_of_one_that_waits() -> None:
    full = lane()
    assert full.put(1, progress(0.1), now=0.0) == 1
    assert full.put(2, progress(0.2), now=5.0) == 0
    assert drain(full) == [progress(0.2)]


def test_a_newer_progress_does_not_overtake() -> None:
    full = lane()
    messages: list[SequencedMessage] = [progress(0.1), text(), progress(0.2)]
    for order, message in enumerate(messages):
        full.put(order, message, now=float(order))
    assert drain(full) == [text(), progress(0.2)]


def test_a_progress_too_soon_after_the_last_is_held() -> None:
    full = lane()
    full.put(1, progress(0.1), now=0.0)
    drain(full, now=0.0)
    assert [full.put(order, progress(order / 10), now=0.05) for order in (2, 3)] == [1, 0]
    assert drain(full, now=0.05) == []
    assert not full.is_idle
    assert drain(full, now=PROGRESS_INTERVAL_S) == [progress(0.3)]


def test_the_interval_counts_from_when_a_progress_left() -> None:
    """Else what was held up behind an asset would leave in a burst."""
    full = lane()
    full.put(1, progress(0.1), now=0.0)
    drain(full, now=2.0)
    full.put(2, progress(0.2), now=2.01)
    assert drain(full, now=2.01) == []
    assert drain(full, now=2.1) == [progress(0.2)]


def test_what_follows_makes_a_held_progress_pointless() -> None:
    full = lane()
    full.put(1, progress(0.1), now=0.0)
    drain(full, now=0.0)
    full.put(2, progress(0.2), now=0.05)
    assert full.put(3, text(), now=0.05) == 0
    assert drain(full, now=1.0) == [text()]


def test_a_held_progress_never_follows_a_newer_one() -> None:
    full = lane()
    full.put(1, progress(0.1), now=0.0)
    drain(full, now=0.0)
    assert full.put(2, progress(0.2), now=0.05) == 1
    assert full.put(3, progress(0.3), now=0.2) == 0
    assert drain(full, now=0.2) == [progress(0.3)]
    assert drain(full, now=9.0) == []


def test_clearing_drops_everything_and_says_how_much() -> None:
    full, _ = with_body()
    full.put(1, progress(0.1), now=0.0)
    drain(full)
    full.announce(1)
    full.put(2, text(), now=0.0)
    full.put(3, progress(0.2), now=0.01)
    assert full.clear() == 2
    assert full.is_idle
    assert full.body_to_send() is None


@pytest.mark.parametrize(
    ("received", "offsets", "left_bytes", "is_announced"),
    [
        (3, {1: 4}, 6, True),
        (3, {1: 0}, 10, True),
        (5, {1: 10}, 0, False),
        (5, {}, 0, False),  # the client has all of it
        (2, {}, 10, False),  # not until its header has been sent again
    ],
)
def test_a_new_connection_goes_on_where_the_client_is(
    received: int, offsets: dict[int, int], left_bytes: int, is_announced: bool
) -> None:
    full, body = with_body()
    full.announce(1)
    body.offset = 8
    full.restart(received, offsets)
    assert body.left_bytes == left_bytes
    assert (full.body_to_send() is body) == is_announced


def test_an_asset_never_announced_waits_for_its_header() -> None:
    full, body = with_body(header_seq=None)
    full.restart(100, {})
    assert (body.left_bytes, full.body_to_send()) == (10, None)
