"""One player: asks, waits, asks again when told to, and notes how long everything took."""

import asyncio
import math
import random
import time
from typing import Any, Final

from vrbridge import __version__
from vrbridge.bench.player_link import PlayerLink
from vrbridge.bench.recording import CANCELLED, DONE, GAVE_UP, Asked, Recording
from vrbridge.bench.scenario import Habits
from vrbridge.bench.schedule import Act, dice, params
from vrbridge.bench.walk import Walk
from vrbridge.client.core import ClientCore
from vrbridge.client.errors import ClientError, RequestFailed
from vrbridge.client.events import Asset, Done, TextPiece
from vrbridge.client.outputs import Complaint, Delivery, Output
from vrbridge.client.wire import encode

_RECEIVE: Final = {
    "chunk_bytes": 16384,
    "window_bytes": 262144,
    "texture_formats": ["bc1", "bc5", "bc7", "rgba8"],
    "mesh_formats": ["glb"],
    "max_texture_px": 2048,
    "max_faces": 20000,
}
_TURNED_AWAY: Final = {"overloaded", "rate_limited", "unavailable"}
_RETRY_SPREAD: Final = 0.25
"""So that those who were refused together don't come back together."""


class _Wish:
    """Something that a player wants, while they wait for it."""

    def __init__(self, act: Act, phase: str, started: float) -> None:
        self.act = act
        self.started = started
        self.first_at: float | None = None
        self.n_refused = 0
        self.work_s = 0.0
        self.outcome = CANCELLED
        self._phase = phase

    def asked(self, now: float) -> Asked:
        """Return how it went."""
        return Asked(
            phase=self._phase,
            player=self.act.player,
            kind=self.act.kind,
            at=self.started,
            first_s=None if self.first_at is None else self.first_at - self.started,
            total_s=now - self.started,
            outcome=self.outcome,
            n_refused=self.n_refused,
            work_s=self.work_s,
        )


class Player:
    """A session with a server, and who uses it.

    Args:
        number: Which of all players.
        url: Where the server is.
        token: None where the server wants none.
        seed: Of the test.
        recording: Where everything is noted.
        reads_stamps: Whether words are the moments at which they were made; see `PacedDialogue`.
    """

    def __init__(
        self,
        number: int,
        url: str,
        *,
        token: str | None,
        seed: int,
        recording: Recording,
        reads_stamps: bool,
    ) -> None:
        self.number = number
        self._recording = recording
        self._reads_stamps = reads_stamps
        self._chance: random.Random = dice(seed, "player", number)
        self._open: dict[int, tuple[_Wish, asyncio.Future[Done | ClientError]]] = {}
        self._walk = Walk(self._chance)
        client = {"name": "vrbridge-bench", "version": __version__, "engine": "python"}
        self._core = ClientCore(
            token=token, client=client | {"device": f"bench player {number}"}, receive=_RECEIVE
        )
        self.link = PlayerLink(self._core, url, recording, on_output=self._note, chance=self._chance)
        self.has_news = False

    async def acknowledge(self) -> None:
        """Tell the server what has been processed, where that was not told already."""
        self.has_news = False
        self._core.flush()
        await self.link.push()

    async def look(self) -> None:
        """Send where the player is and what they see."""
        if await self.link.send(encode(self._walk.context(time.monotonic()))):
            self._recording.n_contexts += 1

    async def keep_asking(self, habits: Habits, *, phase: str) -> None:
        """Ask for one material after the other; cancelling cancels the one that is under way."""
        while True:
            wanted = params("texture", self._chance, size_px=habits.size_px)
            outcome = await self.wish(Act(0.0, self.number, "texture", wanted), habits, phase=phase)
            if outcome in _TURNED_AWAY:
                # It said when to come back only once, or not at all.
                await asyncio.sleep(_RETRY_SPREAD)

    async def wish(self, act: Act, habits: Habits, *, phase: str, until: float = math.inf) -> str:
        """Ask for something until it comes, and return how that ended.

        What is refused with a time is asked for again after that time, as long as the player is patient and
        the phase lasts. Cancelling cancels the request.
        """
        wish = _Wish(act, phase, time.monotonic())
        try:
            wish.outcome = await self._pursue(wish, habits, until)
        finally:
            self._recording.asked.append(wish.asked(time.monotonic()))
        return wish.outcome

    async def _pursue(self, wish: "_Wish", habits: Habits, until: float) -> str:
        # Talking is cheap for the server to start, and a late answer is still an answer.
        patience_s = None if wish.act.kind == "dialogue" else habits.patience_s
        ends = math.inf if patience_s is None else wish.started + patience_s
        while True:
            end = await self._ask(wish, deadline_s=None if patience_s is None else ends - time.monotonic())
            if isinstance(end, Done):
                wish.work_s = end.timing.get("generate_ms", 0.0) / 1e3
                return DONE
            wait_s = self._retry_after_s(end)
            if wait_s is None or (patience_s is None and wish.n_refused):
                return end.code
            wish.n_refused += 1
            if time.monotonic() + wait_s >= min(ends, until):
                return GAVE_UP
            await asyncio.sleep(wait_s)
            if time.monotonic() >= ends:
                return GAVE_UP

    async def _ask(self, wish: "_Wish", *, deadline_s: float | None) -> Done | ClientError:
        fields: dict[str, Any] = {"kind": wish.act.kind, "params": wish.act.params}
        if deadline_s is not None:
            fields["deadline_s"] = deadline_s
        end: asyncio.Future[Done | ClientError] = asyncio.get_running_loop().create_future()
        request_id = self._core.request(fields)
        self._open[request_id] = (wish, end)
        await self.link.push()
        try:
            return await end
        finally:
            del self._open[request_id]
            # Nothing happens if it has ended. It is sent with the next acknowledgement.
            self._core.cancel(request_id)
            self.has_news = True

    def _retry_after_s(self, end: Done | ClientError) -> float | None:
        """Return how long to wait before the same is asked again, or None if that makes no sense."""
        if not isinstance(end, RequestFailed) or end.code not in _TURNED_AWAY:
            return None
        self._recording.refusals.append((time.monotonic(), end.code))
        if end.retry_after_s is None:
            return None
        return end.retry_after_s * (1 + _RETRY_SPREAD * self._chance.random())

    def _note(self, output: Output) -> None:
        self.has_news = True
        match output:
            case Delivery(request_id, event):
                self._deliver(request_id, event)
            case Complaint(error):
                self._recording.failed(f"complaint: {error.code}")

    def _deliver(self, request_id: int, event: object) -> None:
        if isinstance(event, Asset):
            self._recording.n_bytes += len(event.data)
            self._core.taken(len(event.data))
        if request_id not in self._open:
            return
        wish, end = self._open[request_id]
        if isinstance(event, TextPiece | Asset) and wish.first_at is None:
            wish.first_at = time.monotonic()
        if isinstance(event, TextPiece) and self._reads_stamps:
            self._time(event.text)
        elif isinstance(event, Done | ClientError) and not end.done():
            end.set_result(event)

    def _time(self, text: str) -> None:
        now = time.monotonic()
        self._recording.words += [(now, now - float(stamp)) for stamp in text.split()]
