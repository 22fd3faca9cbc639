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
import time
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from vrbridge.errors import GeneratorFailed, RequestError, Unavailable
from vrbridge.interruption import Interrupted, watch
from vrbridge.scheduling.frames import (
    CHANNEL_VARIABLE,
    MAX_PAYLOAD_BYTES,
    PREFIX,
    Ended,
    FromWorker,
    Output,
    Run,
    failure_of,
    pack,
    to_worker,
)

WorkOutput = tuple[str, dict[str, Any], bytes | memoryview]
Handler = Callable[[dict[str, Any]], Iterable[WorkOutput]]

_NICENESS = 10
"""A worker takes what the event loop, the language model and the engine leave of the cores: a material may be
a little late, but a word and a frame may not."""
_log = logging.getLogger(__name__)


class Worker:
    """Answers the pool on one socket.

    Args:
        endpoint: The socket; its end ends the process at once, wherever it is.
    """

    def __init__(self, endpoint: socket.socket) -> None:
        self._endpoint = endpoint
        self._runs: queue.SimpleQueue[Run] = queue.SimpleQueue()
        self._stopped_job = -1

    def listen(self) -> None:
        """Take in what the pool says, on a thread of its own."""
        threading.Thread(target=self._read, name="channel", daemon=True).start()

    def work(self, handlers: Mapping[str, Handler]) -> None:
        """Carry out jobs for ever."""
        while True:
            run = self._runs.get()
            self._send(self._carry_out(run, handlers))

    def _read(self) -> None:
        stream = self._endpoint.makefile("rb")
        try:
            while len(prefix := stream.read(PREFIX.size)) == PREFIX.size:
                message = to_worker.decode(stream.read(PREFIX.unpack(prefix)[0]))
                if isinstance(message, Run):
                    self._runs.put(message)
                else:
                    self._stopped_job = message.job
        finally:
            # The pool is gone. The main thread may be deep in native code: only this ends it.
            os._exit(0)

    def _carry_out(self, run: Run, handlers: Mapping[str, Handler]) -> Ended:
        stopwatch = _Stopwatch()
        error: RequestError
        watch(lambda: self._stopped_job == run.job)
        try:
            is_stopped = self._run(run, handlers, stopwatch)
        except Interrupted:
            return Ended(run.job, stopwatch.seconds, is_stopped=True)
        except RequestError as known:
            error = known
        except Exception as fault:  # noqa: BLE001 - whatever a generator raises ends one job, not the worker
            _log.error("job %d (%s) failed: %s", run.job, run.call, _describe(fault))
            error = _failed(fault)
        else:
            return Ended(run.job, stopwatch.seconds, is_stopped=is_stopped)
        return Ended(run.job, stopwatch.seconds, failure_of(error))

    def _run(self, run: Run, handlers: Mapping[str, Handler], stopwatch: "_Stopwatch") -> bool:
        """Hand over a job's outputs; return whether it was stopped."""
        handler = handlers.get(run.call)
        if handler is None:
            raise Unavailable(f"The generators of this server don't know {run.call!r}.")
        with stopwatch:
            outputs = iter(handler(run.arguments))
        try:
            while self._stopped_job != run.job:
                with stopwatch:
                    output = next(outputs, None)
                if output is None:
                    return False
                self._hand_over(run.job, output)
            return True
        finally:
            _close(outputs)

    def _hand_over(self, job: int, output: WorkOutput) -> None:
        name, header, data = output
        payload = memoryview(data).cast("B") if len(data) else memoryview(b"")
        if payload.nbytes > MAX_PAYLOAD_BYTES:
            raise GeneratorFailed("The generator made more than fits; ask for something smaller.")
        self._send(Output(job, name, header, payload.nbytes), payload)

    def _send(self, message: FromWorker, payload: memoryview | None = None) -> None:
        frame = pack(message)
        try:
            self._endpoint.sendall(frame)
            if payload is not None and payload.nbytes:
                self._endpoint.sendall(payload)
        except OSError:
            os._exit(0)


class _Stopwatch:
    """Adds up the time inside its `with` blocks."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._began = 0.0

    def __enter__(self) -> None:
        self._began = time.perf_counter()

    def __exit__(self, *_: object) -> None:
        self.seconds += time.perf_counter() - self._began


def _close(outputs: Iterator[WorkOutput]) -> None:
    close = getattr(outputs, "close", None)
    if close is not None:
        close()


def _failed(fault: Exception) -> GeneratorFailed:
    # torch's allocators raise RuntimeError, or a class of that name for devices.
    is_memory = isinstance(fault, MemoryError) or type(fault).__name__ == "OutOfMemoryError"
    if is_memory or (isinstance(fault, RuntimeError) and "allocate memory" in str(fault)):
        return GeneratorFailed("The generator ran out of memory; ask for something smaller.")
    return GeneratorFailed(f"The generator failed ({type(fault).__name__}); try again.")


def _describe(fault: Exception) -> str:
    """Return kind and place of a fault, without its text, which may quote a player."""
    frames = traceback.extract_tb(fault.__traceback__)
    places = " > ".join(f"{frame.name}:{frame.lineno}" for frame in frames[-6:])
    return f"{type(fault).__name__} at {places}"


def _loaded(factory: str, config: dict[str, Any]) -> Mapping[str, Handler]:
    """Return what the factory makes; all of that is kept, so nobody looks for garbage meanwhile or in it."""
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


def _take_standard_output() -> int:
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
    ready_line = _take_standard_output()
    descriptor = int(os.environ.pop(CHANNEL_VARIABLE))
    os.set_inheritable(descriptor, False)
    worker = Worker(socket.socket(fileno=descriptor))
    worker.listen()
    config = json.loads(config_json)
    handlers = _loaded(factory, config)
    if config.get("max_memory_mb") and sys.platform == "linux":
        _bound_memory(config["max_memory_mb"])
    # Only now: a start should not take longer for it.
    os.nice(_NICENESS)
    os.write(ready_line, json.dumps({"calls": sorted(handlers)}).encode() + b"\n")
    os.close(ready_line)
    worker.work(handlers)


if __name__ == "__main__":
    main(*sys.argv[1:3])
