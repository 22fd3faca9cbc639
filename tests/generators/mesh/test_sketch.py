import numpy as np

from vrbridge.generators.mesh.sketch import Sketch


def _sketch(detail: int) -> Sketch:
    return Sketch(detail, np.random.default_rng(5))


def test_a_box_is_chamfered_only_near_by() -> None:
    counts = []
    for detail in range(4):
        sketch = _sketch(detail)
        sketch.box("body", (1, 1, 1), (0, 0, 0), bevel=0.05)
        counts.append(len(sketch.pieces[0].solid.faces))
    assert counts == [12, 12, 44, 44]


def test_a_piece_exists_only_between_its_details() -> None:
    for detail, n_pieces in enumerate((0, 1, 1, 0)):
        sketch = _sketch(detail)
        sketch.box("body", (1, 1, 1), (0, 0, 0), least=1, most=2)
        assert len(sketch.pieces) == n_pieces


def test_what_is_left_out_does_not_change_the_tint_of_the_rest() -> None:
    tints = []
    for detail in (0, 3):
        sketch = _sketch(detail)
        sketch.box("body", (1, 1, 1), (0, 0, 0), least=2)
        sketch.box("body", (1, 1, 1), (2, 0, 0))
        tints.append(sketch.pieces[-1].tint)
    assert tints[0] == tints[1]


def test_a_beam_reaches_from_end_to_end() -> None:
    sketch = _sketch(0)
    sketch.beam("body", (0, 0, 0), (3, 4, 0), 0.2)
    along = sketch.pieces[0].solid.vertices @ np.array([0.6, 0.8, 0])
    assert np.isclose(along.min(), 0)
    assert np.isclose(along.max(), 5)


def test_coarser_round_things_have_fewer_faces() -> None:
    counts = []
    for detail in range(4):
        sketch = _sketch(detail)
        sketch.lathe("body", [(1, 0), (1.2, 0.5), (1.25, 0.6), (1, 2)], segments=20)
        counts.append(len(sketch.pieces[0].solid.faces))
    assert counts == sorted(counts)
    assert counts[0] < counts[3] / 3
