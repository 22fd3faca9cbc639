"""Pictures get their maps from a network, or from filters where there is none."""

from pathlib import Path

import numpy as np
import pytest

from tests.generators.texture.random_network import random_weights
from vrbridge.errors import ModelError
from vrbridge.generators.texture.filter_maps import estimate
from vrbridge.generators.texture.picture_finishing import map_reader

COLOR = np.random.default_rng(0).random((64, 64, 3), np.float32)


def test_a_network_estimates_where_there_is_one_and_filters_elsewhere(tmp_path: Path) -> None:
    network, filters = map_reader(random_weights(tmp_path)), map_reader(None)
    learned, filtered = network.estimate(COLOR), filters.estimate(COLOR)
    assert (network.model, filters.model) == ("random-1", "filter-maps-1")
    assert np.array_equal(filtered.height, estimate(COLOR).height)
    assert learned.height.shape == filtered.height.shape == (64, 64)
    assert not np.array_equal(learned.roughness, filtered.roughness)


def test_a_file_that_is_no_network_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError):
        map_reader(tmp_path / "none.safetensors")
