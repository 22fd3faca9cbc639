"""Carrying out one job where the generators are, in whatever process that is."""

import logging
import time
import traceback
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from typing import Any

from vrbridge.errors import GeneratorFailed, RequestError, Unavailable
from vrbridge.interruption import Interrupted, watch
from vrbridge.scheduling.frames import MAX_PAYLOAD_BYTES, Ended, Output, Run, failure_of, pack

WorkOutput = tuple[str, dict[str, Any], bytes | memoryview]
Handler = Callable[[dict[str, Any]], Iterable[WorkOutput]]
Packed = tuple[bytes, memoryview]
"""A message as `frames.pack` returns it, and the payload that follows."""

_NOTHING = memoryview(b"")

_log = logging.getLogger(__name__)


def carried_out(
    run: Run, handlers: Mapping[str, Handler], *, is_stopped: Callable[[int], bool]
) -> Iterator[Packed]:
    """Yield what a job makes, each with its payload, and at last how it ended. One at a time in a process.

    Args:
        run: The job.
        handlers: By the name of the call.
        is_stopped: Returns whether nobody wants a job any more; asked at each step and between outputs.
    """
    stopwatch = _Stopwatch()
    watch(lambda: is_stopped(run.job))
    try:
        is_given_up = yield from _outputs(run, handlers, stopwatch, is_stopped)
        end = Ended(run.job, stopwatch.seconds, is_stopped=is_given_up)
    except Interrupted:
        end = Ended(run.job, stopwatch.seconds, is_stopped=True)
    except RequestError as known:
        end = Ended(run.job, stopwatch.seconds, failure_of(known))
    except Exception as fault:  # noqa: BLE001 - whatever a generator raises ends one job, not the worker
        _log.error("job %d (%s) failed: %s", run.job, run.call, _describe(fault))
        end = Ended(run.job, stopwatch.seconds, failure_of(_failed(fault)))
    yield pack(end), _NOTHING


def _outputs(
    run: Run,
    handlers: Mapping[str, Handler],
    stopwatch: "_Stopwatch",
    is_stopped: Callable[[int], bool],
) -> Generator[Packed, None, bool]:
    """Yield a job's outputs; return whether it was stopped."""
    handler = handlers.get(run.call)
    if handler is None:
        raise Unavailable(f"The generators of this server don't know {run.call!r}.")
    with stopwatch:
        outputs = iter(handler(run.arguments))
    try:
        while not is_stopped(run.job):
            with stopwatch:
                output = next(outputs, None)
            if output is None:
                return False
            yield _packed(run.job, output)
        return True
    finally:
        _close(outputs)


def _packed(job: int, output: WorkOutput) -> Packed:
    name, header, data = output
    payload = memoryview(data).cast("B") if len(data) else _NOTHING
    if payload.nbytes > MAX_PAYLOAD_BYTES:
        raise GeneratorFailed("The generator made more than fits; ask for something smaller.")
    return pack(Output(job, name, header, payload.nbytes)), payload


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
