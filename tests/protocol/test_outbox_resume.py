"""What a lost connection changes for the outbox, and what it doesn't."""

import pytest

from tests.protocol.outboxes import add_asset, attach, attached, cancelled, close, speak, take, types
from vrbridge.errors import BadMessage
from vrbridge.protocol.messages import Accepted, Error, GoAway, Pong, Progress


def test_the_very_same_messages_are_sent_again() -> None:
    outbox = attached()
    outbox.open(1, tier=0, is_dialogue=True)
    for word in "abc":
        speak(outbox, 1, word)
    first = take(outbox)
    outbox.detach()
    assert outbox.next(now=0.0) is None
    assert attach(outbox, received=1)
    assert take(outbox) == first[1:]


def test_live_messages_wait_behind_the_replay() -> None:
    outbox = attached()
    outbox.open(1, tier=0, is_dialogue=True)
    speak(outbox, 1, "old")
    take(outbox)
    outbox.detach()
    speak(outbox, 1, "new")
    outbox.put(Error(code="bad_message", message="What?", retryable=False), now=0.0)
    assert attach(outbox)
    assert [(m["seq"], m.get("text")) for m in take(outbox)] == [(1, "old"), (2, None), (3, "new")]


@pytest.mark.parametrize("n_bytes", [0, 1, 100, 250, 299])
def test_chunks_go_on_from_where_the_client_is(n_bytes: int) -> None:
    outbox = attached()
    outbox.open(1, tier=0, is_dialogue=False)
    asset = add_asset(outbox, 1, 300)
    close(outbox, 1)
    done = take(outbox)[-1]
    outbox.detach()
    assert attach(outbox, received=1, assets={asset: n_bytes})
    *chunks, last = take(outbox)
    assert chunks[0]["offset"] == n_bytes
    content = bytes(place & 0xFF for place in range(300))
    assert b"".join(chunk["data"] for chunk in chunks) == content[n_bytes:]
    assert last == done


def test_chunks_that_were_lost_are_sent_again_while_their_request_goes_on() -> None:
    outbox = attached()
    outbox.open(1, tier=0, is_dialogue=False)
    asset = add_asset(outbox, 1, 300)
    assert types(take(outbox)) == ["asset", "chunk", "chunk", "chunk"]
    assert not outbox.has_pending
    outbox.detach()
    assert attach(outbox, received=1, assets={asset: 100})
    assert (outbox.has_pending, outbox.pending_bytes) == (True, 200)
    assert [message["offset"] for message in take(outbox)] == [100, 200]


def test_an_asset_whose_header_was_lost_starts_at_0() -> None:
    outbox = attached()
    outbox.open(1, tier=0, is_dialogue=False)
    add_asset(outbox, 1, 150)
    close(outbox, 1)
    first = take(outbox)
    outbox.detach()
    assert attach(outbox)
    assert take(outbox) == first


def test_a_cancelled_asset_is_not_sent_after_a_resume() -> None:
    outbox = attached()
    outbox.open(1, tier=0, is_dialogue=False)
    asset = add_asset(outbox, 1, 300)
    take(outbox, 2)
    outbox.cancel(1, cancelled(1), now=0.0)
    outbox.detach()
    assert attach(outbox, received=1, assets={asset: 100})
    assert types(take(outbox)) == ["error"]


def test_a_skipped_asset_stays_skipped() -> None:
    outbox = attached()
    outbox.open(1, tier=0, is_dialogue=False)
    asset = add_asset(outbox, 1, 300)
    close(outbox, 1)
    take(outbox, 2)
    outbox.skip(asset)
    outbox.detach()
    assert attach(outbox)
    assert types(take(outbox)) == ["asset", "done"]


def test_a_replay_that_waits_for_credit_does_not_hold_pongs_up() -> None:
    outbox = attached()
    outbox.open(1, tier=0, is_dialogue=False)
    add_asset(outbox, 1, 300)
    close(outbox, 1)
    take(outbox)
    outbox.detach()
    assert attach(outbox, window_bytes=0)
    assert types(take(outbox)) == ["asset"]
    assert outbox.is_starved
    outbox.put(Pong(t=0.0, server_s=0.0), now=0.0)
    assert types(take(outbox)) == ["pong"]
    outbox.credit(1000)
    assert types(take(outbox)) == ["chunk", "chunk", "chunk", "done"]


def test_pongs_of_a_lost_connection_are_not_sent_on_the_next() -> None:
    outbox = attached()
    outbox.put(Pong(t=0.0, server_s=0.0), now=0.0)
    outbox.put(GoAway(reconnect_after_s=1.0, reason="draining"), now=0.0)
    outbox.detach()
    assert attach(outbox)
    assert not outbox.has_pending
    assert take(outbox) == []


def test_what_was_acknowledged_need_not_be_kept() -> None:
    outbox = attached()
    outbox.open(1, tier=0, is_dialogue=False)
    add_asset(outbox, 1, 100)
    close(outbox, 1)
    take(outbox)
    assert outbox.n_unacknowledged == 2
    outbox.ack(2)
    assert outbox.n_unacknowledged == 0
    outbox.open(1, tier=0, is_dialogue=False)


def test_more_than_was_sent_can_t_be_acknowledged() -> None:
    outbox = attached()
    outbox.open(1, tier=0, is_dialogue=True)
    speak(outbox, 1)
    speak(outbox, 1)
    take(outbox, 1)
    with pytest.raises(BadMessage) as caught:
        outbox.ack(2)
    assert caught.value.field == "received"
    assert outbox.n_unacknowledged == 1


@pytest.mark.parametrize(
    ("received", "assets"),
    [
        (0, {}),  # seq 1 was acknowledged
        (6, {}),  # never sent
        (3, {2: 0}),  # its header is seq 4
        (4, {2: 301}),  # more than it has
        (4, {3: 0}),  # not announced
        (4, {0: 0}),
        (4, {99: 0}),
    ],
)
def test_an_impossible_resume_is_refused_and_changes_nothing(received: int, assets: dict[int, int]) -> None:
    outbox = attached()
    outbox.open(1, tier=0, is_dialogue=False)
    outbox.put(Accepted(id=1, position=0), now=0.0)
    add_asset(outbox, 1, 0)
    outbox.put(Progress(id=1, stage="work", fraction=0.5), now=0.0)
    add_asset(outbox, 1, 300)
    add_asset(outbox, 1, 10)
    close(outbox, 1)
    take(outbox, 5)
    outbox.ack(1)
    assert not attach(outbox, received=received, assets=assets)
    assert outbox.n_unacknowledged == 3
    messages = take(outbox)
    assert [(m["type"], m.get("offset")) for m in messages[:2]] == [("chunk", 100), ("chunk", 200)]
    assert types(messages[2:]) == ["asset", "chunk", "done"]


def test_bytes_that_are_gone_can_t_be_gone_on_with() -> None:
    outbox = attached()
    outbox.open(1, tier=0, is_dialogue=False)
    asset = add_asset(outbox, 1, 300)
    close(outbox, 1)
    take(outbox)
    outbox.ack(2)
    outbox.detach()
    assert not attach(outbox, received=2, assets={asset: 100})
    assert attach(outbox, received=2)


def test_a_client_that_needs_more_than_is_kept_is_refused() -> None:
    outbox = attached(replay_messages=3)
    outbox.open(1, tier=0, is_dialogue=True)
    for _ in range(5):
        speak(outbox, 1)
    take(outbox)
    outbox.detach()
    assert not attach(outbox, received=1)
    assert attach(outbox, received=2)
    assert [message["seq"] for message in take(outbox)] == [3, 4, 5]


def test_who_has_the_end_of_a_request_misses_none_of_its_assets() -> None:
    """Its bytes are let go with the end, so that a client that says otherwise can't go on."""
    outbox = attached()
    outbox.open(1, tier=0, is_dialogue=False)
    asset = add_asset(outbox, 1, 300)
    close(outbox, 1)
    done = take(outbox)[-1]
    outbox.detach()
    assert not attach(outbox, received=done["seq"], assets={asset: 299})
    assert attach(outbox, received=done["seq"], assets={asset: 300})
    assert take(outbox) == []


def test_the_end_of_a_request_that_was_never_begun_is_held_like_any_other() -> None:
    outbox = attached()
    assert not outbox.holds(7)
    outbox.put(cancelled(7), now=0.0)
    assert outbox.holds(7)
    (end,) = take(outbox)
    assert outbox.holds(7)
    outbox.detach()
    assert attach(outbox)
    assert take(outbox) == [end]
    outbox.ack(end["seq"])
    assert not outbox.holds(7)
