"""Every job leaves the backlog once, in order, within the limits, for any arrivals."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from vrbridge.errors import Overloaded
from vrbridge.scheduling.backlog import Ahead, Backlog

COSTS = st.sampled_from([0.25, 0.5, 1.0, 2.0])


def make(max_seconds: float = 1000.0, max_jobs: int = 4096) -> Backlog[str]:
    return Backlog(max_seconds=max_seconds, max_jobs=max_jobs)


def drain(backlog: Backlog[str]) -> list[str]:
    items = []
    while (item := backlog.take()) is not None:
        items.append(item)
    return items


def test_an_empty_backlog_has_nothing_to_give() -> None:
    backlog = make()
    assert backlog.take() is None
    assert (len(backlog), backlog.seconds, backlog.ahead(2)) == (0, 0.0, Ahead(0, 0.0))


def test_a_more_urgent_tier_goes_first_whenever_it_came() -> None:
    backlog = make()
    for item, tier in [("background", 2), ("normal", 1), ("interactive", 0)]:
        backlog.add(item, session="a", tier=tier, cost_s=1.0)
    assert drain(backlog) == ["interactive", "normal", "background"]


def test_jobs_of_one_session_keep_their_order() -> None:
    backlog = make()
    for item in "abc":
        backlog.add(item, session="s", tier=0, cost_s=1.0)
    assert drain(backlog) == ["a", "b", "c"]


def test_a_session_with_many_jobs_does_not_hold_up_one_with_few() -> None:
    backlog = make()
    for number in range(4):
        backlog.add(f"greedy{number}", session="greedy", tier=0, cost_s=1.0)
    backlog.add("modest", session="modest", tier=0, cost_s=1.0)
    assert drain(backlog) == ["greedy0", "modest", "greedy1", "greedy2", "greedy3"]


def test_shares_are_of_work_and_not_of_jobs() -> None:
    backlog = make()
    for number in range(3):
        backlog.add(f"long{number}", session="long", tier=0, cost_s=4.0)
    for number in range(6):
        backlog.add(f"short{number}", session="short", tier=0, cost_s=1.0)
    order = drain(backlog)
    assert order[:6] == ["long0", "short0", "short1", "short2", "short3", "long1"]


def test_a_session_that_pauses_saves_up_nothing() -> None:
    backlog = make()
    for number in range(8):
        backlog.add(f"a{number}", session="a", tier=0, cost_s=1.0)
    assert [backlog.take() for _ in range(5)] == ["a0", "a1", "a2", "a3", "a4"]
    for number in range(3):
        backlog.add(f"late{number}", session="late", tier=0, cost_s=1.0)
    assert drain(backlog) == ["late0", "a5", "late1", "a6", "late2", "a7"]


def test_a_session_whose_job_took_longer_than_estimated_waits_longer() -> None:
    backlog = make()
    for number in range(3):
        backlog.add(f"a{number}", session="a", tier=0, cost_s=1.0)
        backlog.add(f"b{number}", session="b", tier=0, cost_s=1.0)
    assert [backlog.take(), backlog.take()] == ["a0", "b0"]
    backlog.charge("a", tier=0, seconds=1.5)
    assert drain(backlog) == ["b1", "b2", "a1", "a2"]


def test_a_job_over_the_limit_is_refused_and_changes_nothing() -> None:
    backlog = make(max_seconds=3.0)
    backlog.add("a", session="s", tier=0, cost_s=2.0)
    with pytest.raises(Overloaded) as caught:
        backlog.add("b", session="s", tier=0, cost_s=4.0)
    assert caught.value.retry_after_s == 3.0
    backlog.add("c", session="s", tier=0, cost_s=1.0)
    assert drain(backlog) == ["a", "c"]


def test_a_job_that_finds_nothing_waiting_is_let_in_whatever_it_costs() -> None:
    backlog = make(max_seconds=3.0)
    backlog.add("huge", session="s", tier=0, cost_s=100.0)
    assert drain(backlog) == ["huge"]


def test_background_work_does_not_shut_interactive_work_out() -> None:
    backlog = make(max_seconds=3.0)
    backlog.add("background", session="s", tier=2, cost_s=3.0)
    backlog.add("interactive", session="t", tier=0, cost_s=3.0)
    with pytest.raises(Overloaded):
        backlog.check_room(tier=2, cost_s=0.1)


def test_the_number_of_jobs_is_bounded_too() -> None:
    backlog = make(max_jobs=2)
    backlog.add("a", session="s", tier=0, cost_s=0.01)
    backlog.add("b", session="t", tier=2, cost_s=0.01)
    with pytest.raises(Overloaded):
        backlog.add("c", session="u", tier=1, cost_s=0.01)


def test_jobs_expire_at_their_deadline_and_not_before() -> None:
    backlog = make()
    backlog.add("late", session="s", tier=0, cost_s=1.0, deadline=20.0)
    backlog.add("soon", session="s", tier=0, cost_s=1.0, deadline=10.0)
    backlog.add("patient", session="s", tier=0, cost_s=1.0)
    assert backlog.expire(now=9.9) == []
    assert backlog.expire(now=10.0) == ["soon"]
    assert drain(backlog) == ["late", "patient"]
    assert backlog.expire(now=30.0) == []


def test_a_removed_job_does_not_run_and_can_be_removed_only_once() -> None:
    backlog = make()
    number = backlog.add("a", session="s", tier=0, cost_s=1.0, deadline=5.0)
    assert backlog.remove(number)
    assert not backlog.remove(number)
    assert backlog.expire(now=9.0) == []
    assert backlog.take() is None


def test_clearing_returns_everything_oldest_first() -> None:
    backlog = make()
    for item, tier in [("a", 2), ("b", 0), ("c", 1)]:
        backlog.add(item, session=item, tier=tier, cost_s=1.0)
    assert backlog.clear() == ["a", "b", "c"]
    assert backlog.take() is None
    assert backlog.seconds == 0.0


@given(st.dictionaries(st.sampled_from("abcd"), st.lists(COSTS, min_size=1, max_size=12), min_size=2))
def test_sessions_that_keep_waiting_get_equal_work(costs: dict[str, list[float]]) -> None:
    backlog: Backlog[tuple[str, float]] = Backlog(max_seconds=1e9)
    for session, jobs in costs.items():
        for cost_s in jobs:
            backlog.add((session, cost_s), session=session, tier=0, cost_s=cost_s)
    had = dict.fromkeys(costs, 0.0)
    left = {session: len(jobs) for session, jobs in costs.items()}
    while (job := backlog.take()) is not None:
        session, cost_s = job
        had[session] += cost_s
        left[session] -= 1
        waiting = [had[name] for name in costs if left[name]]
        if waiting:
            # The bound of start-time fair queueing: one largest job of each of the two.
            assert max(waiting) - min(waiting) <= 2 * max(max(jobs) for jobs in costs.values())


class BacklogMachine(RuleBasedStateMachine):
    """Any arrivals, departures, cancellations and deadlines, against a plain list of what should wait."""

    def __init__(self) -> None:
        super().__init__()
        self.backlog: Backlog[int] = Backlog(max_seconds=12.0, max_jobs=10)
        self.waiting: dict[int, tuple[str, int, float, float | None]] = {}
        self.tickets: dict[int, int] = {}
        self.n_items = 0
        self.now = 0.0

    @rule(
        session=st.sampled_from("abc"), tier=st.integers(0, 2), cost_s=COSTS,
        wait_s=st.none() | st.sampled_from([1.0, 3.0]),
    )  # fmt: skip
    def add(self, session: str, tier: int, cost_s: float, wait_s: float | None) -> None:
        item, self.n_items = self.n_items, self.n_items + 1
        deadline = None if wait_s is None else self.now + wait_s
        ahead_s = sum(cost for _, its_tier, cost, _ in self.waiting.values() if its_tier <= tier)
        has_room = len(self.waiting) < 10 and (ahead_s == 0 or ahead_s + cost_s <= 12.0)
        try:
            ticket = self.backlog.add(item, session=session, tier=tier, cost_s=cost_s, deadline=deadline)
        except Overloaded:
            assert not has_room
            return
        assert has_room
        self.tickets[item] = ticket
        self.waiting[item] = (session, tier, cost_s, deadline)

    @rule()
    def take(self) -> None:
        item = self.backlog.take()
        if item is None:
            assert not self.waiting
            return
        session, tier, _, _ = self.waiting.pop(item)
        others = self.waiting.items()
        assert tier <= min((its_tier for _, (_, its_tier, _, _) in others), default=tier)
        older = [
            i for i, (name, its_tier, _, _) in others if (name, its_tier) == (session, tier) and i < item
        ]
        assert older == []

    @precondition(lambda self: bool(self.waiting))
    @rule(data=st.data())
    def remove(self, data: st.DataObject) -> None:
        item = data.draw(st.sampled_from(sorted(self.waiting)))
        del self.waiting[item]
        assert self.backlog.remove(self.tickets[item])

    @rule(seconds=st.sampled_from([0.5, 2.0]))
    def pass_time(self, seconds: float) -> None:
        self.now += seconds
        due = {i for i, (_, _, _, deadline) in self.waiting.items() if deadline and deadline <= self.now}
        expired = self.backlog.expire(now=self.now)
        assert len(expired) == len(due)
        assert set(expired) == due
        for item in expired:
            del self.waiting[item]

    @rule(session=st.sampled_from("abc"), tier=st.integers(0, 2), seconds=st.sampled_from([-1.0, 3.0]))
    def charge(self, session: str, tier: int, seconds: float) -> None:
        self.backlog.charge(session, tier=tier, seconds=seconds)

    @invariant()
    def counts_agree(self) -> None:
        assert len(self.backlog) == len(self.waiting)
        for tier in range(3):
            costs = [cost for _, its_tier, cost, _ in self.waiting.values() if its_tier <= tier]
            assert self.backlog.ahead(tier) == Ahead(len(costs), sum(costs))
        assert self.backlog.seconds == sum(cost for _, _, cost, _ in self.waiting.values())


TestBacklogMachine = BacklogMachine.TestCase
