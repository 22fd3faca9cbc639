"""What an application may see of its requests, whatever becomes of its connections."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.server.fakes import asset
from vrbridge.client.errors import RequestFailed, SessionLost
from vrbridge.client.events import Accepted, ActionEvent, Asset, Done, Event, Progressed, Restarted, TextPiece

Step = tuple[str, Any]


@dataclass
class Asked:
    """One request.

    Args:
        steps: What its kind does.
        kind: `dialogue` or `mesh`.
        is_resent: Whether it survives its session.
    """

    steps: Sequence[Step]
    kind: str
    is_resent: bool
    ends: set[str] = field(init=False)
    got: list[object] = field(init=False, default_factory=list)
    end: str | None = field(init=False, default=None)
    is_accepted: bool = field(init=False, default=False)
    has_resumed: bool = field(init=False, default=False)

    def __post_init__(self) -> None:
        self._expected, natural = _outcome(self.steps)
        self.ends = {natural}

    def take(self, event: Event | RequestFailed | SessionLost) -> None:
        """Check an event against what must come next."""
        assert self.end is None, "a request ends once, and nothing follows"
        match event:
            case Progressed():
                return
            case Accepted():
                assert not self.is_accepted, "a request is accepted once"
                self.is_accepted = True
            case Restarted():
                assert self.is_resent
                self.got.clear()
                self.is_accepted = False
            case Done():
                self._finish("done")
            case RequestFailed():
                self._finish(event.code)
            case SessionLost():
                self._finish("lost")
            case _:
                self._go_on(event)

    def check_end(self) -> None:
        """Make sure that it has ended."""
        assert self.end is not None, "every request ends"

    def _go_on(self, event: object) -> None:
        assert self.is_accepted, "nothing comes before `accepted`"
        self.got.append((event.role, event.digest, len(event.data)) if isinstance(event, Asset) else event)
        for got, expected in zip(self._streams(self.got), self._streams(self._expected), strict=True):
            assert got == expected[: len(got)], "in order, nothing lost, nothing twice"

    def _finish(self, end: str) -> None:
        assert end in self.ends, f"{end} is no end that this request may have: {self.ends}"
        if end in {"done", "generator_failed"}:
            assert self._streams(self.got) == self._streams(self._expected), "everything comes before the end"
        self.end = end

    def _streams(self, events: Sequence[object]) -> list[list[object]]:
        """Return what keeps its order: everything, or after a resume assets and what is not an asset."""
        if not self.has_resumed:
            return [list(events)]
        # Messages are sent again first, so that an asset may be complete only after what followed it; one
        # without bytes is complete with its message.
        assets = [event for event in events if isinstance(event, tuple)]
        return [
            [event for event in assets if event[-1]],
            [event for event in assets if not event[-1]],
            [event for event in events if not isinstance(event, tuple)],
        ]


def _outcome(steps: Sequence[Step]) -> tuple[list[object], str]:
    """Return what is seen of these steps, and how they end."""
    seen: list[object] = []
    n_characters = 0
    for name, value in steps:
        match name:
            case "say":
                seen.append(TextPiece(value, n_characters))
                n_characters += len(value)
            case "act":
                seen.append(ActionEvent(value, {"to": "door"}))
            case "asset":
                made = asset(value)
                seen.append((made.role, made.digest, value))
            case "fail":
                return seen, "generator_failed"
    return seen, "done"
