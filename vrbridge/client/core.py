"""The client's side of the protocol without a socket: bytes in, deliveries and bytes out."""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from vrbridge.client.assembly import Assembly, WrongChunk
from vrbridge.client.errors import AssetDamaged, CannotConnect, RequestFailed, SessionLost
from vrbridge.client.events import Accepted, Event, Restarted, TextPiece
from vrbridge.client.outputs import Complaint, Delivery, Forgot, GoingAway, Output, Ponged, Welcomed
from vrbridge.client.wire import Message, MustClose, decode, encode, event_of, failure_of

VERSION: Final = 1
# An acknowledgement a message would double the packets; the end of a request is told at once.
_ACK_EVERY: Final = 16
_DEFAULT_MAX_MESSAGE_BYTES: Final = 1 << 20
_DEFAULT_MAX_OPEN: Final = 32
# The server refuses what is too much at once; this only bounds what a scene piles up while it is away.
_OPEN_FACTOR: Final = 4
# Messages that belong to no request and wait for a connection that takes nothing.
_MAX_WAITING: Final = 1024
# Answers whose hearing is told again on a new connection, since nothing says that it arrived.
_MAX_HEARD: Final = 32
_UNSEQUENCED: Final = {"welcome", "chunk", "pong", "goaway"}
_SEQUENCED: Final = {"accepted", "progress", "text", "action", "asset", "done", "error", "forgotten"}


@dataclass(slots=True)
class _Open:
    message: Message
    is_resent: bool
    is_accepted: bool = False
    is_cancelled: bool = False
    # Set once its consumer has been told of a failure; what still arrives is for nobody.
    is_muted: bool = False
    n_characters: int = 0


@dataclass(slots=True)
class _Session:
    session: str = ""
    secret: str = ""
    received: int = 0
    acknowledged: int = 0
    assemblies: dict[int, Assembly] = field(default_factory=dict)


class ClientCore:
    """One session with a server, over as many connections as it takes.

    Credit is granted as chunks are put together. It stops growing while complete assets that nobody has
    taken hold more than `max_held_bytes`, so that a scene which stops reading is not flooded.

    Args:
        token: For `hello`; None where the server wants none.
        client: `name`, `version`, `engine`, `device`.
        receive: What this client can take; must hold `chunk_bytes` and `window_bytes`.
        max_held_bytes: Bound of complete assets that wait to be taken.

    Raises:
        ValueError: If the window has no room for two chunks, which could stall a transfer.
    """

    def __init__(
        self,
        *,
        token: str | None,
        client: Mapping[str, str],
        receive: Mapping[str, Any],
        max_held_bytes: int = 64 << 20,
    ) -> None:
        if receive["window_bytes"] < 2 * receive["chunk_bytes"]:
            raise ValueError("window_bytes must be at least twice chunk_bytes.")
        self._token = token
        self._client = dict(client)
        self._receive = dict(receive)
        self._window_bytes: int = receive["window_bytes"]
        self._max_held_bytes = max_held_bytes
        self._session = _Session()
        self._open: dict[int, _Open] = {}
        self._outgoing: deque[Message] = deque()
        self._heard: dict[int, int] = {}
        self._last_id = 0
        self._is_welcome = False
        self._arrived_bytes = 0
        self._granted_bytes = 0
        self._held_bytes = 0
        self.capabilities: Mapping[str, Any] = {}
        self.limits: Mapping[str, Any] = {}
        self.server: Mapping[str, Any] = {}

    @property
    def is_welcome(self) -> bool:
        """Whether the present connection has been answered with `welcome`."""
        return self._is_welcome

    @property
    def session(self) -> str:
        """Name of the session; empty before the first `welcome`."""
        return self._session.session

    @property
    def received(self) -> int:
        """Highest `seq` processed."""
        return self._session.received

    @property
    def open_requests(self) -> tuple[int, ...]:
        """Requests without an end."""
        return tuple(self._open)

    @property
    def _max_open(self) -> int:
        return _OPEN_FACTOR * int(self.limits.get("max_open_requests", _DEFAULT_MAX_OPEN))

    def start_connection(self) -> None:
        """Begin a connection: `hello` is the next message to send, credit starts anew."""
        self._is_welcome = False
        self._arrived_bytes = 0
        self._granted_bytes = self._window_bytes
        self._outgoing.clear()
        hello: Message = {"type": "hello", "version": VERSION, "client": self._client}
        hello["receive"] = self._receive
        if self._token is not None:
            hello["token"] = self._token
        if self._session.session:
            hello["resume"] = {
                "session": self._session.session,
                "secret": self._session.secret,
                "received": self._session.received,
                "assets": [
                    {"asset": number, "offset": assembly.n_bytes}
                    for number, assembly in self._session.assemblies.items()
                ],
            }
        self._outgoing.append(hello)

    def end_connection(self) -> None:
        """Note that the connection is gone; what was not sent is built again for the next one."""
        self._is_welcome = False
        self._outgoing.clear()

    def take(self) -> Message | None:
        """Return the next message to send, or None."""
        return self._outgoing.popleft() if self._outgoing else None

    def request(self, fields: Mapping[str, Any], *, is_resent: bool = True) -> int:
        """Enter a request and return its id.

        Args:
            fields: `kind`, `params` and whatever optional fields it has.
            is_resent: Send it again if the session is lost; else it ends in `SessionLost`.

        Raises:
            RequestFailed: If the message is larger than the server takes, or too many requests are open.
        """
        if len(self._open) >= self._max_open:
            text = f"{len(self._open)} requests are open already; wait for some to end."
            raise RequestFailed(text, code="rate_limited", is_retryable=True)
        request_id = self._last_id + 1
        message = {"type": "request", "id": request_id, **fields}
        max_bytes = self.limits.get("max_message_bytes", _DEFAULT_MAX_MESSAGE_BYTES)
        n_bytes = len(encode(message))
        if n_bytes > max_bytes:
            text = f"The request has {n_bytes} bytes, more than the {max_bytes} that the server takes."
            raise RequestFailed(text, code="too_large", field="params")
        self._last_id = request_id
        self._open[request_id] = _Open(message, is_resent)
        self._send(message)
        return request_id

    def cancel(self, request_id: int) -> None:
        """Ask the server to stop; nothing happens if the request has ended."""
        request = self._open.get(request_id)
        if request is not None and not request.is_cancelled:
            request.is_cancelled = True
            self._send({"type": "cancel", "id": request_id})

    def send(self, message: Mapping[str, Any]) -> bool:
        """Queue a message that belongs to no request; False if there is no connection to take it."""
        if len(self._outgoing) >= _MAX_WAITING:
            return False
        self._send(dict(message))
        return self._is_welcome

    def heard(self, request_id: int, characters: int) -> None:
        """Say how much of an answer was heard; said again on the session's next connections."""
        self._heard.pop(request_id, None)
        self._heard[request_id] = characters
        if len(self._heard) > _MAX_HEARD:
            del self._heard[next(iter(self._heard))]
        self.send(_heard(request_id, characters))

    def taken(self, n_bytes: int) -> None:
        """Note that a complete asset has been taken by its consumer."""
        self._held_bytes -= n_bytes
        self._grant()

    def flush(self) -> None:
        """Acknowledge what is not acknowledged yet."""
        if self._is_welcome and self._session.received > self._session.acknowledged:
            self._session.acknowledged = self._session.received
            self._send({"type": "ack", "received": self._session.received})

    def receive(self, data: bytes) -> Sequence[Output]:
        """Take one message from the server and return what it means.

        Raises:
            MustClose: If messages were lost (4010) or the server doesn't keep to the protocol.
            CannotConnect: If the server speaks another version.
        """
        message = decode(data)
        try:
            return self._take(message)
        except (KeyError, TypeError, AttributeError) as error:
            raise MustClose(1002, f"malformed {str(message.get('type'))[:40]}") from error

    def _take(self, message: Message) -> Sequence[Output]:
        kind = message["type"]
        if kind == "welcome":
            return self._welcome(message)
        if kind == "done":
            self._check_whole(message["id"])
        if kind in _SEQUENCED or ("seq" in message and kind not in _UNSEQUENCED):
            self._count(message["seq"])
        outputs = self._dispatch(kind, message)
        if self._session.received - self._session.acknowledged >= _ACK_EVERY or kind in {"done", "error"}:
            self.flush()
        return outputs

    def _dispatch(self, kind: str, message: Message) -> Sequence[Output]:
        match kind:
            case "chunk":
                return self._chunk(message)
            case "asset":
                assembly = Assembly(message)
                self._session.assemblies[message["asset"]] = assembly
                return self._complete(message["asset"], assembly) if assembly.is_complete else ()
            case "error" if message.get("id") is None:
                return (Complaint(failure_of(message)),)
            case "done" | "error":
                return self._end(message["id"], event_of(message))
            case "accepted" | "progress" | "text" | "action":
                return self._deliver(message["id"], event_of(message))
            case "pong":
                return (Ponged(message["t"], message["server_s"]),)
            case "forgotten":
                return (Forgot(message["scope"], message["items"]),)
            case "goaway":
                return (GoingAway(float(message.get("reconnect_after_s") or 0)),)
            case _:
                return ()

    def _welcome(self, message: Message) -> Sequence[Output]:
        if message["version"] != VERSION:
            raise CannotConnect(f"The server speaks protocol version {message['version']}, not {VERSION}.")
        outputs: list[Output] = [Welcomed(message["resumed"])]
        had_session = bool(self._session.session)
        if message["resumed"]:
            self._session.session, self._session.secret = message["session"], message["secret"]
            # The first acknowledgement retires the previous secret.
            self._session.acknowledged = -1
        else:
            self._session = _Session(message["session"], message["secret"])
            if had_session:
                self._heard.clear()
        self._is_welcome = True
        self.capabilities = message.get("capabilities") or {}
        self.limits = message.get("limits") or {}
        self.server = message.get("server") or {}
        if had_session and not message["resumed"]:
            outputs += self._restart()
        for request_id, request in self._open.items():
            # The id makes this safe: a request that did arrive never runs twice.
            if not request.is_accepted:
                self._send(request.message)
            if request.is_cancelled:
                self._send({"type": "cancel", "id": request_id})
        for request_id, characters in self._heard.items():
            self._send(_heard(request_id, characters))
        if message["resumed"]:
            self.flush()
        return outputs

    def _restart(self) -> list[Output]:
        outputs: list[Output] = []
        for request_id, request in list(self._open.items()):
            if request.is_muted or request.is_cancelled or not request.is_resent:
                del self._open[request_id]
                if not request.is_muted:
                    outputs.append(Delivery(request_id, _end_with_session(request)))
                continue
            request.is_accepted = False
            request.n_characters = 0
            outputs.append(Delivery(request_id, Restarted()))
        return outputs

    def _check_whole(self, request_id: int) -> None:
        """Make sure that all chunks of a request came before its end, which is not counted before that."""
        if any(assembly.request_id == request_id for assembly in self._session.assemblies.values()):
            raise MustClose(4010, "end before the last chunk")

    def _count(self, seq: int) -> None:
        if seq != self._session.received + 1:
            raise MustClose(4010, f"gap: {self._session.received} then {seq}")
        self._session.received = seq

    def _chunk(self, message: Message) -> Sequence[Output]:
        number, data = message["asset"], message["data"]
        self._arrived_bytes += len(data)
        assembly = self._session.assemblies.get(number)
        outputs: Sequence[Output] = ()
        if assembly is not None:
            try:
                assembly.add(message["offset"], data)
            except WrongChunk as error:
                # Resuming from the offset that we do have repairs it.
                raise MustClose(4010, "chunk out of order") from error
            if assembly.is_complete:
                outputs = self._complete(number, assembly)
        self._grant()
        return outputs

    def _complete(self, number: int, assembly: Assembly) -> Sequence[Output]:
        del self._session.assemblies[number]
        request_id = assembly.request_id
        asset = assembly.finish()
        if asset is not None:
            outputs = self._deliver(request_id, asset)
            self._held_bytes += len(asset.data) if outputs else 0
            return outputs
        outputs = self._deliver(request_id, AssetDamaged(assembly.role))
        if outputs:
            self._open[request_id].is_muted = True
            self.cancel(request_id)
        return outputs

    def _end(self, request_id: int, event: Event | RequestFailed) -> Sequence[Output]:
        outputs = self._deliver(request_id, event)
        self._open.pop(request_id, None)
        # A cancelled request leaves assets behind that will never be complete.
        assemblies = self._session.assemblies
        for number in [n for n, assembly in assemblies.items() if assembly.request_id == request_id]:
            del assemblies[number]
        return outputs

    def _deliver(self, request_id: int, event: Event | RequestFailed) -> Sequence[Output]:
        request = self._open.get(request_id)
        if request is None or request.is_muted:
            return ()
        if isinstance(event, Accepted):
            if request.is_accepted:
                return ()
            request.is_accepted = True
        elif isinstance(event, TextPiece):
            # Asking for the state of a request again may repeat what was said already.
            if event.offset < request.n_characters:
                return ()
            request.n_characters = event.offset + len(event.text)
        return (Delivery(request_id, event),)

    def _grant(self) -> None:
        if not self._is_welcome or self._held_bytes > self._max_held_bytes:
            return
        limit = self._arrived_bytes + self._window_bytes
        if limit - self._granted_bytes >= self._window_bytes // 4:
            self._granted_bytes = limit
            self._send({"type": "credit", "limit": limit})

    def _send(self, message: Message) -> None:
        if self._is_welcome:
            self._outgoing.append(message)


def _heard(request_id: int, characters: int) -> Message:
    return {"type": "heard", "id": request_id, "characters": characters}


def _end_with_session(request: _Open) -> RequestFailed | SessionLost:
    if request.is_cancelled:
        return RequestFailed("The request was cancelled.", code="cancelled")
    return SessionLost("The server no longer knows this session; the request has to be made again.")
