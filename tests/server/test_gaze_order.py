"""What the player looks at is made first: in virtual time, and over a real socket."""

import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.integration.scene import RawScene, scene
from tests.scheduling.simulation import Ask, Simulation
from tests.server.rings import BEHIND_VIEW, IN_VIEW, N_PLACES, context, place
from vrbridge.bench.fake_server import FakeServer, running
from vrbridge.protocol.messages import Context
from vrbridge.scheduling.backlog import Backlog
from vrbridge.server.attention import Sight
from vrbridge.settings import LimitSettings

_BLOCKER = 900


def shuffled(seed: int) -> list[int]:
    places = list(range(N_PLACES))
    random.Random(seed).shuffle(places)
    return places


class Player:
    """Somebody in virtual time who has asked for a material at every place."""

    def __init__(self, seed: int, *, n_workers: int) -> None:
        self.simulation = Simulation(
            Backlog[Ask](max_wait_s=1e3, max_session_seconds=1e3), n_workers=n_workers, seed=seed
        )
        self.done: list[tuple[float, int]] = []
        self._sight = Sight(None)
        for _ in range(n_workers):
            self.simulation.request("player", 1.0)
        for number in shuffled(seed):
            self._ask(number)

    def look(self, *, is_turned: bool) -> None:
        self._sight = Sight(msgspec.convert(context(is_turned=is_turned), Context))

    def run(self, seconds: float) -> list[int]:
        """Go on so long; return what was made meanwhile."""
        n_before = len(self.done)
        self.simulation.run(until_s=self.simulation.now + seconds)
        return [number for _, number in self.done[n_before:]]

    def _ask(self, number: int) -> None:
        refused = self.simulation.request(
            "player",
            0.4,
            on_end=lambda: self.done.append((self.simulation.now, number)),
            weight=lambda: self._sight.weight(place(number)),
        )
        assert refused is None


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("n_workers", [1, 2, 4])
def test_what_is_in_view_is_made_before_anything_behind_and_a_turn_is_followed(
    seed: int, n_workers: int
) -> None:
    player = Player(seed, n_workers=n_workers)
    player.look(is_turned=False)
    made = player.run(2.0 + 6.0 / n_workers)
    ahead = {n for n in range(N_PLACES) if n < N_PLACES // 4 or n >= 3 * N_PLACES // 4}
    assert set(made) <= ahead
    # Each worker may still be at one of the next step while the last of this one are made.
    assert len(made) >= 12
    assert set(made[: 6 + n_workers - 1]) >= IN_VIEW
    player.look(is_turned=True)
    turned = player.run(8.0 / n_workers)
    # What was begun before the turn is finished, and nothing else of the old view.
    assert len(set(turned) & ahead) <= n_workers
    assert set(turned[: 6 + 2 * n_workers - 1]) >= BEHIND_VIEW
    player.run(100.0)
    assert sorted(number for _, number in player.done) == list(range(N_PLACES))


def test_without_a_context_the_order_is_that_of_asking() -> None:
    player = Player(1, n_workers=1)
    assert player.run(100.0) == shuffled(1)


@asynccontextmanager
async def surrounded(folder: Path) -> AsyncIterator[RawScene]:
    """A player who waits for a thing that never ends, and behind it for a material at every place."""
    config = FakeServer(
        data=str(folder),
        limits=LimitSettings(max_open_requests=N_PLACES + 8),
        n_workers=1,
        service_s={"texture": 0.005, "mesh": 600.0},
    )
    async with running(config) as listener, scene(listener.url) as raw:
        await raw.request(_BLOCKER, "mesh", {"prompt": "a gate"})
        await raw.until(lambda m: m["type"] == "progress" and m["id"] == _BLOCKER)
        for number in shuffled(7):
            params = {"prompt": f"wall {number}", "size_px": 64, "seed": number}
            await raw.request(number, "texture", params, anchor=place(number))
        yield raw


async def look(raw: RawScene, *, is_turned: bool) -> None:
    """Say what is seen, and make sure that it was heard."""
    await raw.send({"type": "context"} | context(is_turned=is_turned))
    await raw.send({"type": "ping", "t": float(is_turned)})
    await raw.until(lambda m: m["type"] == "pong" and m["t"] == float(is_turned))


async def stop(raw: RawScene, id: int) -> None:
    """Cancel what the worker is at, so that it begins with what waits."""
    await raw.send({"type": "cancel", "id": id})
    assert (await raw.end(id))["code"] == "cancelled"


def made(raw: RawScene) -> list[int]:
    """Return the places whose material is complete, in that order."""
    return [m["id"] for m in raw.messages if m["type"] == "done"]


async def ends(raw: RawScene, numbers: set[int]) -> None:
    for number in numbers:
        ended: dict[str, Any] = await raw.end(number)
        assert ended["type"] == "done"


async def test_over_a_socket_the_six_in_view_are_complete_before_any_behind(tmp_path: Path) -> None:
    async with surrounded(tmp_path) as raw:
        await look(raw, is_turned=False)
        await stop(raw, _BLOCKER)
        await ends(raw, set(range(N_PLACES)))
        assert set(made(raw)[:6]) == IN_VIEW
        assert set(made(raw)[-6:]) == BEHIND_VIEW


async def test_over_a_socket_a_turn_is_followed_with_the_next_that_is_begun(tmp_path: Path) -> None:
    async with surrounded(tmp_path) as raw:
        await look(raw, is_turned=False)
        # Belongs nowhere: its turn comes between what is ahead and what is behind.
        await raw.request(_BLOCKER + 1, "mesh", {"prompt": "a gate"})
        await stop(raw, _BLOCKER)
        await raw.until(lambda m: m["type"] == "progress" and m["id"] == _BLOCKER + 1)
        n_ahead = len(made(raw))
        assert n_ahead == N_PLACES // 2
        # Straight behind is the last of all, unless the player turns round.
        await look(raw, is_turned=True)
        await stop(raw, _BLOCKER + 1)
        await ends(raw, set(range(N_PLACES)))
        assert set(made(raw)[n_ahead : n_ahead + 6]) == BEHIND_VIEW
