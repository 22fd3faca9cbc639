import numpy as np
import pytest

from vrbridge.training.evaluation.kernel_distance import distance_within, kernel_distance, squared_mmd


def normal(count: int, seed: int, shift: float = 0.0) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    return (np.random.default_rng(seed).standard_normal((count, 16)) + shift).astype(np.float32)


def test_a_case_that_can_be_checked_by_hand() -> None:
    one, other = np.array([[0.0], [1.0]], np.float32), np.array([[2.0], [3.0]], np.float32)
    # (0·1 + 1)³ = 1 within the first, (2·3 + 1)³ = 343 within the other; 1, 1, 27 and 64 across.
    assert squared_mmd(one, other) == pytest.approx(1 + 343 - 2 * (1 + 1 + 27 + 64) / 4)


def test_sets_of_the_same_kind_are_at_no_distance() -> None:
    result = kernel_distance(normal(400, 1), normal(400, 2), subset=200)
    assert abs(result.mean) < 0.02
    assert result.subset == 200
    assert result.n_subsets == 20


def test_the_estimate_is_unbiased() -> None:
    values = [squared_mmd(normal(20, 2 * i), normal(20, 2 * i + 1)) for i in range(300)]
    assert abs(np.mean(values)) < 4 * np.std(values) / 300**0.5
    assert np.mean(np.array(values) < 0) > 0.3


def test_the_distance_grows_with_the_shift() -> None:
    near, far = (kernel_distance(normal(300, 1), normal(300, 2, shift)) for shift in (0.3, 0.6))
    assert near.mean > 10 * near.standard_error
    assert far.mean > 2 * near.mean


def test_few_pictures_make_smaller_subsets_that_still_differ() -> None:
    result = kernel_distance(normal(900, 1), normal(50, 2, 0.5))
    assert result.subset == 40
    assert result.standard_error > 0


def test_the_same_seed_draws_the_same_subsets() -> None:
    first, again, other = (kernel_distance(normal(60, 1), normal(60, 2), seed=s) for s in (1, 1, 2))
    assert first == again != other


def test_two_pictures_are_too_few() -> None:
    with pytest.raises(ValueError, match="3 pictures"):
        kernel_distance(normal(2, 1), normal(100, 2))


def test_halves_of_one_set_are_at_no_distance() -> None:
    result = distance_within(normal(301, 1))
    assert result.subset == 150
    assert abs(result.mean) < 5 * result.standard_error + 0.01
    two_kinds = np.concatenate([normal(150, 1), normal(150, 2, 3.0)])
    assert distance_within(two_kinds).mean < 0.05 * kernel_distance(two_kinds[:150], two_kinds[150:]).mean
    with pytest.raises(ValueError, match="4 pictures"):
        distance_within(normal(3, 1))
