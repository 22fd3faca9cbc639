"""Tasks with an owner."""

import asyncio
import logging

import pytest

from vrbridge.errors import RateLimited
from vrbridge.server.tasks import Tasks


async def test_one_too_many_is_refused_until_one_has_ended() -> None:
    tasks = Tasks(max_tasks=1)
    gate = asyncio.Event()

    async def work() -> None:
        await gate.wait()

    first = tasks.start(work(), name="first")
    with pytest.raises(RateLimited):
        tasks.start(work(), name="second")
    gate.set()
    await first
    await tasks.start(work(), name="third")


async def test_closing_cancels_and_awaits_all() -> None:
    tasks = Tasks(max_tasks=2)
    ended = []

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(True)

    tasks.start(work(), name="work")
    await asyncio.sleep(0)
    await tasks.close()
    assert ended == [True]
    assert len(tasks) == 0
    with pytest.raises(RateLimited):
        tasks.start(work(), name="late")


async def test_a_failure_is_logged_with_the_tasks_name(caplog: pytest.LogCaptureFixture) -> None:
    tasks = Tasks(max_tasks=1)

    async def work() -> None:
        raise ValueError("oops")

    with caplog.at_level(logging.ERROR):
        task = tasks.start(work(), name="odd job")
        await asyncio.wait([task])
        await asyncio.sleep(0)
    assert "odd job" in caplog.text
