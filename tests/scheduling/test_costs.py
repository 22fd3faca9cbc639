"""Estimates become truthful by what jobs really took."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vrbridge.scheduling.costs import Costs


def test_nothing_learned_means_the_estimate_as_it_is() -> None:
    costs = Costs()
    assert costs.expected_s(2.0, call="texture") == 2.0
    assert costs.expected_s(2.0) == 2.0


def test_the_first_job_counts_wholly_for_its_call_and_partly_for_others() -> None:
    costs = Costs()
    costs.learn("texture", estimate_s=1.0, actual_s=3.0)
    assert costs.expected_s(2.0, call="texture") == 6.0
    assert costs.expected_s(2.0, call="mesh") == pytest.approx(2 * (0.8 + 3.0) / (0.8 + 1.0))


def test_small_jobs_that_take_long_say_little_about_large_ones() -> None:
    costs = Costs()
    costs.learn("embed", estimate_s=0.02, actual_s=1.0)
    assert costs.expected_s(1.0, call="embed") == 50.0
    assert costs.expected_s(1.0, call="texture") < 3.0
    for _ in range(50):
        costs.learn("embed", estimate_s=0.02, actual_s=1.0)
    assert costs.expected_s(1.0, call="texture") == 5.0


@given(st.floats(0.2, 5.0), st.lists(st.floats(0.05, 5.0), min_size=40, max_size=60))
def test_a_steady_ratio_is_found(ratio: float, estimates: list[float]) -> None:
    costs = Costs()
    costs.learn("mesh", estimate_s=1.0, actual_s=1.0)
    for estimate_s in estimates:
        costs.learn("mesh", estimate_s=estimate_s, actual_s=estimate_s * ratio)
    assert costs.expected_s(1.0, call="mesh") == pytest.approx(ratio, rel=0.01)
    assert costs.expected_s(1.0) == pytest.approx(ratio, rel=0.01)


def test_one_odd_job_makes_no_absurd_estimate() -> None:
    costs = Costs()
    costs.learn("mesh", estimate_s=0.0, actual_s=1e9)
    assert costs.expected_s(1.0, call="mesh") == 50.0


def test_each_size_has_its_own_seconds_whatever_the_kind_reckons() -> None:
    costs = Costs()
    for _ in range(30):
        # Twice as fast as estimated where it is small, three times as slow where it is large.
        costs.learn("texture", size="512", estimate_s=0.4, actual_s=0.2)
        costs.learn("texture", size="2048", estimate_s=5.0, actual_s=15.0)
    assert costs.expected_s(0.4, call="texture", size="512") == pytest.approx(0.2, rel=0.01)
    assert costs.expected_s(5.0, call="texture", size="2048") == pytest.approx(15.0, rel=0.01)


def test_a_size_that_has_not_run_is_reckoned_as_its_call() -> None:
    costs = Costs()
    costs.learn("texture", size="512", estimate_s=1.0, actual_s=3.0)
    assert costs.expected_s(2.0, call="texture", size="1024") == costs.expected_s(2.0, call="texture") == 6.0


def test_the_first_job_of_a_size_counts_as_much_as_what_was_known_of_its_call() -> None:
    costs = Costs()
    for _ in range(20):
        costs.learn("texture", size="512", estimate_s=1.0, actual_s=1.0)
    expected = []
    for _ in range(3):
        costs.learn("texture", size="1024", estimate_s=1.0, actual_s=4.0)
        expected.append(costs.expected_s(1.0, call="texture", size="1024"))
    assert expected == pytest.approx([2.5, 3.0, 3.25])
    assert costs.expected_s(1.0, call="texture", size="512") == 1.0


def test_sizes_that_have_not_run_for_long_are_forgotten() -> None:
    costs = Costs()
    for number in range(2000):
        costs.learn("texture", size="often", estimate_s=1.0, actual_s=2.0)
        costs.learn("texture", size=f"once {number}", estimate_s=1.0, actual_s=1.0)
    assert len(costs._sizes) == 512
    call = costs.expected_s(1.0, call="texture")
    assert costs.expected_s(1.0, call="texture", size="often") == pytest.approx(2.0)
    assert costs.expected_s(1.0, call="texture", size="once 0") == call
    assert costs.expected_s(1.0, call="texture", size="once 1999") != call
