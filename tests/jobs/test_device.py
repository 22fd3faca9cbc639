"""The server learns from a worker what it runs on."""

import pytest

from tests.jobs.fakes import FakeWorkers
from vrbridge.errors import GeneratorFailed, Unavailable
from vrbridge.generators.device_choice import DeviceFacts
from vrbridge.jobs.device import CALL, DeviceWork, WorkerDevices, devices_of

DEVICES = WorkerDevices(
    own=DeviceFacts(name="cuda:0", model="Fake 4000", memory_bytes=8 << 30, dtype="bfloat16"),
    names=("cuda:0", "cuda:1"),
)


async def test_what_a_worker_says_arrives_whole() -> None:
    workers = FakeWorkers(outputs=list(DeviceWork(DEVICES)({})))
    assert await devices_of(workers) == DEVICES
    assert workers.calls == [(CALL, {})]


async def test_without_a_worker_nothing_is_known() -> None:
    with pytest.raises(Unavailable):
        await devices_of(FakeWorkers(error=Unavailable("The server is stopping.")))


async def test_a_worker_that_says_nothing_is_noticed() -> None:
    with pytest.raises(GeneratorFailed, match="what it runs on"):
        await devices_of(FakeWorkers())
