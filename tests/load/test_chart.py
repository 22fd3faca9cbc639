"""The picture of a load test."""

import numpy as np
from PIL import Image

from tests.load.runs import asked, lags, run_of
from vrbridge.bench.chart import chart
from vrbridge.bench.report import report, result_of

Color = tuple[int, int, int]


def near(picture: Image.Image, color: Color) -> list[tuple[int, int]]:
    """Return where a colour is, within what smoothing changes."""
    is_near = (np.abs(np.asarray(picture).astype(int) - color) < 12).all(axis=2)
    return [(int(x), int(y)) for y, x in np.argwhere(is_near)]


def picture(*names: str, n_done: int = 0) -> Image.Image:
    results = []
    for name in names:
        run = run_of(name, n_players=20)
        run.lags = lags(0.001)
        for number in range(n_done):
            phase = run.spans[0].phase
            asked(run, phase.name, player=0, after_s=phase.seconds * number / n_done, total_s=0.1)
        results.append(result_of(run))
    return chart(report(results, server="fake", seed=1, n_processes=1))


def test_each_scenario_has_a_column() -> None:
    one, two, three = (picture(*["steady", "wide", "flood"][:n]) for n in (1, 2, 3))
    assert one.width < two.width < three.width
    assert one.height == two.height == three.height


def test_a_target_is_drawn_where_there_is_one() -> None:
    red = (196, 43, 58)
    assert near(picture("steady"), red) == []
    places = near(picture("wide"), red)
    assert max(x for x, _ in places) - min(x for x, _ in places) > 300


def test_what_is_done_is_drawn_in_its_own_panel() -> None:
    green = (27, 135, 84)
    assert near(picture("steady"), green) == []
    drawn = picture("steady", n_done=600)
    rows = {y for _, y in near(drawn, green)}
    # The third of four rows.
    assert min(rows) > drawn.height * 0.5
    assert max(rows) < drawn.height * 0.78
