"""Vectors come from the workers, or not at all."""

import numpy as np

from tests.jobs.dialogue_fakes import FakeEmbed
from tests.jobs.fakes import FakeWorkers
from vrbridge.errors import DeadlineExceeded, Overloaded
from vrbridge.jobs.embedding import KnownTexts, WorkerEmbed
from vrbridge.jobs.outputs import RESULT, WorkOutput

VECTORS = np.arange(6, dtype="<f4").reshape(2, 3)
OUTPUT: WorkOutput = (RESULT, {}, VECTORS.tobytes())


async def test_vectors_are_unpacked() -> None:
    workers = FakeWorkers(outputs=[OUTPUT])
    vectors = await WorkerEmbed(workers, clock=lambda: 5.0).embed(["a", "b"], within_s=0.5)
    assert vectors is not None
    assert np.array_equal(vectors, VECTORS)
    assert workers.calls == [("embed", {"texts": ["a", "b"]})]


async def test_workers_are_told_what_they_may_keep() -> None:
    workers = FakeWorkers(outputs=[OUTPUT])
    await WorkerEmbed(workers).embed(["a", "b"], within_s=0.5, are_own=True)
    assert workers.calls == [("embed", {"texts": ["a", "b"], "are_own": True})]


async def test_what_is_prepared_is_the_servers_own() -> None:
    embed = FakeEmbed()
    prepared, asked = KnownTexts(embed, ["a", "b"]), KnownTexts(embed, ["c"])
    await prepared.prepare(within_s=1)
    assert await prepared.vectors(within_s=1) is not None
    assert await asked.vectors(within_s=1) is not None
    assert embed.asked == [["a", "b"], ["c"]]
    assert embed.own == [["a", "b"]]


async def test_workers_that_are_late_give_none() -> None:
    workers = FakeWorkers(error=DeadlineExceeded("Too late."))
    assert await WorkerEmbed(workers).embed(["a"], within_s=0.5) is None


async def test_known_texts_are_embedded_once() -> None:
    embed = FakeEmbed(is_late=True)
    known = KnownTexts(embed, ["a", "b"])
    assert await known.vectors(within_s=1) is None
    embed.is_late = False
    first = await known.vectors(within_s=1)
    assert first is not None
    assert first.shape == (2, 384)
    assert await known.vectors(within_s=1) is first
    assert len(embed.asked) == 2


async def test_workers_that_refuse_give_none() -> None:
    workers = FakeWorkers(error=Overloaded("Too much."))
    assert await WorkerEmbed(workers).embed(["a"], within_s=0.5) is None
