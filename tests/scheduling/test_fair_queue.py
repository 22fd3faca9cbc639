"""Sessions take turns by work, however many of them come and go."""

import tracemalloc

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
