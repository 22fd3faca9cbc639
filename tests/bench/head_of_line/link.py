"""A process that carries IP packets between two network namespaces, as slowly as a link would.

The kernel at hand may lack `netem`; a TUN device at either end needs nothing but `/dev/net/tun`, and the TCP
that is measured is the kernel's own.
"""

import contextlib
import ctypes
import fcntl
import json
import os
import select
import signal
import struct
import sys
import time
from pathlib import Path as FilePath

from tests.bench.head_of_line.wire import Path, Wire

DEVICE = "wire"
_CLONE_NEWNET = 0x40000000
_TUNSETIFF = 0x400454CA
_IFF_TUN, _IFF_NO_PI = 0x0001, 0x1000
_MAX_PACKET_BYTES = 65536
_BURST = 64
"""Packets read from one end before the other end's turn."""


def open_end(namespace: str) -> int:
    """Make the device in a namespace and return its file descriptor.

    Raises:
        OSError: If that is not permitted.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    with FilePath("/run/netns", namespace).open() as handle:
        if libc.setns(handle.fileno(), _CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    end = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(end, _TUNSETIFF, struct.pack("16sH22x", DEVICE.encode(), _IFF_TUN | _IFF_NO_PI))
    return end


def carry(ends: tuple[int, int], path: Path, *, seed: int) -> tuple[Wire, Wire]:
    """Carry packets both ways until SIGTERM, and return the wires."""
    stopped: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, frame: stopped.append(number))
    wires = Wire(path, seed=seed), Wire(path, seed=seed + 1)
    while not stopped:
        times = [wire.next_at for wire in wires if wire.next_at is not None]
        # A second at most, since a signal may come between the look and the wait.
        wait_s = min(1.0, max(0.0, min(times, default=float("inf")) - time.monotonic()))
        readable, _, _ = select.select(ends, [], [], wait_s)
        for end, wire in zip(ends, wires, strict=True):
            if end in readable:
                _read(end, wire)
        for end, wire in zip(reversed(ends), wires, strict=True):
            for packet in wire.take(now=time.monotonic()):
                os.write(end, packet)
    return wires


def _read(end: int, wire: Wire) -> None:
    for _ in range(_BURST):
        try:
            packet = os.read(end, _MAX_PACKET_BYTES)
        except BlockingIOError:
            return
        wire.put(packet, now=time.monotonic())


def main() -> None:
    """Carry packets for what the first argument, JSON, describes; print `ready`, and figures at the end."""
    given = json.loads(sys.argv[1])
    ends = open_end(given["namespaces"][0]), open_end(given["namespaces"][1])
    # A busy machine would otherwise be part of what is measured.
    with contextlib.suppress(PermissionError):
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))
    print("ready", flush=True)
    down, up = carry(ends, Path(**given["path"]), seed=given["seed"])
    figures = {
        name: {"packets": wire.n_packets, "dropped": wire.n_dropped, "queue_bytes": wire.max_waiting_bytes}
        for name, wire in (("down", down), ("up", up))
    }
    print(json.dumps(figures), flush=True)


if __name__ == "__main__":
    main()
