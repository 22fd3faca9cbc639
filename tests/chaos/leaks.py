"""Whether everything is back where it was: tasks, file descriptors, processes, sessions, memory."""

import asyncio
import ctypes
import gc
import os
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.chaos.waiting import until
from tests.integration.serving import children
from vrbridge.client.client import Client
from vrbridge.protocol.outbox import Outbox
from vrbridge.server.connection import Connection
from vrbridge.server.session import Session

MAX_GROWTH_MB = 128.0
"""Allocators keep some of what a thousand sessions held; a leak of messages or assets is larger."""
_PATIENCE_S = 10.0
_WATCHED = frozenset({Session, Connection, Outbox, Client})


@dataclass(frozen=True)
class Census:
    """What there is at one moment.

    Args:
        n_tasks: Of this event loop.
        n_descriptors: Open file descriptors.
        n_children: Child processes.
        objects: Sessions, connections, outboxes and clients, by name.
    """

    n_tasks: int
    n_descriptors: int
    n_children: int
    objects: tuple[tuple[str, int], ...]


def census() -> Census:
    """Count what is there now."""
    gc.collect()
    found = Counter(type(thing).__name__ for thing in gc.get_objects() if type(thing) in _WATCHED)
    return Census(
        n_tasks=len(asyncio.all_tasks()),
        n_descriptors=len(os.listdir("/proc/self/fd")),  # noqa: PTH208 - names are enough
        n_children=len(children(os.getpid())),
        objects=tuple(sorted(found.items())),
    )


def resident_mb() -> float:
    """Return the memory of this process, after giving back what can be given back."""
    gc.collect()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / (1 << 20)


@asynccontextmanager
async def without_leaks() -> AsyncIterator[None]:
    """Fail if the block leaves anything behind; closed transports get a moment to go."""
    before = census()
    yield
    try:
        await until(lambda: census() == before, within_s=_PATIENCE_S)
    except AssertionError:
        raise AssertionError(f"left behind: {census()}, before it was {before}") from None
