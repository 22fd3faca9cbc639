"""What becomes of a job, and of its worker, when a graphics card fails it."""

import logging
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

from vrbridge.errors import GeneratorFailed
from vrbridge.generators.device import Accelerator, is_out_of_memory
from vrbridge.jobs.outputs import WorkOutput

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
