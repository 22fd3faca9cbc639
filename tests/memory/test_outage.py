"""A server that is away is left alone, and tried by one call at a time."""

from hypothesis import given
from hypothesis import strategies as st

from vrbridge.memory.outage import Outage


def outage() -> Outage:
    return Outage(rest_s=1.0, try_s=5.0, max_slow=3)


def test_a_server_that_answers_is_asked_by_all() -> None:
    calm = outage()
    assert all(calm.may_ask(10.0) for _ in range(5))
    assert calm.answered() is False


def test_after_a_loss_nobody_asks_for_a_while_and_then_one_does() -> None:
    away = outage()
    assert away.lost(10.0) is True
    assert away.is_on
    assert not away.may_ask(10.9)
    assert away.may_ask(11.0)
    assert not away.may_ask(11.0)
    assert away.lost(11.5) is False
    assert not away.may_ask(12.4)
    assert away.may_ask(12.5)


def test_an_answer_ends_it_for_all() -> None:
    away = outage()
    away.lost(10.0)
    assert away.may_ask(11.0)
    assert away.answered() is True
    assert not away.is_on
    assert all(away.may_ask(11.0) for _ in range(5))


def test_a_try_of_which_nothing_is_heard_is_followed_by_another() -> None:
    away = outage()
    away.lost(10.0)
    assert away.may_ask(11.0)
    assert not away.may_ask(15.9)
    assert away.may_ask(16.0)


def test_many_slow_calls_in_a_row_are_an_outage() -> None:
    busy = outage()
    assert [busy.slow(10.0), busy.slow(10.0)] == [False, False]
    assert busy.may_ask(10.0)
    assert busy.slow(10.0) is True
    assert not busy.may_ask(10.5)
    assert busy.may_ask(11.0)
    assert busy.slow(11.5) is False
    assert not busy.may_ask(12.0)


def test_slow_calls_between_others_are_none() -> None:
    busy = outage()
    for _ in range(9):
        assert not busy.slow(10.0)
        assert not busy.slow(10.0)
        assert busy.answered() is False
    assert not busy.is_on


@given(
    st.lists(st.tuples(st.sampled_from(["ask", "lost", "slow", "answered"]), st.floats(0, 3)), max_size=40)
)
def test_the_server_is_always_asked_again_in_the_end(events: list[tuple[str, float]]) -> None:
    any_outage = outage()
    now = 0.0
    for what, later_s in events:
        now += later_s
        if what == "ask":
            any_outage.may_ask(now)
        elif what == "answered":
            any_outage.answered()
        else:
            (any_outage.lost if what == "lost" else any_outage.slow)(now)
    assert any_outage.may_ask(now + 5.0)
