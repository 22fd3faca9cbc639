"""Orders that one worker has taken at once: each ends for itself, whatever becomes of the others."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, TypeVar

from vrbridge.interruption import Interrupted, watching
from vrbridge.jobs.outputs import MemberOutput, WorkOutput

T = TypeVar("T")


class Members:
    """The orders of a batch that have not ended.

    Args:
        is_stopped: Returns whether nobody wants an order any more, by its number; quick.
    """

    def __init__(self, is_stopped: Callable[[int], bool]) -> None:
        self._is_stopped = is_stopped
        self._outputs: dict[int, Iterator[WorkOutput]] = {}

    @property
    def wanted(self) -> list[int]:
        """Numbers of those that somebody waits for."""
        return [number for number in self._outputs if not self._is_stopped(number)]

    def begin(self, number: int, outputs: Callable[[], Iterator[WorkOutput]]) -> Iterator[MemberOutput]:
        """Yield the end of an order that fails at once, or else nothing.

        Args:
            number: Of the order.
            outputs: Decides what to do, and returns the iterator that does it.
        """
        begun = self._attempt(number, outputs)
        if isinstance(begun, BaseException):
            yield number, begun
        else:
            self._outputs[number] = begun

    def step(self, number: int) -> Iterator[MemberOutput]:
        """Yield the next output of an order, or its end; nothing if it has ended."""
        outputs = self._outputs.get(number)
        if outputs is None:
            return
        output = self._attempt(number, lambda: next(outputs, None))
        if output is None or isinstance(output, BaseException):
            self._drop(number)
        yield number, output

    def finish(self, number: int) -> Iterator[MemberOutput]:
        """Yield all outputs of an order, and its end."""
        while number in self._outputs:
            yield from self.step(number)

    def share(self, work: Callable[[], None]) -> None:
        """Do what serves several orders; it is given up once nobody wants any of them."""
        try:
            with watching(lambda: all(self._is_stopped(number) for number in self._outputs)):
                work()
        except Interrupted:
            # Whoever is left finds that out for itself.
            return

    def close(self) -> None:
        """End the work on all that is left."""
        for number in list(self._outputs):
            self._drop(number)

    def _attempt(self, number: int, do: Callable[[], T]) -> T | BaseException:
        if self._is_stopped(number):
            return Interrupted()
        try:
            with watching(lambda: self._is_stopped(number)):
                return do()
        except Interrupted as interrupted:
            return interrupted
        except Exception as fault:  # noqa: BLE001 - whatever a generator raises ends one order, not the others
            return fault

    def _drop(self, number: int) -> None:
        close = getattr(self._outputs.pop(number), "close", None)
        if close is not None:
            close()


def in_turns(
    handler: Callable[[dict[str, Any]], Iterator[WorkOutput]],
    orders: Sequence[dict[str, Any]],
    is_stopped: Callable[[int], bool],
) -> Iterator[MemberOutput]:
    """Yield what orders yield that can't share anything, one after the other."""
    members = Members(is_stopped)
    try:
        for number, arguments in enumerate(orders):
            yield from members.begin(number, partial(handler, arguments))
            yield from members.finish(number)
    finally:
        members.close()
