from pathlib import Path

import numpy as np
import pytest

from tests.training.evaluation.samples import Pixels, picture
from vrbridge.training.evaluation.feature_cache import FeatureCache
from vrbridge.training.evaluation.features import EvaluationFeatures, Features

PICTURES = [picture("red", "dots", variant) for variant in range(5)]


class Counting(EvaluationFeatures):
    """Gives each picture its mean, and counts the pictures that it saw."""

    def __init__(self) -> None:
        self.n_seen = 0

    def of(self, pictures: Pixels) -> Features:
        self.n_seen += len(pictures)
        means: Features = pictures.mean((1, 2)).astype(np.float32)
        return means


@pytest.fixture
def network() -> Counting:
    return Counting()


def test_each_picture_is_looked_at_once(tmp_path: Path, network: Counting) -> None:
    cache = FeatureCache(network, tmp_path / "features.npz")
    first = cache.of([PICTURES[0], PICTURES[1], PICTURES[0]])
    assert network.n_seen == 2
    again = cache.of([PICTURES[1], PICTURES[2]])
    assert network.n_seen == 3
    np.testing.assert_array_equal(first[1], again[0])
    np.testing.assert_array_equal(first[0], first[2])
    np.testing.assert_allclose(again[1], PICTURES[2].mean((0, 1)), rtol=1e-5)


def test_the_next_run_knows_them(tmp_path: Path, network: Counting) -> None:
    cache = FeatureCache(network, tmp_path / "kept" / "features.npz")
    features = cache.of(PICTURES)
    cache.save()
    blind = Counting()
    np.testing.assert_array_equal(
        FeatureCache(blind, tmp_path / "kept" / "features.npz").of(PICTURES), features
    )
    assert blind.n_seen == 0


def test_a_damaged_file_counts_as_empty(tmp_path: Path, network: Counting) -> None:
    FeatureCache(network, tmp_path / "features.npz").of(PICTURES)
    for content in (b"", b"nonsense", b"PK\x03\x04 cut off"):
        for file in [tmp_path / "features-1.npz"]:
            file.write_bytes(content)
        fresh = Counting()
        FeatureCache(fresh, tmp_path / "features.npz").of(PICTURES)
        assert fresh.n_seen == len(PICTURES)


def test_a_folder_that_cannot_be_written_only_costs_time(tmp_path: Path, network: Counting) -> None:
    (tmp_path / "file").touch()
    cache = FeatureCache(network, tmp_path / "file" / "features.npz")
    assert len(cache.of(PICTURES)) == 5
    cache.save()


def test_progress_ends_with_all(tmp_path: Path, network: Counting) -> None:
    told: list[int] = []
    FeatureCache(network, tmp_path / "features.npz").of(
        [picture("red", "noise", i) for i in range(20)], told.append
    )
    assert told == [16, 20]
