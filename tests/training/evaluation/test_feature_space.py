import numpy as np
import pytest

from vrbridge.training.evaluation.feature_space import FeatureSpace, distances, diversity, nearest

POINTS = np.array([[0.0, 0.0], [3.0, 4.0], [0.0, 1.0]], np.float32)


def test_standard_features_have_mean_nought_and_deviation_one() -> None:
    features = np.random.default_rng(0).normal((5, -2), (3, 0.1), (500, 2)).astype(np.float32)
    standard = FeatureSpace.of(features).standard(features)
    np.testing.assert_allclose(standard.mean(0), 0, atol=1e-4)
    np.testing.assert_allclose(standard.std(0), 1, atol=0.02)


def test_a_number_far_out_counts_no_more_than_six_deviations() -> None:
    features = np.random.default_rng(0).standard_normal((100, 2)).astype(np.float32)
    far = FeatureSpace.of(features).standard(np.array([[1e6, -1e6]], np.float32))
    np.testing.assert_array_equal(far, [[6, -6]])


def test_distances_are_euclidean() -> None:
    expected = np.array([[0, 5], [5, 0], [1, np.sqrt(18)]], np.float32)
    np.testing.assert_allclose(distances(POINTS, POINTS[:2]), expected, atol=1e-3)


def test_the_nearest_is_found() -> None:
    distance, index = nearest(np.array([[3.0, 3.0], [0.0, 0.4]], np.float32), POINTS)
    np.testing.assert_array_equal(index, [1, 0])
    np.testing.assert_allclose(distance, [1, 0.4], atol=1e-3)


def test_diversity_is_the_mean_distance_within_a_group() -> None:
    line = np.array([[0.0], [2.0], [10.0], [10.0], [7.0]], np.float32)
    # 2 within the first group, 0 within the second; the third is alone.
    assert diversity(line, [0, 0, 1, 1, 2]) == pytest.approx(1.0, abs=1e-3)
    assert diversity(line, [0, 1, 2, 3, 4]) == 0
