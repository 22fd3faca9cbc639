"""What each message of a client does; the only place where errors become messages."""

import asyncio
import logging
import random
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial

from vrbridge.errors import (
    BadMessage,
    Cancelled,
    DeadlineExceeded,
    Forbidden,
    InternalError,
    RateLimited,
    RequestError,
    Superseded,
    Unauthorized,
    Unavailable,
    UnknownKind,
)
from vrbridge.jobs.kind import Asker, Kind, Memory
from vrbridge.metrics import Metrics
from vrbridge.protocol.messages import (
    Accepted,
    Ack,
    Cancel,
    ClientMessage,
    Context,
    Credit,
    End,
    Error,
    Forget,
    Forgotten,
    Heard,
    Hello,
    Ping,
    Plain,
    Pong,
    Request,
    Skip,
)
from vrbridge.server.ledger import OpenRequest
from vrbridge.server.runs import carry_out
from vrbridge.server.session import Session
from vrbridge.settings import LimitSettings

_TIERS = {"interactive": 0, "normal": 1, "background": 2}
_RETRY_S = 1.0
_SPREAD = 0.5
"""Clients that are refused in the same moment are told times that differ by up to this share."""
_SCOPE = "scope"
_log = logging.getLogger(__name__)


@dataclass(slots=True)
class Dispatch:
    """Acts on messages; nothing here waits.

    Args:
        kinds: By name.
        memory: What remembers.
        limits: Bounds of one session.
        metrics: Counters.
        is_draining: Whether new requests are turned away.
    """

    kinds: Mapping[str, Kind]
    memory: Memory
    limits: LimitSettings
    metrics: Metrics
    is_draining: bool = field(default=False)

    def capabilities(self, session: Session) -> dict[str, Plain]:
        """Return what `welcome` lists: every kind that this player may ask for and that can be answered."""
        offered = {name: kind.capability() for name, kind in self.kinds.items() if session.grant.allows(name)}
        return {name: dict(facts) for name, facts in offered.items() if facts is not None}

    def handle(self, session: Session, message: ClientMessage) -> None:
        """Act on one message.

        Raises:
            BadMessage: If it does not fit what was said before.
            RateLimited: If too much of this is under way.
        """
        match message:
            case Request():
                self._request(session, message)
            case Cancel(id=id):
                session.stop(id, error_message(Cancelled("The client cancelled the request."), id=id))
            case Context():
                session.see(message)
            case Credit(limit=limit):
                session.outbox.credit(limit)
                session.wake.set()
            case Ack(received=received):
                session.acknowledge(received)
            case Skip(asset=asset):
                session.outbox.skip(asset)
                session.wake.set()
            case Heard():
                session.tasks.start(self._heard(session, message), name=f"heard {session.id}")
            case Forget():
                session.tasks.start(self._forget(session, message), name=f"forget {session.id}")
            case Ping(t=t):
                session.answer(Pong(t=t, server_s=time.monotonic()))
            case Hello():
                raise BadMessage("`hello` comes once, as the first message of a connection.", field="type")

    def complain(self, session: Session, error: RequestError) -> None:
        """Tell the client about a message that could not be acted on; the connection stays open."""
        id = error.request_id
        if id is None or session.ledger.knows(id):
            session.answer(error_message(error, id=None))
        else:
            session.refuse(id, error_message(error, id=id))

    def _request(self, session: Session, message: Request) -> None:
        if session.ledger.knows(message.id):
            session.repeat(message.id)
            return
        try:
            self._begin(session, message)
        except RequestError as error:
            self._refuse(session, message, error)
        except Exception as error:  # noqa: BLE001 - the edge: a mistake in a check ends one request
            self._refuse(session, message, _mistake(session, message.id, message.kind, error))

    def _refuse(self, session: Session, message: Request, error: RequestError) -> None:
        session.refuse(message.id, error_message(error, id=message.id))
        self.metrics.request_ended(self._label(message.kind), error.code, first_s=None, total_s=0.0)

    def _begin(self, session: Session, message: Request) -> None:
        now = time.monotonic()
        kind = self._kind(session, message.kind)
        asker = _asker(session, message, now=now)
        checked = kind.check(message.params, asker)
        superseded = session.ledger.in_slot(message.slot)
        self._check_room(session, superseded)
        estimate = kind.admit(checked, asker)
        if estimate.instead is not None:
            checked = estimate.instead
        # Last: a request that is refused takes no other's place.
        if superseded is not None:
            newer = Superseded(f"Request {message.id} took the slot.")
            session.stop(superseded, error_message(newer, id=superseded))
        request = OpenRequest(
            id=message.id,
            kind=message.kind,
            started=now,
            slot=message.slot,
            anchor=message.anchor,
            accepted=Accepted(
                id=message.id, position=estimate.position, eta_s=estimate.eta_s, anchor=message.anchor
            ),
        )
        request.task = session.tasks.start(
            self._run(session, request, kind, checked, asker), name=f"request {session.id}/{message.id}"
        )
        session.begin(request, tier=asker.tier)

    def _check_room(self, session: Session, superseded: int | None) -> None:
        """Raise RateLimited if the session has too much under way, not counting what is superseded."""
        outbox = session.outbox
        n_open = outbox.n_unfinished - (superseded is not None and outbox.is_sending(superseded))
        if n_open >= self.limits.max_open_requests:
            text = f"At most {self.limits.max_open_requests} requests of a session may be open."
            raise RateLimited(text, retry_after_s=_RETRY_S)
        if outbox.kept_bytes > self.limits.max_kept_mb << 20:
            text = "Too many results were not acknowledged; send `ack` for what has been processed."
            raise RateLimited(text, retry_after_s=_RETRY_S)

    def _kind(self, session: Session, name: str) -> Kind:
        if self.is_draining:
            raise Unavailable("The server is going away; reconnect and ask again.", retry_after_s=_RETRY_S)
        kind = self.kinds.get(name)
        if kind is None:
            known = ", ".join(self.kinds)
            raise UnknownKind(f"This server has no kind {name[:40]!r}. Known: {known}.", field="kind")
        if session.grant.has_expired(now=time.time()):
            raise Unauthorized("The token has expired; reconnect with a new one.")
        if not session.grant.allows(name):
            raise Forbidden(f"The token does not allow `{name}`.", field="kind")
        return kind

    async def _run(
        self, session: Session, request: OpenRequest, kind: Kind, checked: object, asker: Asker
    ) -> None:
        end: End
        left_s = None if asker.deadline is None else asker.deadline - time.monotonic()
        timer = asyncio.timeout(left_s)
        try:
            async with timer:
                end = await carry_out(session, request, kind, checked, asker)
            if "degraded" in end.result:
                self.metrics.degraded(request.kind)
        except RequestError as error:
            end = error_message(error, id=request.id)
        except asyncio.CancelledError:
            # Whoever cancelled it has told the client.
            self._count(session, request)
            raise
        except Exception as error:  # noqa: BLE001 - the edge: what a kind did wrong ends one request
            end = error_message(self._fault(session, request, error, timer), id=request.id)
        session.finish(request, end)
        self._count(session, request)

    def _fault(
        self, session: Session, request: OpenRequest, error: Exception, timer: asyncio.Timeout
    ) -> RequestError:
        if isinstance(error, TimeoutError) and timer.expired():
            return DeadlineExceeded("The request was not done before its deadline.")
        return _mistake(session, request.id, request.kind, error)

    def _count(self, session: Session, request: OpenRequest) -> None:
        end = session.ledger.end_of(request.id)
        outcome = end.code if isinstance(end, Error) else "done" if end is not None else "cancelled"
        total_s = time.monotonic() - request.started
        self.metrics.request_ended(request.kind, outcome, first_s=request.first_s, total_s=total_s)

    async def _heard(self, session: Session, message: Heard) -> None:
        try:
            await self.memory.heard(
                session=session.id,
                player=session.player,
                request_id=message.id,
                characters=message.characters,
            )
        except RequestError as error:
            # Not answered on the wire, so that the log is the only one who can tell.
            _log.warning("Session %s: what was heard is not noted: %s", session.id, error)

    async def _forget(self, session: Session, message: Forget) -> None:
        try:
            items = await self.memory.forget(scope=message.scope, session=session.id, player=session.player)
        except RequestError as error:
            # The field is how the client knows what failed.
            error.field = _SCOPE
            session.answer(error_message(error, id=None))
            return
        except Exception as error:  # noqa: BLE001 - the edge: who asks to be forgotten is told if that failed
            _log.error("Session %s could not be forgotten", session.id, exc_info=error)
            failed = InternalError("Not everything could be erased; try again.", field=_SCOPE)
            session.answer(error_message(failed, id=None))
            return
        session.answer(Forgotten(scope=message.scope, items=items))

    def _label(self, kind: str) -> str:
        # Clients choose the word, and a label for each word would be a leak.
        return kind if kind in self.kinds else "unknown"


def _mistake(session: Session, id: int, kind: str, error: Exception) -> RequestError:
    _log.error("Request %s/%d of kind %s failed", session.id, id, kind[:40], exc_info=error)
    return InternalError("The server made a mistake; its log has the details under this request's id.")


def error_message(error: RequestError, *, id: int | None) -> Error:
    """Return an error as the client gets it."""
    return Error(
        id=id,
        code=error.code,
        message=error.message,
        retryable=error.retryable,
        retry_after_s=_spread(error.retry_after_s),
        field=error.field,
    )


def _spread(retry_after_s: float | None) -> float | None:
    """Return a time to come back that is no earlier, and not the same for everybody."""
    if retry_after_s is None:
        return None
    return round(retry_after_s * random.uniform(1, 1 + _SPREAD), 3)  # noqa: S311 - nobody gains by guessing it


def _asker(session: Session, message: Request, *, now: float) -> Asker:
    receive = session.receive
    return Asker(
        session=session.id,
        player=session.player,
        request_id=message.id,
        tier=_TIERS[message.priority],
        deadline=None if message.deadline_s is None else now + message.deadline_s,
        texture_formats=receive.texture_formats,
        mesh_formats=receive.mesh_formats,
        max_texture_px=receive.max_texture_px,
        max_faces=receive.max_faces,
        context=session.context_map,
        weight=partial(session.weight, message.id, message.anchor),
        failure=partial(session.ledger.failure_of, message.id),
    )
