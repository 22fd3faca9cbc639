"""Every setting, one frozen section per part, read from defaults, `vrbridge.toml`, environment and flags.

Later sources win: defaults < `vrbridge.toml` < environment (`VRBRIDGE_SERVER__PORT=9000`) < flags.
A section in a section is written `[texture.comfyui]`, or `VRBRIDGE_TEXTURE__COMFYUI__URL`.
Unknown names are refused with the nearest known one.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
import platformdirs
from msgspec import Meta

from vrbridge import settings_sources
from vrbridge.errors import SettingsError
from vrbridge.generator_settings import MeshSettings, TextureSettings

_MAX_NAME_CHARACTERS = 16


class ServerSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Where the server listens and whom it lets in."""

    host: str = "127.0.0.1"
    port: int = 8765
    """0 takes any free port."""
    name: str = ""
    """Tells servers behind one address apart: up to 16 letters and digits, with which the ids of its sessions
    begin; see `assets/gateways/README.md`. Empty: there is only this one."""
    origins: tuple[str, ...] = ()
    """Browser origins let in besides pages of the same host, such as `https://example.org`."""
    authentication: bool | None = None
    """None: on unless the server listens on loopback only. It can't be off elsewhere."""
    token_key_file: str | None = None
    """File with the key that signs tokens, the same for all servers behind one address: 32 random bytes, or
    64 hexadecimal digits. None: `token.key` in the data folder, made on first use."""
    certificate: str | None = None
    """PEM file of a certificate, for `wss://` and `https://`. None: without TLS."""
    certificate_key: str | None = None
    """PEM file of its private key."""
    mounts: dict[str, str] = {}
    """Name → folder of further pages, shown under `/name/`, such as a game's web build."""
    drain_s: float = 20.0
    """How long running requests may take to finish after SIGTERM."""

    def __post_init__(self) -> None:
        """Refuse a name that could not stand in an address, or not be told from the rest of an id."""
        is_plain = self.name.isascii() and self.name.isalnum() and len(self.name) <= _MAX_NAME_CHARACTERS
        if self.name and not is_plain:
            raise ValueError(
                f"`server.name` has up to {_MAX_NAME_CHARACTERS} letters and digits, such as a or eu1; "
                f"{self.name!r} has not"
            )


class LimitSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Bounds that protect the server and are told to clients in `welcome`."""

    max_message_bytes: int = 1 << 20
    max_hello_bytes: int = 8192
    hello_timeout_s: float = 5.0
    max_open_requests: int = 32
    """Requests of one session that may be unfinished."""
    max_connections: int = 1000
    max_messages_hz: float = 200.0
    """Messages a second from one connection, averaged over two seconds; beyond that close 4429."""
    context_hz: float = 20.0
    resume_window_s: float = 120.0
    away_grace_s: float = 45.0
    """Materials and props that a player waits for are stopped once nobody was connected for so long."""
    replay_messages: int = 4096
    """Unacknowledged messages kept for one session."""
    max_kept_mb: int = 256
    """Assets of one session that are kept until their request's end is acknowledged."""
    stall_s: float = 8.0
    """A client that takes nothing for so long while data waits is aborted."""
    max_backlog_s: float = 30.0
    """Estimated seconds that a request may wait for a worker before it is `overloaded`."""
    max_session_backlog_s: float = 30.0
    """Estimated seconds of generator work of one session that may wait and run."""
    degrade: bool = True
    """Whether a material is made smaller before it is `overloaded`, once what waits ahead of it takes half of
    `max_backlog_s`, and the smaller the more it takes; the client is told."""
    max_answer_wait_s: float = 8.0
    """Estimated seconds that a dialogue request may wait for its turn; one session may fill half of that."""


class DialogueSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which language model speaks, and how."""

    url: str | None = None
    """Base URL of an OpenAI-compatible endpoint, such as `http://127.0.0.1:11434/v1`.
    None: the embedded model."""
    model: str = "smollm2-135m-instruct"
    """Catalogue name for the embedded model, or the endpoint's model name."""
    api_key_env: str | None = None
    """Name of the environment variable that holds the endpoint's key."""
    actions: str = "auto"
    """How actions are chosen: `tools` (the endpoint's tool calls), `grammar` (constrained by JSON schema),
    or `auto` (grammar for the embedded model, tools elsewhere)."""
    prompt: str = "auto"
    """What the model is told: `full`, `brief` (for small models, which get one line to put into words), or
    `auto` (brief for the embedded model, full elsewhere)."""
    max_tokens: int = 160
    temperature: float = 0.7
    context_tokens: int = 2048
    """Tokens of prompt and answer together that one conversation may use."""
    slots: int = 8
    """Answers at once; as many as the endpoint gives without slowing down."""
    threads: int = 0
    """Threads of the embedded model; 0 takes two to four, and leaves a core free where it can."""
    connect_timeout_s: float = 5.0
    token_timeout_s: float = 30.0
    """Longest silence of the endpoint in the middle of an answer."""
    personas: str | None = None
    """Folder with the user's own personas; they win over the bundled ones."""


class WorkerSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What runs generators and encoders."""

    executor: Literal["processes", "ray"] = "processes"
    """Processes of this machine, or a Ray cluster; see `[ray]`."""
    count: int = 2
    threads: int = 0
    """Threads of one worker; 0: twice its share of the cores."""
    start_timeout_s: float = 60.0
    hang_s: float = 30.0
    """A job that yields nothing for so long is taken for hung; its worker is ended and restarted."""
    max_memory_mb: int = 0
    """Address-space growth one worker may reach before it is refused more; 0 sets no bound."""


class GpuSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Where the embedded networks run, and how they share a graphics card with a game."""

    device: str = "auto"
    """`auto`: CUDA cards if there are any, else the CPU; `cuda`: all CUDA cards, of which workers take turns;
    `cuda:1`: that one; `mps`; or `cpu`."""
    max_vram_mb: Annotated[int, Meta(ge=0)] = 0
    """Memory of one card that networks of all workers on it may take together; 0 sets no bound. CUDA itself
    takes some 300 to 500 MB for each worker besides."""
    yield_ms: Annotated[float, Meta(ge=0, le=100)] = 0.0
    """How long the card is left alone after every few milliseconds of work, so that a game on it keeps its
    frame rate; 0: not at all. Materials take longer by as much."""


class RaySettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A Ray cluster that runs generators in place of processes; needs the extra `vrbridge[ray]`."""

    address: str = "auto"
    """`auto`: the cluster that this machine is part of (`vrbridge workers` makes it so); `HOST:PORT`; or
    `local`: one of this machine alone, which ends with the server."""
    application: str = "vrbridge"
    """Name of the Serve application. Gateways that share it share its replicas, and need the same settings
    of generators; replicas stay when gateways end (`serve shutdown` ends them)."""
    min_replicas: Annotated[int, Meta(ge=1)] = 1
    max_replicas: Annotated[int, Meta(ge=1)] = 8
    """Ray adds replicas while more waits than those that run can take, and machines have room."""
    cpus: Annotated[float, Meta(gt=0)] = 1.0
    """Cores that one replica takes."""
    gpus: Annotated[float, Meta(ge=0)] = 0.0
    """Graphics cards that one replica takes; may be a fraction."""
    resources: dict[str, float] = {}
    """Further resources that its machine must offer, such as `{ vrbridge = 1 }`, which those that joined by
    `vrbridge workers` do."""
    start_timeout_s: Annotated[float, Meta(gt=0)] = 180.0
    """Until the cluster is joined and a first replica is ready."""


class MemorySettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is kept, where, and how much of it."""

    data: str | None = None
    """Folder for conversations, assets and the signing key. None: the user's data folder."""
    cache: str | None = None
    """Folder for models. None: the user's cache folder."""
    max_asset_mb: int = 2048
    """Size of the asset store; the least recently used go first."""
    max_turns: int = 200
    """Turns kept of one (player, character) conversation."""
    url: str | None = None
    """`postgresql://USER:PASSWORD@HOST/DATABASE`, where several servers share conversations; needs the extra
    `vrbridge[postgres]`. With a password in it, it is better said in VRBRIDGE_MEMORY__URL than in a file; a
    password that it leaves out comes from where libpq looks: PGPASSWORD, PGPASSFILE, `~/.pgpass`. None:
    conversations are in a file of the data folder."""
    connections: Annotated[int, Meta(ge=1, le=64)] = 4
    """To that database; so many slow calls hold nobody else up."""

    def __repr__(self) -> str:
        return f"MemorySettings({', '.join(f'{name}={value!r}' for name, value in self.__rich_repr__())})"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        shown = msgspec.structs.asdict(self)
        # It may hold a password.
        return list((shown | {"url": "…" if self.url else None}).items())


class AssetSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A bucket through which several servers share assets and results; needs the extra `vrbridge[s3]`."""

    url: str | None = None
    """`s3://bucket/folder`, or likewise `gs://` or `az://`. None: this server has its own folder only.
    Credentials are never written here: they come from the environment (`AWS_ACCESS_KEY_ID`,
    `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN`, a web identity) or from the machine's role."""
    endpoint: str | None = None
    """Address of a server that speaks S3, such as `http://127.0.0.1:9000` for MinIO. None: Amazon's."""
    region: str | None = None
    """Of the bucket. None: `AWS_REGION`, else us-east-1."""
    virtual_host: bool = False
    """Whether the bucket's name goes in front of the host name, as some providers demand, instead of into
    the path."""
    lookup_timeout_s: Annotated[float, Meta(gt=0, le=60)] = 0.25
    """What asking the bucket may add to a request before it is made without having an answer."""
    fetch_timeout_s: Annotated[float, Meta(gt=0, le=600)] = 3.0
    """How long the bytes of a result that was found there may take before it is made anew."""
    connect_timeout_s: Annotated[float, Meta(gt=0, le=60)] = 5.0
    transfer_timeout_s: Annotated[float, Meta(gt=0, le=3600)] = 60.0
    """For one object, and for forgetting somebody; the same on all servers, since so long after a `forget`
    the others share nothing of that player's."""
    start_timeout_s: Annotated[float, Meta(gt=0, le=600)] = 15.0
    """For the look at the bucket when the server starts."""
    notice_every_s: Annotated[float, Meta(gt=0)] = 60.0
    """How often the server looks whom it has to forget because they asked another one to."""
    max_waiting_mb: Annotated[int, Meta(ge=1)] = 256
    """Assets that wait to be uploaded, while the bucket is slow or away; beyond that they are not shared."""
    flush_s: Annotated[float, Meta(ge=0, le=600)] = 10.0
    """How long uploads may go on when the server stops."""


class SafetySettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What may be asked and answered."""

    enabled: bool = True
    blocked_terms: tuple[str, ...] = ()
    """Words or phrases to refuse besides the bundled list."""


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """All sections; a part of the program gets its own section, never the whole."""

    server: ServerSettings = ServerSettings()
    limits: LimitSettings = LimitSettings()
    dialogue: DialogueSettings = DialogueSettings()
    workers: WorkerSettings = WorkerSettings()
    gpu: GpuSettings = GpuSettings()
    ray: RaySettings = RaySettings()
    texture: TextureSettings = TextureSettings()
    mesh: MeshSettings = MeshSettings()
    memory: MemorySettings = MemorySettings()
    assets: AssetSettings = AssetSettings()
    safety: SafetySettings = SafetySettings()

    @property
    def data_dir(self) -> Path:
        """Folder for everything that is kept."""
        return Path(self.memory.data) if self.memory.data else platformdirs.user_data_path("vrbridge")

    @property
    def cache_dir(self) -> Path:
        """Folder for models that can be pulled again, and what can be made again."""
        return Path(self.memory.cache) if self.memory.cache else platformdirs.user_cache_path("vrbridge")


def assets_dir() -> Path:
    """Return the folder of bundled assets, in a wheel or in a checkout."""
    package = Path(__file__).resolve().parent
    packed = package / "_assets"
    return packed if packed.is_dir() else package.parent / "assets"


def webxr_dir() -> Path:
    """Return the folder of the WebXR client and its demo page, in a wheel or in a checkout."""
    package = Path(__file__).resolve().parent
    packed = package / "_webxr"
    return packed if packed.is_dir() else package.parent / "engine_clients" / "webxr"


def load(
    file: Path | None = None,
    *,
    environment: Mapping[str, str] | None = None,
    flags: Mapping[str, Mapping[str, Any]] | None = None,
) -> Settings:
    """Return the settings of all sources together.

    Args:
        file: A TOML file. None: `vrbridge.toml` of the working directory if there is one.
        environment: Variables such as `VRBRIDGE_LIMITS__CONTEXT_HZ`. None: the process's own.
        flags: Section → name → value; values of None are passed over.

    Raises:
        SettingsError: If a file can't be read, a name is unknown, or a value has the wrong type or range.
    """
    merged = settings_sources.merged(
        file, environment=os.environ if environment is None else environment, flags=flags or {}
    )
    settings_sources.refuse_unknown(merged, Settings)
    try:
        # Environment values are text: strict=False reads "9000" as a number and "true" as a boolean.
        return msgspec.convert(merged, Settings, strict=False)
    except msgspec.ValidationError as error:
        raise SettingsError(f"Settings: {error}") from error
