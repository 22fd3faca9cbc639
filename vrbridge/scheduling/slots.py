"""Turns at something that serves only so many at once."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from vrbridge.errors import DeadlineExceeded
from vrbridge.scheduling.backlog import Backlog
from vrbridge.scheduling.fair_queue import unweighted
from vrbridge.scheduling.waiting import Waiting


class Slots:
    """Gives out turns as fairly as jobs; all methods belong to the event loop.

    One session has at most half of the slots at once and fills at most half of the wait, so that somebody who
    asks for everything at once leaves room for the others.

    Args:
        n_slots: Turns at once, at least 1.
        max_wait_s: Estimated wait from which more are refused.
    """

    def __init__(self, n_slots: int, *, max_wait_s: float) -> None:
        self._n_slots = n_slots
        self._backlog: Backlog[asyncio.Future[None]] = Backlog(
            max_wait_s=max_wait_s,
            max_session_seconds=n_slots * max_wait_s / 2,
            max_running=max(1, n_slots // 2),
        )

    @property
    def n_waiting(self) -> int:
        """Those that wait for their turn."""
        return len(self._backlog)

    @property
    def n_running(self) -> int:
        """Those whose turn it is."""
        return self._backlog.n_running

    def estimate(
        self,
        *,
        session: str,
        tier: int,
        cost_s: float,
        deadline: float | None = None,
        weight: Callable[[], float] = unweighted,
    ) -> Waiting:
        """Return when a turn that was asked for now would be over; see `Backlog.estimate`."""
        return self._backlog.estimate(
            session,
            tier=tier,
            cost_s=cost_s,
            now=time.monotonic(),
            n_workers=self._n_slots,
            deadline=deadline,
            weight=weight,
        )

    @asynccontextmanager
    async def turn(
        self,
        *,
        session: str,
        tier: int,
        cost_s: float,
        deadline: float | None = None,
        weight: Callable[[], float] = unweighted,
    ) -> AsyncIterator[None]:
        """Wait for a turn, which lasts as long as the context; cancelling is safe at any time.

        Args:
            session: Whose turn; sessions get equal shares.
            tier: 0 is the most urgent.
            cost_s: How long it will probably last.
            deadline: On the clock of `time.monotonic`. None: none.
            weight: Returns which of the session's own goes first; the heaviest does.

        Raises:
            Overloaded: As `estimate` does.
            DeadlineExceeded: If the turn does not come in time.
        """
        future = asyncio.get_running_loop().create_future()
        number = self._backlog.add(
            future,
            session=session,
            tier=tier,
            cost_s=cost_s,
            now=time.monotonic(),
            n_workers=self._n_slots,
            deadline=deadline,
            weight=weight,
        )
        self._hand_out()
        try:
            await _until(future, deadline)
        except BaseException:
            self._give_up(number, future)
            raise
        began = time.monotonic()
        try:
            yield
        finally:
            self._finish(number, time.monotonic() - began)

    def _give_up(self, number: int, future: asyncio.Future[None]) -> None:
        # The turn may have come in the same moment.
        if not self._backlog.remove(number) and future.done() and future.exception() is None:
            self._finish(number, 0.0)

    def _finish(self, number: int, seconds: float) -> None:
        self._backlog.finish(number, seconds=seconds)
        self._hand_out()

    def _hand_out(self) -> None:
        now = time.monotonic()
        for late in self._backlog.expire(now=now):
            late.set_exception(DeadlineExceeded("The request could not be done before its deadline."))
        while self._backlog.n_running < self._n_slots:
            future = self._backlog.take(now=now)
            if future is None:
                return
            future.set_result(None)


async def _until(future: asyncio.Future[None], deadline: float | None) -> None:
    """Wait for a turn.

    Raises:
        DeadlineExceeded: If the deadline comes first.
    """
    try:
        async with asyncio.timeout(None if deadline is None else deadline - time.monotonic()):
            # Shielded: whether the turn has come must stay to be seen.
            await asyncio.shield(future)
    except TimeoutError as error:
        raise DeadlineExceeded("The request could not be done before its deadline.") from error
