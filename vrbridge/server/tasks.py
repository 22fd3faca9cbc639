"""Tasks with an owner that names, bounds, cancels and awaits them."""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

from vrbridge.errors import RateLimited

_log = logging.getLogger(__name__)


class Tasks:
    """Owns a bounded number of tasks.

    Args:
        max_tasks: One more is refused.
    """

    def __init__(self, *, max_tasks: int) -> None:
        self._max_tasks = max_tasks
        self._tasks: set[asyncio.Task[None]] = set()
        self._is_closed = False

    def __len__(self) -> int:
        return len(self._tasks)

    def start(self, work: Coroutine[Any, Any, None], *, name: str) -> asyncio.Task[None]:
        """Run something; what it raises is logged.

        Raises:
            RateLimited: If too many run already.
        """
        if self._is_closed or len(self._tasks) >= self._max_tasks:
            work.close()
            raise RateLimited(
                "Too much of this is under way already; wait for some of it.", retry_after_s=1.0
            )
        task = asyncio.get_running_loop().create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    async def close(self) -> None:
        """Cancel everything and wait for it; nothing can be started afterwards."""
        self._is_closed = True
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error("Task %s failed", task.get_name(), exc_info=error)
