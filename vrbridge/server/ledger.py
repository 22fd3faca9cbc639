"""Which requests a session has made, and how they ended."""

import asyncio
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from vrbridge.protocol.messages import Accepted, End, Error

MAX_ENDS = 128
"""Ends that are kept, to answer a request that is sent again after it ended."""
MAX_IDS = 65_536
"""Ids that are remembered as used, so that none runs twice."""


@dataclass(slots=True, kw_only=True)
class OpenRequest:
    """A request on its way.

    Args:
        id: The client's number.
        kind: What was asked for.
        started: When it arrived, on the clock of `time.monotonic`.
        slot: A newer request of the same slot takes its place.
        anchor: Where the result belongs in the scene.
        accepted: What the client was told.
        task: Carries it out.
        n_characters: Code points of text so far.
        first_s: Seconds to the first text or asset.
    """

    id: int
    kind: str
    started: float
    accepted: Accepted
    slot: str | None = None
    anchor: Mapping[str, Any] | None = None
    task: asyncio.Task[None] | None = None
    n_characters: int = 0
    first_s: float | None = None


class Ledger:
    """Remembers ids, ends and slots, so that no id runs twice.

    Args:
        max_ends: Ends that are kept; an older one can't be told again.
        max_ids: Ids that are kept.
    """

    def __init__(self, *, max_ends: int = MAX_ENDS, max_ids: int = MAX_IDS) -> None:
        self._max_ends = max_ends
        self._max_ids = max_ids
        self._open: dict[int, OpenRequest] = {}
        self._ends: OrderedDict[int, End] = OrderedDict()
        self._ids: OrderedDict[int, None] = OrderedDict()
        # Both outlive the work: what is made may still be on its way.
        self._slots: dict[str, int] = {}
        self._anchors: dict[int, Mapping[str, Any]] = {}

    @property
    def anchors(self) -> Mapping[int, Mapping[str, Any]]:
        """Where the results of recent requests belong, by id."""
        return self._anchors

    @property
    def open(self) -> tuple[OpenRequest, ...]:
        """Requests that are carried out, in the order of their arrival."""
        return tuple(self._open.values())

    def knows(self, id: int) -> bool:
        """Whether a request with this id was made before."""
        return id in self._open or id in self._ids

    def find(self, id: int) -> OpenRequest | None:
        """Return a request that is carried out, or None."""
        return self._open.get(id)

    def end_of(self, id: int) -> End | None:
        """Return how a request ended, or None if it goes on or that was too long ago."""
        return self._ends.get(id)

    def failure_of(self, id: int) -> str | None:
        """Return the code of the error that a request ended with; None: it goes on, or was done."""
        end = self._ends.get(id)
        return end.code if isinstance(end, Error) else None

    def in_slot(self, slot: str | None) -> int | None:
        """Return the id of the newest request of a slot, ended or not."""
        return None if slot is None else self._slots.get(slot)

    def begin(self, request: OpenRequest) -> None:
        """Note a request with a new id."""
        self._open[request.id] = request
        if request.slot is not None:
            self._slots[request.slot] = request.id
        if request.anchor is not None:
            self._anchors[request.id] = request.anchor

    def end(self, id: int, end: End) -> None:
        """Note how a request ended; a later end, such as a cancellation on the way, replaces it."""
        self._open.pop(id, None)
        self._ends[id] = end
        self._ends.move_to_end(id)
        self._ids[id] = None
        while len(self._ends) > self._max_ends:
            gone, _ = self._ends.popitem(last=False)
            self._anchors.pop(gone, None)
        while len(self._ids) > self._max_ids:
            self._ids.popitem(last=False)
        if len(self._slots) > self._max_ends:
            self._slots = {slot: held for slot, held in self._slots.items() if self._is_recent(held)}

    def _is_recent(self, id: int) -> bool:
        return id in self._open or id in self._ends
