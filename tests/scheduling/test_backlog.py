"""Every job leaves the backlog once, in order, within the limits, for any arrivals."""

from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from vrbridge.errors import DeadlineExceeded, Overloaded
from vrbridge.scheduling.backlog import Ahead, Backlog
from vrbridge.scheduling.lanes import packed
from vrbridge.scheduling.waiting import Waiting, begins_s

COSTS = st.sampled_from([0.25, 0.5, 1.0, 2.0])


def make(max_wait_s: float = 1000.0, **bounds: Any) -> Backlog[str]:
    return Backlog(max_wait_s=max_wait_s, **bounds)


def put(
    backlog: Backlog[str], item: str, *, session: str = "s", tier: int = 0, cost_s: float = 1.0, **more: Any
) -> int:
    return backlog.add(item, session=session, tier=tier, cost_s=cost_s, **({"now": 0.0} | more))


def drain(backlog: Backlog[str]) -> list[str]:
    items = []
    while (item := backlog.take(now=0.0)) is not None:
        items.append(item)
    return items


def finish_all(backlog: Backlog[Any], numbers: list[int]) -> None:
    for number in numbers:
        assert backlog.take(now=0.0) is not None
        backlog.finish(number, seconds=1.0)


def test_an_empty_backlog_has_nothing_to_give() -> None:
    backlog = make()
    assert backlog.take(now=0.0) is None
    assert (len(backlog), backlog.seconds, backlog.ahead("s", tier=2, now=0.0)) == (0, 0.0, Ahead(0, 0.0))


def test_a_more_urgent_tier_goes_first_whenever_it_came() -> None:
    backlog = make()
    for item, tier in [("background", 2), ("normal", 1), ("interactive", 0)]:
        put(backlog, item, session="a", tier=tier, cost_s=1.0)
    assert drain(backlog) == ["interactive", "normal", "background"]


def test_jobs_of_one_session_keep_their_order() -> None:
    backlog = make()
    for item in "abc":
        put(backlog, item, session="s", tier=0, cost_s=1.0)
    assert drain(backlog) == ["a", "b", "c"]


def test_a_session_with_many_jobs_does_not_hold_up_one_with_few() -> None:
    backlog = make()
    for number in range(4):
        put(backlog, f"greedy{number}", session="greedy", tier=0, cost_s=1.0)
    put(backlog, "modest", session="modest", tier=0, cost_s=1.0)
    assert drain(backlog) == ["greedy0", "modest", "greedy1", "greedy2", "greedy3"]


def test_shares_are_of_work_and_not_of_jobs() -> None:
    backlog = make()
    for number in range(3):
        put(backlog, f"long{number}", session="long", tier=0, cost_s=4.0)
    for number in range(6):
        put(backlog, f"short{number}", session="short", tier=0, cost_s=1.0)
    order = drain(backlog)
    assert order[:6] == ["long0", "short0", "short1", "short2", "short3", "long1"]


def test_a_session_that_pauses_saves_up_half_a_second_of_work_and_no_more() -> None:
    backlog = make()
    for number in range(14):
        put(backlog, f"a{number}", session="a", tier=0, cost_s=0.25)
    for _ in range(10):
        backlog.take(now=0.0)
    for number in range(4):
        put(backlog, f"late{number}", session="late", tier=0, cost_s=0.25)
    assert drain(backlog) == ["late0", "late1", "late2", "a10", "late3", "a11", "a12", "a13"]


def test_a_session_whose_job_took_longer_than_estimated_waits_longer() -> None:
    backlog = make()
    numbers = {}
    for number in range(3):
        numbers[f"a{number}"] = put(backlog, f"a{number}", session="a")
        put(backlog, f"b{number}", session="b")
    assert [backlog.take(now=0.0), backlog.take(now=0.0)] == ["a0", "b0"]
    backlog.finish(numbers["a0"], seconds=2.5)
    assert drain(backlog) == ["b1", "b2", "a1", "a2"]


def test_a_session_whose_job_was_quicker_than_estimated_has_its_next_turn_sooner() -> None:
    backlog = make()
    first = put(backlog, "a0", session="a", cost_s=4.0)
    put(backlog, "a1", session="a")
    for number in range(3):
        put(backlog, f"b{number}", session="b")
    assert [backlog.take(now=0.0), backlog.take(now=0.0)] == ["a0", "b0"]
    backlog.finish(first, seconds=1.5)
    assert drain(backlog) == ["b1", "a1", "b2"]


def test_what_a_session_has_had_counts_as_long_as_anything_runs() -> None:
    backlog = make()
    put(backlog, "a0", session="a", cost_s=8.0)
    put(backlog, "b0", session="b")
    assert drain(backlog) == ["a0", "b0"]
    for number in range(2):
        put(backlog, f"a{number + 1}", session="a")
        put(backlog, f"b{number + 1}", session="b")
    assert drain(backlog) == ["b1", "b2", "a1", "a2"]


def test_what_sessions_have_had_is_forgotten_when_all_is_done() -> None:
    backlog = make()
    numbers = [put(backlog, "a0", session="a", cost_s=8.0), put(backlog, "b0", session="b")]
    finish_all(backlog, numbers)
    put(backlog, "a1", session="a")
    put(backlog, "b1", session="b")
    assert drain(backlog) == ["a1", "b1"]


def test_a_job_that_would_wait_too_long_is_refused_and_changes_nothing() -> None:
    backlog = make(max_wait_s=3.0)
    put(backlog, "a", cost_s=5.0)
    for n_workers in (0, 1):
        with pytest.raises(Overloaded) as caught:
            put(backlog, "b", n_workers=n_workers)
        assert caught.value.retry_after_s == 2.0
    assert drain(backlog) == ["a"]


def test_a_job_may_cost_more_than_others_may_wait() -> None:
    backlog = make(max_wait_s=3.0)
    put(backlog, "a", cost_s=2.0)
    put(backlog, "huge", cost_s=100.0)
    with pytest.raises(Overloaded):
        put(backlog, "b")
    assert drain(backlog) == ["a", "huge"]


def test_a_job_that_finds_nothing_waiting_is_let_in_whatever_runs_and_whatever_it_costs() -> None:
    backlog = make(max_wait_s=3.0, max_session_seconds=2.0)
    for session in "ab":
        put(backlog, session, session=session, cost_s=100.0)
        assert drain(backlog) == [session]


@pytest.mark.parametrize(("n_workers", "n_seconds"), [(1, 3), (2, 6), (100, 300)])
def test_the_more_workers_there_are_the_more_may_wait(n_workers: int, n_seconds: int) -> None:
    backlog = make(max_wait_s=3.0)
    for number in range(n_workers):
        put(backlog, f"running {number}", session=f"r{number}", n_workers=n_workers)
        backlog.take(now=-1.0)
    for number in range(n_seconds):
        put(backlog, f"waiting {number}", session=f"w{number}", n_workers=n_workers)
    put(backlog, "at the bound", session="at the bound", n_workers=n_workers)
    with pytest.raises(Overloaded):
        put(backlog, "beyond", session="beyond", n_workers=n_workers)


def test_one_long_job_shuts_nobody_out_where_another_worker_is_soon_free() -> None:
    backlog = make(max_wait_s=30.0)
    for item, cost_s in [("long", 60.0), ("short", 0.2)]:
        put(backlog, item, session=item, cost_s=cost_s, n_workers=2)
        backlog.take(now=0.0)
    put(backlog, "a", session="a", cost_s=0.4, n_workers=2)
    estimate = backlog.estimate("b", tier=0, cost_s=0.4, now=0.0, n_workers=2)
    assert estimate.eta_s == pytest.approx(0.2 + 0.4 + 0.4)


def test_what_runs_counts_until_it_is_done() -> None:
    backlog = make(max_wait_s=9.0)
    running = put(backlog, "running", session="a", cost_s=8.0)
    backlog.take(now=100.0)
    put(backlog, "waiting", session="b", cost_s=4.0)
    with pytest.raises(Overloaded) as caught:
        backlog.estimate("b", tier=0, cost_s=1.0, now=101.0)
    assert caught.value.retry_after_s == pytest.approx(2.0)
    assert backlog.estimate("b", tier=0, cost_s=1.0, now=103.0) == Waiting(2, 10.0)
    # What takes longer than estimated is nearly done.
    assert backlog.estimate("b", tier=0, cost_s=1.0, now=120.0) == Waiting(2, 5.0)
    backlog.finish(running, seconds=20.0)
    assert backlog.ahead("b", tier=0, now=120.0) == Ahead(1, 4.0)


def test_what_nobody_wants_any_more_is_nearly_done() -> None:
    backlog = make(max_session_seconds=5.0)
    running = put(backlog, "running", cost_s=5.0)
    backlog.take(now=0.0)
    with pytest.raises(Overloaded):
        put(backlog, "next")
    assert not backlog.remove(running)
    put(backlog, "next")
    assert backlog.estimate("t", tier=0, cost_s=1.0, now=0.0) == Waiting(1, 1.0)
    backlog.finish(running, seconds=0.5)
    assert drain(backlog) == ["next"]


def test_background_work_does_not_shut_interactive_work_out() -> None:
    backlog = make(max_wait_s=3.0)
    put(backlog, "background", session="s", tier=2, cost_s=4.0)
    put(backlog, "interactive", session="t", tier=0, cost_s=3.0)
    with pytest.raises(Overloaded):
        backlog.estimate("s", tier=2, cost_s=0.1, now=0.0)


def test_the_number_of_jobs_is_bounded_too() -> None:
    backlog = make(max_jobs=2)
    put(backlog, "a", session="s", cost_s=0.01)
    put(backlog, "b", session="t", tier=2, cost_s=0.01)
    with pytest.raises(Overloaded):
        put(backlog, "c", session="u", tier=1, cost_s=0.01)


def test_a_session_has_a_bound_of_its_own_and_the_others_are_let_in() -> None:
    backlog = make(max_wait_s=12.0, max_session_seconds=10.0)
    for number in range(10):
        put(backlog, f"flood{number}", session="flood")
    with pytest.raises(Overloaded, match="session"):
        put(backlog, "one more", session="flood")
    for number in range(6):
        # The flood is ahead with one job and no more, however much of it waits.
        assert backlog.ahead(f"s{number}", tier=0, now=0.0) == Ahead(1 + number, 1.0 + number)
        put(backlog, f"modest{number}", session=f"s{number}")
    assert drain(backlog)[:8] == ["flood0", *(f"modest{n}" for n in range(6)), "flood1"]


def test_what_a_session_has_running_counts_against_its_bound() -> None:
    backlog = make(max_session_seconds=3.0)
    for number in range(2):
        put(backlog, str(number), session="s", cost_s=1.5)
    backlog.take(now=0.0)
    with pytest.raises(Overloaded):
        put(backlog, "more", session="s", cost_s=1.0, now=0.5)
    put(backlog, "more", session="s", cost_s=1.0, now=1.0)


def test_a_session_is_told_to_come_back_when_it_will_have_had_its_share() -> None:
    backlog = make(max_session_seconds=10.0)
    for number in range(10):
        put(backlog, f"flood{number}", session="flood")
    with pytest.raises(Overloaded) as alone:
        put(backlog, "more", session="flood", cost_s=4.0)
    assert alone.value.retry_after_s == 4.0
    for number in range(10):
        put(backlog, f"a{number}", session="a")
        put(backlog, f"b{number}", session="b")
    with pytest.raises(Overloaded) as shared:
        put(backlog, "more", session="flood", cost_s=4.0)
    assert shared.value.retry_after_s == pytest.approx(3 * 4.0, abs=2.0)
    with pytest.raises(Overloaded) as faster:
        put(backlog, "more", session="flood", cost_s=4.0, n_workers=4)
    assert faster.value.retry_after_s == pytest.approx(3.0, abs=0.6)


def test_an_estimate_is_what_fair_sharing_leaves() -> None:
    backlog = make()
    assert backlog.estimate("s", tier=0, cost_s=2.0, now=0.0) == Waiting(0, 2.0)
    assert backlog.estimate("s", tier=0, cost_s=2.0, now=0.0, n_workers=0) == Waiting(1, None)
    put(backlog, "running", session="flood", cost_s=3.0)
    backlog.take(now=0.0)
    for number in range(6):
        put(backlog, f"flood{number}", session="flood")
    assert backlog.estimate("s", tier=0, cost_s=2.0, now=1.0) == Waiting(1, 2.0 + 2.0)
    assert backlog.estimate("flood", tier=0, cost_s=2.0, now=1.0) == Waiting(7, 2.0 + 6.0 + 2.0)
    # More urgent work goes first, whoever it belongs to.
    assert backlog.estimate("s", tier=1, cost_s=2.0, now=1.0) == Waiting(7, 2.0 + 6.0 + 2.0)
    assert backlog.estimate("s", tier=0, cost_s=2.0, now=1.0, n_workers=2) == Waiting(0, 2.0)


@given(st.lists(st.sampled_from("abcd"), max_size=40), st.integers(0, 20), st.sampled_from("abcde"))
def test_a_position_is_what_comes_true_if_nobody_else_comes(
    sessions: list[str], n_before: int, mine: str
) -> None:
    backlog = make()
    numbers = {str(n): put(backlog, str(n), session=session) for n, session in enumerate(sessions)}
    for _ in range(n_before):
        if (item := backlog.take(now=0.0)) is not None:
            backlog.finish(numbers[item], seconds=1.0)
    ahead = backlog.ahead(mine, tier=0, now=0.0)
    put(backlog, "mine", session=mine)
    order = drain(backlog)
    assert order.index("mine") == ahead.n_jobs
    assert ahead.seconds == ahead.n_jobs


def test_a_job_that_would_end_after_its_deadline_is_refused_at_once() -> None:
    backlog = make()
    put(backlog, "running", cost_s=4.0)
    backlog.take(now=0.0)
    put(backlog, "waiting", cost_s=4.0)
    with pytest.raises(Overloaded, match="deadline") as caught:
        put(backlog, "late", session="t", cost_s=1.0, deadline=3.0)
    assert caught.value.retry_after_s == pytest.approx(2.0)
    put(backlog, "in time", session="t", cost_s=1.0, deadline=5.5)
    with pytest.raises(DeadlineExceeded):
        put(backlog, "over", now=10.0, deadline=10.0)


def test_a_job_that_starts_at_once_may_try_whatever_it_is_thought_to_cost() -> None:
    backlog = make()
    put(backlog, "long", cost_s=50.0, deadline=1.0)
    assert backlog.expire(now=0.5) == []
    assert drain(backlog) == ["long"]
    put(backlog, "next", cost_s=50.0, deadline=1.0, n_workers=2)
    assert backlog.expire(now=1.0) == ["next"]


def test_jobs_leave_when_they_can_not_be_done_in_time_any_more_and_not_before() -> None:
    backlog = make()
    put(backlog, "late", deadline=20.0)
    put(backlog, "soon", deadline=10.0)
    put(backlog, "patient")
    assert backlog.expire(now=8.9) == []
    assert backlog.expire(now=9.0) == ["soon"]
    assert drain(backlog) == ["late", "patient"]
    assert backlog.expire(now=30.0) == []


def test_no_session_runs_more_at_once_than_it_may() -> None:
    backlog = make(max_running=2)
    numbers = [put(backlog, f"a{number}", session="a", n_workers=4) for number in range(4)]
    assert drain(backlog) == ["a0", "a1"]
    assert backlog.estimate("a", tier=0, cost_s=1.0, now=0.0, n_workers=4) == Waiting(3, 3.0)
    assert backlog.estimate("b", tier=0, cost_s=1.0, now=0.0, n_workers=4).position == 0
    put(backlog, "b0", session="b", n_workers=4)
    assert drain(backlog) == ["b0"]
    backlog.finish(numbers[0], seconds=1.0)
    assert drain(backlog) == ["a2"]
    backlog.finish(numbers[2], seconds=1.0)
    backlog.finish(numbers[1], seconds=1.0)
    assert drain(backlog) == ["a3"]


def test_compatible_jobs_come_along_in_fair_order_and_each_session_pays_for_its_own() -> None:
    backlog = make()
    first = put(backlog, "a0", session="a", key="k")
    for item, session, key in [
        ("a1", "a", "k"), ("b0", "b", "other"), ("b1", "b", "k"), ("c0", "c", "k"), ("a2", "a", "k"),
    ]:  # fmt: skip
        put(backlog, item, session=session, key=key)
    assert backlog.take(now=0.0) == "a0"
    # What else b waits for is next, and does not wait for company.
    assert backlog.take_along(first, max_jobs=3, now=0.0) == []
    assert backlog.take(now=0.0) == "b0"
    assert backlog.take_along(first, max_jobs=3, now=0.0) == ["c0", "a1", "b1"]
    assert (len(backlog), backlog.n_running, backlog.n_lanes, backlog.seconds) == (1, 5, 2, 1.0)
    # b and a have had two jobs each, c one.
    put(backlog, "c1", session="c")
    assert drain(backlog) == ["c1", "a2"]


def test_something_more_urgent_does_not_wait_for_company() -> None:
    backlog = make()
    normal = put(backlog, "normal", session="a", tier=1, key="k")
    put(backlog, "normal too", session="b", tier=1, key="k")
    assert backlog.take(now=0.0) == "normal"
    put(backlog, "word", session="c", tier=-1)
    assert backlog.take_along(normal, max_jobs=8, now=0.0) == []
    assert drain(backlog) == ["word", "normal too"]


def test_nothing_comes_along_with_a_job_that_shares_with_none() -> None:
    backlog = make()
    number = put(backlog, "a")
    put(backlog, "b")
    backlog.take(now=0.0)
    assert backlog.take_along(number, max_jobs=8, now=0.0) == []
    assert drain(backlog) == ["b"]


def test_only_what_is_at_least_as_urgent_comes_along() -> None:
    backlog = make(max_running=1)
    barred = put(backlog, "barred", session="a", tier=0, key="other")
    put(backlog, "urgent", session="a", tier=0, key="k")
    normal = put(backlog, "normal", session="b", tier=1, key="k")
    put(backlog, "normal too", session="c", tier=1, key="k")
    put(backlog, "background", session="d", tier=2, key="k")
    assert [backlog.take(now=0.0), backlog.take(now=0.0)] == ["barred", "normal"]
    backlog.finish(barred, seconds=1.0)
    assert backlog.take_along(normal, max_jobs=8, now=0.0) == ["urgent", "normal too"]
    assert drain(backlog) == ["background"]


def test_nobody_comes_along_for_whom_there_would_be_too_little_time() -> None:
    backlog = make()
    first = put(backlog, "first", session="a", deadline=2.5, key="k")
    put(backlog, "fitting", session="c", key="k")
    put(backlog, "too long", session="b", cost_s=2.0, key="k")
    put(backlog, "behind it", session="d", key="k")
    backlog.take(now=0.0)
    assert backlog.take_along(first, max_jobs=8, now=0.0) == ["fitting"]


def test_a_batch_holds_one_lane_and_its_work_is_what_its_jobs_cost() -> None:
    backlog = make()
    numbers = [put(backlog, f"{n}", session="abcd"[n], key="k") for n in range(4)]
    backlog.take(now=0.0)
    assert backlog.take_along(numbers[0], max_jobs=3, now=0.0) == ["1", "2", "3"]
    assert backlog.estimate("e", tier=0, cost_s=1.0, now=1.0, n_workers=2) == Waiting(0, 1.0)
    assert backlog.estimate("e", tier=0, cost_s=1.0, now=1.0, n_workers=1) == Waiting(1, 3.0 + 1.0)
    backlog.finish_together(numbers, seconds=2.0)
    assert (backlog.n_running, backlog.n_lanes) == (0, 0)


def test_what_a_batch_saved_is_saved_for_all_of_its_sessions() -> None:
    backlog = make()
    numbers = [put(backlog, f"{s}0", session=s, cost_s=4.0, key="k") for s in "ab"]
    put(backlog, "long", session="c", cost_s=3.0)
    for session in "abc":
        put(backlog, f"{session}1", session=session)
    assert backlog.take(now=0.0) == "a0"
    assert backlog.take_along(numbers[0], max_jobs=1, now=0.0) == ["b0"]
    assert backlog.take(now=0.0) == "long"
    backlog.finish_together(numbers, seconds=4.0)
    # Two seconds each for a and b, three for c.
    assert drain(backlog) == ["a1", "b1", "c1"]


def test_a_session_at_its_bound_joins_the_lane_that_it_holds_and_no_other() -> None:
    backlog = make(max_running=1)
    a0 = put(backlog, "a0", session="a", key="k", n_workers=4)
    b0 = put(backlog, "b0", session="b", key="k", n_workers=4)
    assert drain(backlog) == ["a0", "b0"]
    put(backlog, "a1", session="a", key="k", n_workers=4)
    assert backlog.take(now=0.0) is None
    assert backlog.take_along(b0, max_jobs=8, now=0.0) == []
    assert backlog.take_along(a0, max_jobs=8, now=0.0) == ["a1"]
    backlog.finish_together([a0, a0 + 2], seconds=1.0)
    put(backlog, "a2", session="a")
    assert drain(backlog) == ["a2"]


def test_a_removed_job_does_not_run_and_can_be_removed_only_once() -> None:
    backlog = make()
    number = put(backlog, "a", session="s", tier=0, cost_s=1.0, deadline=5.0)
    assert backlog.remove(number)
    assert not backlog.remove(number)
    assert backlog.expire(now=9.0) == []
    assert backlog.take(now=0.0) is None


def test_clearing_returns_everything_oldest_first() -> None:
    backlog = make()
    for item, tier in [("a", 2), ("b", 0), ("c", 1)]:
        put(backlog, item, session=item, tier=tier, cost_s=1.0)
    assert backlog.clear() == ["a", "b", "c"]
    assert backlog.take(now=0.0) is None
    assert backlog.seconds == 0.0


@given(st.dictionaries(st.sampled_from("abcd"), st.lists(COSTS, min_size=1, max_size=12), min_size=2))
def test_sessions_that_keep_waiting_get_equal_work(costs: dict[str, list[float]]) -> None:
    backlog: Backlog[tuple[str, float]] = Backlog(max_wait_s=1e9)
    for session, jobs in costs.items():
        for cost_s in jobs:
            backlog.add((session, cost_s), now=0.0, session=session, tier=0, cost_s=cost_s)
    had = dict.fromkeys(costs, 0.0)
    left = {session: len(jobs) for session, jobs in costs.items()}
    while (job := backlog.take(now=0.0)) is not None:
        session, cost_s = job
        had[session] += cost_s
        left[session] -= 1
        waiting = [had[name] for name in costs if left[name]]
        if waiting:
            # The bound of start-time fair queueing: one largest job of each of the two.
            assert max(waiting) - min(waiting) <= 2 * max(max(jobs) for jobs in costs.values())


class BacklogMachine(RuleBasedStateMachine):
    """Any arrivals, departures, ends, cancellations and deadlines, against plain lists of what there is."""

    def __init__(self) -> None:
        super().__init__()
        self.backlog: Backlog[int] = Backlog(
            max_wait_s=4.0, max_session_seconds=6.0, max_jobs=10, max_running=2
        )
        self.waiting: dict[int, tuple[str, int, float, float | None]] = {}
        self.running: dict[int, tuple[str, float, float]] = {}
        self.tickets: dict[int, int] = {}
        self.n_items = 0
        self.now = 0.0

    def left_s(self, session: str | None = None) -> float:
        return sum(self.left_s_of(i) for i, job in self.running.items() if session in (None, job[0]))

    def left_s_of(self, item: int) -> float:
        _, cost_s, began = self.running[item]
        return max(0.0, cost_s - (self.now - began))

    @rule(
        session=st.sampled_from("abc"), tier=st.integers(0, 2), cost_s=COSTS,
        wait_s=st.none() | st.sampled_from([1.0, 3.0]),
    )  # fmt: skip
    def add(self, session: str, tier: int, cost_s: float, wait_s: float | None) -> None:
        item, self.n_items = self.n_items, self.n_items + 1
        deadline = None if wait_s is None else self.now + wait_s
        own_s = self.left_s(session) + sum(
            cost for name, _, cost, _ in self.waiting.values() if name == session
        )
        ahead = self.backlog.ahead(session, tier=tier, now=self.now)
        # More may run than there are workers: the rest follows what is done first.
        busy_s = packed([self.left_s_of(i) for i in self.running], 3)
        begins = begins_s(busy_s, ahead.seconds - self.left_s())
        n_own = sum(name == session for name, _, _ in self.running.values())
        starts_at_once = 3 - len(self.running) > ahead.n_jobs and n_own < 2
        has_room = len(self.waiting) < 10
        has_room &= own_s == 0 or own_s + cost_s <= 6.0
        has_room &= starts_at_once or ahead.n_jobs == 0 or begins <= 4.0
        try:
            ticket = self.backlog.add(
                item, session=session, tier=tier, cost_s=cost_s, now=self.now, n_workers=3, deadline=deadline
            )
        except Overloaded:
            # Besides for room, only the deadline is a reason.
            assert not has_room or (wait_s is not None and len(self.waiting) + len(self.running) > 1)
            return
        assert has_room
        self.tickets[item] = ticket
        self.waiting[item] = (session, tier, cost_s, deadline)

    @rule()
    def take(self) -> None:
        item = self.backlog.take(now=self.now)
        n_running = Counter(session for session, _, _ in self.running.values())
        eligible = {i: job for i, job in self.waiting.items() if n_running[job[0]] < 2}
        if item is None:
            assert not eligible
            return
        session, tier, cost_s, _ = eligible.pop(item)
        del self.waiting[item]
        assert tier <= min((its_tier for _, its_tier, _, _ in eligible.values()), default=tier)
        assert not [
            i
            for i, (name, its_tier, _, _) in eligible.items()
            if (name, its_tier) == (session, tier) and i < item
        ]
        self.running[item] = (session, cost_s, self.now)

    @precondition(lambda self: bool(self.running))
    @rule(data=st.data(), seconds=st.sampled_from([0.0, 0.5, 5.0]))
    def finish(self, data: st.DataObject, seconds: float) -> None:
        item = data.draw(st.sampled_from(sorted(self.running)))
        del self.running[item]
        self.backlog.finish(self.tickets[item], seconds=seconds)

    @precondition(lambda self: bool(self.waiting))
    @rule(data=st.data())
    def remove(self, data: st.DataObject) -> None:
        item = data.draw(st.sampled_from(sorted(self.waiting)))
        del self.waiting[item]
        assert self.backlog.remove(self.tickets[item])

    @rule(seconds=st.sampled_from([0.5, 2.0]))
    def pass_time(self, seconds: float) -> None:
        self.now += seconds
        hopeless = {
            i
            for i, (_, _, cost_s, deadline) in self.waiting.items()
            if deadline and deadline - cost_s <= self.now
        }
        over = {i for i in hopeless if (self.waiting[i][3] or 0.0) <= self.now}
        expired = self.backlog.expire(now=self.now)
        assert len(expired) == len(set(expired))
        # The only one that waits may try until its deadline has come.
        assert over <= set(expired) <= hopeless
        assert len(hopeless - set(expired)) <= (len(self.waiting) - len(expired) == 1)
        for item in expired:
            del self.waiting[item]

    @invariant()
    def counts_agree(self) -> None:
        assert len(self.backlog) == len(self.waiting)
        assert self.backlog.n_running == len(self.running)
        assert self.backlog.seconds == sum(cost for _, _, cost, _ in self.waiting.values())
        # A session that has nothing never finds more ahead than there is.
        there_is = Ahead(len(self.waiting), self.backlog.seconds + self.left_s())
        ahead = self.backlog.ahead("newcomer", tier=3, now=self.now)
        assert ahead == there_is
        assert self.backlog.ahead("newcomer", tier=1, now=self.now).n_jobs <= there_is.n_jobs


TestBacklogMachine = BacklogMachine.TestCase


def test_what_is_looked_at_goes_before_the_rest_of_its_session_and_after_a_more_urgent_tier() -> None:
    backlog = make()
    for item, tier, weight in [("far", 0, -1.0), ("urgent", -1, -1.0), ("seen", 0, 1.0), ("later", 1, 2.0)]:
        put(backlog, item, tier=tier, weight=lambda weight=weight: weight)
    assert drain(backlog) == ["urgent", "seen", "far", "later"]


def test_what_is_looked_at_waits_only_for_what_is_looked_at_more() -> None:
    backlog = make()
    for item, weight in [("running", 0.0), ("behind", -1.0), ("behind too", -1.0), ("ahead", 0.9)]:
        put(backlog, item, cost_s=2.0, weight=lambda weight=weight: weight)
    assert backlog.take(now=0.0) == "ahead"
    estimate = backlog.estimate("s", tier=0, cost_s=1.0, now=0.0, weight=lambda: 0.5)
    assert estimate == Waiting(1, 2.0 + 1.0)
    assert backlog.estimate("s", tier=0, cost_s=1.0, now=0.0, weight=lambda: -1.0) == Waiting(4, 9.0)


def test_what_is_looked_at_is_let_in_though_the_rest_could_not_be_done_in_time() -> None:
    backlog = make()
    for number in range(5):
        put(backlog, f"behind {number}", cost_s=2.0, weight=lambda: -1.0)
    backlog.take(now=0.0)
    with pytest.raises(Overloaded):
        put(backlog, "also behind", deadline=5.0, weight=lambda: -1.0)
    put(backlog, "ahead", deadline=5.0, weight=lambda: 1.0)
    assert drain(backlog)[0] == "ahead"


def test_the_load_is_how_long_one_waits_for_what_waits_ahead_of_how_long_one_may() -> None:
    backlog = make(max_wait_s=10.0)
    assert backlog.estimate("s", tier=0, cost_s=2.0, now=0.0).load == 0.0
    for number in range(6):
        put(backlog, str(number), cost_s=1.0)
    # As long as there is no worker, there might be one.
    assert backlog.estimate("s", tier=0, cost_s=2.0, now=0.0, n_workers=0).load == pytest.approx(0.6)
    for _ in range(2):
        backlog.take(now=0.0)
    for cost_s in (1.0, 60.0):
        estimate = backlog.estimate("s", tier=0, cost_s=cost_s, now=0.5, n_workers=2)
        assert estimate.load == pytest.approx(0.2)


@pytest.mark.parametrize("left_s", [[60.0, 0.2], [60.0, 60.0], [0.35] * 100])
def test_where_nothing_waits_there_is_no_load_whatever_runs(left_s: list[float]) -> None:
    backlog = make(max_wait_s=30.0)
    for number, cost_s in enumerate(left_s):
        put(backlog, "", session=f"s{number}", cost_s=cost_s, n_workers=len(left_s))
        backlog.take(now=0.0)
    for cost_s in (0.4, 60.0):
        estimate = backlog.estimate("s", tier=0, cost_s=cost_s, now=0.0, n_workers=len(left_s))
        assert (estimate.position, estimate.load) == (1, 0.0)
