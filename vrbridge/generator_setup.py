"""What workers need to know to load the generators that the settings name, on this machine or on another."""

import hashlib
from collections.abc import Mapping
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

import msgspec

import vrbridge
from vrbridge.errors import SettingsError
from vrbridge.generator_settings import MeshSettings, TextureSettings
from vrbridge.generators.device_choice import AUTO, CPU, CUDA
from vrbridge.memory.catalogue import Catalogue
from vrbridge.offers import MESH_KINDS, model_path, networks_here
from vrbridge.settings import GpuSettings, Settings

FACTORY_ELSEWHERE = "vrbridge.remote_generators:create"
TEXT_ENCODER = "minilm-l6-v2"
# Of the cache folder.
_SENTENCES = "sentences"
_LOCKS = "locks"


class RemoteConfig(msgspec.Struct, frozen=True, kw_only=True):
    """What a machine that joined is told; it finds models in its own cache folder.

    Args:
        version: Of vrbridge at the gateway.
        models: SHA-256 of every model that is offered, by name.
        texture: The gateway's section.
        mesh: The gateway's section.
        gpu: What one replica makes of the gateway's section.
        threads: Of torch.
    """

    version: str
    models: dict[str, str]
    texture: TextureSettings
    mesh: MeshSettings
    gpu: GpuSettings
    threads: int = 1


def worker_config(settings: Settings, catalogue: Catalogue) -> dict[str, Any]:
    """Return the configuration of `vrbridge.jobs.work:create`, without `threads`.

    Raises:
        ModelError: If a model is not here.
    """
    return {
        "text_encoder": str(model_path(catalogue, TEXT_ENCODER)),
        "sentences": str(settings.cache_dir / _SENTENCES),
        "textures": _paths(catalogue, "texture"),
        "texture_generator": settings.texture.generator,
        "meshes": {name: path for kind in MESH_KINDS for name, path in _paths(catalogue, kind).items()},
        "mesh_generator": settings.mesh.generator,
        "mesh_settings": (
            msgspec.to_builtins(settings.mesh) if settings.mesh.backend != "embedded" else None
        ),
        "locks": str(settings.cache_dir / _LOCKS),
        "texture_settings": (
            msgspec.to_builtins(settings.texture) if settings.texture.backend != "embedded" else None
        ),
        "gpu": msgspec.to_builtins(settings.gpu),
    }


def remote_config(settings: Settings, catalogue: Catalogue) -> dict[str, Any]:
    """Return the configuration of `vrbridge.remote_generators:create`, without `threads`.

    Raises:
        SettingsError: If replicas can't have the device that is set.
    """
    config = RemoteConfig(
        version=vrbridge.__version__,
        models=generators_here(catalogue),
        texture=settings.texture,
        mesh=settings.mesh,
        gpu=gpu_of_replica(settings.gpu, settings.ray.gpus),
    )
    plain: dict[str, Any] = msgspec.to_builtins(config)
    del plain["threads"]
    return plain


def gpu_of_replica(gpu: GpuSettings, n_gpus: float) -> GpuSettings:
    """Return the section for a replica, which sees only the cards that Ray gives it, numbered from 0.

    Args:
        gpu: The gateway's section.
        n_gpus: Cards of one replica; may be a fraction.

    Raises:
        SettingsError: If it names a card that a replica doesn't have.
    """
    if ":" in gpu.device:
        raise SettingsError('Ray chooses the cards: set `gpu.device = "cuda"`, and `ray.gpus` to how many.')
    if n_gpus:
        share = max(1, int(gpu.max_vram_mb * min(1.0, n_gpus))) if gpu.max_vram_mb else 0
        # A machine whose torch can't use the card that it is given must not make do in silence.
        device = CUDA if gpu.device == AUTO else gpu.device
        return msgspec.structs.replace(gpu, device=device, max_vram_mb=share)
    if gpu.device == CUDA:
        raise SettingsError(
            "Replicas have no card while `ray.gpus` is 0; 1 gives each its own, 0.5 half of one."
        )
    return msgspec.structs.replace(gpu, device=CPU) if gpu.device == AUTO else gpu


def servers_beside_replicas(settings: Settings) -> list[str]:
    """Return the settings whose server each replica would look for on its own machine."""
    addresses = {
        "texture.comfyui.url": settings.texture.comfyui.url if settings.texture.backend == "comfyui" else "",
        "mesh.http.url": settings.mesh.http.url if settings.mesh.backend == "http" else "",
        "mesh.hunyuan3d.url": settings.mesh.hunyuan3d.url if settings.mesh.backend == "hunyuan3d" else "",
    }
    if settings.ray.address == "local":
        return []
    return [name for name, url in addresses.items() if _is_of_one_machine(url)]


def _is_of_one_machine(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def fingerprint(config: Mapping[str, Any]) -> str:
    """Return 16 hex digits of all that decides what is made."""
    return hashlib.sha256(msgspec.json.encode(config, order="deterministic")).hexdigest()[:16]


def _paths(catalogue: Catalogue, kind: str) -> dict[str, str]:
    return {name: str(model_path(catalogue, name)) for name in networks_here(catalogue, kind)}


def generators_here(catalogue: Catalogue) -> dict[str, str]:
    """Return the SHA-256 of every texture and mesh model that is here, by name."""
    kinds = ("texture", *MESH_KINDS)
    return {name: digest for kind in kinds for name, digest in networks_here(catalogue, kind).items()}
