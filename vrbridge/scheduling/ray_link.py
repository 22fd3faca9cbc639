"""The process between a gateway and a Ray cluster: passes jobs to replicas, and what they make back.

Ray's driver has threads of its own, and ends its process when its node goes away; neither is to touch the
event loop that players are served by. Run as `python -m vrbridge.scheduling.ray_link CONFIG`, a JSON object.
"""

import asyncio
import contextlib
import json
import logging
import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from functools import partial
from typing import Any, Final

import msgspec
import numpy as np

from vrbridge.errors import GeneratorFailed, Overloaded, RequestError, Unavailable
from vrbridge.scheduling import ray_cluster
from vrbridge.scheduling.frames import (
    CHANNEL_VARIABLE,
    PREFIX,
    Capacity,
    Ended,
    Run,
    failure_of,
    from_worker,
    pack,
    to_worker,
)
from vrbridge.scheduling.ray_cluster import ClusterConfig
from vrbridge.scheduling.worker import take_standard_output

_LOOK_S: Final = 1.0
"""How often the number of replicas is asked for."""
_LOOK_TIMEOUT_S: Final = 5.0
_LOST_S: Final = 15.0
"""A cluster that has not answered for so long counts as lost, and this process ends, to be started anew."""
_GRACE_S: Final = 60.0
"""How much longer than a replica itself this waits for a word of its: by then Ray has replaced it."""
_OUTAGE_S: Final = 30.0
"""Jobs that were handed over wait for so long for a replica while there is none."""
_RETRY_S: Final = 1.0
_log = logging.getLogger(__name__)


class Link:
    """Passes jobs on.

    Args:
        reader: What the gateway says.
        writer: To the gateway.
        config: Which application, and how large it may get.
        stream: Carries a packed `Run` out; see `ray_cluster.streamed`.
    """

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        config: ClusterConfig,
        stream: Callable[[bytes], Any],
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._config = config
        self._stream = stream
        self._sending = asyncio.Lock()
        self._jobs: dict[int, asyncio.Task[None]] = {}
        self._begun: set[int] = set()
        self._ready_at = time.monotonic()
        self._is_out = False

    async def run(self) -> bool:
        """Pass jobs on until the gateway goes away, or the cluster is lost; return whether that is so."""
        looking = asyncio.create_task(self._look(), name="look for replicas")
        reading = asyncio.create_task(self._read(), name="read from the gateway")
        try:
            done, _ = await asyncio.wait((looking, reading), return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
            return reading not in done
        finally:
            # Replicas stop what this gateway has no more use for.
            tasks = [looking, reading, *self._jobs.values()]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _read(self) -> None:
        while True:
            try:
                (n_bytes,) = PREFIX.unpack(prefix := await self._reader.readexactly(PREFIX.size))
                body = await self._reader.readexactly(n_bytes)
            except (asyncio.IncompleteReadError, ConnectionError):
                return
            message = to_worker.decode(body)
            if isinstance(message, Run):
                # As many as the gateway has lanes, which is what it was told.
                task = asyncio.create_task(self._pass_on(message.job, prefix + body))
                self._jobs[message.job] = task
                task.add_done_callback(partial(self._forget, message.job))
            elif message.job in self._jobs:
                self._jobs[message.job].cancel()

    async def _pass_on(self, job: int, frame: bytes) -> None:
        """Carry out one job on some replica, and say how it ended whatever happens."""
        error: RequestError
        stream = self._stream(frame)
        try:
            if await self._relay(job, stream):
                return
            error = GeneratorFailed("The generator ended without a result; try again.")
        except asyncio.CancelledError:
            stream.cancel()
            await self._send(pack(self._end_of_cancelled(job)), None)
            return
        except TimeoutError:
            stream.cancel()
            error = GeneratorFailed("The generator hung and was replaced; try again.")
        except ray_cluster.FULL:
            text = "The cluster has too much work waiting; try again later."
            error = Overloaded(text, retry_after_s=_RETRY_S)
        except Exception as fault:  # noqa: BLE001 - whatever Ray raises ends one job, not the link
            _log.warning("job %d was lost: %s", job, type(fault).__name__)
            error = GeneratorFailed("The generator's machine failed; try again.")
        await self._send(pack(Ended(job, 0.0, failure_of(error))), None)

    async def _relay(self, job: int, stream: Any) -> bool:
        """Pass on what a replica yields; return whether it said how the job ended."""
        pieces = aiter(stream)
        # It may wait for a replica as long as there are some: it is not this job that is slow then.
        last, _ = await anext(pieces)
        self._begun.add(job)
        while True:
            async with asyncio.timeout(self._config.hang_s + _GRACE_S):
                piece = await anext(pieces, None)
            if piece is None:
                return last != b"" and isinstance(from_worker.decode(last[PREFIX.size :]), Ended)
            last, payload = piece
            await self._send(last, payload)

    def _end_of_cancelled(self, job: int) -> Ended:
        if not self._is_out:
            return Ended(job, 0.0, is_stopped=True)
        text = "The cluster has no generators at present; try again."
        return Ended(job, 0.0, failure_of(Unavailable(text, retry_after_s=_RETRY_S)))

    def _note(self, n_ready: int) -> None:
        """Give up jobs that no replica has begun once there has been none for long."""
        now = time.monotonic()
        if n_ready:
            self._ready_at, self._is_out = now, False
        elif now - self._ready_at > _OUTAGE_S:
            self._is_out = True
            for job, task in self._jobs.items():
                if job not in self._begun:
                    task.cancel()

    def _forget(self, job: int, _: asyncio.Task[None]) -> None:
        del self._jobs[job]
        self._begun.discard(job)

    async def _send(self, message: bytes, payload: "np.ndarray[Any, Any] | None") -> None:
        # When the gateway is gone, `_read` notices it, and ends everything.
        with contextlib.suppress(ConnectionError):
            async with self._sending:
                self._writer.write(message)
                if payload is not None:
                    self._writer.write(payload.data)
                await self._writer.drain()

    async def _look(self) -> None:
        """Tell the gateway how many replicas there are, whenever that changes, until the cluster is lost."""
        told, answered_at = None, time.monotonic()
        while time.monotonic() - answered_at < _LOST_S:
            n_ready = await self._n_ready()
            if n_ready is not None:
                answered_at = time.monotonic()
            self._note(n_ready or 0)
            if (n_ready or 0) != told:
                told = n_ready or 0
                await self._send(pack(Capacity(told, self._n_lanes(told))), None)
            await asyncio.sleep(_LOOK_S)

    async def _n_ready(self) -> int | None:
        """Return how many replicas take jobs, or None if the cluster does not answer."""
        try:
            async with asyncio.timeout(_LOOK_TIMEOUT_S):
                return await asyncio.to_thread(ray_cluster.n_replicas, self._config.application)
        except Exception as fault:  # noqa: BLE001 - Ray raises many things while its head is away
            _log.warning("The cluster does not answer: %s", type(fault).__name__)
            return None

    def _n_lanes(self, n_ready: int) -> int:
        # Ray adds replicas where more waits than those that run can take at once.
        return min(self._config.max_replicas, 2 * n_ready)


async def _talk(endpoint: socket.socket, config: ClusterConfig, stream: Callable[[bytes], Any]) -> None:
    reader, writer = await asyncio.open_connection(sock=endpoint)
    if await Link(reader, writer, config, stream).run():
        _log.error("The cluster is lost")
        # Ray's own threads still wait for it, and would for a minute.
        os._exit(1)


def main(config_json: str) -> None:
    """Connect, deploy what is not there yet, say that it is ready, and pass jobs on."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    ready_line = take_standard_output()
    descriptor = int(os.environ.pop(CHANNEL_VARIABLE))
    os.set_inheritable(descriptor, False)
    config = msgspec.json.decode(config_json.encode(), type=ClusterConfig)
    with ray_cluster.connected(config):
        # It ends when its socket does, in good order. Ray's own handler would only print where it was.
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        stream = ray_cluster.deployed(config)
        os.write(ready_line, json.dumps({"application": config.application}).encode() + b"\n")
        os.close(ready_line)
        asyncio.run(_talk(socket.socket(fileno=descriptor), config, stream))


if __name__ == "__main__":
    main(sys.argv[1])
