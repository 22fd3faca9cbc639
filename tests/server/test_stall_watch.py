"""When a peer is cut off, and when it is left alone."""

import asyncio
import time

from vrbridge.server.stall_watch import StallWatch


class Peer:
    """A peer whose stall is scripted, and the watch over it.

    Args:
        looks: What each look finds; the last one is found for ever.
        stall_s: How long it may take nothing.
    """

    def __init__(self, *looks: float | None, stall_s: float = 0.04) -> None:
        self._looks = list(looks)
        self.looked_at: list[float] = []
        self.looked = asyncio.Event()
        self.looked_first = asyncio.Event()
        self.aborted = asyncio.Event()
        self.n_aborts = 0
        self.watch = StallWatch(stall_s=stall_s, stalled_s=self._look, abort=self._abort)

    @property
    def n_looks(self) -> int:
        return len(self.looked_at)

    def _look(self) -> float | None:
        self.looked_at.append(time.monotonic())
        self.looked_first.set()
        if len(self._looks) > 1:
            return self._looks.pop(0)
        self.looked.set()
        return self._looks[0]

    def _abort(self) -> None:
        self.n_aborts += 1
        self.aborted.set()


async def test_a_peer_that_takes_nothing_is_cut_off_once() -> None:
    peer = Peer(0.0, 0.02, 0.05)
    peer.watch.start()
    peer.watch.start()
    await peer.aborted.wait()
    peer.watch.start()
    assert (peer.n_aborts, peer.n_looks) == (1, 4)


async def test_after_a_pause_of_the_loop_a_peer_gets_a_second_look() -> None:
    peer = Peer(9.0, 0.0, None)
    peer.watch.start()
    await peer.looked.wait()
    assert (peer.n_aborts, peer.n_looks) == (0, 3)


async def test_a_peer_has_all_of_its_time_again_after_a_pause_of_the_loop() -> None:
    peer = Peer(9.0, 0.0, None, stall_s=0.6)
    peer.watch.start()
    time.sleep(0.5)  # noqa: ASYNC251 - the pause
    await peer.looked.wait()
    assert peer.n_aborts == 0
    assert peer.looked_at[1] - peer.looked_at[0] > 0.59


async def test_a_pause_in_which_a_peer_was_to_be_judged_gives_it_all_of_its_time_again() -> None:
    peer = Peer(9.0, 9.0, 0.0, None, stall_s=0.3)
    peer.watch.start()
    await peer.looked_first.wait()
    time.sleep(0.6)  # noqa: ASYNC251 - the pause
    await peer.looked.wait()
    assert peer.n_aborts == 0
    assert peer.looked_at[2] - peer.looked_at[1] > 0.29


async def test_nothing_is_looked_at_while_nothing_is_on_its_way() -> None:
    peer = Peer(None)
    peer.watch.start()
    await peer.looked.wait()
    assert peer.n_looks == 1
    peer.looked.clear()
    peer.watch.start()
    await peer.looked.wait()
    assert peer.n_looks == 2


async def test_a_closed_watch_does_nothing() -> None:
    peer, other = Peer(9.0), Peer(9.0)
    peer.watch.start()
    peer.watch.close()
    peer.watch.start()
    other.watch.start()
    await other.aborted.wait()
    assert peer.n_looks == 0
