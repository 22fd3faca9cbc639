"""One player, in front of the server with scripted generators."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import msgspec
import pytest

from vrbridge.bench.fake_server import FakeServer, running
from vrbridge.bench.player import Player
from vrbridge.bench.recording import DONE, GAVE_UP, Recording
from vrbridge.bench.scenario import Habits
from vrbridge.bench.schedule import Act
from vrbridge.settings import LimitSettings

OpenPlayer = Callable[..., AbstractAsyncContextManager[tuple[Player, Recording]]]
MATERIAL = Act(0.0, 0, "texture", {"prompt": "sand", "size_px": 64, "seed": 1})
LINE = Act(0.0, 0, "dialogue", {"npc": "merchant", "text": "Hello", "max_tokens": 3})
_PATIENCE_S = 60


@pytest.fixture
def open_player(tmp_path: Path) -> OpenPlayer:
    """Return what starts a server and connects a player; keywords change the server's limits."""

    @asynccontextmanager
    async def opened(*, service_s: float = 0.01, **limits: float) -> AsyncIterator[tuple[Player, Recording]]:
        config = FakeServer(
            data=str(tmp_path),
            limits=msgspec.structs.replace(LimitSettings(), **limits),
            n_workers=1,
            service_s={"texture": service_s, "mesh": service_s},
            words_hz=100,
        )
        recording = Recording()
        async with asyncio.timeout(_PATIENCE_S), running(config) as listener:
            player = Player(0, listener.url, token=None, seed=1, recording=recording, reads_stamps=True)
            staying = asyncio.create_task(player.link.stay())
            await player.link.welcomed.wait()
            yield player, recording
            await player.link.leave()
            await staying

    return opened


async def test_a_wish_that_comes_true_is_noted_with_its_times(open_player: OpenPlayer) -> None:
    async with open_player() as (player, recording):
        assert await player.wish(MATERIAL, Habits(), phase="steady") == DONE
    (asked,) = recording.asked
    assert (asked.phase, asked.player, asked.kind, asked.outcome) == ("steady", 0, "texture", DONE)
    assert asked.first_s is not None
    assert 0 < asked.first_s <= asked.total_s
    assert asked.work_s == pytest.approx(0.01)
    assert recording.n_bytes == 4096 + 3 * 2730
    assert (recording.n_connections, recording.closes, recording.failures) == (1, {}, {})


async def test_each_word_is_timed_from_where_it_was_made(open_player: OpenPlayer) -> None:
    async with open_player() as (player, recording):
        await player.wish(LINE, Habits(), phase="steady")
    assert len(recording.words) == 3
    assert all(0 <= delay < _PATIENCE_S for _, delay in recording.words)


async def test_what_is_refused_is_asked_for_again_when_the_server_says(open_player: OpenPlayer) -> None:
    async with open_player(service_s=0.2, max_open_requests=1) as (player, recording):
        wishes = [
            asyncio.create_task(player.wish(MATERIAL, Habits(patience_s=50), phase="steady"))
            for _ in range(2)
        ]
        assert await asyncio.gather(*wishes) == [DONE, DONE]
    refused = max(recording.asked, key=lambda asked: asked.n_refused)
    assert refused.n_refused >= 1
    assert {code for _, code in recording.refusals} == {"rate_limited"}
    # The server asks for a second.
    assert refused.total_s >= 1


async def test_a_player_whose_patience_is_over_gives_up(open_player: OpenPlayer) -> None:
    async with open_player(service_s=0.3, max_open_requests=1) as (player, recording):
        first = asyncio.create_task(player.wish(MATERIAL, Habits(), phase="steady"))
        await asyncio.sleep(0)
        assert await player.wish(MATERIAL, Habits(patience_s=0.2), phase="steady") == GAVE_UP
        assert await first == DONE
    assert sorted(asked.outcome for asked in recording.asked) == [DONE, GAVE_UP]


async def test_a_wish_that_is_given_up_is_cancelled_on_the_server(open_player: OpenPlayer) -> None:
    async with open_player(service_s=_PATIENCE_S, max_open_requests=1) as (player, recording):
        asking = asyncio.create_task(player.keep_asking(Habits(size_px=64), phase="greedy"))
        await asyncio.sleep(0)
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
        # There would be no room for it beside another request.
        assert await player.wish(LINE, Habits(), phase="steady") == DONE
    assert [asked.outcome for asked in recording.asked] == ["cancelled", DONE]


async def test_a_cut_connection_is_resumed_and_counted(open_player: OpenPlayer) -> None:
    async with open_player(service_s=0.3) as (player, recording):
        wish = asyncio.create_task(player.wish(MATERIAL, Habits(), phase="steady"))
        await asyncio.sleep(0)
        await player.link.cut()
        assert await wish == DONE
    assert (recording.n_connections, recording.n_resumed, recording.n_lost) == (2, 1, 0)
    assert recording.closes == {"1006": 1}
