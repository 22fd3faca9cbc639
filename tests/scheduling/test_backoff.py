"""Delays double, stay bounded, and start over after a success."""

from vrbridge.scheduling.backoff import Backoff


def test_delays_double_from_half_a_second_to_twenty() -> None:
    backoff = Backoff()
    assert [backoff.fail() for _ in range(8)] == [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 20.0, 20.0]
    assert backoff.n_failures == 8


def test_a_success_starts_over() -> None:
    backoff = Backoff(first_s=1.0)
    backoff.fail()
    backoff.fail()
    backoff.succeed()
    assert backoff.n_failures == 0
    assert backoff.fail() == 1.0


def test_ten_thousand_failures_are_no_error() -> None:
    backoff = Backoff(longest_s=3.0)
    assert max(backoff.fail() for _ in range(10_000)) == 3.0
