"""What players do in a load test."""

import pytest

from vrbridge.bench.scenario import (
    EVERYBODY,
    FIRST,
    FLOODER,
    OTHERS,
    SCENARIOS,
    Habits,
    Phase,
    at_capacity,
    scenario,
)
from vrbridge.errors import SettingsError


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_scenario_has_the_players_and_the_length_that_were_asked_for(name: str) -> None:
    made = scenario(name, n_players=30, minutes=1)
    assert made.name == name
    assert made.n_players == 30
    assert made.seconds == pytest.approx(60)
    assert {group for phase in made.phases for group in phase.habits} <= set(made.groups)
    assert made.title.startswith("30") or "29" in made.title


def test_each_player_belongs_to_one_group() -> None:
    made = scenario("flood", n_players=20, minutes=1)
    groups = [made.group_of(player) for player in range(20)]
    assert groups == [FIRST, *[OTHERS] * 18, FLOODER]
    with pytest.raises(IndexError):
        made.group_of(20)


def test_what_follows_an_overload_is_longer_than_a_recovery_may_take() -> None:
    after = scenario("overload", n_players=10, minutes=0.1).phases[-1]
    assert after.name == "after"
    assert after.seconds > 10


def test_a_multiple_of_the_capacity_is_shared_by_the_loaded_players() -> None:
    phase = Phase(
        name="usual",
        seconds=1,
        habits={FIRST: Habits(), OTHERS: Habits(size_px=64), FLOODER: Habits(n_open=4)},
        of_capacity=0.5,
        loaded=(FIRST, OTHERS),
    )
    known = at_capacity(phase, capacity_hz=20, n_players=10)
    assert {group: habits.materials_hz for group, habits in known.habits.items()} == {
        FIRST: 1.0,
        OTHERS: 1.0,
        FLOODER: 0.0,
    }
    assert known.habits[OTHERS].size_px == 64


def test_a_phase_that_does_not_depend_on_the_capacity_stays_as_it_is() -> None:
    phase = Phase(name="steady", seconds=1, habits={EVERYBODY: Habits(talks_hz=1)})
    assert at_capacity(phase, capacity_hz=20, n_players=10) == phase


def test_an_unknown_scenario_names_the_known_ones() -> None:
    with pytest.raises(
        SettingsError, match=r"no scenario 'storm'. Known: steady, wide, idle, flood, overload"
    ):
        scenario("storm", n_players=1, minutes=1)


def test_a_flood_needs_somebody_besides_the_flooder() -> None:
    with pytest.raises(SettingsError, match="needs at least 3 players"):
        scenario("flood", n_players=2, minutes=1)
