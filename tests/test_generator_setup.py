"""What workers are told, here and on other machines."""

import msgspec
import pytest

from vrbridge import remote_generators
from vrbridge.errors import ModelError
from vrbridge.generator_setup import fingerprint, remote_config, worker_config
from vrbridge.memory.catalogue import Catalogue
from vrbridge.settings import Settings, TextureSettings

pytestmark = pytest.mark.models


def test_another_machine_is_told_what_is_made_and_no_path_of_this_one(catalogue: Catalogue) -> None:
    settings = Settings()
    config = remote_config(settings, catalogue)
    assert set(config["models"]) >= {"textures-1", "meshes-1"}
    text = msgspec.json.encode(config).decode()
    assert str(settings.cache_dir) not in text
    assert str(settings.data_dir) not in text


def test_gateways_share_replicas_only_if_they_make_the_same(catalogue: Catalogue) -> None:
    mine = fingerprint(remote_config(Settings(), catalogue))
    assert mine == fingerprint(remote_config(Settings(), catalogue))
    other = Settings(texture=TextureSettings(generator="parametric"))
    assert mine != fingerprint(remote_config(other, catalogue))


def test_workers_here_find_every_model_by_its_path(catalogue: Catalogue) -> None:
    config = worker_config(Settings(), catalogue)
    assert config["texture_generator"] in config["textures"]
    assert config["mesh_generator"] in config["meshes"]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"version": "0.0.9"}, "same version on all machines"),
        ({"models": {"textures-1": "0" * 64}}, "not the same textures-1"),
        ({"models": {"mountains-7": "0" * 64}}, "not the same mountains-7"),
    ],
    ids=["another version", "another file", "a model that is not here"],
)
def test_a_machine_that_would_make_something_else_does_not_start(
    catalogue: Catalogue, change: dict[str, object], reason: str
) -> None:
    config = remote_config(Settings(), catalogue) | {"threads": 1} | change
    with pytest.raises(ModelError, match=reason):
        remote_generators.create(config)
