"""The asyncio client: one session that reconnects and resumes by itself."""

import random
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final, Literal, Unpack

from vrbridge import __version__
from vrbridge.client.core import ClientCore
from vrbridge.client.errors import RequestFailed, SessionLost
from vrbridge.client.events import ActionEvent, Asset, DialogueEvent, Done, Progressed, Restarted, TextPiece
from vrbridge.client.inbox import Inbox
from vrbridge.client.link import Link, Tap
from vrbridge.client.options import Priority, RequestOptions
from vrbridge.client.results import Material, Mesh, answer_done, collect, collect_material
from vrbridge.client.ticket import Ticket, cancelled_if_left
from vrbridge.client.wire import present

_NOT_FORGOTTEN: Final = "The session was lost before it was forgotten; ask again with scope `player`."
DEFAULT_TEXTURE_FORMATS: Final = ("rgba8",)


class Client:
    """A scene's connection to the bridge; use `Client.connect`.

    Every method belongs to the event loop that connected. Each request may raise `RequestFailed`,
    `SessionLost` or `CannotConnect`.
    """

    def __init__(self, core: ClientCore, link: Link) -> None:
        self._core = core
        self._link = link
        self._inbox = Inbox()
        link.on_output = self._inbox.take
        link.on_over = self._inbox.lose

    @classmethod
    @asynccontextmanager
    async def connect(
        cls,
        url: str,
        *,
        token: str | None = None,
        name: str = "vrbridge-python",
        engine: str = "python",
        device: str = "headless",
        texture_formats: Sequence[str] = DEFAULT_TEXTURE_FORMATS,
        mesh_formats: Sequence[str] = ("glb",),
        max_texture_px: int = 2048,
        max_faces: int = 20000,
        chunk_bytes: int = 16384,
        window_bytes: int = 1 << 20,
        on_message: Tap | None = None,
        connect_timeout_s: float = 10.0,
        heartbeat_s: float = 5.0,
        give_up_s: float = 300.0,
        random: Callable[[], float] = random.random,
    ) -> AsyncIterator["Client"]:
        """Connect, hand out the client, and close the connection at the end.

        Args:
            url: Such as `ws://127.0.0.1:8765/ws`.
            token: Made by `vrbridge token create`; None where the server wants none.
            name: Of this program.
            engine: Of this program.
            device: What the player wears; players without a token are told apart by it.
            texture_formats: Out of `bc1 bc5 bc7 etc2 astc4x4 astc6x6 rgba8 jpeg webp png`, the best first.
            mesh_formats: Out of `glb`, `arrays`, the best first.
            max_texture_px: Largest edge this scene can take.
            max_faces: Most faces this scene can take.
            chunk_bytes: Largest piece of an asset, up to 65536.
            window_bytes: How much may be on its way before it has been put together.
            on_message: Called with `sent` or `received` and each message, for logs and tests.
            connect_timeout_s: For one attempt to connect; the first connection is tried once.
            heartbeat_s: A server that says nothing for so long is asked for a sign of life; one that says or
                takes nothing for three times as long is dead, and the connection is tried again.
            give_up_s: How long a lost connection is tried again before open requests fail.
            random: Gives numbers in [0, 1) for the waits between attempts.

        Raises:
            CannotConnect: If nothing answers, or the server refuses.
        """
        core = ClientCore(
            token=token,
            client={"name": name, "version": __version__, "engine": engine, "device": device},
            receive={
                "chunk_bytes": chunk_bytes,
                "window_bytes": window_bytes,
                "texture_formats": list(texture_formats),
                "mesh_formats": list(mesh_formats),
                "max_texture_px": max_texture_px,
                "max_faces": max_faces,
            },
        )
        link = Link(
            core,
            url,
            tap=on_message,
            connect_timeout_s=connect_timeout_s,
            heartbeat_s=heartbeat_s,
            give_up_s=give_up_s,
            random=random,
        )
        client = cls(core, link)
        async with link.opened():
            yield client

    @property
    def capabilities(self) -> Mapping[str, Any]:
        """What the server can answer: one entry per request kind."""
        return self._core.capabilities

    @property
    def limits(self) -> Mapping[str, Any]:
        """The server's limits."""
        return self._core.limits

    @property
    def server(self) -> Mapping[str, Any]:
        """The server's `name` and `version`."""
        return self._core.server

    @property
    def session(self) -> str:
        """Name of the session."""
        return self._core.session

    @property
    def is_connected(self) -> bool:
        """Whether there is a connection at present."""
        return self._core.is_welcome

    @property
    def n_connections(self) -> int:
        """How many connections this client has had so far."""
        return self._link.n_connections

    def on_complaint(self, listener: Callable[[RequestFailed], None]) -> None:
        """Call a listener with each error that is about the connection and not about one request."""
        self._inbox.on_complaint = listener

    def request(
        self,
        kind: str,
        params: Mapping[str, Any],
        *,
        slot: str | None = None,
        priority: Priority | None = None,
        anchor: Mapping[str, Any] | None = None,
        deadline_s: float | None = None,
        resend: bool = True,
    ) -> Ticket:
        """Ask for something and return at once.

        Args:
            kind: One of `capabilities`.
            params: As the kind takes them.
            slot: A new request of the same slot supersedes the older one.
            priority: None is `interactive`.
            anchor: Where the result belongs in the scene; comes back untouched.
            deadline_s: The request fails if it is not done so many seconds after it arrived.
            resend: Ask again if the session is lost (the ticket then yields `Restarted`).

        Raises:
            RequestFailed: If the request is larger than the server takes, or too many are open.
            CannotConnect: If the connection is gone for good.
        """
        self._link.check()
        # An answer has to be about what the player sees now.
        self._link.hasten_context()
        optional = present(slot=slot, priority=priority, anchor=anchor, deadline_s=deadline_s)
        fields = {"kind": kind, "params": present(**params), **optional}
        request_id = self._core.request(fields, is_resent=resend)
        ticket = Ticket(request_id, cancel=self._link.cancel, taken=self._link.taken)
        self._inbox.add(ticket)
        self._link.wake()
        return ticket

    async def dialogue(
        self,
        npc: str,
        text: str,
        *,
        actions: Sequence[Mapping[str, Any]] | None = None,
        persona: Mapping[str, Any] | None = None,
        max_tokens: int | None = None,
        temperature: float | None = None,
        seed: int | None = None,
        language: str | None = None,
        **options: Unpack[RequestOptions],
    ) -> AsyncGenerator[DialogueEvent, None]:
        """Say something to a character and yield the answer as it is spoken; leaving early cancels.

        Args:
            npc: Who is spoken to.
            text: What the player said, at most 2000 characters.
            actions: What the character can do: `name`, `description`, `parameters` (JSON Schema).
            persona: `name`, `description`, `style`, `knowledge` of a character that the server doesn't know.
            max_tokens: Longest answer.
            temperature: 0 always says the likeliest.
            seed: For the same answer again.
            language: Of the answer.
            options: See `RequestOptions`.
        """
        offered = list(actions) if actions is not None else None
        params = present(
            npc=npc, text=text, actions=offered, persona=persona, max_tokens=max_tokens,
            temperature=temperature, seed=seed, language=language,
        )  # fmt: skip
        ticket = self.request("dialogue", params, **options)
        with cancelled_if_left(ticket):
            async for event in ticket:
                if isinstance(event, TextPiece | ActionEvent | Restarted):
                    yield event
                elif isinstance(event, Done):
                    yield answer_done(ticket.id, event)

    async def texture(
        self,
        prompt: str,
        *,
        size_px: int = 512,
        maps: Sequence[str] | None = None,
        seed: int | None = None,
        style: str | None = None,
        format: str | None = None,
        on_preview: Callable[[Asset], None] | None = None,
        on_progress: Callable[[Progressed], None] | None = None,
        **options: Unpack[RequestOptions],
    ) -> Material:
        """Return a seamless material; cancelling the call cancels the request.

        Args:
            prompt: What it looks like.
            size_px: Edge: 64–2048, a power of two.
            maps: Out of `base_color normal orm height`; None: the first three.
            seed: For the same material again.
            style: A texture network out of the server's `styles`, or more words.
            format: Instead of the negotiated one.
            on_preview: Called as soon as the small JPEG is there.
            on_progress: Called as work goes on.
            options: See `RequestOptions`.
        """
        params = present(
            prompt=prompt,
            size_px=size_px,
            maps=list(maps) if maps is not None else None,
            seed=seed,
            style=style,
            format=format,
        )
        return await collect_material(self.request("texture", params, **options), on_preview, on_progress)

    async def material(
        self,
        image: bytes,
        *,
        size_px: int = 512,
        maps: Sequence[str] | None = None,
        metres_per_tile: float | None = None,
        format: str | None = None,
        on_preview: Callable[[Asset], None] | None = None,
        on_progress: Callable[[Progressed], None] | None = None,
        **options: Unpack[RequestOptions],
    ) -> Material:
        """Return a picture of a surface as a seamless material; cancelling the call cancels the request.

        Args:
            image: A JPEG, PNG or WebP file of at most 900 KiB. Its middle square is used.
            size_px: Edge: 64–2048, a power of two.
            maps: Out of `base_color normal orm height`; None: the first three.
            metres_per_tile: How much of the surface one tile shows; None: a metre.
            format: Instead of the negotiated one.
            on_preview: Called as soon as the small JPEG is there.
            on_progress: Called as work goes on.
            options: See `RequestOptions`.
        """
        params = present(
            image=image,
            size_px=size_px,
            maps=list(maps) if maps is not None else None,
            metres_per_tile=metres_per_tile,
            format=format,
        )
        return await collect_material(self.request("material", params, **options), on_preview, on_progress)

    async def mesh(
        self,
        prompt: str,
        *,
        max_faces: int = 1500,
        lods: int = 3,
        seed: int | None = None,
        size_m: float | None = None,
        texture_px: int = 0,
        collider: bool = True,
        style: str | None = None,
        unwrap: bool | None = None,
        on_asset: Callable[[Asset], None] | None = None,
        on_progress: Callable[[Progressed], None] | None = None,
        **options: Unpack[RequestOptions],
    ) -> Mesh:
        """Return a thing to place; cancelling the call cancels the request.

        Args:
            prompt: What it is.
            max_faces: 50–20000, of the finest level.
            lods: Levels of detail, 1–4.
            seed: For the same thing again.
            size_m: Longest side; None: as large as such things are.
            texture_px: Edge of its textures; 0: vertex colours only.
            collider: Whether to make one.
            unwrap: Whether texture coordinates are 0 to 1 without overlap, and not metres.
            style: `generated`, `library`, `procedural`, or a mesh network of the server; None: its default.
            on_asset: Called with each part, the coarsest level first.
            on_progress: Called as work goes on.
            options: See `RequestOptions`.
        """
        params = present(
            prompt=prompt, max_faces=max_faces, lods=lods, seed=seed, size_m=size_m, texture_px=texture_px,
            collider=collider, style=style, unwrap=unwrap,
        )  # fmt: skip
        ticket = self.request("mesh", params, **options)
        parts, done = await collect(ticket, on_asset, on_progress)
        return parts.mesh(done)

    def update_context(
        self,
        *,
        head: Mapping[str, Sequence[float]],
        hands: Mapping[str, Any] | None = None,
        gaze: Sequence[float] | None = None,
        focus: str | None = None,
        place: str | None = None,
        nearby: Sequence[Mapping[str, Any]] | None = None,
        state: Mapping[str, Any] | None = None,
    ) -> None:
        """Say where the player is and what they see; call it every frame, the surplus is merged here.

        Args:
            head: `position` in metres and `orientation` as x, y, z, w.
            hands: Poses like `head`.
            gaze: Unit vector.
            focus: Id of what the player looks at.
            place: Name of where they are.
            nearby: `id`, `name`, `position` of what is near.
            state: Anything else that characters should know.
        """
        given = present(hands=hands, gaze=gaze, focus=focus, place=place, nearby=nearby, state=state)
        self._link.update_context({"type": "context", "head": head, **given})

    def heard(self, request_id: int, characters: int) -> None:
        """Say how much of an answer the player heard or read; the character's memory is cut there.

        Args:
            request_id: `AnswerDone.request_id`; of an answer that is broken off, `Ticket.id` of a `request`.
            characters: Counted from its beginning.
        """
        self._core.heard(request_id, characters)
        self._link.wake()

    async def forget(self, scope: Literal["session", "player"]) -> int:
        """Erase what the server keeps about this session or player, and return how many items that were.

        It is asked again after a lost connection, until there is an answer.

        Raises:
            SessionLost: If it is about the session, and that is gone before there is an answer.
            CannotConnect: If the connection is gone for good.
            RequestFailed: If the server could not erase everything.
        """
        session = self._core.session
        while True:
            await self._link.connected()
            if scope == "session" and self._core.session != session:
                # The new one is another one, and may be at another server: nothing is kept about it.
                raise SessionLost(_NOT_FORGOTTEN)
            with self._inbox.questions.ask(("forget", scope)) as answer:
                self._link.send_now({"type": "forget", "scope": scope})
                try:
                    return int(await answer)
                except ConnectionError:
                    continue

    async def ping(self) -> float:
        """Return the seconds of one round trip.

        Raises:
            ConnectionError: If there is no connection at present, or it is lost meanwhile.
        """
        started = time.perf_counter()
        with self._inbox.questions.ask(("ping", started)) as answer:
            self._link.send_now({"type": "ping", "t": started})
            await answer
        return time.perf_counter() - started

    async def drop_connection(self) -> None:
        """Cut the connection without a word, as a dead Wi-Fi does; the client resumes by itself."""
        await self._link.cut()
