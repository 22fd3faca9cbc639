import numpy as np
import pytest

from tests.fakes import FakeTextEncoder
from vrbridge.generators.mesh.families import FAMILIES
from vrbridge.generators.mesh.levels import iter_levels, ladder, levels, reduced
from vrbridge.generators.mesh.parametric import ParametricMeshes
from vrbridge.generators.mesh.prop import Part, Prop

MESHES = ParametricMeshes(FakeTextEncoder())


def _extent(prop: Prop) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    points = np.vstack([part.vertices for part in prop.parts]).astype(float)
    return np.asarray(np.ptp(points, axis=0), float)


def _middle(prop: Prop) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    points = np.vstack([part.vertices for part in prop.parts]).astype(float)
    return np.asarray((points.min(axis=0) + points.max(axis=0))[[0, 2]] / 2, float)


def _assert_sound(part: Part) -> None:
    assert part.faces.max() < len(part.vertices)
    assert np.linalg.norm(part.normals, axis=1) == pytest.approx(np.ones(len(part.normals)), abs=1e-4)
    a, b, c = part.vertices[part.faces].astype(float).transpose(1, 0, 2)
    assert np.linalg.norm(np.cross(b - a, c - a), axis=1).min() > 0


def test_the_usual_ladder_is_that_of_the_protocol() -> None:
    assert ladder(1500, 3) == (1500, 400, 80)


@pytest.mark.parametrize("max_faces", [50, 51, 199, 600, 1500, 20000])
@pytest.mark.parametrize("lods", [1, 2, 3, 4])
def test_ladders_go_down_and_never_below_fifty(max_faces: int, lods: int) -> None:
    budgets = ladder(max_faces, lods)
    assert len(budgets) == lods
    assert budgets[0] == max_faces
    assert sorted(budgets, reverse=True) == list(budgets)
    assert budgets[-1] >= 50


@pytest.mark.parametrize("family", FAMILIES)
def test_levels_come_coarsest_first_within_their_budgets(family: str) -> None:
    plan = MESHES.plan(FAMILIES[family].anchors[0], seed=7)
    budgets = ladder(1500, 3)
    found = list(iter_levels(MESHES, plan, budgets))
    assert [level for level, _ in found] == [2, 1, 0]
    for level, prop in found:
        assert 0 < prop.n_faces <= budgets[level]
        for part in prop.parts:
            _assert_sound(part)
    finest = _extent(found[-1][1])
    middle = _middle(found[-1][1])
    assert middle == pytest.approx([0, 0], abs=1e-3)
    for _, prop in found:
        assert np.abs(_extent(prop) - finest).max() < 0.35 * finest.max()
        assert np.abs(_middle(prop) - middle).max() < 0.16 * finest.max()
        assert min(float(part.vertices[:, 1].min()) for part in prop.parts) < 0.02 * finest.max()


@pytest.mark.parametrize("family", ["chair", "barrel", "conifer", "well"])
def test_levels_have_one_scale_whatever_size_is_asked_for(family: str) -> None:
    plan = MESHES.plan(FAMILIES[family].anchors[0], seed=7, size_m=5.0)
    heights = [_extent(prop)[1] for _, prop in iter_levels(MESHES, plan, ladder(1500, 3))]
    assert heights == pytest.approx([heights[-1]] * 3, rel=0.1)


@pytest.mark.parametrize("budget", [12, 50, 73, 200, 5000])
@pytest.mark.parametrize("family", ["shelf", "mushroom", "house", "fence"])
def test_any_budget_is_kept(family: str, budget: int) -> None:
    prop = MESHES.build(MESHES.plan(FAMILIES[family].anchors[0], seed=7))
    smaller = reduced(prop, budget)
    assert 0 < smaller.n_faces <= budget
    for part in smaller.parts:
        _assert_sound(part)


def test_a_prop_within_the_budget_is_left_alone() -> None:
    prop = MESHES.build(MESHES.plan("wooden table", seed=1))
    assert levels(prop, [5000, 100])[0] is prop


def test_a_budget_too_small_for_a_box_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 12"):
        reduced(MESHES.build(MESHES.plan("wooden table", seed=1)), 11)
