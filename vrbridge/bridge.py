"""Puts all parts together; the only module that knows them all."""

import asyncio
import logging
import signal
import socket
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from functools import partial
from importlib.util import find_spec
from pathlib import Path

from vrbridge.errors import SettingsError
from vrbridge.generator_setup import (
    FACTORY_ELSEWHERE,
    fingerprint,
    remote_config,
    servers_beside_replicas,
    worker_config,
)
from vrbridge.generators import texture as textures
from vrbridge.generators.device_choice import check_device
from vrbridge.jobs.asset_keeper import AssetKeeper
from vrbridge.jobs.conversation_keeper import ConversationKeeper
from vrbridge.jobs.device import WorkerDevices, devices_of
from vrbridge.jobs.dialogue import DialogueKind
from vrbridge.jobs.dialogue_answer import Answerer, answer_settings
from vrbridge.jobs.dialogue_prompt import read_templates
from vrbridge.jobs.embedding import WorkerEmbed
from vrbridge.jobs.generated import GeneratedAssets
from vrbridge.jobs.kind import Kind
from vrbridge.jobs.material import MaterialKind
from vrbridge.jobs.mesh import MeshKind, MeshOffer
from vrbridge.jobs.remembrance import Remembrance
from vrbridge.jobs.texture import TextureKind, TextureOffer
from vrbridge.language_model import LanguageModel
from vrbridge.memory import conversation_choice
from vrbridge.memory.asset_store import AssetStore
from vrbridge.memory.catalogue import Catalogue
from vrbridge.memory.personas import Personas
from vrbridge.memory.result_cache import ResultCache
from vrbridge.metrics import Metrics
from vrbridge.offers import map_model, mesh_offer, model_path, texture_offer
from vrbridge.safety.rules import SafetyRules
from vrbridge.safety.spoken import SpokenCheck
from vrbridge.scheduling.ordered_threads import OrderedThreads
from vrbridge.scheduling.pool import WorkerPool
from vrbridge.scheduling.ray_executor import RayExecutor
from vrbridge.scheduling.scheduler import Scheduler
from vrbridge.scheduling.threads import Threads
from vrbridge.server.access import Access
from vrbridge.server.dispatch import Dispatch
from vrbridge.server.garbage import look_seldom
from vrbridge.server.listener import Listener
from vrbridge.server.loop_lag import measured_lag
from vrbridge.server.pages import Pages
from vrbridge.server.sessions import Sessions
from vrbridge.server.static_site import StaticSite
from vrbridge.server.tokens import Tokens, signing_key
from vrbridge.settings import ServerSettings, Settings, assets_dir, webxr_dir
from vrbridge.sharing import Sharing, shared_assets

WORK_FACTORY = "vrbridge.jobs.work:create"
# Longest wait for a memory that is somewhere else; the answer goes on without it.
_SHARED_MEMORY_S = 2.0

_log = logging.getLogger(__name__)


def run(settings: Settings, *, announce: Callable[[str], None]) -> None:
    """Run `serve` on the fastest event loop there is."""
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        runner.run(serve(settings, announce=announce))


async def serve(settings: Settings, *, announce: Callable[[str], None]) -> None:
    """Run the server until SIGTERM or SIGINT, then let running requests finish.

    Args:
        settings: All of them.
        announce: Called once with the address for engines, when every default kind can be answered.

    Raises:
        SettingsError: If the settings can't be used.
        ModelError: If a model is missing.
        Unavailable: If a generator or the language model does not start.
        OSError: If the address can't be used.
    """
    stop = asyncio.Event()
    starting = asyncio.current_task()
    assert starting is not None, "a coroutine runs in a task"

    def end() -> None:
        # A start has nothing to finish, and may take long: it is given up at once, and cleanly.
        if not stop.is_set() and not is_ready:
            starting.cancel()
        stop.set()

    is_ready = False
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, end)
    async with AsyncExitStack() as stack:
        try:
            listener = await stack.enter_async_context(running(settings))
        except asyncio.CancelledError:
            if not stop.is_set():
                raise
            starting.uncancel()
            return
        is_ready = True
        look_seldom()
        announce(listener.url)
        await stop.wait()
        _log.info("Stopping: running requests may finish")
        await listener.drain()


@asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[Listener]:
    """Start all parts, hand out the listener, and stop them in the opposite order."""
    _check_address(settings.server)
    metrics = _metrics(settings.server)
    catalogue = Catalogue.load(assets_dir(), settings.cache_dir)
    # Before models are loaded for seconds: what is set wrong is said at once.
    textures_offered = texture_offer(settings, catalogue)
    meshes_offered = mesh_offer(settings, catalogue)
    if settings.workers.executor == "processes":
        await asyncio.to_thread(check_device, settings.gpu.device)
    with _usable_data_folder():
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        key = signing_key(settings.server.token_key_file, settings.data_dir)
    access = Access(settings.server, Tokens(key))
    rules = SafetyRules.load(settings.safety, assets_dir())
    async with AsyncExitStack() as stack:
        disk = await stack.enter_async_context(Threads(1, name="disk"))
        shared = await stack.enter_async_context(shared_assets(settings.assets, metrics))
        with _usable_data_folder():
            keeper = await disk.run(_open_keeper, settings, disk, shared, metrics)
            if shared is not None:
                await stack.enter_async_context(shared.heeding(keeper.forget_copies))
            conversations = await stack.enter_async_context(_conversations(settings, metrics))
        pool = _executor(settings, catalogue, metrics)
        language = LanguageModel(
            settings.dialogue,
            _language_file(settings, catalogue),
            start_timeout_s=settings.workers.start_timeout_s,
        )
        dialogue = _dialogue(settings, language, conversations, pool.scheduler, rules, catalogue, metrics)
        # One after the other: the model's threads wait for each other in loops, and take up to six times as
        # long where workers load beside them.
        await stack.enter_async_context(language)
        await stack.enter_async_context(pool)
        devices = await devices_of(pool.scheduler)
        _note_devices(devices, metrics)
        await dialogue.prepare()
        # Not before: the model's threads leave nothing to the workers, which everything else waits for.
        await stack.enter_async_context(language.read_ahead(dialogue.warm))
        kinds: dict[str, Kind] = {"dialogue": dialogue} | _generated(
            settings,
            textures_offered,
            meshes_offered,
            map_model(settings, catalogue),
            devices.own.kind,
            pool.scheduler,
            keeper,
            rules,
        )
        sessions = Sessions(settings.limits, metrics, keeper, server=settings.server.name)
        stack.push_async_callback(sessions.close)
        dispatch = Dispatch(kinds, Remembrance(conversations, keeper), settings.limits, metrics)
        for name, kind in kinds.items():
            metrics.watch_part(name, partial(_is_available, kind))
        metrics.watch_workers(n_ready=lambda: pool.n_ready, n_configured=lambda: pool.n_workers)
        metrics.watch_answers(n_running=lambda: dialogue.n_running, n_waiting=lambda: dialogue.n_waiting)
        pages = Pages(
            access=access,
            assets=keeper,
            metrics=metrics,
            parts=partial(_parts, kinds, pool, dispatch),
            site=_site(settings.server.mounts),
            disk=await stack.enter_async_context(Threads(1, name="pages")),
            name=settings.server.name,
        )
        await stack.enter_async_context(measured_lag(metrics))
        yield await stack.enter_async_context(
            Listener(
                settings.server,
                limits=settings.limits,
                access=access,
                sessions=sessions,
                dispatch=dispatch,
                pages=pages,
                metrics=metrics,
            )
        )


def _metrics(server: ServerSettings) -> Metrics:
    metrics = Metrics()
    if server.name:
        metrics.named(server.name)
    return metrics


def _check_address(server: ServerSettings) -> None:
    """Raise OSError for an address that can't be used, before models are loaded for seconds."""
    if server.port:
        family = socket.AF_INET6 if ":" in server.host else socket.AF_INET
        socket.create_server((server.host, server.port), family=family).close()


def _site(mounts: Mapping[str, str]) -> StaticSite:
    """Return the page for people, the WebXR client that pages import, and further pages.

    Raises:
        SettingsError: If one can't be shown.
    """
    taken = {"ws", "healthz", "readyz", "metrics", "assets"}
    for name, folder in mounts.items():
        if not name.isidentifier() or name in taken:
            raise SettingsError(f"`server.mounts` can't show a folder at /{name}/; take another name.")
        if not Path(folder).is_dir():
            raise SettingsError(f"`server.mounts.{name}` is no folder.")
    client = webxr_dir()
    folders = {name: Path(folder) for name, folder in mounts.items()}
    return StaticSite(client / "demo", {"webxr": client} | folders)


@contextmanager
def _usable_data_folder() -> Iterator[None]:
    """Say what is wrong if the folder can't be used, which is not the address."""
    try:
        yield
    except OSError as error:
        raise SettingsError(
            f"The data folder can't be used: {error.strerror or type(error).__name__}."
        ) from error


def _language_file(settings: Settings, catalogue: Catalogue) -> Path | None:
    """Return the file of the embedded language model, or None if another endpoint speaks."""
    return model_path(catalogue, settings.dialogue.model) if settings.dialogue.url is None else None


@asynccontextmanager
async def _conversations(settings: Settings, metrics: Metrics) -> AsyncIterator[ConversationKeeper]:
    memory = conversation_choice.chosen(settings.memory, settings.data_dir, on_lost=metrics.memory_lost)
    is_shared = settings.memory.url is not None
    # Threads of their own: what was said is not looked up behind the writing of a large asset.
    async with OrderedThreads(
        settings.memory.connections if is_shared else 1,
        name="conversations",
        max_wait_s=_SHARED_MEMORY_S if is_shared else None,
    ) as threads:
        keeper = ConversationKeeper(memory, threads, on_lost=metrics.memory_lost)
        await keeper.open()
        try:
            yield keeper
        finally:
            await keeper.close()


def _dialogue(
    settings: Settings,
    language: LanguageModel,
    conversations: ConversationKeeper,
    scheduler: Scheduler,
    rules: SafetyRules,
    catalogue: Catalogue,
    metrics: Metrics,
) -> DialogueKind:
    dialogue = settings.dialogue
    own = (Path(dialogue.personas),) if dialogue.personas else ()
    answerer = Answerer(
        language.chat,
        conversations,
        WorkerEmbed(scheduler),
        read_templates(assets_dir() / "prompts"),
        answer_settings(dialogue),
        new_check=partial(SpokenCheck, rules, "text"),
    )
    return DialogueKind(
        answerer,
        language.chat,
        Personas((assets_dir() / "personas", *own)),
        check_text=rules.check,
        slots=dialogue.slots,
        max_wait_s=settings.limits.max_answer_wait_s,
        max_tokens=dialogue.max_tokens,
        model=dialogue.model,
        license=catalogue.entry(dialogue.model).license if dialogue.url is None else None,
        wait_for_model=language.wait if dialogue.url is None else None,
        on_waste=metrics.wasted,
    )


def _executor(settings: Settings, catalogue: Catalogue, metrics: Metrics) -> WorkerPool | RayExecutor:
    workers = settings.workers
    if workers.executor == "ray":
        _check_ray()
        config = remote_config(settings, catalogue)
        for name in servers_beside_replicas(settings):
            _log.warning("`%s` is a loopback address: each machine of the cluster looks on itself", name)
        return RayExecutor(
            factory=FACTORY_ELSEWHERE,
            config=config,
            fingerprint=fingerprint(config),
            settings=settings.ray,
            hang_s=workers.hang_s,
            threads=workers.threads,
            limits=settings.limits,
            metrics=metrics,
        )
    return WorkerPool(
        factory=WORK_FACTORY,
        config=worker_config(settings, catalogue),
        settings=workers,
        limits=settings.limits,
        metrics=metrics,
    )


def _note_devices(devices: WorkerDevices, metrics: Metrics) -> None:
    own = devices.own
    manner = f"{own.model}, {own.dtype}" if own.model else own.dtype
    _log.info("Networks run on %s (%s)", ", ".join(devices.names), manner)
    metrics.workers_run_on(devices.names, model=own.model, dtype=own.dtype, memory_bytes=own.memory_bytes)


def _check_ray() -> None:
    if find_spec("ray") is None:  # not imported here: it belongs to a process of its own
        raise SettingsError("The executor is Ray, which isn't installed: `pip install 'vrbridge[ray]'`.")


def _open_keeper(settings: Settings, disk: Threads, shared: Sharing | None, metrics: Metrics) -> AssetKeeper:
    store = AssetStore(settings.data_dir / "assets", max_bytes=settings.memory.max_asset_mb << 20)
    cache = ResultCache(settings.data_dir / "results", store, on_lost=metrics.memory_lost)
    return AssetKeeper(store, cache, disk, shared=shared)


def _generated(
    settings: Settings,
    textures_offered: TextureOffer,
    meshes_offered: MeshOffer,
    pictures_read_by: tuple[str, str | None],
    device: str,
    scheduler: Scheduler,
    keeper: AssetKeeper,
    rules: SafetyRules,
) -> dict[str, Kind]:
    def assets(kind: str, model: str) -> GeneratedAssets:
        return GeneratedAssets(
            kind,
            model=model,
            device=device,
            workers=scheduler,
            keeper=keeper,
            degrades=settings.limits.degrade,
        )

    return {
        "texture": TextureKind(
            # Rules help whatever network is the default.
            assets("texture", f"{textures_offered.model}+{textures.MODEL}"),
            offer=textures_offered,
            max_size_px=settings.texture.max_size_px,
            check_text=rules.check,
        ),
        "material": MaterialKind(
            assets("material", pictures_read_by[0]),
            model=pictures_read_by[0],
            weights=pictures_read_by[1],
            max_size_px=settings.texture.max_size_px,
        ),
        "mesh": MeshKind(
            assets("mesh", meshes_offered.model),
            offer=meshes_offered,
            max_faces=settings.mesh.max_faces,
            max_texture_px=settings.texture.max_size_px,
            check_text=rules.check,
        ),
    }


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        import uvloop
    except ImportError:  # not on every system
        return None
    return uvloop.new_event_loop


def _is_available(kind: Kind) -> bool:
    return kind.capability() is not None


def _parts(kinds: Mapping[str, Kind], pool: WorkerPool | RayExecutor, dispatch: Dispatch) -> dict[str, bool]:
    parts = {name: _is_available(kind) for name, kind in kinds.items()}
    return parts | {"workers": pool.n_ready == pool.n_workers, "server": not dispatch.is_draining}
