"""Waits between attempts to connect."""

from hypothesis import given
from hypothesis import strategies as st

from vrbridge.client.backoff import BASE_S, MAX_S, backoff_s


@given(st.integers(0, 10**6), st.floats(0, 1, exclude_max=True))
def test_a_wait_is_anywhere_below_a_bound_that_doubles_up_to_a_limit(attempt: int, drawn: float) -> None:
    bound = min(MAX_S, BASE_S * 2.0 ** min(attempt, 30))
    assert backoff_s(attempt, lambda: drawn) == drawn * bound
