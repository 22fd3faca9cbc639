"""Every message of the wire, as frozen structs tagged by `type`."""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

MAX_INT = 2**53 - 1
"""Largest integer that every engine holds exactly."""
VERSION = 1

Count = Annotated[int, Meta(ge=0, le=MAX_INT)]
Number = Annotated[float, Meta(ge=-1e12, le=1e12)]
"""A finite number; the bounds shut NaN and infinity out."""
Vector = tuple[Number, Number, Number]
Quaternion = tuple[Number, Number, Number, Number]
Name = Annotated[str, Meta(max_length=256)]
Key = Annotated[str, Meta(max_length=256)] | Annotated[int, Meta(ge=-MAX_INT, le=MAX_INT)]
"""What an engine calls an object: a name or a number; Unity's are negative for what was made at run time."""
Plain = dict[str, Any]
"""A map of plain values, checked by the codec for depth, finite numbers and string keys."""


class Pose(msgspec.Struct, frozen=True, kw_only=True):
    """Metres, and a unit quaternion x, y, z, w."""

    position: Vector
    orientation: Quaternion = (0.0, 0.0, 0.0, 1.0)


class Nearby(msgspec.Struct, frozen=True, kw_only=True):
    """An object near the player."""

    id: Key
    name: Name = ""
    position: Vector | None = None


class ClientInfo(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Which program speaks."""

    name: Name = ""
    version: Name = ""
    engine: Name = ""
    device: Name = ""


class Receive(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the engine takes. Formats are in its order of preference; unknown ones are passed over."""

    chunk_bytes: Annotated[int, Meta(ge=256, le=65536)] = 16384
    window_bytes: Annotated[int, Meta(ge=0, le=1 << 30)] = 262144
    texture_formats: Annotated[tuple[Name, ...], Meta(max_length=32)] = ("rgba8",)
    mesh_formats: Annotated[tuple[Name, ...], Meta(max_length=32)] = ("glb",)
    max_texture_px: Annotated[int, Meta(ge=1, le=65536)] = 2048
    max_faces: Annotated[int, Meta(ge=1, le=MAX_INT)] = 20000


class AssetOffset(msgspec.Struct, frozen=True, kw_only=True):
    """How much of an incomplete asset the client has."""

    asset: Count
    offset: Count


class Resume(msgspec.Struct, frozen=True, kw_only=True):
    """Which session to go on with, and from where."""

    session: Name
    secret: Name
    received: Count
    assets: Annotated[tuple[AssetOffset, ...], Meta(max_length=4096)] = ()


class Hello(msgspec.Struct, frozen=True, kw_only=True, tag="hello", tag_field="type", omit_defaults=True):
    """The client's first message."""

    version: Count
    token: Annotated[str, Meta(max_length=4096)] | None = None
    client: ClientInfo = ClientInfo()
    receive: Receive = Receive()
    resume: Resume | None = None


class Request(msgspec.Struct, frozen=True, kw_only=True, tag="request", tag_field="type", omit_defaults=True):
    """Ask for something; `id` is the client's, and the idempotency key."""

    id: Count
    kind: Name
    params: Plain
    priority: Literal["interactive", "normal", "background"] = "interactive"
    deadline_s: Annotated[float, Meta(gt=0, le=86400)] | None = None
    slot: Name | None = None
    anchor: Plain | None = None


class Cancel(msgspec.Struct, frozen=True, kw_only=True, tag="cancel", tag_field="type"):
    """Stop a request."""

    id: Count


class Context(msgspec.Struct, frozen=True, kw_only=True, tag="context", tag_field="type", omit_defaults=True):
    """What the player sees and is; the latest wins."""

    head: Pose
    hands: (
        Annotated[dict[str, Pose | None], Meta(max_length=8)]
        | Annotated[list[Pose | None], Meta(max_length=8)]
        | None
    ) = None
    gaze: Vector | None = None
    focus: Key | None = None
    place: Name | None = None
    nearby: Annotated[tuple[Nearby, ...], Meta(max_length=256)] | None = None
    state: Plain | None = None


class Credit(msgspec.Struct, frozen=True, kw_only=True, tag="credit", tag_field="type"):
    """Chunk payload bytes that the server may have sent on this connection, absolute."""

    limit: Count


class Ack(msgspec.Struct, frozen=True, kw_only=True, tag="ack", tag_field="type"):
    """Highest `seq` that the client has processed."""

    received: Count


class Skip(msgspec.Struct, frozen=True, kw_only=True, tag="skip", tag_field="type"):
    """The client wants no (more) chunks of an asset."""

    asset: Count


class Heard(msgspec.Struct, frozen=True, kw_only=True, tag="heard", tag_field="type"):
    """How many characters of an answer the player heard or read."""

    id: Count
    characters: Count


class Forget(msgspec.Struct, frozen=True, kw_only=True, tag="forget", tag_field="type"):
    """Erase what is stored about this session or player."""

    scope: Literal["session", "player"]


class Ping(msgspec.Struct, frozen=True, kw_only=True, tag="ping", tag_field="type"):
    """Ask for a `pong` with the same number."""

    t: Number


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What the server takes from one client."""

    max_message_bytes: int
    max_open_requests: int
    context_hz: float
    resume_window_s: float
    replay_messages: int


class ServerInfo(msgspec.Struct, frozen=True, kw_only=True):
    """Which program answers."""

    name: str
    version: str


class Welcome(msgspec.Struct, frozen=True, kw_only=True, tag="welcome", tag_field="type"):
    """The answer to `hello`."""

    version: int
    session: str
    secret: str
    resumed: bool
    capabilities: dict[str, Plain]
    limits: Limits
    server: ServerInfo


class Accepted(
    msgspec.Struct, frozen=True, kw_only=True, tag="accepted", tag_field="type", omit_defaults=True
):
    """A request is queued or started."""

    seq: Count = 0
    id: Count
    position: Count
    eta_s: float | None = None
    anchor: Plain | None = None


class Progress(msgspec.Struct, frozen=True, kw_only=True, tag="progress", tag_field="type"):
    """Part of the work is done; `fraction` in 0–1."""

    seq: Count = 0
    id: Count
    stage: str
    fraction: float


class Text(msgspec.Struct, frozen=True, kw_only=True, tag="text", tag_field="type"):
    """A piece of dialogue; `offset` counts code points."""

    seq: Count = 0
    id: Count
    text: str
    offset: Count


class Action(msgspec.Struct, frozen=True, kw_only=True, tag="action", tag_field="type"):
    """An action that the scene offered."""

    seq: Count = 0
    id: Count
    name: str
    arguments: Plain


class AssetHeader(msgspec.Struct, frozen=True, kw_only=True, tag="asset", tag_field="type"):
    """Chunks of an asset follow. `asset` is given by the outbox."""

    seq: Count = 0
    id: Count
    asset: Count = 0
    role: str
    media_type: str
    bytes: Count
    digest: str
    meta: Plain


class Chunk(msgspec.Struct, frozen=True, kw_only=True, tag="chunk", tag_field="type"):
    """A numbered piece of an asset."""

    asset: Count
    offset: Count
    data: memoryview


class Done(msgspec.Struct, frozen=True, kw_only=True, tag="done", tag_field="type"):
    """The good end of a request."""

    seq: Count = 0
    id: Count
    result: Plain
    timing: dict[str, float]


class Error(msgspec.Struct, frozen=True, kw_only=True, tag="error", tag_field="type", omit_defaults=True):
    """The bad end of a request, or, without `id`, a complaint about the connection."""

    seq: Count = 0
    id: Count | None = None
    code: str
    message: str
    retryable: bool
    retry_after_s: float | None = None
    field: str | None = None


class Forgotten(msgspec.Struct, frozen=True, kw_only=True, tag="forgotten", tag_field="type"):
    """What was erased."""

    seq: Count = 0
    scope: str
    items: Count


class GoAway(msgspec.Struct, frozen=True, kw_only=True, tag="goaway", tag_field="type"):
    """The server drains."""

    reconnect_after_s: float
    reason: str


class Pong(msgspec.Struct, frozen=True, kw_only=True, tag="pong", tag_field="type"):
    """The answer to `ping`."""

    t: Number
    server_s: float


ClientMessage = Hello | Request | Cancel | Context | Credit | Ack | Skip | Heard | Forget | Ping
SequencedMessage = Accepted | Progress | Text | Action | AssetHeader | Done | Error | Forgotten
ServerMessage = SequencedMessage | Welcome | Chunk | GoAway | Pong
End = Done | Error
