"""Percentiles, fairness, and values second by second."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vrbridge.bench.measures import by_second, jain, percentile

SHARES = st.lists(st.floats(0.01, 1e6), min_size=1, max_size=30)


@pytest.mark.parametrize(("percent", "expected"), [(0, 1.0), (50, 3.0), (75, 4.0), (90, 4.6), (100, 5.0)])
def test_a_percentile_lies_between_its_neighbours_in_proportion(percent: float, expected: float) -> None:
    assert percentile([5, 1, 4, 2, 3], percent) == pytest.approx(expected)


def test_one_value_is_every_percentile_and_none_has_none() -> None:
    assert [percentile([7.0], percent) for percent in (0, 50, 99, 100)] == [7.0] * 4
    assert percentile([], 50) is None


def test_equal_shares_are_fair_and_one_taker_is_not() -> None:
    assert jain([3.0] * 20) == pytest.approx(1)
    assert jain([5.0, 0.0, 0.0, 0.0]) == pytest.approx(1 / 4)
    assert jain([0.0, 0.0]) is None
    assert jain([]) is None


@given(SHARES, st.floats(0.01, 100))
def test_fairness_is_within_its_bounds_and_has_no_unit(shares: list[float], factor: float) -> None:
    fairness = jain(shares)
    assert fairness is not None
    assert 1 / len(shares) - 1e-9 <= fairness <= 1 + 1e-9
    assert jain([share * factor for share in shares]) == pytest.approx(fairness)


def test_each_second_has_one_value_also_one_without_samples() -> None:
    samples = [(12.1, 5.0), (10.0, 1.0), (10.9, 3.0), (9.99, 100.0), (13.0, 100.0)]
    counts = by_second(samples, 10.0, 13.0, lambda values: float(len(values)))
    largest = by_second(samples, 10.0, 13.0, lambda values: max(values, default=None))
    assert counts == [2.0, 0.0, 1.0]
    assert largest == [3.0, None, 5.0]
