"""Who goes first, how much credit allows, and what a lost connection changes."""

import sys
from collections import Counter
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import msgpack
import pytest

from vrbridge.errors import BadMessage
from vrbridge.protocol.messages import (
    Accepted,
    AssetHeader,
    Done,
    Error,
    Forgotten,
    GoAway,
    Pong,
    Progress,
    Text,
)
from vrbridge.protocol.outbox import Outbox

PLENTY = 1 << 40
CHUNK_BYTES = 100


def attach(
    outbox: Outbox,
    *,
    received: int = 0,
    assets: Mapping[int, int] | None = None,
    window_bytes: int = PLENTY,
) -> bool:
    return outbox.attach(
        received=received, assets=assets or {}, chunk_bytes=CHUNK_BYTES, window_bytes=window_bytes
    )


def attached(*, window_bytes: int = PLENTY, replay_messages: int = 1000, max_pending: int = 1024) -> Outbox:
    outbox = Outbox(replay_messages=replay_messages, max_pending=max_pending)
    assert attach(outbox, window_bytes=window_bytes)
    return outbox


def speak(outbox: Outbox, request_id: int, text: str = "word", *, now: float = 0.0) -> None:
    outbox.put(Text(id=request_id, text=text, offset=0), now=now)


def add_asset(outbox: Outbox, request_id: int, size: int = 1000, *, role: str = "lod0") -> int:
    header = AssetHeader(id=request_id, role=role, media_type="x/y", bytes=size, digest="", meta={})
    return outbox.put_asset(header, bytes(place & 0xFF for place in range(size)), now=0.0)


def close(outbox: Outbox, request_id: int) -> None:
    outbox.close(request_id, Done(id=request_id, result={}, timing={}), now=0.0)


def cancelled(request_id: int) -> Error:
    return Error(id=request_id, code="cancelled", message="Cancelled.", retryable=False)


def take(outbox: Outbox, n: int = 1000, *, now: float = 0.0) -> list[dict[str, Any]]:
    """The next messages, at most `n`, as another codec reads them."""
    messages: list[dict[str, Any]] = []
    while len(messages) < n and (data := outbox.next(now=now)) is not None:
        messages.append(msgpack.unpackb(data))
    return messages


def types(messages: list[dict[str, Any]]) -> list[str]:
    return [message["type"] for message in messages]


def sizes(messages: list[dict[str, Any]]) -> list[int]:
    return [len(message["data"]) for message in messages if message["type"] == "chunk"]


class TestOrder:
    def test_seq_counts_from_1_and_chunks_pongs_and_goaways_have_none(self) -> None:
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

    def test_errors_go_before_dialogue_and_dialogue_before_results(self) -> None:
        outbox = attached()
        for number, is_dialogue in [(1, False), (2, True), (3, False)]:
            outbox.open(number, tier=0, is_dialogue=is_dialogue)
        outbox.put(Accepted(id=1, position=0), now=0.0)
        speak(outbox, 2)
        outbox.close(3, Error(id=3, code="refused", message="No.", retryable=False), now=0.0)
        outbox.put(Error(code="bad_message", message="What?", retryable=False), now=0.0)
        assert types(take(outbox)) == ["error", "error", "text", "accepted"]

    def test_a_word_never_waits_behind_a_mesh(self) -> None:
        outbox = attached()
        outbox.open(1, tier=0, is_dialogue=False)
        outbox.open(2, tier=2, is_dialogue=True)
        add_asset(outbox, 1, 10_000)
        assert types(take(outbox, 5)) == ["asset", *["chunk"] * 4]
        speak(outbox, 2)
        assert types(take(outbox, 2)) == ["text", "chunk"]

    def test_chunks_come_between_their_asset_and_what_follows(self) -> None:
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

    def test_tiers_share_16_to_4_to_1(self) -> None:
        outbox = attached()
        for tier in range(3):
            outbox.open(tier, tier=tier, is_dialogue=False)
            add_asset(outbox, tier, 100_000)
        messages = [message for message in take(outbox, 3 + 21 * 20) if message["type"] == "chunk"]
        assert Counter(message["asset"] for message in messages) == {1: 320, 2: 80, 3: 20}

    def test_what_the_player_looks_at_goes_first_inside_a_tier_only(self) -> None:
        outbox = attached()
        for number, tier in [(1, 0), (2, 0), (3, 0), (4, 1)]:
            outbox.open(number, tier=tier, is_dialogue=False)
            add_asset(outbox, number, 300)
        outbox.look_at({2: 0.5, 3: 2.0, 4: 9.0})
        order = [message["asset"] for message in take(outbox) if message["type"] == "chunk"]
        assert [number for number in order if number != 4] == [3, 3, 3, 2, 2, 2, 1, 1, 1]
        assert order[0] == 3

    def test_looking_away_puts_the_oldest_first_again(self) -> None:
        outbox = attached()
        for number in (1, 2):
            outbox.open(number, tier=0, is_dialogue=False)
            add_asset(outbox, number, 300)
        outbox.look_at({2: 1.0})
        assert take(outbox, 3)[-1]["asset"] == 2
        outbox.look_at({})
        assert take(outbox, 1)[0]["asset"] == 1

    def test_messages_of_unknown_requests_are_control_messages(self) -> None:
        outbox = attached()
        outbox.put(Error(id=9, code="overloaded", message="Later.", retryable=True), now=0.0)
        assert [(m["type"], m["id"], m["seq"]) for m in take(outbox)] == [("error", 9, 1)]


class TestCredit:
    def test_no_more_is_sent_than_allowed(self) -> None:
        outbox = attached(window_bytes=250)
        outbox.open(1, tier=0, is_dialogue=False)
        add_asset(outbox, 1, 1000)
        assert sizes(take(outbox)) == [100, 100, 50]
        assert outbox.is_starved
        assert (outbox.has_pending, outbox.pending_bytes) == (True, 750)
        outbox.credit(300)
        assert sizes(take(outbox)) == [50]

    def test_credit_is_absolute_and_never_falls(self) -> None:
        outbox = attached(window_bytes=0)
        outbox.open(1, tier=0, is_dialogue=False)
        add_asset(outbox, 1, 1000)
        for limit, expected in [(150, [100, 50]), (150, []), (100, []), (0, []), (160, [10])]:
            outbox.credit(limit)
            assert sizes(take(outbox)) == expected

    def test_everything_else_goes_without_credit(self) -> None:
        outbox = attached(window_bytes=0)
        outbox.open(1, tier=0, is_dialogue=False)
        outbox.open(2, tier=0, is_dialogue=True)
        add_asset(outbox, 1, 10)
        speak(outbox, 2)
        outbox.put(Pong(t=0.0, server_s=0.0), now=0.0)
        assert types(take(outbox)) == ["pong", "text", "asset"]

    def test_credit_starts_anew_on_every_connection(self) -> None:
        outbox = attached(window_bytes=300)
        outbox.open(1, tier=0, is_dialogue=False)
        add_asset(outbox, 1, 1000)
        take(outbox)
        outbox.credit(5000)
        outbox.detach()
        assert attach(outbox, received=1, assets={1: 200}, window_bytes=120)
        assert sizes(take(outbox)) == [100, 20]


class TestEnding:
    def test_cancelling_ends_a_request_now(self) -> None:
        outbox = attached()
        outbox.open(1, tier=0, is_dialogue=False)
        add_asset(outbox, 1, 1000)
        close(outbox, 1)
        take(outbox, 3)
        assert outbox.cancel(1, cancelled(1), now=0.0)
        assert [(m["type"], m.get("code")) for m in take(outbox)] == [("error", "cancelled")]
        assert not outbox.has_pending

    def test_what_has_ended_can_t_be_cancelled(self) -> None:
        outbox = attached()
        outbox.open(1, tier=0, is_dialogue=False)
        close(outbox, 1)
        take(outbox)
        assert not outbox.cancel(1, cancelled(1), now=0.0)
        assert not outbox.cancel(2, cancelled(2), now=0.0)
        assert take(outbox) == []

    def test_cancelling_twice_gives_one_error(self) -> None:
        outbox = attached()
        outbox.open(1, tier=0, is_dialogue=False)
        outbox.cancel(1, cancelled(1), now=0.0)
        outbox.cancel(1, cancelled(1), now=0.0)
        assert types(take(outbox)) == ["error"]

    def test_a_skipped_asset_ends_at_once_and_its_request_goes_on(self) -> None:
        outbox = attached()
        outbox.open(1, tier=0, is_dialogue=False)
        add_asset(outbox, 1, 1000)
        add_asset(outbox, 1, 100)
        close(outbox, 1)
        take(outbox, 3)
        outbox.skip(1)
        assert types(take(outbox)) == ["asset", "chunk", "done"]

    @pytest.mark.parametrize("asset", [0, 1, 2, 99])
    def test_only_what_was_announced_can_be_skipped(self, asset: int) -> None:
        outbox = attached()
        outbox.open(1, tier=0, is_dialogue=False)
        add_asset(outbox, 1, 50)
        outbox.skip(asset)
        assert types(take(outbox)) == ["asset", "chunk"]

    def test_requests_count_as_unfinished_until_their_end_has_left(self) -> None:
        outbox = attached()
        for number in (1, 2):
            outbox.open(number, tier=0, is_dialogue=False)
        close(outbox, 1)
        assert outbox.n_unfinished == 2
        take(outbox)
        assert outbox.n_unfinished == 1


class TestProgress:
    def test_it_goes_out_ten_times_a_second_with_the_latest_value(self) -> None:
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

    def test_wake_at_says_when_the_held_one_may_leave(self) -> None:
        outbox = attached()
        outbox.open(1, tier=0, is_dialogue=False)
        outbox.put(Progress(id=1, stage="work", fraction=0.1), now=5.0)
        take(outbox, now=5.0)
        assert outbox.wake_at is None
        outbox.put(Progress(id=1, stage="work", fraction=0.2), now=5.02)
        assert take(outbox, now=5.02) == []
        assert outbox.wake_at == pytest.approx(5.1)
        assert types(take(outbox, now=5.1)) == ["progress"]

    def test_it_does_not_burst_after_an_asset(self) -> None:
        outbox = attached(window_bytes=0)
        outbox.open(1, tier=0, is_dialogue=False)
        add_asset(outbox, 1, 100)
        for tick in range(50):
            outbox.put(Progress(id=1, stage="work", fraction=tick / 50), now=float(tick))
        outbox.credit(100)
        assert types(take(outbox, now=50.0)) == ["asset", "chunk", "progress"]


class TestBounds:
    def test_there_is_room_until_too_many_messages_wait(self) -> None:
        outbox = attached(max_pending=3)
        outbox.open(1, tier=0, is_dialogue=True)
        for _ in range(3):
            assert outbox.has_room, "nothing is refused before the bound"
            speak(outbox, 1)
        speak(outbox, 1)
        assert [outbox.has_room, len(take(outbox, 2)), outbox.has_room] == [False, 2, True]
        assert len(take(outbox)) == 2

    def test_a_long_session_without_acknowledgements_stays_fast(self) -> None:
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


class TestResume:
    def test_the_very_same_messages_are_sent_again(self) -> None:
        outbox = attached()
        outbox.open(1, tier=0, is_dialogue=True)
        for word in "abc":
            speak(outbox, 1, word)
        first = take(outbox)
        outbox.detach()
        assert outbox.next(now=0.0) is None
        assert attach(outbox, received=1)
        assert take(outbox) == first[1:]

    def test_live_messages_wait_behind_the_replay(self) -> None:
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
    def test_chunks_go_on_from_where_the_client_is(self, n_bytes: int) -> None:
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

    def test_an_asset_whose_header_was_lost_starts_at_0(self) -> None:
        outbox = attached()
        outbox.open(1, tier=0, is_dialogue=False)
        add_asset(outbox, 1, 150)
        close(outbox, 1)
        first = take(outbox)
        outbox.detach()
        assert attach(outbox)
        assert take(outbox) == first

    def test_a_cancelled_asset_is_not_sent_after_a_resume(self) -> None:
        outbox = attached()
        outbox.open(1, tier=0, is_dialogue=False)
        asset = add_asset(outbox, 1, 300)
        take(outbox, 2)
        outbox.cancel(1, cancelled(1), now=0.0)
        outbox.detach()
        assert attach(outbox, received=1, assets={asset: 100})
        assert types(take(outbox)) == ["error"]

    def test_a_skipped_asset_stays_skipped(self) -> None:
        outbox = attached()
        outbox.open(1, tier=0, is_dialogue=False)
        asset = add_asset(outbox, 1, 300)
        close(outbox, 1)
        take(outbox, 2)
        outbox.skip(asset)
        outbox.detach()
        assert attach(outbox)
        assert types(take(outbox)) == ["asset", "done"]

    def test_a_replay_that_waits_for_credit_does_not_hold_pongs_up(self) -> None:
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

    def test_pongs_of_a_lost_connection_are_not_sent_on_the_next(self) -> None:
        outbox = attached()
        outbox.put(Pong(t=0.0, server_s=0.0), now=0.0)
        outbox.put(GoAway(reconnect_after_s=1.0, reason="draining"), now=0.0)
        outbox.detach()
        assert attach(outbox)
        assert not outbox.has_pending
        assert take(outbox) == []

    def test_what_was_acknowledged_need_not_be_kept(self) -> None:
        outbox = attached()
        outbox.open(1, tier=0, is_dialogue=False)
        add_asset(outbox, 1, 100)
        close(outbox, 1)
        take(outbox)
        assert outbox.n_unacknowledged == 2
        outbox.ack(2)
        assert outbox.n_unacknowledged == 0
        outbox.open(1, tier=0, is_dialogue=False)

    def test_more_than_was_sent_can_t_be_acknowledged(self) -> None:
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
    def test_an_impossible_resume_is_refused_and_changes_nothing(
        self, received: int, assets: dict[int, int]
    ) -> None:
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

    def test_bytes_that_are_gone_can_t_be_gone_on_with(self) -> None:
        outbox = attached()
        outbox.open(1, tier=0, is_dialogue=False)
        asset = add_asset(outbox, 1, 300)
        close(outbox, 1)
        take(outbox)
        outbox.ack(2)
        outbox.detach()
        assert not attach(outbox, received=2, assets={asset: 100})
        assert attach(outbox, received=2)

    def test_a_client_that_needs_more_than_is_kept_is_refused(self) -> None:
        outbox = attached(replay_messages=3)
        outbox.open(1, tier=0, is_dialogue=True)
        for _ in range(5):
            speak(outbox, 1)
        take(outbox)
        outbox.detach()
        assert not attach(outbox, received=1)
        assert attach(outbox, received=2)
        assert [message["seq"] for message in take(outbox)] == [3, 4, 5]
