"""Models of a Shap-E pipeline stand upright in their colours, and can be given up."""

import time
from collections.abc import Generator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

from tests.generators.mesh.drafts import request_for
from tests.generators.mesh.tiny_shap_e import save_shap_e_pipeline
from vrbridge.errors import GeneratorFailed, SettingsError, Unavailable
from vrbridge.generator_settings import MeshSettings, ShapESettings
from vrbridge.generators.mesh.back_ends import chosen, opened
from vrbridge.generators.mesh.shap_e import ShapEModels, model_of
from vrbridge.generators.mesh.voxels import Model


class Field(torch.nn.Module):
    """An egg, taller (z) than wide, red at the top and blue below; or nothing, or no numbers."""

    def __init__(self, level: float = 0.5) -> None:
        super().__init__()
        self.level = torch.nn.Parameter(torch.tensor(level))

    def forward(self, position: torch.Tensor, **_: Any) -> Any:
        """Return distances, positive inside, and colours at (1, N, 3) positions."""
        away = (position * torch.tensor([2.0, 2.0, 1.0])).norm(dim=-1, keepdim=True)
        is_top = (position[..., 2:] > 0).float()
        return SimpleNamespace(
            signed_distance=self.level - away, channels=torch.cat([is_top, 0 * is_top, 1 - is_top], -1)
        )


def renderer(level: float = 0.5) -> Any:
    return SimpleNamespace(mlp=Field(level), params_proj=lambda _: {})


def test_up_is_up_and_colours_are_where_they_belong() -> None:
    model = model_of(renderer(), torch.zeros(4), lambda: None)
    assert np.ptp(model.vertices, axis=0) == pytest.approx((0.5, 1, 0.5), abs=0.03)
    top, foot = model.vertices[:, 1] > 0.1, model.vertices[:, 1] < -0.1
    assert (model.colors[top] == (255, 0, 0)).all()
    assert (model.colors[foot] == (0, 0, 255)).all()
    corners = model.vertices[model.faces]
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    assert (np.einsum("ij,ij->i", normals, corners.mean(1)) > 0).mean() > 0.99


def test_nothing_and_no_numbers_are_told() -> None:
    with pytest.raises(GeneratorFailed, match="empty"):
        model_of(renderer(-9.0), torch.zeros(4), lambda: None)
    with pytest.raises(GeneratorFailed, match="no proper numbers"):
        model_of(renderer(float("nan")), torch.zeros(4), lambda: None)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_shap_e_pipeline(tmp_path_factory.mktemp("shap-e") / "tiny")


def fetched(waiting: Generator[float, None, Model]) -> tuple[list[float], Model]:
    shares = []
    while True:
        try:
            shares.append(next(waiting))
        except StopIteration as end:
            return shares, end.value


def test_a_pipeline_builds_the_same_for_the_same_seed(folder: Path) -> None:
    settings = MeshSettings(backend="shap-e", shap_e=ShapESettings(model=str(folder), steps=2, device="cpu"))
    back_end = chosen(settings)
    assert back_end is not None
    assert back_end.model_s > 0
    models = opened(settings, folder)
    assert models.model == "tiny"
    shares, first = fetched(models.generate(request_for("red ball", seed=3)))
    assert shares == sorted(shares)
    _, again = fetched(models.generate(request_for("red ball", seed=3)))
    assert first.vertices.tobytes() == again.vertices.tobytes()
    assert first.colors.tobytes() == again.colors.tobytes()
    assert len(first.faces) > 100


def test_a_model_that_nobody_wants_is_given_up(folder: Path) -> None:
    models = ShapEModels(ShapESettings(model=str(folder), steps=150, device="cpu"))
    waiting = models.generate(request_for("red ball", seed=3))
    next(waiting)
    waiting.close()
    began = time.monotonic()
    models.close()
    assert time.monotonic() - began < 20


def test_what_can_not_be_loaded_is_told(tmp_path: Path, folder: Path) -> None:
    with pytest.raises(SettingsError, match=r"mesh\.shap_e\.model"):
        chosen(MeshSettings(backend="shap-e"))
    (tmp_path / "model_index.json").write_text("{}")
    (tmp_path / "weights.safetensors").write_bytes(b"none")
    models = ShapEModels(ShapESettings(model=str(tmp_path)))
    with pytest.raises(Unavailable, match="can't be loaded"):
        fetched(models.generate(request_for("ball")))
