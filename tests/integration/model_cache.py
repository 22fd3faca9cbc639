"""A cache of models of a test's own: the usual ones, and a texture network more."""

from pathlib import Path

from tests.generators.texture.random_network import random_weights
from vrbridge.memory.catalogue import Catalogue
from vrbridge.settings import Settings, assets_dir


def cache_with_network(folder: Path, name: str) -> Path:
    """Return a cache folder below `folder` that has every model of the user's, and an untrained network.

    Args:
        folder: Of the test.
        name: How the catalogue calls the network.
    """
    cache = folder / "cache"
    models = cache / "models"
    models.mkdir(parents=True)
    for model in (Settings().cache_dir / "models").iterdir():
        if model.is_dir() and not model.name.startswith("."):
            (models / model.name).symlink_to(model)
    catalogue = Catalogue.load(assets_dir(), cache)
    catalogue.add(name, random_weights(folder), kind="texture", license="CC0-1.0")
    catalogue.pull(name)
    return cache
