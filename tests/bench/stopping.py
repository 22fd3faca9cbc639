"""How soon a worker gives up what nobody wants any more."""

import time
from collections.abc import Mapping
from typing import Any, Final

from tests.bench.figures import Figure
from tests.scheduling.fakes import make_pool
from vrbridge import settings as configuration
from vrbridge.generator_setup import TEXT_ENCODER
from vrbridge.interruption import watch
from vrbridge.jobs.work import Handler, create
from vrbridge.memory.catalogue import Catalogue
from vrbridge.offers import MESH_KINDS, model_path, networks_here
from vrbridge.scheduling.allocator import keep_freed_memory
from vrbridge.settings import assets_dir

_N_ROUNDS: Final = 5
_N_STOPS: Final = 30
_SOON_MS: Final = 50.0
_TEXTURE: Final = {
    "prompt": "forest floor with leaves", "style": None, "maps": ["base_color", "normal", "orm"],
    "formats": ["bc1", "bc5"], "weights": None,
}  # fmt: skip
_MESH: Final = {
    "prompt": "wooden chair", "max_faces": 1500, "lods": 3, "size_m": None, "collider": True, "format": "glb",
    "texture_px": 0, "texture_formats": [], "unwrap": False, "weights": None,
}  # fmt: skip


async def figures() -> list[Figure]:
    """Return how soon a stop is heard between two steps, and how long the steps are."""
    heard_ms = await _heard_ms()
    note = "until the worker has done the next job, which does nothing"
    return [Figure("stop → heard between steps", heard_ms, "ms", _SOON_MS, note=note), *_step_figures()]


async def _heard_ms() -> list[float]:
    """Leave jobs that do nothing but look whether they are wanted."""
    late_ms = []
    async with make_pool() as pool:
        for _ in range(_N_STOPS):
            async with pool.scheduler.job("stepping", {}, session="s", tier=0, cost_s=1.0) as results:
                await anext(results)
            left = time.perf_counter()
            async with pool.scheduler.job("echo", {}, session="s", tier=0, cost_s=0.01) as results:
                await anext(results)
            late_ms.append((time.perf_counter() - left) * 1e3)
    return late_ms


def _step_figures() -> list[Figure]:
    """Carry orders out on one core, and note the longest stretch of each in which a stop goes unheard.

    In processor time, since a worker gives way to everything else.
    """
    # As in a worker.
    keep_freed_memory()
    handlers, texture, mesh = _handlers()
    orders: dict[str, tuple[str, dict[str, Any]]] = {
        "material of 512": ("texture", _TEXTURE | {"size_px": 512}),
        "material of 1024": ("texture", _TEXTURE | {"size_px": 1024}),
        "material of 2048": ("texture", _TEXTURE | {"size_px": 2048}),
        "material of 2048, by rules": ("texture", _TEXTURE | {"prompt": "mossy stone wall", "size_px": 2048}),
        "material of 2048, in ASTC": ("texture", _TEXTURE | {"size_px": 2048, "formats": ["astc4x4"]}),
        "material of 2048, in BC7": ("texture", _TEXTURE | {"size_px": 2048, "formats": ["bc7"]}),
        "material of 2048, as PNG": ("texture", _TEXTURE | {"size_px": 2048, "formats": ["png"]}),
        "thing": ("mesh", _MESH),
        "thing of 20,000 faces": ("mesh", _MESH | {"max_faces": 20_000}),
    }
    made = []
    for name, (kind, changes) in orders.items():
        order = {"generator": mesh if kind == "mesh" else texture} | changes
        longest = [_longest_ms(handlers[kind], order | {"seed": 1000 * n}) for n in range(_N_ROUNDS)]
        made.append(Figure(f"longest step, {name}", longest, "ms", _SOON_MS, note="processor time, one core"))
    return made


def _handlers() -> tuple[Mapping[str, Handler], str, str]:
    """Return what a worker can do, and the default generators of materials and things."""
    settings = configuration.load()
    catalogue = Catalogue.load(assets_dir(), settings.cache_dir)
    textures = {name: str(model_path(catalogue, name)) for name in networks_here(catalogue, "texture")}
    meshes = {
        name: str(model_path(catalogue, name))
        for kind in MESH_KINDS
        for name in networks_here(catalogue, kind)
    }
    config = {
        "text_encoder": str(model_path(catalogue, TEXT_ENCODER)),
        "textures": textures,
        "texture_generator": settings.texture.generator,
        "meshes": meshes,
        "mesh_generator": settings.mesh.generator,
        "threads": 1,
    }
    return create(config), settings.texture.generator, settings.mesh.generator


def _longest_ms(handler: Handler, order: dict[str, Any]) -> float:
    longest_s = 0.0
    last = time.process_time()

    def look() -> bool:
        nonlocal longest_s, last
        now = time.process_time()
        longest_s, last = max(longest_s, now - last), now
        return False

    watch(look)
    try:
        for _ in handler(order):
            look()
    finally:
        watch(None)
    return longest_s * 1e3
