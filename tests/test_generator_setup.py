"""What workers are told, here and on other machines."""

import msgspec
import pytest

from vrbridge import remote_generators
from vrbridge.errors import ModelError, SettingsError
from vrbridge.generator_settings import ComfyUiSettings, HttpMeshSettings, MeshSettings, TextureSettings
from vrbridge.generator_setup import (
    fingerprint,
    gpu_of_replica,
    remote_config,
    servers_beside_replicas,
    worker_config,
)
from vrbridge.memory.catalogue import Catalogue
from vrbridge.settings import GpuSettings, RaySettings, Settings

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


def test_workers_here_and_elsewhere_are_told_of_the_card(catalogue: Catalogue) -> None:
    gpu = GpuSettings(device="cuda", max_vram_mb=4096, yield_ms=2)
    settings = Settings(gpu=gpu, ray=RaySettings(gpus=0.5))
    assert msgspec.convert(worker_config(settings, catalogue)["gpu"], GpuSettings) == gpu
    elsewhere = msgspec.convert(remote_config(settings, catalogue)["gpu"], GpuSettings)
    assert elsewhere == GpuSettings(device="cuda", max_vram_mb=2048, yield_ms=2)


@pytest.mark.parametrize(
    ("url", "is_beside"),
    [
        ("http://127.0.0.1:8188", True),
        ("http://[::1]:8188/", True),
        ("https://localhost", True),
        ("http://192.168.1.9:8188", False),
        ("http://painter.example", False),
    ],
)
def test_servers_that_only_one_machine_reaches_are_known(url: str, is_beside: bool) -> None:
    cluster = RaySettings(address="192.168.1.20:6379")
    texture = TextureSettings(backend="comfyui", comfyui=ComfyUiSettings(url=url))
    mesh = MeshSettings(backend="http", http=HttpMeshSettings(url=url))
    names = ["texture.comfyui.url", "mesh.http.url"] if is_beside else []
    assert servers_beside_replicas(Settings(texture=texture, mesh=mesh, ray=cluster)) == names
    alone = Settings(texture=texture, mesh=mesh, ray=RaySettings(address="local"))
    assert servers_beside_replicas(alone) == []
    assert servers_beside_replicas(Settings(ray=cluster)) == []


@pytest.mark.parametrize(
    ("device", "n_gpus", "replica"),
    [("auto", 0, "cpu"), ("auto", 1, "cuda"), ("cuda", 0.25, "cuda"), ("cpu", 0, "cpu"), ("cpu", 1, "cpu")],
)
def test_a_replica_chooses_among_the_cards_that_it_is_given(device: str, n_gpus: float, replica: str) -> None:
    assert gpu_of_replica(GpuSettings(device=device), n_gpus) == GpuSettings(device=replica)


def test_a_replica_of_two_cards_has_no_larger_a_bound_than_one_card() -> None:
    assert gpu_of_replica(GpuSettings(max_vram_mb=4096), 2.0).max_vram_mb == 4096
    assert gpu_of_replica(GpuSettings(max_vram_mb=1), 0.1).max_vram_mb == 1


@pytest.mark.parametrize(
    ("device", "n_gpus", "fix"), [("cuda", 0, "`ray.gpus` is 0"), ("cuda:1", 1, "Ray chooses")]
)
def test_cards_that_replicas_can_not_have_are_refused(device: str, n_gpus: float, fix: str) -> None:
    with pytest.raises(SettingsError, match=fix):
        gpu_of_replica(GpuSettings(device=device), n_gpus)


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
