"""What the server would be without one of the ways in which it keeps the line free for words."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from vrbridge.protocol.outbox import Outbox

_ALL = 1 << 30
"""The most credit that a client may give; no measurement uses it up."""


class InOrder(Outbox):
    """Sends what was put first first: words wait for all chunks of an asset that came before them."""

    def next(self, *, now: float) -> bytes | None:
        """Return the next message to send, or None if nothing can be sent now."""
        chunk = self._next_chunk(self._lanes_with_work(now)) if self._is_attached else None
        return chunk if chunk is not None or self._has_chunks else super().next(now=now)


def _without_window(outbox: type[Outbox], **keywords: Any) -> Outbox:
    return outbox(**(keywords | {"window": None}))


@dataclass(frozen=True)
class Variant:
    """A way to serve.

    Args:
        name: In the table.
        new_outbox: Makes the outbox of a session.
        credit_bytes: What the client lets be on its way; None: what the measurement says.
    """

    name: str
    new_outbox: Callable[..., Outbox]
    credit_bytes: int | None = None


PRODUCT = Variant("the product", Outbox)
NO_CREDIT = Variant("no credit, no window", partial(_without_window, Outbox), _ALL)
NO_PRIORITY = Variant("no priority", InOrder)
NEITHER = Variant("neither", partial(_without_window, InOrder), _ALL)
VARIANTS = {variant.name: variant for variant in (PRODUCT, NO_CREDIT, NO_PRIORITY, NEITHER)}
