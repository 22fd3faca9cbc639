"""A pipeline is loaded from safetensors only, and paints at its own size."""

import shutil
from pathlib import Path

import pytest
import torch

from tests.generators.texture.tiny_pipelines import save_unet_pipeline
from vrbridge.errors import ModelError
from vrbridge.generator_settings import DiffusersSettings
from vrbridge.generators.texture.diffusers_pipeline import Pipeline, roll_offset


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_unet_pipeline(tmp_path_factory.mktemp("unet"))


class Trap:
    """Runs code when it is unpickled."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def __reduce__(self) -> tuple[object, tuple[Path]]:
        return Path.touch, (self.file,)


def test_weights_that_could_run_code_are_never_opened(folder: Path, tmp_path: Path) -> None:
    unsafe = tmp_path / "unsafe"
    shutil.copytree(folder, unsafe)
    (unsafe / "unet" / "diffusion_pytorch_model.safetensors").unlink()
    trap = tmp_path / "sprung"
    torch.save({"weight": Trap(trap)}, unsafe / "unet" / "diffusion_pytorch_model.bin")
    with pytest.raises(ModelError, match=r"The picture model unsafe can't be loaded \("):
        Pipeline(DiffusersSettings(model=str(unsafe), device="cpu"))
    assert not trap.exists()


def test_pictures_have_the_size_that_the_model_learned_on_unless_another_is_set(folder: Path) -> None:
    assert Pipeline(DiffusersSettings(model=str(folder), device="cpu")).size_px == 64
    larger = Pipeline(DiffusersSettings(model=str(folder), device="cpu", size_px=100))
    assert larger.size_px == 128
    assert larger("x", seed=1).images.shape == (1, 128, 128, 3)


def test_seams_are_rolled_to_places_far_from_each_other() -> None:
    places = [roll_offset(step, 64) for step in range(8)]
    assert all(0 < place < 64 for place in places)
    assert min(abs(a - b) for i, a in enumerate(places) for b in places[:i]) >= 4
