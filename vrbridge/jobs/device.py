"""What the workers run on: asked of one of them, for the server itself does without torch."""

from collections.abc import Iterator
from typing import Any

import msgspec

from vrbridge.errors import GeneratorFailed
from vrbridge.generators.device_choice import DeviceFacts
from vrbridge.jobs.generated import Workers
from vrbridge.jobs.outputs import RESULT, WorkOutput, result

CALL = "device"
_SESSION = "server"
_TIER = -1
_COST_S = 0.001


class WorkerDevices(msgspec.Struct, frozen=True, kw_only=True):
    """Devices of the workers.

    Args:
        own: Of the one that was asked.
        names: Of all that were started together, by their numbers.
    """

    own: DeviceFacts
    names: tuple[str, ...]


class DeviceWork:
    """Carries out calls of `device`: nothing → what a worker runs on.

    Args:
        devices: What to answer.
    """

    def __init__(self, devices: WorkerDevices) -> None:
        self._devices = devices

    def __call__(self, _: dict[str, Any]) -> Iterator[WorkOutput]:
        """Yield one result."""
        yield result(msgspec.to_builtins(self._devices), generate_s=0.0, encode_s=0.0)


async def devices_of(workers: Workers) -> WorkerDevices:
    """Return what the workers run on.

    Raises:
        Unavailable: If no worker runs.
        GeneratorFailed: If it ended meanwhile.
    """
    async with workers.job(CALL, {}, session=_SESSION, tier=_TIER, cost_s=_COST_S) as outputs:
        async for output in outputs:
            if output.name == RESULT:
                return msgspec.convert(output.header["result"], WorkerDevices)
    raise GeneratorFailed("The worker did not say what it runs on; the server's log says why.")
