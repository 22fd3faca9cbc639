"""Carrying out one job where the generators are, in whatever process that is."""

import logging
import time
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from vrbridge.errors import GeneratorFailed, RequestError, Unavailable
from vrbridge.interruption import Interrupted, watch
from vrbridge.scheduling.frames import MAX_PAYLOAD_BYTES, Ended, Output, Run, failure_of, pack

WorkOutput = tuple[str, dict[str, Any], bytes | memoryview]
Handler = Callable[[dict[str, Any]], Iterable[WorkOutput]]
Packed = tuple[bytes, memoryview]
"""A message as `frames.pack` returns it, and the payload that follows."""

_NOTHING = memoryview(b"")

T = TypeVar("T")

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
    ending: BaseException | None = None
    watch(lambda: is_stopped(run.job))
    try:
        yield from _outputs(run, handlers, stopwatch, is_stopped)
    except (Interrupted, Exception) as ended:  # noqa: BLE001 - whatever a generator raises ends one job alone
        ending = ended
    yield pack(_end(run, ending, stopwatch.lap(), handlers)), _NOTHING


def carried_out_together(
    runs: Sequence[Run], handlers: Mapping[str, Handler], *, is_stopped: Callable[[int], bool]
) -> Iterator[Packed]:
    """Yield what jobs of one call make, each with how it ended; in one pass where their handler can do that.

    Args:
        runs: The jobs.
        handlers: By the name of the call.
        is_stopped: As for one job.
    """
    batch = getattr(handlers.get(runs[0].call), "batch", None)
    if batch is None or len(runs) == 1:
        for run in runs:
            yield from carried_out(run, handlers, is_stopped=is_stopped)
        return
    left = dict(enumerate(runs))
    stopwatch = _Stopwatch()
    fault: BaseException | None = None
    watch(lambda: all(is_stopped(run.job) for run in left.values()))
    try:
        outputs = batch([run.arguments for run in runs], is_stopped=lambda n: is_stopped(runs[n].job))
        while (member := _timed_next(outputs, stopwatch)) is not None:
            number, output = member
            if isinstance(output, tuple):
                yield _packed(runs[number].job, output)
            else:
                end = _end(left.pop(number), output, stopwatch.lap(), handlers)
                yield pack(end), _NOTHING
    except (Interrupted, Exception) as ended:  # noqa: BLE001 - the same for those that are left
        fault = ended
    # A batch says of each how it ended; who is left was lost with it.
    for run in left.values():
        lost = fault or GeneratorFailed("The generator ended without a result; try again.")
        yield pack(_end(run, lost, stopwatch.lap(), handlers)), _NOTHING


def _end(run: Run, ending: BaseException | None, seconds: float, handlers: Mapping[str, Handler]) -> Ended:
    match ending:
        case None:
            return Ended(run.job, seconds, batch_size=_batch_size(run, handlers))
        case Interrupted():
            return Ended(run.job, seconds, is_stopped=True)
        case RequestError():
            return Ended(run.job, seconds, failure_of(ending))
        case _:
            _log.error("job %d (%s) failed: %s", run.job, run.call, _describe(ending))
            return Ended(run.job, seconds, failure_of(_failed(ending)))


def _batch_size(run: Run, handlers: Mapping[str, Handler]) -> int:
    size_of = getattr(handlers[run.call], "batch_size", None)
    return int(size_of(run.arguments)) if size_of is not None else 1


def _outputs(
    run: Run,
    handlers: Mapping[str, Handler],
    stopwatch: "_Stopwatch",
    is_stopped: Callable[[int], bool],
) -> Iterator[Packed]:
    """Yield a job's outputs.

    Raises:
        Interrupted: If it was stopped.
    """
    handler = handlers.get(run.call)
    if handler is None:
        raise Unavailable(f"The generators of this server don't know {run.call!r}.")
    with stopwatch:
        outputs = iter(handler(run.arguments))
    try:
        while not is_stopped(run.job):
            if (output := _timed_next(outputs, stopwatch)) is None:
                return
            yield _packed(run.job, output)
        raise Interrupted
    finally:
        _close(outputs)


def _timed_next(outputs: Iterator[T], stopwatch: "_Stopwatch") -> T | None:
    with stopwatch:
        return next(outputs, None)


def _packed(job: int, output: WorkOutput) -> Packed:
    name, header, data = output
    payload = memoryview(data).cast("B") if len(data) else _NOTHING
    if payload.nbytes > MAX_PAYLOAD_BYTES:
        raise GeneratorFailed("The generator made more than fits; ask for something smaller.")
    return pack(Output(job, name, header, payload.nbytes)), payload


class _Stopwatch:
    """Adds up the time inside its `with` blocks."""

    def __init__(self) -> None:
        self._seconds = 0.0
        self._began = 0.0

    def lap(self) -> float:
        """Return the seconds since the last lap."""
        seconds, self._seconds = self._seconds, 0.0
        return seconds

    def __enter__(self) -> None:
        self._began = time.perf_counter()

    def __exit__(self, *_: object) -> None:
        self._seconds += time.perf_counter() - self._began


def _close(outputs: Iterator[Any]) -> None:
    close = getattr(outputs, "close", None)
    if close is not None:
        close()


def _failed(fault: BaseException) -> GeneratorFailed:
    # torch's allocators raise RuntimeError, or a class of that name for devices.
    is_memory = isinstance(fault, MemoryError) or type(fault).__name__ == "OutOfMemoryError"
    if is_memory or (isinstance(fault, RuntimeError) and "allocate memory" in str(fault)):
        return GeneratorFailed("The generator ran out of memory; ask for something smaller.")
    return GeneratorFailed(f"The generator failed ({type(fault).__name__}); try again.")


def _describe(fault: BaseException) -> str:
    """Return kind and place of a fault, without its text, which may quote a player."""
    frames = traceback.extract_tb(fault.__traceback__)
    places = " > ".join(f"{frame.name}:{frame.lineno}" for frame in frames[-6:])
    return f"{type(fault).__name__} at {places}"
