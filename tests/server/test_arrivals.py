"""Connections that have not greeted yet."""

from tests.chaos.waiting import until
from vrbridge.server.arrivals import Arrivals


class FakeTransport:
    """Notes that it was aborted."""

    def __init__(self) -> None:
        self.is_aborted = False

    def abort(self) -> None:
        self.is_aborted = True


async def test_of_too_many_the_oldest_is_given_up() -> None:
    arrivals = Arrivals(max_waiting=2, request_s=60)
    transports = [FakeTransport() for _ in range(4)]
    for transport in transports:
        arrivals.come(transport)
    assert [transport.is_aborted for transport in transports] == [True, True, False, False]
    assert len(arrivals) == 2
    arrivals.abort_all()
    assert all(transport.is_aborted for transport in transports)
    assert len(arrivals) == 0


async def test_who_has_greeted_is_in_nobodys_way() -> None:
    arrivals = Arrivals(max_waiting=1, request_s=60)
    greeted, later = FakeTransport(), FakeTransport()
    arrivals.come(greeted)
    arrivals.leave(greeted)
    arrivals.come(later)
    arrivals.abort_all()
    assert not greeted.is_aborted
    assert later.is_aborted
    arrivals.leave(later)


async def test_a_request_has_to_be_said_in_time() -> None:
    arrivals = Arrivals(max_waiting=3, request_s=0.01)
    silent, heard, gone = FakeTransport(), FakeTransport(), FakeTransport()
    for transport in (heard, gone, silent):
        arrivals.come(transport)
    arrivals.heard(heard)
    arrivals.leave(gone)
    arrivals.heard(gone)
    await until(lambda: silent.is_aborted)
    assert not heard.is_aborted
    assert not gone.is_aborted
    assert len(arrivals) == 1
