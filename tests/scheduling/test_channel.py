"""The pool's end of a worker's socket takes whole frames and nothing else."""

import asyncio
import socket
from collections.abc import Iterator

import pytest

from vrbridge.scheduling.channel import Channel, ChannelClosed
from vrbridge.scheduling.frames import PREFIX, Ended, Output, Stop, pack, to_worker


@pytest.fixture
def ends() -> Iterator[tuple[Channel, socket.socket]]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield Channel(ours), theirs


async def test_a_message_and_its_payload_arrive_however_they_are_cut(
    ends: tuple[Channel, socket.socket],
) -> None:
    channel, worker = ends
    output = Output(1, "asset", {"role": "x"}, 5)
    receiving = asyncio.create_task(channel.receive())
    for byte in pack(output) + b"bytes":
        worker.send(bytes([byte]))
        await asyncio.sleep(0)
    message, payload = await receiving
    assert message == output
    assert bytes(payload) == b"bytes"


async def test_messages_without_payload_follow_each_other(ends: tuple[Channel, socket.socket]) -> None:
    channel, worker = ends
    worker.sendall(pack(Output(1, "progress", {}, 0)) + pack(Ended(1, 0.5)))
    assert await channel.receive() == (Output(1, "progress", {}, 0), b"")
    assert await channel.receive() == (Ended(1, 0.5), b"")


async def test_messages_go_out_whole(ends: tuple[Channel, socket.socket]) -> None:
    channel, worker = ends
    assert channel.send_now(Stop(3))
    await channel.send(pack(Stop(4)))
    data = worker.recv(1000)
    n_bytes = len(pack(Stop(3)))
    assert [to_worker.decode(frame[PREFIX.size :]) for frame in (data[:n_bytes], data[n_bytes:])] == [
        Stop(3),
        Stop(4),
    ]


async def test_a_worker_that_takes_nothing_is_told_nothing(ends: tuple[Channel, socket.socket]) -> None:
    channel, _ = ends
    # At most as many as fit into the buffers of any system.
    assert not all(channel.send_now(Stop(number)) for number in range(1_000_000))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x00\x00",
        pack(Output(1, "asset", {}, 100)) + b"too little",
        PREFIX.pack(3) + b"\xff\xff\xff",
        PREFIX.pack(2**32 - 1),
        pack(Stop(1)),
        pack(Output(1, "asset", {}, 1 << 31)),
        pack(Output(1, "asset", {}, -1)),
    ],
)
async def test_an_end_or_a_broken_frame_closes_the_channel(
    ends: tuple[Channel, socket.socket], data: bytes
) -> None:
    channel, worker = ends
    worker.sendall(data)
    worker.close()
    with pytest.raises(ChannelClosed):
        await channel.receive()


async def test_sending_to_a_worker_that_is_gone_says_so(ends: tuple[Channel, socket.socket]) -> None:
    channel, worker = ends
    worker.close()
    assert not channel.send_now(Stop(1))
    with pytest.raises(ChannelClosed):
        await channel.send(pack(Stop(1)))
