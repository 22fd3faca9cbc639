"""Sessions take turns by work, however many of them come and go."""

import tracemalloc
from collections.abc import Mapping

from hypothesis import given
from hypothesis import strategies as st

from vrbridge.scheduling.fair_queue import Entry, FairQueue


def entry(number: int, session: str, cost_s: float = 1.0) -> Entry[int]:
    return Entry(number, number, session, 0, round(cost_s * 1e6), None)


def test_one_that_is_barred_is_passed_over_until_it_is_offered_again() -> None:
    queue: FairQueue[int] = FairQueue()
    for number, session in enumerate(("a", "a", "b")):
        queue.add(entry(number, session))
    taken = queue.take(barred={"a"})
    assert taken is not None
    assert taken.session == "b"
    assert queue.take(barred={"a"}) is None
    queue.offer("a")
    assert [queue.take(), queue.take(), queue.take()][2] is None
    assert queue.n_waiting == 0


def drain(queue: FairQueue[int]) -> list[int]:
    order = []
    while (taken := queue.take()) is not None:
        order.append(taken.number)
        queue.finish(taken, actual_us=taken.cost_us)
    return order


def weighted(number: int, session: str, weights: Mapping[int, float]) -> Entry[int]:
    return Entry(number, number, session, 0, 1_000_000, None, weight=lambda: weights[number])


def test_the_heaviest_of_a_sessions_jobs_has_its_turn_and_of_equal_ones_the_oldest() -> None:
    queue: FairQueue[int] = FairQueue()
    weights = {0: 0.0, 1: -1.0, 2: 0.5, 3: 0.0, 4: 0.5}
    for number in weights:
        queue.add(weighted(number, "a", weights))
    assert drain(queue) == [2, 4, 0, 3, 1]


def test_weights_count_as_they_are_when_a_turn_comes() -> None:
    queue: FairQueue[int] = FairQueue()
    weights = {0: 1.0, 1: 0.9, 2: -0.9, 3: -1.0}
    for number in weights:
        queue.add(weighted(number, "a", weights))
    first = queue.take()
    assert first is not None
    weights.update({number: -weight for number, weight in weights.items()})
    queue.finish(first, actual_us=first.cost_us)
    assert [first.number, *drain(queue)] == [0, 3, 2, 1]


@given(st.lists(st.tuples(st.sampled_from("abc"), st.floats(-9, 9)), min_size=1, max_size=40))
def test_no_weight_brings_a_session_a_turn_sooner(jobs: list[tuple[str, float]]) -> None:
    def sessions(*, is_weighted: bool) -> list[str]:
        queue: FairQueue[int] = FairQueue()
        weights = dict(enumerate(weight if is_weighted else 0.0 for _, weight in jobs))
        for number, (session, _) in enumerate(jobs):
            queue.add(weighted(number, session, weights))
        return [jobs[number][0] for number in drain(queue)]

    turns, plain = sessions(is_weighted=True), sessions(is_weighted=False)
    # Sessions that stand equal go by their oldest job, which may have had its turn already: the order inside
    # a round differs then, and never what anybody has had after it.
    for n_turns in range(1, len(jobs) + 1):
        for session in "abc":
            assert abs(turns[:n_turns].count(session) - plain[:n_turns].count(session)) <= 1
    assert sorted(turns) == sorted(plain)


def test_before_a_heavy_job_only_the_heavier_ones_of_its_own_session_count() -> None:
    queue: FairQueue[int] = FairQueue()
    weights = {0: 0.5, 1: -0.5, 2: 0.0}
    for number in weights:
        queue.add(weighted(number, "a", weights))
    assert queue.before("a", weight=lambda: 1.0) == (0, 0)
    assert queue.before("a", weight=lambda: 0.0) == (2, 2_000_000)
    assert queue.before("a") == queue.before("a", weight=lambda: -1.0) == (3, 3_000_000)
    assert queue.of("a", weight=lambda: 0.25) == (1, 1_000_000)


def test_jobs_that_leave_from_the_middle_disturb_nobody() -> None:
    queue: FairQueue[int] = FairQueue()
    entries = [entry(number, "ab"[number % 2]) for number in range(20)]
    for waiting in entries:
        queue.add(waiting)
    for gone in (0, 1, 7, 8, 18):
        queue.remove(entries[gone])
    order = []
    while (taken := queue.take()) is not None:
        order.append(taken.number)
    assert order == [2, 3, 4, 5, 6, 9, 10, 11, 12, 13, 14, 15, 16, 17, 19]
    assert (queue.n_waiting, queue.waiting_us) == (0, 0)


def test_what_is_before_a_part_of_ones_own_work_is_less_than_what_is_before_all_of_it() -> None:
    queue: FairQueue[int] = FairQueue()
    for number in range(30):
        queue.add(entry(number, "abc"[number % 3]))
    assert queue.before("a") == (30, 30_000_000)
    n_jobs, work_us = queue.before("a", work_us=3_000_000)
    assert (n_jobs, work_us) == (3 + 4 + 4, 11_000_000)


def test_who_waits_has_a_turn_although_new_sessions_never_cease_to_come() -> None:
    queue: FairQueue[int] = FairQueue()
    queue.add(entry(0, "patient"))
    queue.add(entry(1, "patient"))
    turns = []
    for number in range(2, 12):
        queue.add(entry(number, f"newcomer {number}"))
        taken = queue.take()
        assert taken is not None
        turns.append(taken.session)
        queue.finish(taken, actual_us=taken.cost_us)
    assert turns.count("patient") == 2


def test_sessions_that_have_gone_leave_nothing_behind() -> None:
    queue: FairQueue[int] = FairQueue()
    keeper = entry(0, "keeper")
    queue.add(keeper)
    tracemalloc.start()
    for number in range(1, 20_000):
        passing = entry(number, f"session {number}", cost_s=1.0 + number % 7)
        queue.add(passing)
        if number == 2000:
            before, _ = tracemalloc.get_traced_memory()
        if number % 3:
            queue.remove(passing)
            continue
        taken = queue.take()
        assert taken is not None
        queue.finish(taken, actual_us=taken.cost_us)
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert after - before < 200_000


def keyed(number: int, session: str, key: str | None, weight: float = 0.0) -> Entry[int]:
    return Entry(number, number, session, 0, 1_000_000, None, weight=lambda: weight, key=key)


def test_what_comes_along_is_what_would_be_next_and_nothing_is_passed_over() -> None:
    queue: FairQueue[int] = FairQueue()
    for number, (key, weight) in enumerate([("k", 0.0), ("l", 0.2), ("k", 0.5), ("k", 0.5)]):
        queue.add(keyed(number, "a", key, weight))
    along = queue.take_along("k", max_jobs=3, fits=lambda _: True)
    assert [one.number for one in along] == [2, 3]
    assert queue.take_along("k", max_jobs=3, fits=lambda _: True) == []
    assert drain(queue) == [1, 0]


def test_another_session_does_not_wait_for_company() -> None:
    queue: FairQueue[int] = FairQueue()
    queue.add(keyed(0, "a", "k"))
    for number in range(1, 9):
        queue.add(keyed(number, "b", "k"))
    queue.add(keyed(9, "patient", "other"))
    assert queue.take() is not None
    assert len(queue.take_along("k", max_jobs=8, fits=lambda _: True)) == 1
    following = queue.take()
    assert following is not None
    assert following.number == 9


def test_what_does_not_fit_stays_where_it_was() -> None:
    queue: FairQueue[int] = FairQueue()
    for number in range(4):
        queue.add(keyed(number, "ab"[number % 2], "k"))
    along = queue.take_along("k", max_jobs=4, fits=lambda one: one.number in {0, 1})
    assert [one.number for one in along] == [0, 1]
    assert drain(queue) == [2, 3]
    assert (queue.n_waiting, queue.waiting_us) == (0, 0)


@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("kl")), max_size=30),
    st.integers(0, 8),
)
def test_with_company_or_without_everybody_leaves_once_and_in_the_usual_order(
    jobs: list[tuple[str, str]], max_jobs: int
) -> None:
    queue, plain = FairQueue[int](), FairQueue[int]()
    for number, (session, key) in enumerate(jobs):
        queue.add(keyed(number, session, key))
        plain.add(keyed(number, session, None))
    order: list[int] = []
    while (first := queue.take()) is not None:
        along = queue.take_along(first.key, max_jobs=max_jobs, fits=lambda _: True)
        assert len(along) <= max_jobs
        assert {one.key for one in along} <= {first.key}
        order += [first.number, *(one.number for one in along)]
    assert sorted(order) == list(range(len(jobs)))
    usual: list[int] = []
    while (taken := plain.take()) is not None:
        usual.append(taken.number)
    assert order == usual
