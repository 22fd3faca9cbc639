"""Whatever becomes of one order of a batch, the others end as they would alone."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

from vrbridge.errors import GeneratorFailed
from vrbridge.interruption import Interrupted, step, watch
from vrbridge.jobs.batch_work import Members, in_turns
from vrbridge.jobs.outputs import MemberOutput, WorkOutput, progress


@pytest.fixture(autouse=True)
def _watch_nothing_afterwards() -> Iterator[None]:
    yield
    watch(None)


class Work:
    """Yields some notes, or what an order asks for instead."""

    def __init__(self) -> None:
        self.n_closed = 0

    def __call__(self, arguments: dict[str, Any]) -> Iterator[WorkOutput]:
        if arguments.get("is_refused"):
            raise GeneratorFailed("No.")
        return self._notes(arguments)

    def _notes(self, arguments: dict[str, Any]) -> Iterator[WorkOutput]:
        try:
            for number in range(arguments["n"]):
                step()
                if number == arguments.get("fails_at"):
                    raise ValueError("broken")
                yield progress("note", number / 10)
        finally:
            self.n_closed += 1


def nobody(number: int) -> bool:
    return False


def described(outputs: Iterator[MemberOutput]) -> list[tuple[int, object]]:
    return [
        (
            number,
            type(output).__name__
            if output is None or isinstance(output, BaseException)
            else output[1]["fraction"],
        )
        for number, output in outputs
    ]


def test_orders_end_one_after_the_other_each_for_itself() -> None:
    orders: list[dict[str, Any]] = [{"n": 2}, {"is_refused": True}, {"n": 3, "fails_at": 1}, {"n": 1}]
    assert described(in_turns(Work(), orders, nobody)) == [
        (0, 0.0), (0, 0.1), (0, "NoneType"),
        (1, "GeneratorFailed"),
        (2, 0.0), (2, "ValueError"),
        (3, 0.0), (3, "NoneType"),
    ]  # fmt: skip


def test_an_order_that_nobody_wants_ends_and_the_others_go_on() -> None:
    stopped: set[int] = set()
    outputs = in_turns(Work(), [{"n": 3}, {"n": 3}, {"n": 1}], stopped.__contains__)
    assert described(iter([next(outputs)])) == [(0, 0.0)]
    stopped.update({0, 1})
    assert described(outputs) == [(0, "Interrupted"), (1, "Interrupted"), (2, 0.0), (2, "NoneType")]


def test_work_on_one_order_is_interrupted_in_the_middle_and_work_on_the_next_is_not() -> None:
    stopped: set[int] = set()

    def handler(arguments: dict[str, Any]) -> Iterator[WorkOutput]:
        stopped.update(arguments["stops"])
        step()
        yield progress("note", 0.0)

    orders: list[dict[str, Any]] = [{"stops": [0]}, {"stops": []}]
    assert described(in_turns(handler, orders, stopped.__contains__)) == [
        (0, "Interrupted"), (1, 0.0), (1, "NoneType"),
    ]  # fmt: skip


def test_leaving_ends_the_work_that_has_begun() -> None:
    work = Work()
    outputs = in_turns(work, [{"n": 3}, {"n": 3}], nobody)
    next(outputs)
    outputs.close()  # type: ignore[attr-defined]  # a generator, typed as the iterator that its users need
    assert work.n_closed == 1


def test_steps_can_be_taken_in_any_order() -> None:
    work, members = Work(), Members(nobody)
    for number in range(2):
        assert list(members.begin(number, partial(work, {"n": 2}))) == []
    assert described(members.step(1)) == [(1, 0.0)]
    assert described(members.step(0)) == [(0, 0.0)]
    assert described(members.finish(0)) == [(0, 0.1), (0, "NoneType")]
    assert described(members.step(0)) == []
    assert members.wanted == [1]
    members.close()
    assert (work.n_closed, members.wanted) == (2, [])


def test_shared_work_goes_on_while_anybody_wants_it() -> None:
    stopped: set[int] = set()
    members = Members(stopped.__contains__)
    for number in range(2):
        list(members.begin(number, partial(Work(), {"n": 1})))
    done: list[str] = []

    def work() -> None:
        for what, also_stopped in (("one", 0), ("two", 1)):
            step()
            done.append(what)
            stopped.add(also_stopped)
        step()
        done.append("too much")

    members.share(work)
    assert done == ["one", "two"]
    assert described(members.finish(0)) == [(0, "Interrupted")]


def test_an_end_of_the_whole_ends_every_order() -> None:
    watch(lambda: True)
    outputs = list(in_turns(Work(), [{"n": 1}, {"n": 1}], nobody))
    assert [(number, type(output)) for number, output in outputs] == [(0, Interrupted), (1, Interrupted)]
