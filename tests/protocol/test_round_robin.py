"""Shares of the bandwidth."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vrbridge.protocol.round_robin import WEIGHTS, DeficitRoundRobin

QUANTUM = 1000


def test_shares_are_16_to_4_to_1() -> None:
    shares = DeficitRoundRobin(quantum_bytes=QUANTUM)
    sent = [0, 0, 0]
    for _ in range(21 * 10):
        tier = shares.choose({0, 1, 2})
        shares.spend(tier, QUANTUM)
        sent[tier] += 1
    assert sent == [160, 40, 10]


def test_the_first_turn_is_the_most_urgent_tier_s() -> None:
    assert DeficitRoundRobin(quantum_bytes=QUANTUM).choose({0, 1, 2}) == 0


@given(st.data())
def test_shares_are_of_bytes_whatever_the_sizes(data: st.DataObject) -> None:
    shares = DeficitRoundRobin(quantum_bytes=QUANTUM)
    sent = [0, 0, 0]
    sizes = data.draw(st.lists(st.integers(1, QUANTUM), min_size=1, max_size=50))
    for number in range(2000):
        tier = shares.choose({0, 1, 2})
        size = sizes[number % len(sizes)]
        shares.spend(tier, size)
        sent[tier] += size
    # After whole rounds a tier is off by a message, in the middle of one by its turn.
    rounds = sum(sent) / (QUANTUM * sum(WEIGHTS))
    for weight, n_bytes in zip(WEIGHTS, sent, strict=True):
        assert abs(n_bytes - rounds * weight * QUANTUM) <= (weight + 1) * QUANTUM


@given(st.lists(st.tuples(st.sets(st.integers(0, 2), min_size=1), st.integers(1, QUANTUM)), max_size=200))
def test_only_a_tier_with_something_to_send_is_chosen(turns: list[tuple[set[int], int]]) -> None:
    shares = DeficitRoundRobin(quantum_bytes=QUANTUM)
    for active, size in turns:
        tier = shares.choose(active)
        assert tier in active
        assert shares.choose(active) == tier
        shares.spend(tier, size)


@pytest.mark.parametrize("tier", [0, 1, 2])
def test_a_tier_alone_has_everything(tier: int) -> None:
    shares = DeficitRoundRobin(quantum_bytes=QUANTUM)
    for _ in range(100):
        assert shares.choose({tier}) == tier
        shares.spend(tier, QUANTUM)


def test_a_tier_that_had_nothing_to_send_has_saved_up_nothing() -> None:
    shares = DeficitRoundRobin(quantum_bytes=QUANTUM)
    for _ in range(1000):
        shares.spend(shares.choose({1, 2}), QUANTUM)
    first = []
    for _ in range(21):
        first.append(shares.choose({0, 1, 2}))
        shares.spend(first[-1], QUANTUM)
    assert first.count(0) >= 15


def test_the_rest_of_a_turn_is_lost_with_nothing_to_send() -> None:
    shares = DeficitRoundRobin(quantum_bytes=QUANTUM)
    shares.spend(shares.choose({0, 1}), QUANTUM)
    for _ in range(4):
        shares.spend(shares.choose({1}), QUANTUM)
    turn = 0
    while shares.choose({0, 1}) == 0:
        shares.spend(0, QUANTUM)
        turn += 1
    assert turn == WEIGHTS[0]


def test_nobody_waits_longer_than_one_round() -> None:
    shares = DeficitRoundRobin(quantum_bytes=QUANTUM)
    waited = [0, 0, 0]
    for _ in range(500):
        chosen = shares.choose({0, 1, 2})
        shares.spend(chosen, QUANTUM)
        waited = [0 if tier == chosen else n + 1 for tier, n in enumerate(waited)]
        assert max(waited) <= sum(WEIGHTS)
