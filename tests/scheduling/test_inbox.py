"""What waits for one batch never holds up others, and has a bound."""

import asyncio

import pytest

from vrbridge.scheduling.frames import Ended, Output
from vrbridge.scheduling.inbox import Inbox, InboxFull


async def test_messages_are_given_out_in_order_with_their_payloads() -> None:
    inbox = Inbox()
    inbox.put(Output(1, "part", {"n": 0}, 2), b"ab")
    inbox.put(Ended(1, 0.5), b"")
    assert await inbox.next() == (Output(1, "part", {"n": 0}, 2), b"ab")
    assert await inbox.next() == (Ended(1, 0.5), b"")


async def test_whoever_waits_gets_what_comes() -> None:
    inbox = Inbox()
    waiting = asyncio.create_task(inbox.next())
    await asyncio.sleep(0)
    inbox.put(Ended(1, 0.5), b"")
    assert await waiting == (Ended(1, 0.5), b"")


@pytest.mark.parametrize(("n_messages", "n_bytes"), [(1025, 0), (9, 32 << 20)])
async def test_without_room_all_is_dropped_and_said(n_messages: int, n_bytes: int) -> None:
    inbox = Inbox()
    payload = memoryview(bytes(n_bytes))
    for number in range(n_messages):
        inbox.put(Output(1, "part", {"n": number}, n_bytes), payload)
    with pytest.raises(InboxFull):
        await inbox.next()
    inbox.put(Ended(1, 0.5), b"")
    with pytest.raises(InboxFull):
        await inbox.next()
