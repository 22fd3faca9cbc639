"""The same jobs in this process, in a worker process and on Ray, side by side."""

import asyncio
import os
import platform
import random
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, Final, Protocol

import msgspec

from vrbridge.bench.executor_work import FACTORY
from vrbridge.bench.in_process import InProcess
from vrbridge.bench.measures import percentile
from vrbridge.bench.servers import product_server
from vrbridge.client import Client
from vrbridge.generator_setup import fingerprint, worker_config
from vrbridge.memory.catalogue import Catalogue
from vrbridge.scheduling.pool import WorkerPool
from vrbridge.scheduling.ray_executor import RayExecutor
from vrbridge.scheduling.scheduler import Scheduler
from vrbridge.scheduling.worker_command import threads_of_worker
from vrbridge.settings import LimitSettings, RaySettings, Settings, WorkerSettings, assets_dir

EXECUTORS: Final = ("in-process", "worker", "ray")
_UNBOUNDED: Final = LimitSettings(max_backlog_s=1e6, max_session_backlog_s=1e6)
_PATIENCE: Final = {
    "VRBRIDGE_LIMITS__MAX_ANSWER_WAIT_S": "1000000",
    "VRBRIDGE_LIMITS__MAX_OPEN_REQUESTS": "512",
}
_MATERIALS: Final = (
    "oak planks",
    "mossy cobblestone",
    "brushed steel",
    "red brick wall",
    "dry grass",
    "wool",
)
_THINGS: Final = ("wooden chair", "oak barrel", "stone well", "clay jug", "wooden table", "iron lantern")
_WORDS: Final = 24
"""Tokens of an answer."""

Ask = Callable[[int], Awaitable[None]]
"""Has the nth job done."""


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """One row's kind of job.

    Args:
        name: As the table says it.
        call: Of the handler.
        arguments: Of the nth job.
        most_jobs: At the highest concurrency; fewer at lower ones.
    """

    name: str
    call: str
    arguments: Callable[[int], dict[str, Any]]
    most_jobs: int = 64


class Cell(msgspec.Struct, frozen=True, kw_only=True):
    """One executor at one kind of job and one concurrency.

    Args:
        jobs_hz: Jobs a second.
        p50_ms: From asking to the last result.
        p95_ms: The same.
        n_jobs: That were measured.
    """

    jobs_hz: float
    p50_ms: float
    p95_ms: float
    n_jobs: int


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """All executors at one kind of job and one concurrency."""

    name: str
    n_at_once: int
    cells: dict[str, Cell]


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """What was measured.

    Args:
        machine: Processor and cores.
        threads: Of each executor's one worker.
        rows: In the order of the table.
    """

    machine: str
    threads: int
    rows: list[Row]

    def write(self, file: Path) -> None:
        """Write it as JSON."""
        file.write_bytes(msgspec.json.format(msgspec.json.encode(self)))


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """How to measure.

    Args:
        settings: Of the user.
        folder: For logs and the servers' data.
        executors: Out of `EXECUTORS`.
        at_once: Concurrencies.
        n_rounds: Each executor's turns at each row, in an order that changes.
        seed: Decides that order.
    """

    settings: Settings
    folder: Path
    executors: tuple[str, ...] = EXECUTORS
    at_once: tuple[int, ...] = (1, 8, 64)
    n_rounds: int = 2
    seed: int = 1


class Executor(Protocol):
    """What runs jobs."""

    @property
    def scheduler(self) -> Scheduler:
        """Takes them in."""
        ...


def calls() -> list[Call]:
    """Return what is compared, the cheapest first."""
    return [
        Call(name="nothing", call="payload", arguments=lambda n: {"n_bytes": 1}, most_jobs=512),
        Call(
            name="4 MiB of nothing", call="payload", arguments=lambda n: {"n_bytes": 4 << 20}, most_jobs=128
        ),
        Call(name="sentences", call="embed", arguments=_sentences, most_jobs=128),
        Call(name="texture 512 px", call="texture", arguments=_texture),
        Call(name="mesh", call="mesh", arguments=_mesh),
    ]


async def compare(options: Options, on_step: Callable[[str], None]) -> Comparison:
    """Measure everything; an executor that is not measured idles meanwhile.

    Args:
        options: How.
        on_step: Told what is measured now.
    """
    threads = threads_of_worker(1)
    rows: list[Row] = []
    async with AsyncExitStack() as stack:
        on_step("starting executors")
        executors = {
            name: await stack.enter_async_context(_made(name, options, threads)) for name in options.executors
        }
        for call in calls():
            asks = {name: _asker(executor, call) for name, executor in executors.items()}
            rows += [
                await _row(call.name, asks, n, call.most_jobs, options, on_step) for n in options.at_once
            ]
    rows += await _dialogue(options, on_step)
    return Comparison(machine=_machine(), threads=threads, rows=rows)


async def _row(
    name: str,
    asks: Mapping[str, Ask],
    n_at_once: int,
    most_jobs: int,
    options: Options,
    on_step: Callable[[str], None],
) -> Row:
    n_jobs = max(n_at_once, round(most_jobs * max(0.125, n_at_once / max(options.at_once))))
    order = random.Random(options.seed)  # noqa: S311 - no secret
    took: dict[str, list[tuple[float, list[float]]]] = {executor: [] for executor in asks}
    for _ in range(options.n_rounds):
        for executor in order.sample(sorted(asks), len(asks)):
            on_step(f"{name}, {n_at_once} at once: {executor}")
            took[executor].append(await _measured(asks[executor], n_at_once, n_jobs))
    return Row(name=name, n_at_once=n_at_once, cells={e: _cell(took[e]) for e in asks})


async def _measured(ask: Ask, n_at_once: int, n_jobs: int) -> tuple[float, list[float]]:
    """Return the seconds of all jobs together and of each, after one that does not count."""
    await ask(0)
    numbers = iter(range(1, n_jobs + 1))
    each_s: list[float] = []

    async def one_after_another() -> None:
        for number in numbers:
            began = time.perf_counter()
            await ask(number)
            each_s.append(time.perf_counter() - began)

    began = time.perf_counter()
    async with asyncio.TaskGroup() as tasks:
        for _ in range(n_at_once):
            tasks.create_task(one_after_another())
    return time.perf_counter() - began, each_s


def _cell(rounds: Sequence[tuple[float, list[float]]]) -> Cell:
    each_ms = [1e3 * seconds for _, each_s in rounds for seconds in each_s]
    p50, p95 = percentile(each_ms, 50), percentile(each_ms, 95)
    assert p50 is not None
    assert p95 is not None
    jobs_hz = len(each_ms) / sum(all_s for all_s, _ in rounds)
    return Cell(jobs_hz=jobs_hz, p50_ms=p50, p95_ms=p95, n_jobs=len(each_ms))


def _made(name: str, options: Options, threads: int) -> Any:
    """Return an executor with one worker, to be entered."""
    settings = options.settings
    config = worker_config(settings, Catalogue.load(assets_dir(), settings.cache_dir))
    if name == "in-process":
        return InProcess(factory=FACTORY, config=config | {"threads": threads}, limits=_UNBOUNDED)
    if name == "worker":
        workers = WorkerSettings(count=1, threads=threads, hang_s=settings.workers.hang_s)
        return WorkerPool(factory=FACTORY, config=config, settings=workers, limits=_UNBOUNDED)
    ray = RaySettings(address="local", min_replicas=1, max_replicas=1)
    return RayExecutor(
        factory=FACTORY,
        config=config,
        fingerprint=fingerprint(config),
        settings=ray,
        hang_s=settings.workers.hang_s,
        threads=threads,
        limits=_UNBOUNDED,
    )


def _asker(executor: Executor, call: Call) -> Ask:
    async def ask(number: int) -> None:
        job = executor.scheduler.job(
            call.call, call.arguments(number), session=f"player {number % 16}", tier=0, cost_s=0.1
        )
        async with job as results:
            async for _ in results:
                pass

    return ask


async def _dialogue(options: Options, on_step: Callable[[str], None]) -> list[Row]:
    """Measure whole answers through servers; the language model is a process of its own in all of them."""
    async with AsyncExitStack() as stack:
        asks = {}
        for name in options.executors:
            if name == "in-process":
                continue
            on_step(f"starting a server: {name}")
            folder = options.folder / name
            folder.mkdir(parents=True, exist_ok=True)
            environment = {
                **_PATIENCE,
                "VRBRIDGE_WORKERS__EXECUTOR": "ray" if name == "ray" else "processes",
                "VRBRIDGE_WORKERS__COUNT": "1",
                "VRBRIDGE_RAY__ADDRESS": "local",
                "VRBRIDGE_RAY__MAX_REPLICAS": "1",
            }
            server = product_server(
                folder, folder / "server.log", max_connections=100, environment=environment
            )
            url = (await stack.enter_async_context(server)).url
            asks[name] = _talker(await stack.enter_async_context(Client.connect(url)))
        return [await _row("dialogue", asks, n, 64, options, on_step) for n in options.at_once]


def _talker(client: Client) -> Ask:
    async def ask(number: int) -> None:
        async for _ in client.dialogue("blacksmith", f"What do you make on day {number}?", max_tokens=_WORDS):
            pass

    return ask


def _sentences(number: int) -> dict[str, Any]:
    return {"texts": [f"I look for {thing} number {number}." for thing in _THINGS]}


def _texture(number: int) -> dict[str, Any]:
    return {
        "generator": "textures-1", "prompt": _MATERIALS[number % len(_MATERIALS)], "seed": number,
        "size_px": 512, "style": None, "maps": ["base_color", "normal", "orm"], "formats": ["bc1", "bc5"],
        "weights": None,
    }  # fmt: skip


def _mesh(number: int) -> dict[str, Any]:
    return {
        "generator": "meshes-1", "prompt": _THINGS[number % len(_THINGS)], "seed": number, "max_faces": 1500,
        "lods": 3, "size_m": None, "collider": True, "format": "glb", "texture_px": 0, "texture_formats": [],
        "unwrap": False, "weights": None,
    }  # fmt: skip


def _machine() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
        processor = next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        processor = platform.processor() or platform.machine()
    return f"{processor}, {os.cpu_count()} cores"
