"""What waits for whoever made a request."""

import pytest

from vrbridge.client.errors import RequestFailed
from vrbridge.client.events import Done, Event, Progressed, TextPiece
from vrbridge.client.ticket import MAX_WAITING, Ticket


def make() -> tuple[Ticket, list[int]]:
    cancelled: list[int] = []
    return Ticket(1, cancel=cancelled.append, taken=lambda n_bytes: None), cancelled


async def read(ticket: Ticket) -> list[Event]:
    return [event async for event in ticket]


async def test_of_progress_that_nobody_has_read_the_last_is_kept() -> None:
    ticket, _ = make()
    for step in range(5):
        ticket.put(Progressed("work", step / 10))
    ticket.put(TextPiece("x", 0))
    ticket.put(Progressed("work", 0.9))
    ticket.put(Done({}, {}))
    assert await read(ticket) == [
        Progressed("work", 0.4),
        TextPiece("x", 0),
        Progressed("work", 0.9),
        Done({}, {}),
    ]


async def test_a_request_whose_events_nobody_reads_is_stopped_and_says_so() -> None:
    ticket, cancelled = make()
    for offset in range(MAX_WAITING + 10):
        ticket.put(TextPiece("x", offset))
    assert cancelled == [1]
    ticket.put(RequestFailed("The client cancelled the request.", code="cancelled"))
    for offset in range(MAX_WAITING):
        assert await anext(ticket) == TextPiece("x", offset)
    with pytest.raises(RequestFailed) as caught:
        await anext(ticket)
    assert caught.value.code == "not_read"


async def test_a_request_that_was_read_to_its_end_goes_on_where_much_has_passed() -> None:
    ticket, cancelled = make()
    for offset in range(2 * MAX_WAITING):
        ticket.put(TextPiece("x", offset))
        assert await anext(ticket) == TextPiece("x", offset)
    ticket.put(Done({}, {}))
    assert await read(ticket) == [Done({}, {})]
    assert cancelled == []
