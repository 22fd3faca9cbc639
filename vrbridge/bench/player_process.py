"""A process full of players; run as `python -m vrbridge.bench.player_process CAST`, a file.

Standard input gives the orders, one JSON object a line (`Order`); standard output answers (`Reply`). The end
of standard input ends the process.
"""

import asyncio
import contextlib
import sys
from pathlib import Path
from typing import Final, Literal

import msgspec

from vrbridge.bench import event_loop
from vrbridge.bench.scenario import Phase
from vrbridge.bench.troupe import Cast, Troupe
from vrbridge.client.errors import CannotConnect
from vrbridge.server.garbage import look_seldom

RECORDING: Final = ".recording"
"""Ending of the file with what the players noted, beside the cast's."""
_REPORT_EVERY = 50


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """What the process is to do.

    Args:
        what: `enter` (connect), `act` (go through a phase) or `end` (wait for what is under way, leave, write
            the recording).
        phase: To go through.
        start: When, on the clock of `time.monotonic`.
        within_s: How long to wait for what is under way.
    """

    what: Literal["enter", "act", "end"]
    phase: Phase | None = None
    start: float = 0.0
    within_s: float = 0.0


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """What the process has done.

    Args:
        what: `connected` (so many by now), `acted`, `ended`, or `failed` (with a reason).
        n: Players, or materials that came in the phase.
        work_s: Seconds that generators worked on them.
        reason: For a person.
    """

    what: Literal["connected", "acted", "ended", "failed"]
    n: int = 0
    work_s: float = 0.0
    reason: str = ""


def main(path: Path) -> None:
    """Play until told to end."""
    cast = msgspec.json.decode(path.read_bytes(), type=Cast)
    with contextlib.suppress(asyncio.CancelledError):
        event_loop.run(_play(cast, path))


async def _play(cast: Cast, path: Path) -> None:
    orders: asyncio.Queue[Order] = asyncio.Queue()
    listening = asyncio.create_task(_listen(orders, asyncio.current_task()), name="orders")
    troupe = Troupe(cast)
    await orders.get()  # to enter
    refused = await _refused(troupe, len(cast.players))
    if refused is not None:
        _tell(Reply(what="failed", reason=refused))
        return
    look_seldom()
    while (order := await orders.get()).what == "act":
        assert order.phase is not None, "there is no acting without a phase"
        n_made, work_s = await troupe.act(order.phase, start=order.start, seed=cast.seed)
        _tell(Reply(what="acted", n=n_made, work_s=work_s))
    listening.cancel()
    await troupe.finish(within_s=order.within_s)
    await troupe.leave()
    # Nobody is left whom a slow disk could keep waiting.
    path.with_suffix(RECORDING).write_bytes(msgspec.msgpack.encode(troupe.recording))
    _tell(Reply(what="ended"))


async def _refused(troupe: Troupe, n_players: int) -> str | None:
    """Connect everybody; return why if the server does not let them in."""

    def tell(n_connected: int) -> None:
        if n_connected % _REPORT_EVERY == 0 or n_connected == n_players:
            _tell(Reply(what="connected", n=n_connected))

    try:
        await troupe.enter(tell)
    except* CannotConnect as group:
        reason = str(group.exceptions[0])
    else:
        return None
    return reason


async def _listen(orders: asyncio.Queue[Order], player: asyncio.Task[None] | None) -> None:
    """Queue what standard input says; its end, before the order to end, means that nobody waits any more."""
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        orders.put_nowait(msgspec.json.decode(line, type=Order))
    if player is not None:
        player.cancel()


def _tell(reply: Reply) -> None:
    sys.stdout.write(msgspec.json.encode(reply).decode() + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
