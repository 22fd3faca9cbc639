import numpy as np
import pytest

from vrbridge.generators.texture.noise import Canvas
from vrbridge.generators.texture.patterns import Pieces, courses, scattered


def test_every_block_of_a_course_appears() -> None:
    pieces = courses(Canvas(128, 3), rows=6, columns=4, jitter=0.3)
    assert len(np.unique(pieces.number)) == pieces.count == 24


def test_distance_to_the_border_is_zero_at_borders_and_positive_inside() -> None:
    pieces = courses(Canvas(256, 3), rows=4, columns=4, shift=0)
    assert pieces.edge.min() >= 0
    assert abs(float(pieces.edge.max()) - 0.125) < 0.003


def test_cells_know_the_nearest_point_on_the_torus() -> None:
    canvas = Canvas(64, 3)
    pieces = scattered(canvas, "s", rows=5, jitter=0.6)
    border = pieces.number != np.roll(pieces.number, 1, 1)
    assert float(pieces.edge[border].max()) < 2.5 / 64
    assert float(pieces.edge.min()) >= 0


def test_a_piece_has_one_number_everywhere() -> None:
    canvas = Canvas(64, 3)
    pieces = scattered(canvas, "s", rows=4)
    tone = pieces.each(canvas, "tone")
    for number in np.unique(pieces.number):
        assert len(np.unique(tone[pieces.number == number])) == 1


def layouts() -> dict[str, Pieces]:
    canvas = Canvas(128, 5)
    return {
        "bond": courses(canvas, rows=12, columns=4, jitter=0.03),
        "odd bond": courses(canvas, rows=5, columns=3),
        "boards": courses(canvas, rows=6, columns=2, jitter=0.3, random_shift=True),
        "grid": courses(canvas, rows=4, columns=4, shift=0),
        "stones": scattered(canvas, "s", rows=9, columns=5, jitter=0.7),
        "rocks": scattered(canvas, "s", rows=5, columns=3, jitter=0.9),
        "cells": scattered(canvas, "s", rows=9, jitter=0.7),
    }


@pytest.mark.parametrize("name", sorted(layouts()))
def test_distance_to_the_border_never_jumps_not_even_across_the_edge(name: str) -> None:
    edge = layouts()[name].edge
    for axis in (0, 1):
        # A distance changes by at most the way between two pixels.
        assert float(np.abs(edge - np.roll(edge, 1, axis)).max()) <= 1.01 / 128


def test_the_edge_of_the_tile_runs_through_blocks() -> None:
    pieces = courses(Canvas(128, 3), rows=4, columns=4, shift=0)
    assert float(np.median(pieces.edge[0])) > 0.05
