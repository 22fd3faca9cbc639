"""Generators on a machine that joined a cluster, for a server elsewhere."""

from collections.abc import Mapping
from typing import Any

import msgspec

import vrbridge
from vrbridge.errors import ModelError
from vrbridge.generator_setup import RemoteConfig, generators_here, worker_config
from vrbridge.jobs.work import Handler
from vrbridge.jobs.work import create as create_here
from vrbridge.memory.catalogue import Catalogue
from vrbridge.settings import MemorySettings, Settings, assets_dir, load


def create(config: dict[str, Any]) -> Mapping[str, Handler]:
    """Load the generators that a server offers, from this machine's own cache folder.

    Args:
        config: A `RemoteConfig` as plain data.

    Raises:
        ModelError: If this machine has another vrbridge, or not the same models.
    """
    wanted = msgspec.convert(config, RemoteConfig)
    if wanted.version != vrbridge.__version__:
        text = f"The server is vrbridge {wanted.version}, this machine has {vrbridge.__version__}."
        raise ModelError(text + " Install the same version on all machines.")
    settings = Settings(
        texture=wanted.texture,
        mesh=wanted.mesh,
        gpu=wanted.gpu,
        memory=MemorySettings(cache=load().memory.cache),
    )
    catalogue = Catalogue.load(assets_dir(), settings.cache_dir)
    here = generators_here(catalogue)
    missing = sorted(name for name, digest in wanted.models.items() if here.get(name) != digest)
    if missing:
        text = f"This machine has not the same {', '.join(missing)} as the server;"
        raise ModelError(f"{text} `vrbridge models pull` brings what the catalogue has.")
    return create_here(worker_config(settings, catalogue) | {"threads": wanted.threads})
