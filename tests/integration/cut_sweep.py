"""The recorded scene, played once undisturbed and then through every cut of a plan."""

import asyncio
from collections.abc import Collection
from pathlib import Path
from typing import Final

from tests.integration.cutting_relay import Cut, Way
from tests.integration.recorded_scene import Played, check_runs, play
from tests.server.conftest import open_site_in

Plan = tuple[Cut, ...]
"""Where the first connections of a scene are cut."""

STREAM_BYTES: Final[dict[Way, int]] = {"down": 6400, "up": 2200}
"""More than goes each way on an undisturbed connection, the closing handshake included."""
RESUME_BYTES: Final[dict[Way, int]] = {"down": 1000, "up": 900}
"""Both handshakes of a connection that resumes, and the first messages after them."""
_HALF: Final[dict[Way, int]] = {"down": 3000, "up": 1400}
_MIN_MESSAGES: Final = 60
_AT_ONCE: Final = 32
# The same scene differs by a few acknowledgements and markers of delivery.
_MARGIN_BYTES: Final = 400


def first_cuts(way: Way, start: int = 0, stop: int | None = None, *, step: int = 1) -> list[Plan]:
    """Return plans that cut the first connection after every so many bytes."""
    end = STREAM_BYTES[way] if stop is None else min(stop, STREAM_BYTES[way])
    return [(Cut(way, n_bytes),) for n_bytes in range(start, end, step)]


def second_cuts(way: Way, *, step: int = 1) -> list[Plan]:
    """Return plans that cut the first connection half-way, and its resume after every so many bytes."""
    return [(Cut(way, _HALF[way]), Cut(way, n_bytes)) for n_bytes in range(0, RESUME_BYTES[way], step)]


async def sweep(folder: Path, plans: Collection[Plan]) -> int:
    """Play the scene through each plan, and make sure that the application notices nothing.

    Returns:
        How many connections were cut.
    """
    played: dict[Plan, Played] = {}
    failures: dict[Plan, BaseException] = {}
    turns = asyncio.Semaphore(_AT_ONCE)

    async def play_one(plan: Plan) -> None:
        async with turns:
            try:
                played[plan] = await play(site.listener.port, plan)
            except Exception as error:  # noqa: BLE001 - all positions that fail are told together
                failures[plan] = error

    async with open_site_in(folder, max_connections=20_000) as site:
        undisturbed = await play(site.listener.port)
        await asyncio.gather(*(play_one(plan) for plan in plans))
        assert not failures, f"{len(failures)} plans failed, such as {list(failures.items())[:3]}"
        check_runs([site], [undisturbed, *played.values()])
    _check(undisturbed, played)
    return sum(scene.n_cut for scene in played.values())


def _check(undisturbed: Played, played: dict[Plan, Played]) -> None:
    assert undisturbed.transcript.n_messages >= _MIN_MESSAGES
    for plan, scene in played.items():
        assert scene.transcript.events == undisturbed.transcript.events, f"the application noticed {plan}"
        way, n_bytes = plan[0].way, plan[0].n_bytes
        length = undisturbed.n_bytes[0][way]
        assert length < STREAM_BYTES[way], "the positions reach beyond the end of the stream"
        if n_bytes < length - _MARGIN_BYTES:
            assert scene.n_cut >= 1, f"nothing was cut by {plan}"
