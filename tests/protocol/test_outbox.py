"""Who goes first, how much credit allows, and how requests end."""

import sys
from collections import Counter
from itertools import pairwise

import pytest

from tests.protocol.outboxes import add_asset, attach, attached, cancelled, close, sizes, speak, take, types
from vrbridge.protocol.messages import Accepted, Error, Forgotten, GoAway, Pong, Progress


def test_seq_counts_from_1_and_chunks_pongs_and_goaways_have_none() -> None:
    outbox = attached()
    outbox.open(7, tier=0, is_dialogue=False)
    outbox.put(Accepted(id=7, position=0), now=0.0)
    add_asset(outbox, 7, 50)
    close(outbox, 7)
    outbox.put(Pong(t=1.0, server_s=2.0), now=0.0)
    outbox.put(Forgotten(scope="session", items=0), now=0.0)
    outbox.put(GoAway(reconnect_after_s=1.0, reason="draining"), now=0.0)
    seen = [(message["type"], message.get("seq")) for message in take(outbox)]
    assert seen == [
        ("pong", None),
        ("goaway", None),
        ("forgotten", 1),
        ("accepted", 2),
        ("asset", 3),
        ("chunk", None),
        ("done", 4),
    ]


def test_errors_go_before_dialogue_and_dialogue_before_results() -> None:
    outbox = attached()
    for number, is_dialogue in [(1, False), (2, True), (3, False)]:
        outbox.open(number, tier=0, is_dialogue=is_dialogue)
    outbox.put(Accepted(id=1, position=0), now=0.0)
    speak(outbox, 2)
    outbox.close(3, Error(id=3, code="refused", message="No.", retryable=False), now=0.0)
    outbox.put(Error(code="bad_message", message="What?", retryable=False), now=0.0)
    assert types(take(outbox)) == ["error", "error", "text", "accepted"]


def test_a_word_never_waits_behind_a_mesh() -> None:
    outbox = attached()
    outbox.open(1, tier=0, is_dialogue=False)
    outbox.open(2, tier=2, is_dialogue=True)
    add_asset(outbox, 1, 10_000)
    assert types(take(outbox, 5)) == ["asset", *["chunk"] * 4]
    speak(outbox, 2)
    assert types(take(outbox, 2)) == ["text", "chunk"]


def test_chunks_come_between_their_asset_and_what_follows() -> None:
    outbox = attached()
    outbox.open(1, tier=0, is_dialogue=False)
    assert (add_asset(outbox, 1, 250), add_asset(outbox, 1, 0), add_asset(outbox, 1, 100)) == (1, 2, 3)
    close(outbox, 1)
    messages = take(outbox)
    assert types(messages) == ["asset", "chunk", "chunk", "chunk", "asset", "asset", "chunk", "done"]
    assert [(m["asset"], m["offset"]) for m in messages if m["type"] == "chunk"] == [
        (1, 0),
        (1, 100),
        (1, 200),
        (3, 0),
    ]


def test_tiers_share_16_to_4_to_1() -> None:
    outbox = attached()
    for tier in range(3):
        outbox.open(tier, tier=tier, is_dialogue=False)
        add_asset(outbox, tier, 100_000)
    messages = [message for message in take(outbox, 3 + 21 * 20) if message["type"] == "chunk"]
    assert Counter(message["asset"] for message in messages) == {1: 320, 2: 80, 3: 20}


def test_what_the_player_looks_at_goes_first_inside_a_tier_only() -> None:
    weights = {1: 0.0, 2: 0.5, 3: 2.0, 4: 9.0}
    outbox = attached(weigh=weights.__getitem__)
    for number, tier in [(1, 0), (2, 0), (3, 0), (4, 1)]:
        outbox.open(number, tier=tier, is_dialogue=False)
        add_asset(outbox, number, 300)
    order = [message["asset"] for message in take(outbox) if message["type"] == "chunk"]
    assert [number for number in order if number != 4] == [3, 3, 3, 2, 2, 2, 1, 1, 1]
    assert order[0] == 3


def test_looking_away_puts_the_oldest_first_again() -> None:
    weights = {1: 0.0, 2: 1.0}
    outbox = attached(weigh=weights.__getitem__)
    for number in (1, 2):
        outbox.open(number, tier=0, is_dialogue=False)
        add_asset(outbox, number, 300)
    assert take(outbox, 3)[-1]["asset"] == 2
    weights[2] = 0.0
    assert take(outbox, 1)[0]["asset"] == 1


def test_messages_of_unknown_requests_are_control_messages() -> None:
    outbox = attached()
    outbox.put(Error(id=9, code="overloaded", message="Later.", retryable=True), now=0.0)
    assert [(m["type"], m["id"], m["seq"]) for m in take(outbox)] == [("error", 9, 1)]


def test_no_more_is_sent_than_allowed() -> None:
    outbox = attached(window_bytes=250)
    outbox.open(1, tier=0, is_dialogue=False)
    add_asset(outbox, 1, 1000)
    assert sizes(take(outbox)) == [100, 100, 50]
    assert outbox.is_starved
    assert (outbox.has_pending, outbox.pending_bytes) == (True, 750)
    outbox.credit(300)
    assert sizes(take(outbox)) == [50]


def test_credit_is_absolute_and_never_falls() -> None:
    outbox = attached(window_bytes=0)
    outbox.open(1, tier=0, is_dialogue=False)
    add_asset(outbox, 1, 1000)
    for limit, expected in [(150, [100, 50]), (150, []), (100, []), (0, []), (160, [10])]:
        outbox.credit(limit)
        assert sizes(take(outbox)) == expected


def test_credit_that_was_granted_is_not_taken_back() -> None:
    outbox = attached(window_bytes=0)
    outbox.open(1, tier=0, is_dialogue=False)
    add_asset(outbox, 1, 1000)
    outbox.credit(300)
    outbox.credit(100)
    assert sizes(take(outbox)) == [100, 100, 100]


def test_everything_else_goes_without_credit() -> None:
    outbox = attached(window_bytes=0)
    outbox.open(1, tier=0, is_dialogue=False)
    outbox.open(2, tier=0, is_dialogue=True)
    add_asset(outbox, 1, 10)
    speak(outbox, 2)
    outbox.put(Pong(t=0.0, server_s=0.0), now=0.0)
    assert types(take(outbox)) == ["pong", "text", "asset"]


def test_credit_starts_anew_on_every_connection() -> None:
    outbox = attached(window_bytes=300)
    outbox.open(1, tier=0, is_dialogue=False)
    add_asset(outbox, 1, 1000)
    take(outbox)
    outbox.credit(5000)
    outbox.detach()
    assert attach(outbox, received=1, assets={1: 200}, window_bytes=120)
    assert sizes(take(outbox)) == [100, 20]


def test_cancelling_ends_a_request_now() -> None:
    outbox = attached()
    outbox.open(1, tier=0, is_dialogue=False)
    add_asset(outbox, 1, 1000)
    close(outbox, 1)
    take(outbox, 3)
    assert outbox.cancel(1, cancelled(1), now=0.0)
    assert [(m["type"], m.get("code")) for m in take(outbox)] == [("error", "cancelled")]
    assert not outbox.has_pending


def test_what_has_ended_can_t_be_cancelled() -> None:
    outbox = attached()
    outbox.open(1, tier=0, is_dialogue=False)
    close(outbox, 1)
    take(outbox)
    assert not outbox.cancel(1, cancelled(1), now=0.0)
    assert not outbox.cancel(2, cancelled(2), now=0.0)
    assert take(outbox) == []


def test_cancelling_twice_gives_one_error() -> None:
    outbox = attached()
    outbox.open(1, tier=0, is_dialogue=False)
    outbox.cancel(1, cancelled(1), now=0.0)
    outbox.cancel(1, cancelled(1), now=0.0)
    assert types(take(outbox)) == ["error"]


def test_a_skipped_asset_ends_at_once_and_its_request_goes_on() -> None:
    outbox = attached()
    outbox.open(1, tier=0, is_dialogue=False)
    add_asset(outbox, 1, 1000)
    add_asset(outbox, 1, 100)
    close(outbox, 1)
    take(outbox, 3)
    outbox.skip(1)
    assert types(take(outbox)) == ["asset", "chunk", "done"]


@pytest.mark.parametrize("asset", [0, 1, 2, 99])
def test_only_what_was_announced_can_be_skipped(asset: int) -> None:
    outbox = attached()
    outbox.open(1, tier=0, is_dialogue=False)
    add_asset(outbox, 1, 50)
    outbox.skip(asset)
    assert types(take(outbox)) == ["asset", "chunk"]


def test_requests_count_as_unfinished_until_their_end_has_left() -> None:
    outbox = attached()
    for number in (1, 2):
        outbox.open(number, tier=0, is_dialogue=False)
    close(outbox, 1)
    assert outbox.n_unfinished == 2
    take(outbox)
    assert outbox.n_unfinished == 1


def test_it_goes_out_ten_times_a_second_with_the_latest_value() -> None:
    outbox = attached()
    outbox.open(1, tier=0, is_dialogue=False)
    seen = []
    for tick in range(1000):
        now = tick / 1024  # exact, so that differences are
        outbox.put(Progress(id=1, stage="work", fraction=now), now=now)
        seen += [(now, message["fraction"]) for message in take(outbox, now=now)]
    assert len(seen) == 10
    assert all(later[0] - sooner[0] >= 0.1 for sooner, later in pairwise(seen))
    assert all(now == fraction for now, fraction in seen)


def test_wake_at_says_when_the_held_one_may_leave() -> None:
    outbox = attached()
    outbox.open(1, tier=0, is_dialogue=False)
    outbox.put(Progress(id=1, stage="work", fraction=0.1), now=5.0)
    take(outbox, now=5.0)
    assert outbox.wake_at is None
    outbox.put(Progress(id=1, stage="work", fraction=0.2), now=5.02)
    assert take(outbox, now=5.02) == []
    assert outbox.wake_at == pytest.approx(5.1)
    assert types(take(outbox, now=5.1)) == ["progress"]


def test_it_does_not_burst_after_an_asset() -> None:
    outbox = attached(window_bytes=0)
    outbox.open(1, tier=0, is_dialogue=False)
    add_asset(outbox, 1, 100)
    for tick in range(50):
        outbox.put(Progress(id=1, stage="work", fraction=tick / 50), now=float(tick))
    outbox.credit(100)
    assert types(take(outbox, now=50.0)) == ["asset", "chunk", "progress"]


def test_there_is_room_until_too_many_messages_wait() -> None:
    outbox = attached(max_pending=3)
    outbox.open(1, tier=0, is_dialogue=True)
    for _ in range(3):
        assert outbox.has_room, "nothing is refused before the bound"
        speak(outbox, 1)
    speak(outbox, 1)
    assert [outbox.has_room, len(take(outbox, 2)), outbox.has_room] == [False, 2, True]
    assert len(take(outbox)) == 2


def test_a_long_session_without_acknowledgements_stays_fast() -> None:
    """Requests that have ended cost nothing until they are acknowledged."""

    def n_calls(n_ended: int) -> int:
        outbox = attached(replay_messages=10_000)
        for number in range(n_ended):
            outbox.open(number, tier=0, is_dialogue=False)
            add_asset(outbox, number, 10)
            close(outbox, number)
        take(outbox, 1_000_000)
        outbox.open(n_ended, tier=0, is_dialogue=False)
        add_asset(outbox, n_ended, 1000)
        take(outbox, 2)
        calls = Counter[str]()
        sys.setprofile(lambda frame, event, argument: calls.update([event]))
        try:
            outbox.next(now=0.0)
        finally:
            sys.setprofile(None)
        return calls["call"] + calls["c_call"]

    assert n_calls(500) == n_calls(1)
