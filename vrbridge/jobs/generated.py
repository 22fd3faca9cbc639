"""What `texture` and `mesh` share: run a generator in a worker, keep its assets, answer repeats."""

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import replace
from typing import Any, Protocol

from vrbridge.errors import GeneratorFailed, Overloaded
from vrbridge.jobs.asset_keeper import AssetKeeper
from vrbridge.jobs.events import AssetReady, Event, Finished, Progressed
from vrbridge.jobs.kind import Asker, Estimate
from vrbridge.jobs.order import Order, choices, first_that_fits
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

    @property
    def load(self) -> float:
        """How long what waits ahead takes, as a share of how long one may wait."""
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
        size: str = ...,
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
        size: str = ...,
        deadline: float | None = None,
        weight: Callable[[], float] = ...,
        failure: Callable[[], str | None] = ...,
    ) -> AbstractAsyncContextManager[AsyncIterator[Output]]:
        """Run a job; leaving the context cancels what is left of it."""
        ...


class GeneratedAssets:
    """Runs orders of one kind.

    Args:
        kind: Name of the kind, and of the worker's call.
        model: Name of the generator, part of what decides the bytes.
        device: Kind of device the workers run on, likewise.
        workers: Where work runs.
        keeper: Where results are kept.
        degrades: Whether something cheaper is made before an order is refused.
    """

    def __init__(
        self,
        kind: str,
        *,
        model: str,
        device: str,
        workers: Workers,
        keeper: AssetKeeper,
        degrades: bool = True,
    ) -> None:
        self._kind = kind
        self._model = model
        self._device = device
        self._workers = workers
        self._keeper = keeper
        self._degrades = degrades

    @property
    def is_ready(self) -> bool:
        """Whether an order can be carried out now."""
        return self._workers.is_ready

    def admit(self, order: Order, asker: Asker) -> Estimate:
        """Return when the order could be done, or a cheaper one in its place while there is too much work.

        Raises:
            Overloaded: If none of them fits.
            Unavailable: If no worker runs.
        """
        choice, waiting = first_that_fits(self._choices(order, asker), lambda o: self._waiting(o, asker))
        return Estimate(waiting.position, waiting.eta_s, None if choice is order else choice)

    async def run(self, order: Order, asker: Asker) -> AsyncGenerator[Event, None]:
        """Carry an order out, or answer it from the cache, if it can be with more than there is time to make.

        Raises:
            Overloaded: If others that were admitted in the same moment came before, and nothing cheaper fits.
        """
        owner = Owner(asker.player, asker.session)
        wanted = self._choices(order, asker)
        for number, choice in enumerate((*order.better, *wanted)):
            key = result_key(self._kind, choice.arguments, model=self._model, device=self._device)
            recalled = await self._keeper.recall(key, owner, is_shared=choice.is_repeatable)
            if recalled is not None:
                for event in _repeated(*recalled):
                    yield _told(event, choice)
                return
            if number < len(order.better):
                # Too much work waits to make it.
                continue
            async with AsyncExitStack() as stack:
                try:
                    outputs = await stack.enter_async_context(self._job(choice, asker))
                except Overloaded:
                    if choice is wanted[-1]:
                        raise
                    continue
                assets = []
                async for output in outputs:
                    event = await self._event(output)
                    if isinstance(event, AssetReady):
                        assets.append(event)
                    if isinstance(event, Finished) and REFINE_ERROR not in event.result:
                        await self._keeper.remember(key, assets, dict(event.result), owner)
                    yield _told(event, choice)
                    if isinstance(event, Finished):
                        return
            raise GeneratorFailed("The generator ended without a result; try again.")

    def _choices(self, order: Order, asker: Asker) -> list[Order]:
        return choices(order, tier=asker.tier) if self._degrades else [order]

    def _job(self, order: Order, asker: Asker) -> AbstractAsyncContextManager[AsyncIterator[Output]]:
        return self._workers.job(
            self._kind, order.arguments, session=asker.session, tier=asker.tier, cost_s=order.cost_s,
            size=self._size(order), deadline=asker.deadline, weight=asker.weight, failure=asker.failure,
        )  # fmt: skip

    def _waiting(self, order: Order, asker: Asker) -> Waiting:
        return self._workers.estimate(
            session=asker.session, tier=asker.tier, cost_s=order.cost_s, call=self._kind,
            size=self._size(order), deadline=asker.deadline, weight=asker.weight,
        )  # fmt: skip

    def _size(self, order: Order) -> str:
        return f"{order.size} {self._device}"

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


def _repeated(assets: Sequence[AssetReady], result: Mapping[str, Any]) -> list[Event]:
    """Return the events of an answer that was made before."""
    return [*assets, Finished({**result, "cached": True}, {"generate_ms": 0.0, "encode_ms": 0.0})]


def _told(event: Event, order: Order) -> Event:
    """Return an event that says what is less than was asked for; what is kept for repeats does not."""
    if not order.degraded:
        return event
    told = {"degraded": {name: list(pair) for name, pair in order.degraded.items()}}
    match event:
        case AssetReady():
            return replace(event, meta={**event.meta, **told})
        case Finished():
            return replace(event, result={**event.result, **told})
    return event
