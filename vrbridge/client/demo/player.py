"""A headless player: walks, looks, asks and talks, as a real client."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final

from vrbridge.client.client import Client
from vrbridge.client.demo.body import Body
from vrbridge.client.demo.breakage import Breakage
from vrbridge.client.demo.scene import Ask, Line, Scene, Talk
from vrbridge.client.demo.visit import Arrival, Ending, Exchange, Visit, Waits
from vrbridge.client.errors import RequestFailed
from vrbridge.client.events import Accepted, ActionEvent, Asset, Done, Progressed, Restarted, TextPiece
from vrbridge.client.results import Material, Mesh, Parts, answer_done
from vrbridge.client.ticket import Ticket

CONTEXT_HZ: Final = 10
_N_PINGS: Final = 9
# Longer than any restart of a server that comes back, shorter than a person waits for a demo.
_PATIENCE_S: Final = 15.0

OnStep = Callable[[str, int], None]
"""Called with where the player is, and how many asks and lines are done."""


async def walk(url: str, scene: Scene, *, on_step: OnStep, token: str | None = None) -> Visit:
    """Walk through a scene and return what happened.

    Raises:
        CannotConnect: If the server can't be reached, or goes away for good.
        RequestFailed: If it can't do what the scene asks for.
    """
    breakage = Breakage()
    async with Client.connect(
        url,
        token=token,
        name="vrbridge-demo",
        device="headless-player",
        on_message=breakage.take,
        give_up_s=_PATIENCE_S,
    ) as client:
        models = {kind: str(entry.get("model", "")) for kind, entry in client.capabilities.items()}
        server = " ".join(str(client.server.get(key, "")) for key in ("name", "version"))
        visit = Visit(scene=scene, server=server, models=models)
        player = _Player(client, scene, visit, breakage, on_step)
        try:
            await player.run()
        except BaseExceptionGroup as group:
            # The first failure is the reason; the rest of the group was cancelled because of it.
            raise _leaf(group) from group
        drop = breakage.result()
        visit.drops += [drop] if drop is not None else []
    return visit


class _Player:
    def __init__(
        self, client: Client, scene: Scene, visit: Visit, breakage: Breakage, on_step: OnStep
    ) -> None:
        self._client = client
        self._scene = scene
        self._visit = visit
        self._breakage = breakage
        self._on_step = on_step
        self._body = Body(scene)
        self._arrived = asyncio.Event()
        self._n_done = 0

    async def run(self) -> None:
        started = time.perf_counter()
        async with self._walking(), asyncio.TaskGroup() as errands:
            for stop in self._scene.stops:
                self._body.place, self._body.state = stop.place, stop.state
                self._body.focus = stop.focus
                self._arrived.clear()
                self._body.walk_to(stop.position)
                self._step(0)
                for ask in stop.asks:
                    errands.create_task(self._errand(ask), name=f"demo {ask.prompt}")
                await self._arrived.wait()
                if stop.talk is not None:
                    await self._talk(stop.talk, stop.place)
        for _ in range(_N_PINGS):
            self._visit.pings_ms.append(await self._client.ping() * 1e3)
        self._visit.walked_s = time.perf_counter() - started

    @asynccontextmanager
    async def _walking(self) -> AsyncIterator[None]:
        """Move and tell the server about it, for as long as the block lasts."""
        moving = asyncio.create_task(self._move(), name="demo body")
        try:
            yield
        finally:
            moving.cancel()
            await asyncio.gather(moving, return_exceptions=True)

    async def _move(self) -> None:
        loop = asyncio.get_running_loop()
        last = loop.time()
        while True:
            now = loop.time()
            self._body.step(now - last)
            last = now
            self._client.update_context(**self._body.context())
            self._visit.n_contexts += 1
            if self._body.is_there:
                self._arrived.set()
            await asyncio.sleep(1 / CONTEXT_HZ)

    def _step(self, n_done: int) -> None:
        self._n_done += n_done
        self._on_step(self._body.place or "", self._n_done)

    async def _errand(self, ask: Ask) -> None:
        if ask.cancel:
            self._visit.endings.append(await self._cancelled(ask))
        elif ask.instead_of is not None:
            await self._superseding(ask)
        elif ask.drop:
            await self._interrupted(ask)
        else:
            await self._fetched(ask, self._request(ask, ask.prompt))
        self._step(1)

    async def _fetched(self, ask: Ask, ticket: Ticket) -> None:
        waits = Waits()
        made = await _collected(ticket, ask.kind, waits)
        self._visit.arrivals.append(Arrival(ask=ask, waits=waits, made=made))

    async def _cancelled(self, ask: Ask) -> Ending:
        ticket = self._request(ask, ask.prompt)
        await _until_accepted(ticket)
        wanted = time.perf_counter()
        ticket.cancel()
        code = await _code(ticket)
        return Ending(prompt=ask.prompt, code=code, after_ms=(time.perf_counter() - wanted) * 1e3)

    async def _superseding(self, ask: Ask) -> None:
        assert ask.instead_of is not None
        older = self._request(ask, ask.instead_of)
        await _until_accepted(older)
        wanted = time.perf_counter()
        newer = self._request(ask, ask.prompt)

        async def ending() -> None:
            code = await _code(older)
            after_ms = (time.perf_counter() - wanted) * 1e3
            self._visit.endings.append(Ending(prompt=ask.instead_of or "", code=code, after_ms=after_ms))

        async with asyncio.TaskGroup() as both:
            both.create_task(ending(), name="demo superseded")
            both.create_task(self._fetched(ask, newer), name="demo superseding")

    async def _interrupted(self, ask: Ask) -> None:
        ticket = self._request(ask, ask.prompt)
        is_time = asyncio.Event()
        self._breakage.prepare(ticket.id, ask.prompt, is_time.set)

        async def lose() -> None:
            await is_time.wait()
            await self._client.drop_connection()

        losing = asyncio.create_task(lose(), name="demo drop")
        try:
            await self._fetched(ask, ticket)
        finally:
            losing.cancel()
            await asyncio.gather(losing, return_exceptions=True)

    def _request(self, ask: Ask, prompt: str) -> Ticket:
        params: dict[str, Any] = {"prompt": prompt, "seed": self._scene.seed}
        if ask.kind == "texture":
            params["size_px"] = ask.size_px or self._scene.texture_px
            params["maps"] = ["base_color", "normal", "orm", "height"]
        else:
            params["texture_px"] = self._scene.prop_texture_px
        return self._client.request(ask.kind, params, slot=ask.slot, anchor={"object": ask.object})

    async def _talk(self, talk: Talk, place: str) -> None:
        for line in talk.lines:
            self._body.focus = line.focus or talk.object
            # Said in the same breath, so that the answer is about what is seen now.
            self._client.update_context(**self._body.context())
            self._visit.exchanges.append(await self._exchange(talk, line, place))
            self._step(1)

    async def _exchange(self, talk: Talk, line: Line, place: str) -> Exchange:
        params: dict[str, Any] = {"npc": talk.npc, "text": line.text, "seed": self._scene.seed}
        if line.actions:
            params["actions"] = [dict(self._scene.actions[name]) for name in line.actions]
        asked = time.perf_counter()
        ticket = self._client.request("dialogue", params)
        waits, done = Waits(), None
        actions: list[tuple[str, Mapping[str, Any]]] = []
        async for event in ticket:
            elapsed_ms = (time.perf_counter() - asked) * 1e3
            match event:
                case Accepted():
                    waits.accepted_ms = elapsed_ms
                case TextPiece() if waits.first_ms is None:
                    waits.first_ms = elapsed_ms
                case ActionEvent(name, arguments):
                    actions.append((name, arguments))
                case Restarted():
                    actions.clear()
                case Done():
                    waits.done_ms, done = elapsed_ms, answer_done(ticket.id, event)
        assert done is not None, "a ticket ends in Done or raises"
        heard = round(line.heard * len(done.text))
        self._client.heard(ticket.id, heard)
        return Exchange(
            npc=talk.npc,
            place=place,
            seen=self._scene.things[line.focus or talk.object].name,
            line=line,
            answer=done.text,
            emotion=str(done.emotion.get("name", "")),
            actions=actions,
            heard_characters=heard,
            waits=waits,
        )


async def _collected(ticket: Ticket, kind: str, waits: Waits) -> Material | Mesh:
    """Return a material or a prop, and fill in how long it took from now."""
    asked = time.perf_counter()
    parts = Parts()
    async for event in ticket:
        elapsed_ms = (time.perf_counter() - asked) * 1e3
        match event:
            case Accepted():
                waits.accepted_ms = elapsed_ms
            case Asset():
                waits.first_ms = elapsed_ms if waits.first_ms is None else waits.first_ms
                parts.add(event)
            case Restarted():
                parts.clear()
            case Done():
                waits.done_ms = elapsed_ms
                return parts.mesh(event) if kind == "mesh" else parts.material(event)
            case Progressed() | TextPiece() | ActionEvent():
                pass
    raise AssertionError("a ticket ends in Done or raises")


def _leaf(group: BaseExceptionGroup[BaseException]) -> BaseException:
    first = group.exceptions[0]
    return _leaf(first) if isinstance(first, BaseExceptionGroup) else first


async def _until_accepted(ticket: Ticket) -> None:
    async for event in ticket:
        if isinstance(event, Accepted):
            return


async def _code(ticket: Ticket) -> str:
    """Return how a request ended: an error's code, or `done`."""
    try:
        await ticket.done()
    except RequestFailed as failure:
        return failure.code
    return "done"
