import numpy as np
import pytest

from tests.training.evaluation.samples import Copies, WordEncoder, data, random_weights
from vrbridge.errors import DataError
from vrbridge.training.dataset import TextureData
from vrbridge.training.evaluation.feature_cache import FeatureCache
from vrbridge.training.evaluation.features import EvaluationFeatures
from vrbridge.training.evaluation.judge import Judge, Verdict
from vrbridge.training.evaluation.reference import Reference
from vrbridge.training.evaluation.textures import HeldOutPictures, NearestPictures, Textures

DATA = data()
PROMPTS = ["red stripes", "green waves", "gray noise"]


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> FeatureCache:
    folder = tmp_path_factory.mktemp("judge")
    return FeatureCache(EvaluationFeatures(random_weights(folder / "random.pth")), folder / "features.npz")


@pytest.fixture(scope="module")
def reference(cache: FeatureCache) -> Reference:
    return Reference.of(DATA, cache, WordEncoder())


@pytest.fixture(scope="module")
def judge(reference: Reference, cache: FeatureCache) -> Judge:
    return Judge(reference, cache, WordEncoder(), captions=reference.captions, prompts=PROMPTS, n_seeds=3)


def verdict(judge: Judge, textures: Textures) -> Verdict:
    told: list[int] = []
    result = judge.verdict(textures, told.append)
    assert told == list(range(1, judge.n_pictures(textures) + 1))
    return result


def own_pictures(chosen: dict[str, str]) -> Copies:
    return Copies(DATA, {prompt: DATA.captions.index(caption) for prompt, caption in chosen.items()})


def test_the_reference_parts_held_out_pictures_from_the_others(reference: Reference) -> None:
    assert len(reference.held_out) == len(reference.held_out_captions) == 12
    assert len(reference.training) == len(reference.training_indices) == 48
    assert sorted(reference.captions) == ["blue noise", "gray checks", "green stripes", "red dots"]
    np.testing.assert_allclose(reference.training.mean(0), 0, atol=0.2)
    assert reference.novelty > 0
    assert all(reference.variety[caption] > 0 for caption in reference.captions)


def test_a_set_without_enough_held_out_pictures_is_refused(cache: FeatureCache) -> None:
    few = {name: getattr(DATA, name) for name in TextureData.__slots__}
    few["is_held_out"] = np.arange(len(DATA)) < 3
    with pytest.raises(DataError, match="3 of 60"):
        Reference.of(TextureData(**few), cache, WordEncoder())


def test_the_right_pictures_are_better_than_wrong_ones(judge: Judge, reference: Reference) -> None:
    captions = reference.captions
    right = own_pictures({c: c for c in captions} | {p: p for p in PROMPTS})
    wrong = own_pictures(dict(zip(captions, captions[1:] + captions[:1], strict=True)))
    good, bad = verdict(judge, right).row, verdict(judge, wrong).row
    assert good.top_1 > bad.top_1
    assert good.list_top_1 is not None
    assert bad.list_top_1 is not None
    assert good.list_top_1 > bad.list_top_1
    assert good.n_pictures == 12
    assert 0.5 < good.novelty < 1.5


def test_copies_of_training_pictures_are_found_out(judge: Judge, reference: Reference) -> None:
    thief = own_pictures(dict.fromkeys(reference.captions, "red stripes"))
    result = verdict(judge, thief)
    assert result.row.novelty == pytest.approx(0, abs=0.01)
    assert result.row.copies == 1.0
    assert result.row.diversity == pytest.approx(0, abs=0.01)
    for pair in result.pairs:
        assert pair.known_caption == "red stripes"
        np.testing.assert_array_equal(pair.made, pair.known)
    assert {pair.prompt for pair in result.pairs} == set(reference.captions)


def test_the_nearest_pictures_are_copies_too_and_differ_by_seed(judge: Judge) -> None:
    row = verdict(judge, NearestPictures(DATA, WordEncoder())).row
    assert row.novelty == pytest.approx(0, abs=0.01)
    assert row.diversity is not None
    assert row.diversity > 0.2


def test_the_held_out_pictures_are_the_measure_of_the_others(judge: Judge) -> None:
    row = verdict(judge, HeldOutPictures(DATA)).row
    assert row.novelty == pytest.approx(1, abs=0.3)
    assert row.list_top_1 is row.list_top_5 is row.diversity is row.roll_error is None
    one_colour = verdict(judge, own_pictures({})).row
    assert row.kid < one_colour.kid


def test_every_map_is_judged_before_and_after_encoding(judge: Judge) -> None:
    row = verdict(judge, HeldOutPictures(DATA)).row
    assert set(row.seams) == {"before", "jpeg", "bc1 + bc5", "etc2", "astc4x4"}
    for ratios in row.seams.values():
        assert set(ratios) == {"base_color", "normal", "orm", "height"}
        assert all(0.3 < ratio < 3 for ratio in ratios.values())
    assert row.normal_length_error < 0.02
    assert row.render_ms > 0
