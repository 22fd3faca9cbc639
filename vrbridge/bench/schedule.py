"""When each player asks for what: random, and the same again for the same seed."""

import heapq
import random
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from vrbridge.bench.scenario import Habits

_MAX_SEED = 2**31
_WORDS_MIN, _WORDS_MAX = 12, 48
_NPCS = ("blacksmith", "merchant", "museum_guide", "ship_computer")
_LINES = (
    "Good morning! What are you working on?",
    "Have you seen anybody come through here today?",
    "What can you tell me about this place?",
    "I am looking for something to do. Any ideas?",
)
_SURFACES = ("mossy cobblestone", "old oak planks", "rusty iron plate", "wet sand", "red brick wall")
_THINGS = ("wooden crate", "iron lantern", "round table", "oak barrel", "garden bench")


class Act(NamedTuple):
    """A request of one player.

    Args:
        at_s: Seconds after the beginning of the phase.
        player: Who.
        kind: `dialogue`, `texture` or `mesh`.
        params: Of the request.
    """

    at_s: float
    player: int
    kind: str
    params: Mapping[str, Any]


def schedule(habits: Mapping[int, Habits], *, seed: int, phase: str, seconds: float) -> Iterator[Act]:
    """Yield what players do in a phase, in order of time.

    Args:
        habits: By player.
        seed: The same seed, phase and player make the same acts, whoever else plays.
        phase: Its name.
        seconds: Its length.
    """
    return heapq.merge(
        *(
            acts(own, player=player, seed=seed, phase=phase, seconds=seconds)
            for player, own in habits.items()
        ),
        key=lambda act: act.at_s,
    )


def acts(habits: Habits, *, player: int, seed: int, phase: str, seconds: float) -> list[Act]:
    """Return what one player does in a phase, in order of time."""
    chosen = dice(seed, phase, player)
    rates = {"dialogue": habits.talks_hz, "texture": habits.materials_hz, "mesh": habits.props_hz}
    made = [
        Act(at_s, player, kind, params(kind, chosen, size_px=habits.size_px))
        for kind, rate_hz in rates.items()
        for at_s in moments(rate_hz, seconds, chosen)
    ]
    return sorted(made, key=lambda act: act.at_s)


def moments(rate_hz: float, seconds: float, chosen: random.Random) -> Iterable[float]:
    """Yield the moments of a Poisson process."""
    at_s = chosen.expovariate(rate_hz) if rate_hz > 0 else seconds
    while at_s < seconds:
        yield at_s
        at_s += chosen.expovariate(rate_hz)


def params(kind: str, chosen: random.Random, *, size_px: int) -> dict[str, Any]:
    """Return the parameters of one request; no two are alike, so that no cache answers."""
    seed = chosen.randrange(_MAX_SEED)
    if kind == "dialogue":
        n_words = chosen.randint(_WORDS_MIN, _WORDS_MAX)
        return {
            "npc": chosen.choice(_NPCS),
            "text": chosen.choice(_LINES),
            "max_tokens": n_words,
            "seed": seed,
        }
    if kind == "texture":
        return {"prompt": chosen.choice(_SURFACES), "size_px": size_px, "seed": seed}
    return {"prompt": chosen.choice(_THINGS), "seed": seed}


def dice(*names: object) -> random.Random:
    """Return a source of chance that is the same for the same names."""
    return random.Random("/".join(str(name) for name in names))  # noqa: S311 - made to be repeated
