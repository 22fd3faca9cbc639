"""What players do in a load test, phase by phase."""

from collections.abc import Callable, Mapping
from typing import Final

import msgspec

from vrbridge.errors import SettingsError

EVERYBODY: Final = "players"
FLOODER: Final = "flooder"
OTHERS: Final = "others"
FIRST: Final = "first"
"""One of the others, who is alone in a phase of her own."""

# What people do who look around in a place: a line every 20 s, a material and a thing every minute.
_TALKS_HZ = 1 / 20
_MAKES_HZ = 1 / 60
_CONTEXT_HZ = 10.0
# Seldom enough that the words cost little beside the contexts.
_WIDE_TALKS_HZ = 1 / 100
# More than a session may have open by default.
_FLOOD_N_OPEN = 40
_FULL_N_OPEN = 32
_GREEDY_N_OPEN = 4
_SMALL_PX = 64
_OTHERS_OF_CAPACITY = 0.5
_ALONE_HZ = 2.0
_OVERLOAD = 5.0
_PATIENCE_S = 4.0
"""After a crowd has left, what waits is gone after this time at the latest; with half of the capacity asked
for meanwhile, the queue behind it takes as long again."""
_MIN_AFTER_S = 15.0
"""Longer than a recovery may take, so that one that takes too long is seen."""


class Habits(msgspec.Struct, frozen=True, kw_only=True):
    """What one player does.

    Args:
        talks_hz: Lines said to characters, at random moments (Poisson).
        materials_hz: Materials asked for, likewise.
        props_hz: Things asked for, likewise.
        context_hz: Contexts, evenly spaced.
        n_open: Materials that are always under way, besides: the next is asked for when one ends, and what is
            left at the end of the phase is cancelled.
        size_px: Edge of a material.
        patience_s: Deadline of each material and thing, and how long a refused one is asked for again, though
            not beyond the phase. None: no deadline, and what is refused is asked for again once.
    """

    talks_hz: float = 0.0
    materials_hz: float = 0.0
    props_hz: float = 0.0
    context_hz: float = 0.0
    n_open: int = 0
    size_px: int = 512
    patience_s: float | None = None


class Phase(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch of time in which nobody changes their habits.

    Args:
        name: In one word.
        seconds: Its length.
        habits: By group; a group that is not named does nothing.
        of_capacity: Work that `loaded` ask for together, as a multiple of what the phase `capacity` has
            measured. None: their habits say how much.
        loaded: The groups that `of_capacity` is about.
    """

    name: str
    seconds: float
    habits: Mapping[str, Habits]
    of_capacity: float | None = None
    loaded: tuple[str, ...] = (EVERYBODY,)


class Scenario(msgspec.Struct, frozen=True, kw_only=True):
    """Groups of players, and the phases that they go through.

    Args:
        name: In one word.
        title: In words.
        groups: Name → number of players.
        phases: In order.
    """

    name: str
    title: str
    groups: Mapping[str, int]
    phases: tuple[Phase, ...]

    @property
    def n_players(self) -> int:
        """Players of all groups."""
        return sum(self.groups.values())

    @property
    def seconds(self) -> float:
        """Length of all phases."""
        return sum(phase.seconds for phase in self.phases)

    def group_of(self, player: int) -> str:
        """Return the group of a player; the groups follow each other."""
        for name, n_players in self.groups.items():
            if player < n_players:
                return name
            player -= n_players
        raise IndexError(f"There is no player {player} beyond the last.")


def at_capacity(phase: Phase, *, capacity_hz: float, n_players: int) -> Phase:
    """Return the phase with the rates that its multiple of a measured capacity stands for.

    Args:
        phase: As planned.
        capacity_hz: Materials a second that the server finished when it was always asked.
        n_players: Of the loaded groups.
    """
    if phase.of_capacity is None:
        return phase
    rate_hz = phase.of_capacity * capacity_hz / n_players
    loaded = {
        group: msgspec.structs.replace(phase.habits[group], materials_hz=rate_hz) for group in phase.loaded
    }
    return msgspec.structs.replace(phase, habits={**phase.habits, **loaded})


def scenario(name: str, *, n_players: int | None, minutes: float) -> Scenario:
    """Return a scenario of the catalogue.

    Args:
        name: One of `SCENARIOS`.
        n_players: None: as many as it is made for.
        minutes: Length of all phases together, but for what follows an overload, which is never very short.
            Connecting takes its own time.

    Raises:
        SettingsError: If there is no such scenario, or the players are too few for it.
    """
    if name not in SCENARIOS:
        raise SettingsError(f"There is no scenario {name!r}. Known: {', '.join(SCENARIOS)}, all.")
    make, usual, least = SCENARIOS[name]
    wanted = usual if n_players is None else n_players
    if wanted < least:
        raise SettingsError(f"The scenario {name} needs at least {least} players.")
    return make(wanted, minutes * 60)


def _steady(n_players: int, seconds: float) -> Scenario:
    habits = Habits(talks_hz=_TALKS_HZ, materials_hz=_MAKES_HZ, props_hz=_MAKES_HZ, context_hz=_CONTEXT_HZ)
    return Scenario(
        name="steady",
        title=f"{n_players} players talk, walk and ask for materials and things",
        groups={EVERYBODY: n_players},
        phases=(Phase(name="steady", seconds=seconds, habits={EVERYBODY: habits}),),
    )


def _wide(n_players: int, seconds: float) -> Scenario:
    habits = Habits(talks_hz=_WIDE_TALKS_HZ, context_hz=_CONTEXT_HZ)
    return Scenario(
        name="wide",
        title=f"{n_players} players walk (10 contexts a second each), some talk",
        groups={EVERYBODY: n_players},
        phases=(Phase(name="wide", seconds=seconds, habits={EVERYBODY: habits}),),
    )


def _idle(n_players: int, seconds: float) -> Scenario:
    return Scenario(
        name="idle",
        title=f"{n_players} players are connected and do nothing",
        groups={EVERYBODY: n_players},
        phases=(Phase(name="idle", seconds=seconds, habits={}),),
    )


def _flood(n_players: int, seconds: float) -> Scenario:
    usual = Habits(talks_hz=_TALKS_HZ, size_px=_SMALL_PX)
    flood = Habits(n_open=_FLOOD_N_OPEN, size_px=_SMALL_PX)
    alone = Habits(materials_hz=_ALONE_HZ, size_px=_SMALL_PX)
    greedy = Habits(n_open=_GREEDY_N_OPEN, size_px=_SMALL_PX)
    most = (FIRST, OTHERS)

    def phase(name: str, share: float, habits: Mapping[str, Habits]) -> Phase:
        return Phase(
            name=name,
            seconds=share * seconds,
            habits=habits,
            of_capacity=_OTHERS_OF_CAPACITY,
            loaded=most,
        )

    return Scenario(
        name="flood",
        title=f"one player asks without pause, {n_players - 1} as usual",
        groups={FIRST: 1, OTHERS: n_players - 2, FLOODER: 1},
        phases=(
            Phase(name="alone", seconds=0.2 * seconds, habits={FIRST: alone}),
            _capacity(0.1 * seconds, dict.fromkeys(most, greedy)),
            phase("usual", 0.25, dict.fromkeys(most, usual)),
            phase("flood", 0.25, {**dict.fromkeys(most, usual), FLOODER: flood}),
            Phase(
                name="greedy", seconds=0.2 * seconds, habits={**dict.fromkeys(most, greedy), FLOODER: flood}
            ),
        ),
    )


def _overload(n_players: int, seconds: float) -> Scenario:
    usual = Habits(talks_hz=_TALKS_HZ, size_px=_SMALL_PX, patience_s=_PATIENCE_S)
    greedy = Habits(n_open=max(1, round(_FULL_N_OPEN / n_players)), size_px=_SMALL_PX)

    def phase(name: str, share: float, of_capacity: float) -> Phase:
        habits = {EVERYBODY: usual}
        return Phase(name=name, seconds=share * seconds, habits=habits, of_capacity=of_capacity)

    return Scenario(
        name="overload",
        title=f"{n_players} players ask for five times what can be made, then for half of it",
        groups={EVERYBODY: n_players},
        phases=(
            _capacity(0.15 * seconds, {EVERYBODY: greedy}),
            phase("before", 0.15, 0.5),
            phase("overload", 0.4, _OVERLOAD),
            phase("after", max(0.3, _MIN_AFTER_S / seconds), 0.5),
        ),
    )


def _capacity(seconds: float, habits: Mapping[str, Habits]) -> Phase:
    return Phase(name="capacity", seconds=seconds, habits=habits)


SCENARIOS: Mapping[str, tuple[Callable[[int, float], Scenario], int, int]] = {
    "steady": (_steady, 200, 1),
    "wide": (_wide, 1000, 1),
    "idle": (_idle, 5000, 1),
    "flood": (_flood, 20, 3),
    "overload": (_overload, 100, 1),
}
"""Name → what makes it, how many players it is made for, and the least."""
