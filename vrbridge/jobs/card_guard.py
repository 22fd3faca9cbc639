"""What becomes of a job, and of its worker, when a graphics card fails it."""

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final

from vrbridge.errors import GeneratorFailed
from vrbridge.generators.device import Accelerator, is_out_of_memory
from vrbridge.jobs.batch_work import in_turns
from vrbridge.jobs.outputs import MemberOutput, WorkOutput

FULL: Final = (
    "The graphics card's memory is full; ask for something smaller, close what else uses the card, or raise "
    "`gpu.max_vram_mb` if that is set."
)
_log = logging.getLogger(__name__)


class CardGuard:
    """Carries out a work on a card.

    A full card ends the job, and what torch keeps of its memory is given back to the game. A card that does
    not answer any more, as after a crash of its driver, ends the process: only a new one can use it.

    Args:
        work: What is carried out.
        card: Where.
        end_process: Ends this process at once.
    """

    def __init__(
        self,
        work: Callable[[dict[str, Any]], Iterable[WorkOutput]],
        card: Accelerator,
        *,
        end_process: Callable[[], object],
    ) -> None:
        self._work = work
        self._card = card
        self._end_process = end_process

    def __call__(self, arguments: dict[str, Any]) -> Iterator[WorkOutput]:
        """Yield what the work yields.

        Raises:
            GeneratorFailed: If the card's memory is full.
        """
        try:
            yield from self._work(arguments)
        except RuntimeError as error:
            raise self.judged(error) from None

    def batch(
        self, orders: Sequence[dict[str, Any]], *, is_stopped: Callable[[int], bool]
    ) -> Iterator[MemberOutput]:
        """Yield what the work yields for each order, in one pass where it can do that."""
        batch = getattr(self._work, "batch", None)
        if batch is None:
            yield from in_turns(self, orders, is_stopped)
            return
        try:
            for number, output in batch(orders, is_stopped=is_stopped):
                yield number, self.judged(output) if isinstance(output, RuntimeError) else output
        except RuntimeError as error:
            raise self.judged(error) from None

    def batch_size(self, arguments: dict[str, Any]) -> int:
        """Return how many orders like this one are worth a batch."""
        size_of = getattr(self._work, "batch_size", None)
        return int(size_of(arguments)) if size_of is not None else 1

    def judged(self, error: RuntimeError) -> Exception:
        """Do for the card what a fault calls for, and return what its job ends with."""
        if is_out_of_memory(error):
            _log.warning("%s has no memory left for a job", self._card.model)
            # Its frames hold what filled the memory.
            error.__traceback__ = None
            self._card.release()
            return GeneratorFailed(FULL)
        try:
            self._card.wait()
        except RuntimeError as silence:
            _log.error("%s does not answer any more (%s)", self._card.model, type(silence).__name__)
            self._end_process()
        return error
