"""How many messages a client may send."""

import pytest

from vrbridge.server.budget import MessageBudget


def test_a_burst_of_two_seconds_is_allowed_then_the_rate() -> None:
    budget = MessageBudget(rate_hz=10, now=0.0)
    assert [budget.spend(now=0.0) for _ in range(21)] == [True] * 20 + [False]
    assert [budget.spend(now=0.5) for _ in range(6)] == [True] * 5 + [False]


def test_each_message_to_the_client_allows_an_answer() -> None:
    budget = MessageBudget(rate_hz=1, now=0.0)
    for _ in range(100):
        budget.earn()
    assert [budget.spend(now=0.0) for _ in range(103)] == [True] * 102 + [False]


def test_silence_saves_up_no_more_than_a_burst() -> None:
    budget = MessageBudget(rate_hz=10, now=0.0)
    assert sum(budget.spend(now=1000.0) for _ in range(100)) == 20


@pytest.mark.parametrize(
    ("n_bytes", "n_taken"),
    [(0, 200), (2047, 200), (2048, 100), (10 * 2048, 18), (64 * 2048, 3), (1 << 20, 3)],
)
def test_a_long_message_counts_more_than_once(n_bytes: int, n_taken: int) -> None:
    budget = MessageBudget(rate_hz=100, now=0.0)
    assert sum(budget.spend(n_bytes, now=0.0) for _ in range(300)) == n_taken


def test_what_was_earned_pays_for_one_unit() -> None:
    budget = MessageBudget(rate_hz=1, now=0.0)
    budget.earn()
    budget.earn()
    assert [budget.spend(2 * 2048, now=0.0), budget.spend(now=0.0), budget.spend(now=0.0)] == [
        True,
        True,
        False,
    ]
