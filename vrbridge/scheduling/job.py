"""One job from its arrival to its end."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from vrbridge.errors import Cancelled, RequestError
from vrbridge.scheduling.fair_queue import unweighted
from vrbridge.scheduling.results import Results


def _no_failure() -> None:
    return None


@dataclass(eq=False, slots=True, kw_only=True)
class Job:
    """What the scheduler knows about a job.

    Args:
        number: Unique in the scheduler.
        call: Name of the handler.
        frame: The packed message that starts it.
        session: Whose work it is.
        tier: 0 is the most urgent.
        size: What decides its cost besides the call.
        estimate_s: What its kind reckons.
        expected_s: The same, corrected by what such jobs really took.
        results: What it makes.
        deadline: When it is given up, on the clock of `time.monotonic`. None: never.
        ticket: Its number in the backlog.
        began: When a worker took it, on the clock of `time.monotonic`. None: it waits.
        tell_to_stop: Tells its worker to give it up, once the worker knows of it.
        is_stopped: Whether nobody wants the rest.
        seconds: Of the handler until it ran to its end; in a pass with others, since the last of them ended.
            None: it did not.
        timer: Ends it at its deadline.
        weight: Returns how much its session wants it now.
        failure: Returns the code of the error that its request has ended with; None: it goes on, or was done.
    """

    number: int
    call: str
    frame: bytes
    session: str
    tier: int
    size: str
    estimate_s: float
    expected_s: float
    results: Results
    deadline: float | None = None
    ticket: int = -1
    began: float | None = None
    tell_to_stop: Callable[[], object] | None = None
    is_stopped: bool = False
    seconds: float | None = None
    timer: asyncio.TimerHandle | None = None
    weight: Callable[[], float] = unweighted
    failure: Callable[[], str | None] = _no_failure

    @property
    def key(self) -> tuple[str, str]:
        """What jobs have in common that may share a pass: the handler, and what decides the cost."""
        return self.call, self.size

    @property
    def latest(self) -> float | None:
        """When it has to start to be done before its deadline."""
        return None if self.deadline is None else self.deadline - self.expected_s

    @property
    def wasted_by(self) -> str | None:
        """The code of the error for which nobody has anything of it; None: somebody has."""
        code = self.failure()
        if code is not None or self.results.error is None:
            return code
        # Whoever left a request that goes on had all that they wanted.
        return None if isinstance(self.results.error, Cancelled) else self.results.error.code

    def end(self, error: RequestError | None) -> None:
        """Tell the consumer how it ended; the first call counts."""
        self.results.end(error)
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None

    def stop(self) -> None:
        """Have its worker give it up; a worker that does not know of it yet is told by `known_to`."""
        if not self.is_stopped:
            self.is_stopped = True
            if self.tell_to_stop is not None:
                self.tell_to_stop()

    def known_to(self, tell_to_stop: Callable[[], object]) -> None:
        """Note that a worker knows of the job.

        Args:
            tell_to_stop: Has that worker give it up; called once at most, and must not wait.
        """
        self.tell_to_stop = tell_to_stop
        if self.is_stopped:
            tell_to_stop()

    def forgotten(self) -> None:
        """Note that no worker knows of it any more."""
        self.tell_to_stop = None
