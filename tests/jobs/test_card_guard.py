"""A card that is full or dead costs one job, and never what comes after it."""

import weakref
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest
import torch

from tests.generators.accelerators import FakeCard
from vrbridge.errors import GeneratorFailed, InvalidParams
from vrbridge.jobs.card_guard import CardGuard
from vrbridge.jobs.outputs import MemberOutput, WorkOutput, progress


class Lattice:
    """Something large."""


class Painting:
    """Makes one output, and fails if it is told to.

    The fault is made anew, as torch does: one that is kept would keep what it broke off.
    """

    def __init__(self, fault: type[Exception] | None = None, text: str = "") -> None:
        self._fault = fault
        self._text = text
        self.lattice: weakref.ref[Lattice] | None = None

    def __call__(self, arguments: dict[str, Any]) -> Iterator[WorkOutput]:
        lattice = Lattice()
        self.lattice = weakref.ref(lattice)
        yield progress("generate", arguments["fraction"])
        if self._fault is not None:
            raise self._fault(self._text)


class Process:
    """Counts how often it was ended."""

    def __init__(self) -> None:
        self.n_ends = 0

    def end(self) -> None:
        self.n_ends += 1


def test_what_succeeds_is_passed_on() -> None:
    card, process = FakeCard(), Process()
    outputs = CardGuard(Painting(), card, end_process=process.end)({"fraction": 0.5})
    assert list(outputs) == [progress("generate", 0.5)]
    assert (card.n_released, card.n_waits, process.n_ends) == (0, 0, 0)


def test_a_full_card_is_emptied_before_its_job_fails() -> None:
    painting = Painting(torch.OutOfMemoryError, "CUDA out of memory.")

    class Watched(FakeCard):
        def release(self) -> None:
            super().release()
            assert painting.lattice is not None
            assert painting.lattice() is None, "the failed work still holds its memory"

    card, process = Watched(), Process()
    outputs = CardGuard(painting, card, end_process=process.end)({"fraction": 0.5})
    assert next(outputs) == progress("generate", 0.5)
    with pytest.raises(GeneratorFailed, match=r"smaller.*`gpu\.max_vram_mb`") as failed:
        next(outputs)
    assert failed.value.code == "generator_failed"
    assert card.n_released == 1
    assert process.n_ends == 0


def test_after_a_fault_a_card_that_still_answers_goes_on() -> None:
    card, process = FakeCard(), Process()
    guard = CardGuard(Painting(RuntimeError, "shapes do not fit"), card, end_process=process.end)
    with pytest.raises(RuntimeError, match="shapes do not fit"):
        list(guard({"fraction": 0.5}))
    assert card.n_waits == 1
    assert process.n_ends == 0


def test_with_a_dead_card_the_process_ends() -> None:
    card, process = FakeCard(is_dead=True), Process()
    guard = CardGuard(Painting(RuntimeError, "CUDA error: launch failure"), card, end_process=process.end)
    with pytest.raises(RuntimeError):
        list(guard({"fraction": 0.5}))
    assert process.n_ends == 1


def test_errors_of_requests_say_nothing_of_the_card() -> None:
    card, process = FakeCard(is_dead=True), Process()
    guard = CardGuard(Painting(InvalidParams, "Too many."), card, end_process=process.end)
    with pytest.raises(InvalidParams):
        list(guard({"fraction": 0.5}))
    assert (card.n_waits, process.n_ends) == (0, 0)


class Choir(Painting):
    """Makes one output for each order, or fails one, or all."""

    def __init__(self, member: RuntimeError | None = None, whole: RuntimeError | None = None) -> None:
        super().__init__()
        self._member = member
        self._whole = whole

    def batch(
        self, orders: Sequence[dict[str, Any]], *, is_stopped: Callable[[int], bool]
    ) -> Iterator[MemberOutput]:
        yield 0, progress("generate", 0.5)
        if self._whole is not None:
            raise self._whole
        yield 0, None
        yield 1, self._member

    def batch_size(self, arguments: dict[str, Any]) -> int:
        return 8


def sung(choir: Painting, card: FakeCard) -> list[MemberOutput]:
    guard = CardGuard(choir, card, end_process=Process().end)
    orders = [{"fraction": 0.5}, {"fraction": 0.7}]
    return list(guard.batch(orders, is_stopped=lambda number: False))


def test_a_full_card_fails_one_order_of_a_batch() -> None:
    card = FakeCard()
    first, done, (number, failed) = sung(Choir(member=torch.OutOfMemoryError("CUDA out of memory.")), card)
    assert (first, done) == ((0, progress("generate", 0.5)), (0, None))
    assert number == 1
    assert isinstance(failed, GeneratorFailed)
    assert card.n_released == 1


def test_a_card_that_is_full_for_a_whole_batch_is_emptied() -> None:
    card = FakeCard()
    with pytest.raises(GeneratorFailed):
        sung(Choir(whole=torch.OutOfMemoryError("CUDA out of memory.")), card)
    assert card.n_released == 1


def test_what_can_not_share_a_pass_is_carried_out_in_turns() -> None:
    outputs = sung(Painting(), FakeCard())
    assert outputs == [
        (0, progress("generate", 0.5)),
        (0, None),
        (1, progress("generate", 0.7)),
        (1, None),
    ]


def test_a_guard_says_what_its_work_says_of_batches() -> None:
    assert CardGuard(Choir(), FakeCard(), end_process=Process().end).batch_size({}) == 8
    assert CardGuard(Painting(), FakeCard(), end_process=Process().end).batch_size({}) == 1
