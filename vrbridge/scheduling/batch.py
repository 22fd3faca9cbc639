"""Jobs that one lane carries out together, be it in one pass or one after the other."""

from collections.abc import Callable, Sequence
from functools import partial

from vrbridge.scheduling.frames import Ended, FromWorker, Output, Together, pack
from vrbridge.scheduling.job import Job
from vrbridge.scheduling.results import Result

OnEnd = Callable[[Job, Ended], None]


class Batch:
    """Hands what a lane says to the jobs that it is about.

    Args:
        jobs: At least one, in order.
        on_end: Told how each has ended, as soon as that is known.
    """

    def __init__(self, jobs: Sequence[Job], on_end: OnEnd) -> None:
        self.jobs = tuple(jobs)
        self._on_end = on_end
        self._left = {job.number: job for job in jobs}

    @property
    def frame(self) -> bytes:
        """What starts all of them."""
        frames = b"".join(job.frame for job in self.jobs)
        return frames if len(self.jobs) == 1 else pack(Together(len(self.jobs))) + frames

    @property
    def is_over(self) -> bool:
        """Whether all have ended."""
        return not self._left

    def known_to(self, stop: Callable[[int], object]) -> None:
        """Note that a lane knows of them.

        Args:
            stop: Has that lane give up the job of a number; called once for each at most, and must not wait.
        """
        for job in self.jobs:
            job.known_to(partial(stop, job.number))

    async def take(self, message: FromWorker, payload: bytes | memoryview) -> None:
        """Pass on what a lane says; what is said of other jobs is dropped."""
        match message:
            case Output() if (job := self._left.get(message.job)) is not None:
                await job.results.put(Result(message.name, message.header, payload))
            case Ended() if (job := self._left.pop(message.job, None)) is not None:
                job.forgotten()
                self._on_end(job, message)
