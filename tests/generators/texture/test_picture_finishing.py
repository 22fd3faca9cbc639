"""Pictures get their maps from a network, or from filters where there is none."""

from pathlib import Path

import numpy as np
import pytest

from tests.generators.texture.random_network import random_weights
from vrbridge.errors import ModelError
from vrbridge.generators.texture.filter_maps import estimate
from vrbridge.generators.texture.picture_finishing import map_estimate

COLOR = np.random.default_rng(0).random((64, 64, 3), np.float32)


def test_a_network_estimates_where_there_is_one_and_filters_elsewhere(tmp_path: Path) -> None:
    learned, filtered = map_estimate(random_weights(tmp_path))(COLOR), map_estimate(None)(COLOR)
    assert np.array_equal(filtered.height, estimate(COLOR).height)
    assert learned.height.shape == filtered.height.shape == (64, 64)
    assert not np.array_equal(learned.roughness, filtered.roughness)


def test_a_file_that_is_no_network_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError):
        map_estimate(tmp_path / "none.safetensors")
