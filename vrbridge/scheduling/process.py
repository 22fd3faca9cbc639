"""A child process that is started again when it ends, and never outlives this one."""

import asyncio
import contextlib
import json
import logging
import os
import signal
import socket
import sys
from asyncio.subprocess import PIPE, Process
from collections import deque
from collections.abc import AsyncGenerator, Callable, Coroutine, Mapping, Sequence
from types import TracebackType
from typing import Any, NoReturn, Self

from vrbridge.scheduling.backoff import Backoff
from vrbridge.scheduling.frames import CHANNEL_VARIABLE

_STABLE_S = 10.0
"""A child that was ready for so long ended for a new reason: the delays start over."""
_REAP_S = 2.0
"""How long the kernel may take to clear a killed child away."""
_MAX_LINE_BYTES = 4096
_N_LAST_WORDS = 8
"""Lines of standard error that are repeated when a child has failed."""

# Runs in a fresh interpreter instead of between fork and exec, where a process with threads may deadlock.
# PR_SET_PDEATHSIG survives exec; a parent that died before it was set is noticed by its id.
_LAUNCH = """
import ctypes, os, signal, sys
ctypes.CDLL(None).prctl(1, signal.SIGKILL)
if os.getppid() == int(sys.argv[1]):
    os.execvp(sys.argv[2], sys.argv[2:])
"""

_log = logging.getLogger(__name__)

Serve = Callable[[socket.socket], Coroutine[Any, Any, None]]


class ProcessFailed(Exception):
    """The child ended, or did not become ready, or what talks to it gave it up."""


class SupervisedProcess:
    """Keeps one child running.

    The child says that it is ready by one line on standard output, a JSON object. It must end when its
    standard input (or its socket) ends; on Linux it is killed when the thread that started it ends. What it
    writes to standard error is logged. It leads its own process group, and the whole group ends with it.

    Args:
        command: Program and arguments.
        name: For the log.
        environment: Variables on top of this process's own.
        start_timeout_s: How long the child may take to become ready.
        serve: Talks to the child through a socket, whose other end's number is in the child's environment;
            runs while the child is ready. If it raises or returns, the child is replaced.
        on_ready: Called with the ready line each time the child has become ready.
        on_down: Called each time the child has ended and the delay before the next start is known.
        backoff: Delays between starts.
        stop_s: How long the child may take to end by itself, after SIGTERM, before it is killed.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        name: str,
        environment: Mapping[str, str] | None = None,
        start_timeout_s: float = 60.0,
        serve: Serve | None = None,
        on_ready: Callable[[dict[str, Any]], None] | None = None,
        on_down: Callable[[], None] | None = None,
        backoff: Backoff | None = None,
        stop_s: float = 2.0,
    ) -> None:
        self._command = list(command)
        self._name = name
        self._environment = dict(environment or {})
        self._start_timeout_s = start_timeout_s
        self._serve = serve
        self._on_ready = on_ready
        self._on_down = on_down
        self._backoff = backoff or Backoff()
        self._stop_s = stop_s
        self._task: asyncio.Task[None] | None = None
        self._pid: int | None = None
        self._info: dict[str, Any] | None = None
        self._n_restarts = 0
        self._next_start = 0.0
        self._changed = asyncio.Event()
        self._complaint = ""
        self._complained = asyncio.Event()
        self._last_words: deque[str] = deque(maxlen=_N_LAST_WORDS)

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    @property
    def is_ready(self) -> bool:
        """Whether the child has said that it is ready, and lives."""
        return self._info is not None

    @property
    def info(self) -> dict[str, Any] | None:
        """The ready line of the living child, or None."""
        return self._info

    @property
    def pid(self) -> int | None:
        """Process id of the living child, or None."""
        return self._pid

    @property
    def n_restarts(self) -> int:
        """How often a child had to be replaced."""
        return self._n_restarts

    @property
    def n_failures(self) -> int:
        """Children in a row that ended before they proved themselves."""
        return self._backoff.n_failures

    @property
    def delay_left_s(self) -> float:
        """Seconds until the next start, 0 if a child lives."""
        if self._pid is not None or self._task is None:
            return 0.0
        return max(0.0, self._next_start - asyncio.get_running_loop().time())

    async def start(self) -> None:
        """Begin to keep a child running; returns before it is ready."""
        if self._task is None:
            self._task = asyncio.create_task(self._supervise(), name=f"supervise {self._name}")

    async def wait_ready(self, *, max_failures: int = 3) -> dict[str, Any]:
        """Return the ready line once the child is ready; `asyncio.timeout` bounds it.

        Args:
            max_failures: Starts in a row that may fail.

        Raises:
            ProcessFailed: If more fail, or the process is not started.
        """
        while self._info is None:
            if self._task is None or self._backoff.n_failures >= max_failures:
                raise ProcessFailed(f"{self._name} does not start; the log says why.")
            self._changed.clear()
            await self._changed.wait()
        return self._info

    def replace(self, reason: str) -> None:
        """End a child that is of no use any more and start another; nothing happens if none is ready.

        Args:
            reason: A sentence for the log.
        """
        if self._info is not None:
            self._info = None
            self._complaint = reason
            self._complained.set()

    def settle(self) -> None:
        """Say that the child did its work: should it end, the next start comes soon."""
        self._backoff.succeed()

    async def close(self) -> None:
        """End the child and its group, and start no other."""
        if self._task is not None:
            task, self._task = self._task, None
            self._changed.set()
            task.cancel()
            await asyncio.wait([task])

    async def _supervise(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            ready_at: list[float] = []
            try:
                await self._live(ready_at)
            except (ProcessFailed, OSError) as error:
                # Standard error is logged as it comes, but at a level that few look at.
                _log.warning(
                    "%s ended: %s Its last words: %s", self._name, error, " | ".join(self._last_words)
                )
            except Exception:  # noqa: BLE001 - a fault in a callback must not end the supervision
                _log.exception("%s ended by a fault in its owner", self._name)
            if ready_at and loop.time() - ready_at[0] >= _STABLE_S:
                self._backoff.succeed()
            delay_s = self._backoff.fail()
            self._next_start = loop.time() + delay_s
            self._n_restarts += 1
            self._changed.set()
            if self._on_down is not None:
                self._on_down()
            await asyncio.sleep(delay_s)

    async def _live(self, ready_at: list[float]) -> NoReturn:
        """Start a child and stay with it until it ends; always raises."""
        ours, theirs = socket.socketpair()
        with ours:
            with theirs:
                child = await self._spawn(theirs)
            self._pid = child.pid
            assert child.stderr is not None
            self._last_words.clear()
            self._complained.clear()
            readers = [asyncio.create_task(self._log_lines(child.stderr), name=f"log {self._name}")]
            is_gentle = False
            try:
                await self._become_ready(child)
                ready_at.append(asyncio.get_running_loop().time())
                await self._stay(child, ours, readers)
            except asyncio.CancelledError:
                is_gentle = True
                raise
            finally:
                self._info = None
                ours.close()
                try:
                    await _shielded(self._end(child, readers, is_gentle=is_gentle))
                finally:
                    self._pid = None

    async def _spawn(self, channel: socket.socket) -> Process:
        command = self._command
        if sys.platform == "linux":
            command = [sys.executable, "-I", "-S", "-c", _LAUNCH, str(os.getpid()), *command]
        descriptors = (channel.fileno(),) if self._serve is not None else ()
        environment = os.environ | self._environment
        if descriptors:
            environment[CHANNEL_VARIABLE] = str(channel.fileno())
        return await asyncio.create_subprocess_exec(
            *command,
            stdin=PIPE,
            stdout=PIPE,
            stderr=PIPE,
            env=environment,
            start_new_session=True,
            pass_fds=descriptors,
        )

    async def _become_ready(self, child: Process) -> None:
        assert child.stdout is not None
        try:
            async with asyncio.timeout(self._start_timeout_s):
                self._info = await _ready_line(child.stdout)
        except TimeoutError as error:
            raise ProcessFailed(f"It was not ready after {self._start_timeout_s:g} s.") from error
        _log.info("%s is ready (process %d)", self._name, child.pid)
        self._changed.set()
        if self._on_ready is not None:
            self._on_ready(self._info)

    async def _stay(
        self, child: Process, channel: socket.socket, readers: list[asyncio.Task[None]]
    ) -> NoReturn:
        assert child.stdout is not None
        readers.append(asyncio.create_task(_drain(child.stdout), name=f"drain {self._name}"))
        watched: list[asyncio.Task[Any]] = [asyncio.create_task(_exit_of(child), name=f"wait {self._name}")]
        watched.append(asyncio.create_task(self._complaints(), name=f"complaints {self._name}"))
        if self._serve is not None:
            watched.append(asyncio.create_task(self._serve(channel), name=f"serve {self._name}"))
        try:
            await asyncio.wait(watched, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in watched:
                task.cancel()
            await _shielded(asyncio.wait(watched))
        for task in watched:
            if not task.cancelled() and (error := task.exception()) is not None:
                raise ProcessFailed(str(error) or type(error).__name__) from error
        raise ProcessFailed(f"It ended with status {child.returncode}.")

    async def _complaints(self) -> NoReturn:
        await self._complained.wait()
        raise ProcessFailed(self._complaint)

    async def _end(self, child: Process, readers: Sequence[asyncio.Task[None]], *, is_gentle: bool) -> None:
        assert child.stdin is not None
        child.stdin.close()
        if is_gentle and child.returncode is None:
            _signal_group(child.pid, signal.SIGTERM)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._stop_s):
                    await _exit_of(child)
        # Also after its leader has ended: others of the group may live.
        _signal_group(child.pid, signal.SIGKILL)
        ends: list[asyncio.Task[Any]] = [
            *readers,
            asyncio.create_task(child.wait(), name=f"reap {self._name}"),
        ]
        # Bounded, since a process that left the group may still hold the pipes.
        _, unfinished = await asyncio.wait(ends, timeout=_REAP_S)
        for task in unfinished:
            task.cancel()

    async def _log_lines(self, stream: asyncio.StreamReader) -> None:
        async for line in _lines(stream):
            text = line.decode(errors="replace")
            self._last_words.append(text)
            _log.info("%s: %s", self._name, text)


async def _ready_line(stream: asyncio.StreamReader) -> dict[str, Any]:
    async with contextlib.aclosing(_lines(stream)) as lines:
        async for line in lines:
            with contextlib.suppress(ValueError):
                info = json.loads(line)
                if isinstance(info, dict):
                    return info
    raise ProcessFailed("It ended before it was ready.")


async def _lines(stream: asyncio.StreamReader) -> AsyncGenerator[bytes, None]:
    """Yield lines without their ends, cut to a bounded length."""
    rest = b""
    while data := await stream.read(_MAX_LINE_BYTES):
        *lines, rest = (rest + data).split(b"\n")
        for line in lines:
            yield line[:_MAX_LINE_BYTES].rstrip()
        rest = rest[:_MAX_LINE_BYTES]
    if rest:
        yield rest.rstrip()


async def _exit_of(child: Process) -> None:
    """Return when the process has ended, even while others hold its pipes, which `wait` would wait for."""
    if sys.platform != "linux":
        await child.wait()
        return
    try:
        descriptor = os.pidfd_open(child.pid)
    except ProcessLookupError:
        return
    except OSError:  # an old kernel, or no descriptors left
        await child.wait()
        return
    loop = asyncio.get_running_loop()
    has_ended = asyncio.Event()
    loop.add_reader(descriptor, has_ended.set)
    try:
        await has_ended.wait()
    finally:
        loop.remove_reader(descriptor)
        os.close(descriptor)


async def _drain(stream: asyncio.StreamReader) -> None:
    """Read what nobody wants, so that the child does not block on a full pipe."""
    while await stream.read(1 << 16):
        pass


def _signal_group(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, number)


async def _shielded(work: Coroutine[Any, Any, Any]) -> None:
    """Finish what must be finished even if the waiting task is cancelled, then pass the cancellation on."""
    task = asyncio.ensure_future(work)
    is_cancelled = False
    while not task.done():
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError:
            if task.cancelled():
                break
            is_cancelled = True
    if is_cancelled:
        raise asyncio.CancelledError
    task.result()
