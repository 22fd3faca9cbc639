"""A job ends once, and its worker is told once that nobody wants it."""

import asyncio

import pytest

from vrbridge.errors import Cancelled, DeadlineExceeded
from vrbridge.scheduling.job import Job
from vrbridge.scheduling.results import Results


def make() -> Job:
    return Job(
        number=4,
        call="mesh",
        frame=b"",
        session="s",
        tier=0,
        size="",
        estimate_s=1.0,
        expected_s=2.0,
        results=Results(),
    )


async def test_the_first_end_counts_and_disarms_the_deadline() -> None:
    job = make()
    job.timer = asyncio.get_running_loop().call_later(3600, job.stop)
    timer = job.timer
    job.end(DeadlineExceeded("Too late."))
    job.end(Cancelled("Cancelled."))
    assert timer.cancelled()
    with pytest.raises(DeadlineExceeded):
        await anext(job.results)


@pytest.mark.parametrize("is_known_first", [True, False])
async def test_a_worker_is_told_once_whether_it_knew_the_job_or_not(is_known_first: bool) -> None:
    told: list[str] = []
    job = make()
    if is_known_first:
        job.known_to(lambda: told.append("stop"))
    job.stop()
    job.stop()
    if not is_known_first:
        job.known_to(lambda: told.append("stop"))
    job.stop()
    assert told == ["stop"]


async def test_a_worker_that_knows_a_job_no_more_is_not_told() -> None:
    told: list[str] = []
    job = make()
    job.known_to(lambda: told.append("stop"))
    job.forgotten()
    job.stop()
    assert told == []
