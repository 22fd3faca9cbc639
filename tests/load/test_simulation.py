"""Many players in virtual time."""

import json
from pathlib import Path

import pytest
from PIL import Image

from tests.cli.command import Command
from vrbridge.bench.simulated_players import Crowd, World
from vrbridge.bench.simulation import TIERS, Plan, Point, simulate
from vrbridge.bench.simulation_chart import simulation_chart

SMALL = Plan(n_sessions=400, n_workers=4, seconds=60.0, greedy_share=0.02)


@pytest.fixture(scope="module")
def overloaded() -> Point:
    return simulate(SMALL, 1.5)


def test_below_what_workers_can_do_everything_comes_whole_and_soon() -> None:
    point = simulate(SMALL, 0.5)
    assert point.busy == pytest.approx(0.5, abs=0.1)
    for tier in point.alone.values():
        assert (tier.whole, tier.smaller, tier.given_up) == (1.0, 0.0, 0.0)
        assert tier.p95_s is not None
        # A large one takes so long by itself, and a little more where four are never all free.
        assert tier.p95_s < 4.0


def test_under_too_much_work_the_more_urgent_waits_less(overloaded: Point) -> None:
    assert overloaded.busy > 0.95
    interactive, normal, background = (overloaded.alone[tier] for tier in TIERS)
    assert interactive.p95_s is not None
    assert normal.p95_s is None or normal.p95_s > 2 * interactive.p95_s
    assert interactive.given_up == 0
    assert background.given_up > normal.given_up


def test_greedy_players_share_evenly(overloaded: Point) -> None:
    assert overloaded.greedy_jain is not None
    assert overloaded.greedy_jain >= 0.95


def test_greedy_players_are_in_the_way_of_others_as_one_player_each_and_not_with_all_they_ask() -> None:
    beside = simulate(SMALL, 0.5).beside["interactive"]
    assert beside.given_up == 0
    assert beside.p50_s is not None
    # Behind all that they have open, 64 of 0.49 s for 4 workers, it would be 8 s.
    assert beside.p50_s < 2.5


def test_the_same_seed_is_the_same_world() -> None:
    plan = Plan(n_sessions=100, n_workers=2, seconds=20.0)
    assert simulate(plan, 1.0) == simulate(plan, 1.0)


def test_nothing_is_counted_before_the_world_has_warmed_up() -> None:
    crowd = Crowd(World(n_modest=100, n_greedy=0, n_workers=2, load=0.5, seed=1))
    crowd.run(40.0)
    assert crowd.counted_s == 30.0
    # Half of two workers, at 0.49 s for the mean material.
    assert crowd.n_done == pytest.approx(30.0 / 0.49, rel=0.35)


def test_a_picture_has_a_line_for_each_load_that_was_simulated() -> None:
    plan = Plan(n_sessions=100, n_workers=2, seconds=10.0)
    picture = simulation_chart(plan, [simulate(plan, load) for load in (0.5, 1.0)])
    assert picture.size[0] > 1000
    colors = picture.getcolors(maxcolors=1 << 20)
    assert colors is not None
    assert len(colors) > 10


def test_the_command_leaves_figures_and_a_picture(command: Command, tmp_path: Path) -> None:
    arguments = ("--players", "100", "--workers", "2", "--seconds", "4", "--out", str(tmp_path))
    ran = command("bench", "simulate", *arguments)
    assert ran.code == 0
    assert "interactive" in ran.out
    written = json.loads((tmp_path / "simulation.json").read_text())
    assert written["plan"]["n_sessions"] == 100
    assert [point["load"] for point in written["points"]] == written["plan"]["loads"]
    with Image.open(tmp_path / "simulation.png") as picture:
        assert picture.size[0] > 1000
