"""What survives a reconnect: the stream of messages, the requests, and what is known of the player."""

import asyncio
import logging
import secrets
import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any, Final, Protocol

import msgspec

from vrbridge.errors import RequestError
from vrbridge.jobs.kind import AssetSource
from vrbridge.metrics import Metrics
from vrbridge.protocol.delivery_window import DeliveryWindow
from vrbridge.protocol.messages import (
    AssetHeader,
    Context,
    End,
    Error,
    GoAway,
    Pong,
    Receive,
    SequencedMessage,
)
from vrbridge.protocol.outbox import Outbox
from vrbridge.server.attention import UNKNOWN, Sight
from vrbridge.server.ledger import Ledger, OpenRequest
from vrbridge.server.tasks import Tasks
from vrbridge.server.tokens import Grant
from vrbridge.settings import LimitSettings

_MAX_SIDE_TASKS = 32
_MAX_FETCHES: Final = 4
_MAX_SECRETS: Final = 8
_MAX_WEIGHTS: Final = 256
DIALOGUE: Final = "dialogue"
_log = logging.getLogger(__name__)


class Attached(Protocol):
    """The connection that a session has at present."""

    def take_over(self) -> None:
        """Close, because another connection goes on with the session."""
        ...

    def give_up(self) -> None:
        """Close, because the session can't go on."""
        ...


class Session:
    """One player's session; all methods belong to the event loop.

    Args:
        id: Nobody else has it.
        grant: What the player may do.
        receive: What the engine takes.
        limits: Bounds of the replay and of open requests.
        assets: Where the bytes of assets are found again.
        metrics: Counters.
        new_outbox: Makes the outbox, from its keywords.
    """

    def __init__(
        self,
        *,
        id: str,
        grant: Grant,
        receive: Receive,
        limits: LimitSettings,
        assets: AssetSource,
        metrics: Metrics,
        new_outbox: Callable[..., Outbox] = Outbox,
    ) -> None:
        self.id = id
        self.secret = secrets.token_urlsafe(24)
        self.earlier_secrets: deque[str] = deque(maxlen=_MAX_SECRETS)
        self.grant = grant
        self.receive = receive
        self.context: Context | None = None
        self._sight: Sight | None = None
        self._weights: dict[int, float] = {}
        self.connection: Attached | None = None
        self.left_at = float("-inf")
        self.expiry: asyncio.TimerHandle | None = None
        self.absence: asyncio.TimerHandle | None = None
        self.is_lost = False
        self.ledger = Ledger()
        self.wake = asyncio.Event()
        self.window = DeliveryWindow()
        self.tasks = Tasks(max_tasks=limits.max_open_requests + _MAX_SIDE_TASKS)
        self._assets = assets
        self._metrics = metrics
        self._fetching: set[int] = set()
        self._outbox = new_outbox(
            replay_messages=limits.replay_messages,
            window=self.window,
            weigh=lambda id: self.weight(id, self.ledger.anchors.get(id)),
            on_hold=assets.pin,
            on_release=assets.unpin,
            on_left=metrics.waited,
        )
        self._room = asyncio.Event()
        self._room.set()
        self._n_answers = 0

    @property
    def player(self) -> str:
        """Whom memory and personal assets belong to."""
        return self.grant.player

    @property
    def outbox(self) -> Outbox:
        """What waits to be sent."""
        return self._outbox

    def owns(self, secret: str) -> bool:
        """Whether somebody who says this may go on with the session."""
        known = (self.secret, *self.earlier_secrets)
        return any(secrets.compare_digest(secret.encode(), own.encode()) for own in known)

    def rotate_secret(self) -> None:
        """Make a new secret; those since the last acknowledgement stay valid until the next one.

        More than one, because a greeting that was given up may arrive late and take over from the one after
        it, whose client knows a secret that this one does not.
        """
        self.earlier_secrets.append(self.secret)
        self.secret = secrets.token_urlsafe(24)

    def acknowledge(self, received: int) -> None:
        """Forget what the client has processed.

        Raises:
            BadMessage: If it claims more than was sent.
        """
        self._outbox.ack(received)
        self.earlier_secrets.clear()

    def send(self, message: SequencedMessage | Pong | GoAway) -> None:
        """Queue a message."""
        self._outbox.put(message, now=time.monotonic())
        self._changed()

    def answer(self, message: SequencedMessage | Pong) -> None:
        """Queue a message that only answers one of the client's own."""
        self._n_answers += 1
        self.send(message)

    def take_answer(self) -> bool:
        """Count a sent message as an answer if one was queued; return whether it was."""
        is_answer = self._n_answers > 0
        self._n_answers -= is_answer
        return is_answer

    def begin(self, request: OpenRequest, *, tier: int) -> None:
        """Open a request's lane and tell the client that it is accepted."""
        self.ledger.begin(request)
        self._outbox.open(request.id, tier=tier, is_dialogue=request.kind == DIALOGUE)
        self.send(request.accepted)

    def send_asset(self, header: AssetHeader, body: bytes | memoryview) -> None:
        """Queue an asset."""
        self._outbox.put_asset(header, body, now=time.monotonic())
        self._changed()

    def finish(self, request: OpenRequest, end: End) -> bool:
        """End a request after what it has sent; return False if it was ended otherwise before."""
        if self.ledger.find(request.id) is not request:
            return False
        self.ledger.end(request.id, end)
        self._outbox.close(request.id, end, now=time.monotonic())
        self._changed()
        return True

    def stop(self, id: int, end: Error) -> OpenRequest | None:
        """End a request now, if its end has not left yet, and drop what it has not sent.

        Returns:
            The request if it was still carried out.
        """
        request = self.ledger.find(id)
        if self._outbox.cancel(id, end, now=time.monotonic()):
            self.ledger.end(id, end)
            if request is not None and request.task is not None:
                request.task.cancel()
            self._changed()
        return request

    def refuse(self, id: int, end: Error) -> None:
        """End a request that was never begun."""
        self.ledger.end(id, end)
        self.answer(end)

    def repeat(self, id: int) -> None:
        """Say again how a request stands, because the client sent it again."""
        request = self.ledger.find(id)
        end = self.ledger.end_of(id)
        if request is not None:
            self.answer(request.accepted)
        elif self._outbox.holds(id):
            # Its end is on its way, or will be sent again until it is acknowledged; a copy would overtake it.
            return
        elif end is not None:
            self.answer(end)
        else:
            text = "This id was used long ago in this session; use a new one."
            self.answer(Error(id=id, code="bad_message", message=text, retryable=False, field="id"))

    def see(self, context: Context) -> None:
        """Note what the player sees; the order of work and results follows with the next of each."""
        self.context = context
        self._sight = None
        self._weights.clear()

    def weight(self, id: int, anchor: Mapping[str, Any] | None) -> float:
        """Return how much the player looks at where a request's result belongs.

        Worked out when somebody has to choose, since most contexts come and go without that.
        """
        if anchor is None:
            return UNKNOWN
        weight = self._weights.get(id)
        if weight is None:
            if self._sight is None:
                self._sight = Sight(self.context)
            if len(self._weights) >= _MAX_WEIGHTS:
                self._weights.clear()
            weight = self._weights[id] = self._sight.weight(anchor)
        return weight

    def context_map(self) -> Mapping[str, Any] | None:
        """Return the latest context as a plain map, or None."""
        if self.context is None:
            return None
        plain: Mapping[str, Any] = msgspec.to_builtins(self.context)
        return plain

    def fetch_missing(self) -> None:
        """Have the bytes of assets brought that come next and are not at hand, a few at a time."""
        for asset, digest in self._outbox.missing():
            if asset not in self._fetching and len(self._fetching) < _MAX_FETCHES:
                self._fetching.add(asset)
                self.tasks.start(self._fetch(asset, digest), name=f"fetch {self.id}/{asset}")

    async def room(self) -> None:
        """Return once more may be put; the client may be away for as long as sessions live."""
        await self._room.wait()

    def note_sent(self) -> None:
        """Take note that the outbox has become shorter."""
        if not self._room.is_set() and self._outbox.has_room:
            self._room.set()

    async def close(self) -> None:
        """End everything that is under way."""
        for timer in (self.expiry, self.absence):
            if timer is not None:
                timer.cancel()
        await self.tasks.close()
        self._outbox.close_session()

    async def _fetch(self, asset: int, digest: str) -> None:
        try:
            found = await self._assets.fetch(digest)
        except RequestError as error:
            _log.error("Session %s: asset %d could not be read: %s", self.id, asset, error)
            found = None
        finally:
            self._fetching.discard(asset)
        if found is not None:
            self._outbox.supply(asset, memoryview(found[1]))
        elif (asset, digest) in self._outbox.missing():
            # The promise is all or nothing: what can't be delivered whole is reported lost.
            _log.error("Session %s: asset %d is gone, the session can't go on", self.id, asset)
            self.is_lost = True
            self._metrics.lost()
            if self.connection is not None:
                self.connection.give_up()
        self.wake.set()

    def _changed(self) -> None:
        if not self._outbox.has_room:
            self._room.clear()
        self.wake.set()
