"""The server under load, and what can be seen of it."""

import asyncio
import contextlib
import os
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import msgspec

from vrbridge.bench.fake_server import FakeServer, Lags
from vrbridge.bench.lag import Lag
from vrbridge.errors import Unavailable

_START_S = 90.0
_STOP_S = 40.0
_LOOK_EVERY_S = 1.0
_MAX_LINE_BYTES = 1 << 20
_LAG_BUCKET = "vrbridge_loop_lag_seconds_bucket"
_WASTED = "vrbridge_wasted_seconds_total{"


@dataclass
class Server:
    """A server that runs.

    Args:
        url: For players.
        pid: Of the process with the event loop. None: it runs elsewhere, or was there before.
        lags: How late its event loop was; grows while it runs.
        is_stamped: Whether the words it says are the moments at which they were made.
    """

    url: str
    pid: int | None
    is_stamped: bool
    lags: list[Lag] = field(default_factory=list)


@asynccontextmanager
async def scripted_server(config: FakeServer, log: Path) -> AsyncIterator[Server]:
    """Start a server with scripted generators.

    Raises:
        Unavailable: If it does not start.
    """
    command = [sys.executable, "-m", "vrbridge.bench.fake_server", msgspec.json.encode(config).decode()]
    async with _started(command, log, environment={}) as (process, url):
        server = Server(url, process.pid, is_stamped=True)
        reading = asyncio.create_task(_read_lags(process, server.lags), name="lags")
        try:
            yield server
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)


@asynccontextmanager
async def product_server(
    folder: Path, log: Path, *, max_connections: int, environment: Mapping[str, str] | None = None
) -> AsyncIterator[Server]:
    """Start `vrbridge serve`.

    Args:
        folder: For its data.
        log: File for what it says.
        max_connections: At once.
        environment: Further settings.

    Raises:
        Unavailable: If it does not start.
    """
    command = [sys.executable, "-m", "vrbridge", "serve", "--host", "127.0.0.1", "--port", "0"]
    command += ["--data", str(folder)]
    variables = {"VRBRIDGE_LIMITS__MAX_CONNECTIONS": str(max_connections), **(environment or {})}
    async with _started(command, log, environment=variables) as (process, url), watched(url) as server:
        server.pid = process.pid
        yield server


@asynccontextmanager
async def watched(url: str) -> AsyncIterator[Server]:
    """Look at a server that runs, through its metrics."""
    server = Server(url, None, is_stamped=False)
    scraping = asyncio.create_task(_scrape(url, server.lags), name="metrics")
    try:
        yield server
    finally:
        scraping.cancel()
        await asyncio.gather(scraping, return_exceptions=True)


@asynccontextmanager
async def _started(
    command: list[str], log: Path, *, environment: Mapping[str, str]
) -> AsyncIterator[tuple[Process, str]]:
    with log.open("wb") as log_file:
        process = await asyncio.create_subprocess_exec(
            *command, stdin=PIPE, stdout=PIPE, stderr=log_file, env=os.environ | environment,
            limit=_MAX_LINE_BYTES,
        )  # fmt: skip
    try:
        yield process, await _ready_url(process, log)
    finally:
        await _stop(process)


async def _ready_url(process: Process, log: Path) -> str:
    assert process.stdout is not None
    line = b""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_START_S):
            line = await process.stdout.readline()
    if not line.startswith(b"ready "):
        raise Unavailable(f"The server did not start. {_last_line(log)}")
    return line.decode().split()[1]


def _last_line(log: Path) -> str:
    said = log.read_text("utf-8", errors="replace").strip().splitlines()
    return said[-1] if said else "It said nothing."


async def _stop(process: Process) -> None:
    assert process.stdin is not None
    process.stdin.close()
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
    try:
        async with asyncio.timeout(_STOP_S):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()


async def _read_lags(process: Process, lags: list[Lag]) -> None:
    assert process.stdout is not None
    while line := await process.stdout.readline():
        lags += msgspec.json.decode(line, type=Lags).lags


def _metrics_url(url: str) -> str:
    parts = urlsplit(url)
    scheme = "https" if parts.scheme == "wss" else "http"
    return f"{scheme}://{parts.netloc}/metrics"


async def wasted_now(url: str) -> dict[str, float] | None:
    """Return what `wasted_s` finds at a server now, or None if it does not answer."""
    try:
        async with httpx.AsyncClient(trust_env=False, timeout=10) as http:
            return wasted_s((await http.get(_metrics_url(url))).text)
    except httpx.HTTPError:
        return None


def wasted_s(exposition: str) -> dict[str, float]:
    """Return the seconds of work that nobody has anything of, by the code that its requests ended with."""
    wasted: dict[str, float] = defaultdict(float)
    for line in exposition.splitlines():
        if line.startswith(_WASTED):
            label, _, seconds = line.rpartition(" ")
            wasted[label.partition('reason="')[2].partition('"')[0]] += float(seconds)
    return dict(wasted)


async def _scrape(url: str, lags: list[Lag]) -> None:
    seen: dict[float, float] | None = None
    async with httpx.AsyncClient(trust_env=False, timeout=10) as http:
        while True:
            with contextlib.suppress(httpx.HTTPError):
                response = await http.get(_metrics_url(url))
                counts = lag_counts(response.text)
                now = time.monotonic()
                if seen is not None:
                    lags += [Lag(now, late_s, None) for late_s in new_lags(seen, counts)]
                seen = counts
            await asyncio.sleep(_LOOK_EVERY_S)


def lag_counts(exposition: str) -> dict[float, float]:
    """Return how often the event loop was at most so many seconds late, from Prometheus' text format."""
    counts = {}
    for line in exposition.splitlines():
        if line.startswith(_LAG_BUCKET):
            label, _, count = line.rpartition(" ")
            counts[float(label.partition('le="')[2].partition('"')[0])] = float(count)
    return counts


def new_lags(before: Mapping[float, float], after: Mapping[float, float]) -> list[float]:
    """Return a lag for each that was counted in between: the upper bound of its bucket.

    What is beyond all bounds counts as the largest of them.
    """
    lags: list[float] = []
    n_below = 0.0
    bounds = sorted(after)
    for bound in bounds:
        n_new = after[bound] - before.get(bound, 0.0)
        largest = bound if bound != float("inf") else max((b for b in bounds if b != bound), default=0.0)
        lags += [largest] * round(n_new - n_below)
        n_below = n_new
    return lags
