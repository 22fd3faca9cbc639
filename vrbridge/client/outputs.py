"""What a message from the server means to the client, besides what it changes inside."""

from dataclasses import dataclass

from vrbridge.client.errors import RequestFailed, SessionLost
from vrbridge.client.events import Event


@dataclass(frozen=True, slots=True)
class Welcomed:
    """The server answered `hello`; `is_resumed` says whether the session lived on."""

    is_resumed: bool


@dataclass(frozen=True, slots=True)
class Ponged:
    """The answer to a ping; `server_s` is the server's clock."""

    t: float
    server_s: float


@dataclass(frozen=True, slots=True)
class Forgot:
    """The server erased so many items of this scope."""

    scope: str
    items: int


@dataclass(frozen=True, slots=True)
class GoingAway:
    """The server drains: it will close, and can be reached again after a while."""

    reconnect_after_s: float


@dataclass(frozen=True, slots=True)
class Complaint:
    """An error about the connection and not about one request."""

    error: RequestFailed


@dataclass(frozen=True, slots=True)
class Delivery:
    """An event, or the failing end, of one request."""

    request_id: int
    event: Event | RequestFailed | SessionLost


Output = Delivery | Welcomed | Ponged | Forgot | GoingAway | Complaint
