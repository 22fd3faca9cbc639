"""When players ask for what."""

import json
import random

import pytest

from vrbridge.bench.scenario import Habits
from vrbridge.bench.schedule import Act, acts, moments, params, schedule

TALKER = Habits(talks_hz=0.5, materials_hz=0.2, props_hz=0.1)


def made(seed: int, n_players: int = 20) -> list[Act]:
    habits = dict.fromkeys(range(n_players), TALKER)
    return list(schedule(habits, seed=seed, phase="steady", seconds=60))


def test_the_same_seed_makes_the_same_acts_and_another_seed_others() -> None:
    assert made(1) == made(1)
    assert made(1) != made(2)


def test_all_acts_come_in_order_of_time_and_within_the_phase() -> None:
    times = [act.at_s for act in made(3)]
    assert times == sorted(times)
    assert 0 <= times[0] < times[-1] < 60


def test_what_a_player_does_does_not_depend_on_who_else_plays() -> None:
    alone = acts(TALKER, player=7, seed=1, phase="steady", seconds=60)
    assert [act for act in made(1) if act.player == 7] == alone
    assert [act for act in made(1, n_players=8) if act.player == 7] == alone


def test_phases_and_players_differ() -> None:
    def of(player: int, phase: str) -> list[float]:
        return [act.at_s for act in acts(TALKER, player=player, seed=1, phase=phase, seconds=60)]

    assert len({tuple(of(0, "a")), tuple(of(1, "a")), tuple(of(0, "b"))}) == 3


def test_rates_are_kept_on_average() -> None:
    n_acts = dict.fromkeys(("dialogue", "texture", "mesh"), 0)
    for act in made(5, n_players=200):
        n_acts[act.kind] += 1
    # Three standard deviations of a Poisson count.
    for kind, rate_hz in (("dialogue", 0.5), ("texture", 0.2), ("mesh", 0.1)):
        expected = rate_hz * 200 * 60
        assert abs(n_acts[kind] - expected) < 3 * expected**0.5


def test_who_asks_for_nothing_does_nothing() -> None:
    assert acts(Habits(context_hz=10), player=0, seed=1, phase="wide", seconds=60) == []
    assert list(moments(0.0, 60, random.Random(1))) == []


@pytest.mark.parametrize("kind", ["dialogue", "texture", "mesh"])
def test_no_two_requests_are_alike(kind: str) -> None:
    chosen = random.Random(1)
    wanted = [json.dumps(params(kind, chosen, size_px=64)) for _ in range(200)]
    assert len(set(wanted)) == 200
