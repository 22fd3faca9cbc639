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
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
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
    Stop,
    Together,
    ToWorker,
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


def _failed(error: RequestError) -> Ended:
    """Return the end of a job, whose number is put in later."""
    return Ended(-1, 0.0, failure_of(error))


_STOPPED: Final = Ended(-1, 0.0, is_stopped=True)
_OUT: Final = _failed(
    Unavailable("The cluster has no generators at present; try again.", retry_after_s=_RETRY_S)
)


class Handed:
    """Jobs that were handed to a replica together.

    Args:
        jobs: Their numbers.
    """

    def __init__(self, jobs: Sequence[int]) -> None:
        self.jobs = tuple(jobs)
        self.left = set(jobs)
        self.task: asyncio.Task[None] | None = None
        self.is_begun = False
        self._unwanted: set[int] = set()
        self._is_listening = False

    @property
    def is_unwanted(self) -> bool:
        """Whether nobody wants any of those that have not ended."""
        return bool(self.left) and self.left <= self._unwanted

    def stop(self, job: int) -> None:
        """Have the replica stop once nobody wants any of them."""
        self._unwanted.add(job)
        if self.is_unwanted:
            self.interrupt()

    def interrupt(self) -> None:
        """Cancel the wait for the replica's next word; never what is being said to the gateway."""
        if self._is_listening and self.task is not None:
            self.task.cancel()

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Within it, a stop is heard at once.

        Raises:
            asyncio.CancelledError: If nobody wants them any more.
        """
        if self.is_unwanted:
            raise asyncio.CancelledError
        self._is_listening = True
        try:
            yield
        finally:
            self._is_listening = False


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
        self._handed: dict[int, Handed] = {}
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
            tasks = [looking, reading, *(h.task for h in set(self._handed.values()) if h.task is not None)]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _read(self) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                message, frame = await self._message()
                match message:
                    case Run():
                        self._take([message.job], frame)
                    case Together():
                        runs = [await self._message() for _ in range(message.n_jobs)]
                        jobs = [run.job for run, _ in runs if isinstance(run, Run)]
                        self._take(jobs, frame + b"".join(frame for _, frame in runs))
                    case Stop() if (handed := self._handed.get(message.job)) is not None:
                        handed.stop(message.job)

    async def _message(self) -> tuple[ToWorker, bytes]:
        prefix = await self._reader.readexactly(PREFIX.size)
        body = await self._reader.readexactly(PREFIX.unpack(prefix)[0])
        return to_worker.decode(body), prefix + body

    def _take(self, jobs: list[int], frame: bytes) -> None:
        # As many at once as the gateway has lanes, which is what it was told.
        handed = Handed(jobs)
        handed.task = asyncio.create_task(self._pass_on(handed, frame), name=f"jobs {jobs}")
        self._handed.update(dict.fromkeys(jobs, handed))
        handed.task.add_done_callback(partial(self._forget, handed))

    async def _pass_on(self, handed: Handed, frame: bytes) -> None:
        """Carry out jobs on some replica, and say how each ended whatever happens."""
        stream = self._stream(frame)
        end = _failed(GeneratorFailed("The generator ended without a result; try again."))
        try:
            await self._relay(handed, stream)
        except asyncio.CancelledError:
            stream.cancel()
            end = _OUT if self._is_out else _STOPPED
        except TimeoutError:
            stream.cancel()
            end = _failed(GeneratorFailed("The generator hung and was replaced; try again."))
        except ray_cluster.FULL:
            text = "The cluster has too much work waiting; try again later."
            end = _failed(Overloaded(text, retry_after_s=_RETRY_S))
        except Exception as fault:  # noqa: BLE001 - whatever Ray raises ends these jobs, not the link
            _log.warning("jobs %s were lost: %s", handed.jobs, type(fault).__name__)
            end = _failed(GeneratorFailed("The generator's machine failed; try again."))
        for job in sorted(handed.left):
            await self._send(pack(msgspec.structs.replace(end, job=job)), None)

    async def _relay(self, handed: Handed, stream: Any) -> None:
        """Pass on what a replica yields."""
        pieces = aiter(stream)
        # They may wait for a replica as long as there are some: it is not these jobs that are slow then.
        with handed.listening():
            await anext(pieces)
        handed.is_begun = True
        while True:
            with handed.listening():
                async with asyncio.timeout(self._config.hang_s + _GRACE_S):
                    piece = await anext(pieces, None)
            if piece is None:
                return
            frame, payload = piece
            message = from_worker.decode(frame[PREFIX.size :])
            await self._send(frame, payload)
            if isinstance(message, Ended):
                handed.left.discard(message.job)

    def _note(self, n_ready: int) -> None:
        """Give up jobs that no replica has begun once there has been none for long."""
        now = time.monotonic()
        if n_ready:
            self._ready_at, self._is_out = now, False
        elif now - self._ready_at > _OUTAGE_S:
            self._is_out = True
            for handed in set(self._handed.values()):
                if not handed.is_begun:
                    handed.interrupt()

    def _forget(self, handed: Handed, _: asyncio.Task[None]) -> None:
        for job in handed.jobs:
            del self._handed[job]

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
                return await asyncio.to_thread(ray_cluster.n_replicas, self._config)
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
