"""Ids, ends and slots."""

from vrbridge.protocol.messages import Accepted, Done
from vrbridge.server.ledger import Ledger, OpenRequest


def _request(id: int, slot: str | None = None) -> OpenRequest:
    accepted = Accepted(id=id, position=0)
    return OpenRequest(id=id, kind="mesh", started=0.0, accepted=accepted, slot=slot, anchor={"object": id})


def _done(id: int) -> Done:
    return Done(id=id, result={}, timing={})


def test_a_request_is_open_until_it_ends_and_known_ever_after() -> None:
    ledger = Ledger()
    ledger.begin(_request(1, "wall"))
    assert ledger.knows(1)
    assert [request.id for request in ledger.open] == [1]
    ledger.end(1, _done(1))
    assert ledger.open == ()
    assert ledger.knows(1)
    assert ledger.end_of(1) == _done(1)
    assert ledger.in_slot("wall") == 1
    assert ledger.in_slot(None) is None


def test_ends_and_ids_are_bounded_the_oldest_go() -> None:
    ledger = Ledger(max_ends=2, max_ids=3)
    for id in range(5):
        ledger.begin(_request(id, f"slot {id}"))
        ledger.end(id, _done(id))
    assert [ledger.end_of(id) is not None for id in range(5)] == [False, False, False, True, True]
    assert [ledger.knows(id) for id in range(5)] == [False, False, True, True, True]
    assert set(ledger.anchors) == {3, 4}
    assert [ledger.in_slot(f"slot {id}") for id in range(5)] == [None, None, None, 3, 4]


def test_open_requests_are_never_forgotten() -> None:
    ledger = Ledger(max_ends=1, max_ids=1)
    for id in range(4):
        ledger.begin(_request(id))
    assert all(ledger.knows(id) for id in range(4))
