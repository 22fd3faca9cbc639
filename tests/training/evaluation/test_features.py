from pathlib import Path

import numpy as np
import pytest
import torch

from tests.training.evaluation.samples import picture, random_weights
from vrbridge.errors import ModelError
from vrbridge.memory.catalogue import Catalogue
from vrbridge.training.evaluation.features import MODEL, EvaluationFeatures


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> EvaluationFeatures:
    return EvaluationFeatures(random_weights(tmp_path_factory.mktemp("weights") / "random.pth"))


PICTURES = np.stack([picture("red", "dots", 0), picture("blue", "stripes", 0), picture("gray", "noise", 0)])


def test_a_batch_gives_what_single_pictures_give(network: EvaluationFeatures) -> None:
    together = network.of(PICTURES)
    assert together.shape == (3, 358)
    assert together.dtype == np.float32
    assert np.isfinite(together).all()
    for row, one in zip(together, PICTURES, strict=True):
        np.testing.assert_allclose(network.of(one[None])[0], row, atol=1e-3)


def test_a_shift_by_whole_cells_changes_nothing_and_another_picture_does(network: EvaluationFeatures) -> None:
    features = network.of(PICTURES)
    shifted = network.of(np.roll(PICTURES, (16, -32), (1, 2)))
    scale = np.abs(features).mean()
    assert np.abs(shifted - features).max() < 1e-3 * scale
    assert np.abs(features[0] - features[1]).mean() > 0.02 * scale


def test_the_last_six_numbers_are_the_colours(network: EvaluationFeatures) -> None:
    values = PICTURES.astype(np.float64) / 255
    last = network.of(PICTURES)[:, -6:]
    np.testing.assert_allclose(last[:, :3], values.mean((1, 2)), atol=1e-5)
    np.testing.assert_allclose(last[:, 3:], values.std((1, 2), ddof=1), atol=1e-4)


def test_pictures_that_do_not_fit_the_lattice_are_refused(network: EvaluationFeatures) -> None:
    for shape in ((1, 60, 64, 3), (1, 64, 64), (1, 64, 64, 4)):
        with pytest.raises(ValueError, match="multiple of 16"):
            network.of(np.zeros(shape, np.uint8))


class Trap:
    """Would leave a file behind if it were unpickled without care."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return Path.touch, (str(self.file),)


def test_files_that_are_no_weights_are_refused_and_nothing_in_them_runs(tmp_path: Path) -> None:
    (tmp_path / "text.pth").write_text("hello")
    (tmp_path / "empty.pth").touch()
    torch.save({"other": torch.zeros(1)}, tmp_path / "other.pth")
    torch.save(Trap(tmp_path / "sprung"), tmp_path / "trap.pth")
    for name in ("text", "empty", "other", "trap", "missing"):
        with pytest.raises(ModelError, match=MODEL):
            EvaluationFeatures(tmp_path / f"{name}.pth")
    assert not (tmp_path / "sprung").exists()


@pytest.mark.models
def test_the_real_network_sees_what_kind_of_pattern_it_is(catalogue: Catalogue) -> None:
    network = EvaluationFeatures(catalogue.pull(MODEL))
    patterns = ("stripes", "checks", "waves", "noise")
    stacked = np.stack([picture("gray", p, v, 128) for p in patterns for v in (0, 1)])
    features = network.of(stacked)[:, :-6]
    features = (features - features.mean(0)) / (features.std(0) + 1e-6)
    apart = np.linalg.norm(features[:, None] - features, axis=2) + 1e9 * np.eye(len(features))
    np.testing.assert_array_equal(apart.argmin(1), np.arange(8) ^ 1)
