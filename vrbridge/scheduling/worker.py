"""The worker process: carries out one job at a time and hands over what it makes.

Run as `python -m vrbridge.scheduling.worker FACTORY CONFIG`: `package.module:function` and a JSON object.
"""

import gc
import importlib
import json
import logging
import os
import queue
import resource
import signal
import socket
import sys
import threading
from collections.abc import Callable, Mapping
from typing import Any, BinaryIO

from vrbridge.scheduling.allocator import give_freed_memory_back, keep_freed_memory
from vrbridge.scheduling.execution import Handler, carried_out_together
from vrbridge.scheduling.frames import CHANNEL_VARIABLE, PREFIX, Run, Stop, Together, ToWorker, to_worker

NICENESS = 10
"""A worker takes what the event loop, the language model and the engine leave of the cores: a material may be
a little late, but a word and a frame may not."""

_IDLE_S = 5.0
"""A worker without a job for so long gives memory back to the system."""


class Worker:
    """Answers the pool on one socket.

    Args:
        endpoint: The socket; its end ends the process at once, wherever it is.
    """

    def __init__(self, endpoint: socket.socket) -> None:
        self._endpoint = endpoint
        self._runs: queue.SimpleQueue[list[Run]] = queue.SimpleQueue()
        self._known: set[int] = set()
        self._stopped: set[int] = set()

    def listen(self) -> None:
        """Take in what the pool says, on a thread of its own."""
        threading.Thread(target=self._read, name="channel", daemon=True).start()

    def work(self, handlers: Mapping[str, Handler]) -> None:
        """Carry out jobs for ever."""
        while True:
            runs = self._next()
            for frame, payload in carried_out_together(runs, handlers, is_stopped=self._stopped.__contains__):
                self._send(frame, payload)
            # In this order: a stop that comes late is for a job that is not known any more.
            self._known.difference_update(run.job for run in runs)
            self._stopped.difference_update(run.job for run in runs)

    def _next(self) -> list[Run]:
        try:
            return self._runs.get(timeout=_IDLE_S)
        except queue.Empty:
            give_freed_memory_back()
            return self._runs.get()

    def _read(self) -> None:
        stream = self._endpoint.makefile("rb")
        try:
            while (message := self._message(stream)) is not None:
                match message:
                    case Run():
                        self._take([message])
                    case Together():
                        self._take([self._run(stream) for _ in range(message.n_jobs)])
                    case Stop() if message.job in self._known:
                        self._stopped.add(message.job)
        finally:
            # The pool is gone. The main thread may be deep in native code: only this ends it.
            os._exit(0)

    def _take(self, runs: list[Run]) -> None:
        self._known.update(run.job for run in runs)
        self._runs.put(runs)

    def _message(self, stream: BinaryIO) -> ToWorker | None:
        prefix = stream.read(PREFIX.size)
        if len(prefix) < PREFIX.size:
            return None
        message: ToWorker = to_worker.decode(stream.read(PREFIX.unpack(prefix)[0]))
        return message

    def _run(self, stream: BinaryIO) -> Run:
        message = self._message(stream)
        assert isinstance(message, Run), "as many follow as were announced"
        return message

    def _send(self, frame: bytes, payload: memoryview) -> None:
        try:
            self._endpoint.sendall(frame)
            if payload.nbytes:
                self._endpoint.sendall(payload)
        except OSError:
            os._exit(0)


def loaded(factory: str, config: dict[str, Any]) -> Mapping[str, Handler]:
    """Return what a factory makes; all of that is kept, so nobody looks for garbage meanwhile or in it.

    Args:
        factory: `package.module:function`, which takes `config`.
        config: Plain data.
    """
    gc.disable()
    module, _, function = factory.partition(":")
    create: Callable[[dict[str, Any]], Mapping[str, Handler]] = getattr(
        importlib.import_module(module), function
    )
    handlers = create(config)
    gc.freeze()
    gc.enable()
    return handlers


def _bound_memory(max_growth_mb: int) -> None:
    """Refuse this process more address space than it has now and so much on top."""
    with open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123 - not a file of ours
        n_pages = int(file.read().split()[0])
    limit = n_pages * resource.getpagesize() + (max_growth_mb << 20)
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def take_standard_output() -> int:
    """Return a private descriptor of standard output, and lead what others print there to standard error."""
    sys.stdout.flush()
    private = os.dup(1)
    os.dup2(2, 1)
    return private


def main(factory: str, config_json: str) -> None:
    """Load the handlers, say that they are ready, and work until the pool goes away."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    # An interrupt at the terminal is for the server, which then ends its workers.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    ready_line = take_standard_output()
    descriptor = int(os.environ.pop(CHANNEL_VARIABLE))
    os.set_inheritable(descriptor, False)
    worker = Worker(socket.socket(fileno=descriptor))
    worker.listen()
    config = json.loads(config_json)
    keep_freed_memory()
    handlers = loaded(factory, config)
    if config.get("max_memory_mb") and sys.platform == "linux":
        _bound_memory(config["max_memory_mb"])
    # Only now: a start should not take longer for it.
    os.nice(NICENESS)
    os.write(ready_line, json.dumps({"calls": sorted(handlers)}).encode() + b"\n")
    os.close(ready_line)
    worker.work(handlers)


if __name__ == "__main__":
    main(*sys.argv[1:3])
