"""What `texture` and `mesh` share: run a generator in a worker, keep its assets, answer repeats."""

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from vrbridge.errors import GeneratorFailed
from vrbridge.jobs.asset_keeper import AssetKeeper
from vrbridge.jobs.events import AssetReady, Event, Finished, Progressed
from vrbridge.jobs.kind import Asker, Estimate
from vrbridge.jobs.outputs import ASSET, PROGRESS, REFINE_ERROR, RESULT
from vrbridge.memory.result_cache import Owner, result_key


class Waiting(Protocol):
    """An estimate of the backlog."""

    @property
    def position(self) -> int:
        """Jobs ahead."""
        ...

    @property
    def eta_s(self) -> float | None:
        """Seconds until done, if known."""
        ...


class Output(Protocol):
    """One piece of what a worker made."""

    @property
    def name(self) -> str:
        """`progress`, `asset` or `result`."""
        ...

    @property
    def header(self) -> Mapping[str, Any]:
        """Small values."""
        ...

    @property
    def payload(self) -> bytes | memoryview:
        """Large bytes."""
        ...


class Workers(Protocol):
    """The processes that run generators."""

    @property
    def is_ready(self) -> bool:
        """Whether at least one worker takes jobs."""
        ...

    def estimate(
        self,
        *,
        session: str,
        tier: int,
        cost_s: float,
        call: str | None = None,
        deadline: float | None = None,
        weight: Callable[[], float] = ...,
    ) -> Waiting:
        """Return when a job of this cost would run, or raise Overloaded or Unavailable."""
        ...

    def job(
        self,
        call: str,
        arguments: Mapping[str, Any],
        *,
        session: str,
        tier: int,
        cost_s: float,
        deadline: float | None = None,
        weight: Callable[[], float] = ...,
        failure: Callable[[], str | None] = ...,
    ) -> AbstractAsyncContextManager[AsyncIterator[Output]]:
        """Run a job; leaving the context cancels what is left of it."""
        ...


@dataclass(frozen=True, slots=True)
class Order:
    """A checked request in the form that a worker takes.

    Args:
        arguments: Everything that decides the bytes, seed and formats included.
        cost_s: Estimated seconds of one worker.
    """

    arguments: Mapping[str, Any]
    cost_s: float


class GeneratedAssets:
    """Runs orders of one kind.

    Args:
        kind: Name of the kind, and of the worker's call.
        model: Name of the generator, part of what decides the bytes.
        device: Kind of device the workers run on, likewise.
        workers: Where work runs.
        keeper: Where results are kept.
    """

    def __init__(self, kind: str, *, model: str, device: str, workers: Workers, keeper: AssetKeeper) -> None:
        self._kind = kind
        self._model = model
        self._device = device
        self._workers = workers
        self._keeper = keeper

    @property
    def is_ready(self) -> bool:
        """Whether an order can be carried out now."""
        return self._workers.is_ready

    def admit(self, order: Order, asker: Asker) -> Estimate:
        """Return when the order could be done, or raise Overloaded or Unavailable."""
        waiting = self._workers.estimate(
            session=asker.session, tier=asker.tier, cost_s=order.cost_s, call=self._kind,
            deadline=asker.deadline, weight=asker.weight,
        )  # fmt: skip
        return Estimate(waiting.position, waiting.eta_s)

    async def run(self, order: Order, asker: Asker) -> AsyncGenerator[Event, None]:
        """Carry an order out, or answer it from the cache."""
        owner = Owner(asker.player, asker.session)
        key = result_key(self._kind, order.arguments, model=self._model, device=self._device)
        recalled = await self._keeper.recall(key, owner)
        if recalled is not None:
            assets, result = recalled
            for asset in assets:
                yield asset
            yield Finished(result | {"cached": True}, {"generate_ms": 0.0, "encode_ms": 0.0})
            return
        assets = []
        async with self._workers.job(
            self._kind, order.arguments, session=asker.session, tier=asker.tier, cost_s=order.cost_s,
            deadline=asker.deadline, weight=asker.weight, failure=asker.failure,
        ) as outputs:  # fmt: skip
            async for output in outputs:
                event = await self._event(output)
                if isinstance(event, AssetReady):
                    assets.append(event)
                if isinstance(event, Finished):
                    if REFINE_ERROR not in event.result:
                        await self._keeper.remember(key, assets, dict(event.result), owner)
                    yield event
                    return
                yield event
        raise GeneratorFailed("The generator ended without a result; try again.")

    async def _event(self, output: Output) -> Event:
        header = output.header
        if output.name == PROGRESS:
            return Progressed(header["stage"], header["fraction"])
        if output.name == ASSET:
            return await self._keeper.keep(
                header["role"], header["media_type"], output.payload, header["meta"]
            )
        if output.name == RESULT:
            return Finished(header["result"], header["timing_ms"])
        raise GeneratorFailed(f"The generator said something unknown ({output.name!r}).")
