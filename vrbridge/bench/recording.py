"""What players note down, in the form in which their process hands it over."""

from collections import Counter
from collections.abc import Iterable

import msgspec

from vrbridge.bench.lag import Lag
from vrbridge.bench.measures import Sample

DONE = "done"
GAVE_UP = "gave_up"
CANCELLED = "cancelled"


class Asked(msgspec.Struct, frozen=True, array_like=True):
    """One wish of a player, however often it had to be asked for.

    Args:
        phase: In which it was first asked for.
        player: Who.
        kind: `dialogue`, `texture` or `mesh`.
        at: When it was first asked for, on the clock of `time.monotonic`.
        first_s: Seconds to the first word or asset. None: none came.
        total_s: Seconds to its end.
        outcome: `done`, an error code (`cancelled` among them), or `gave_up` (refused until the patience was
            over).
        n_refused: How often it was refused before.
        work_s: Seconds that a generator worked on it, as the server tells.
    """

    phase: str
    player: int
    kind: str
    at: float
    first_s: float | None
    total_s: float
    outcome: str
    n_refused: int
    work_s: float

    @property
    def ended(self) -> float:
        """When it ended."""
        return self.at + self.total_s


class Recording(msgspec.Struct, kw_only=True):
    """Everything that players noted down; times are those of `time.monotonic`.

    Args:
        words: Delay of each word in seconds, from the generator to the player, by its arrival.
        asked: Wishes that have ended.
        refusals: When a request was refused, and with which code.
        lags: How late the players' own event loop was.
        closes: Close code → connections.
        failures: What went wrong otherwise → how often.
        n_connections: All that were opened.
        n_resumed: Sessions that went on after a cut.
        n_lost: Sessions that did not.
        n_contexts: That were sent.
        n_contexts_skipped: That the players' own process had no time for.
        n_bytes: Of assets that arrived whole.
        n_unfinished: Wishes that had neither come nor failed long after the last phase.
    """

    words: list[Sample] = msgspec.field(default_factory=list)
    asked: list[Asked] = msgspec.field(default_factory=list)
    refusals: list[tuple[float, str]] = msgspec.field(default_factory=list)
    lags: list[Lag] = msgspec.field(default_factory=list)
    closes: dict[str, int] = msgspec.field(default_factory=dict)
    failures: dict[str, int] = msgspec.field(default_factory=dict)
    n_connections: int = 0
    n_resumed: int = 0
    n_lost: int = 0
    n_contexts: int = 0
    n_contexts_skipped: int = 0
    n_bytes: int = 0
    n_unfinished: int = 0

    def closed(self, code: int) -> None:
        """Count a closed connection."""
        self.closes[str(code)] = self.closes.get(str(code), 0) + 1

    def failed(self, what: str) -> None:
        """Count something that should not happen."""
        self.failures[what] = self.failures.get(what, 0) + 1


def merged(recordings: Iterable[Recording]) -> Recording:
    """Return the recordings of several processes as one."""
    whole = Recording()
    closes: Counter[str] = Counter()
    failures: Counter[str] = Counter()
    for part in recordings:
        whole.words += part.words
        whole.asked += part.asked
        whole.refusals += part.refusals
        whole.lags += part.lags
        closes.update(part.closes)
        failures.update(part.failures)
        whole.n_connections += part.n_connections
        whole.n_resumed += part.n_resumed
        whole.n_lost += part.n_lost
        whole.n_contexts += part.n_contexts
        whole.n_contexts_skipped += part.n_contexts_skipped
        whole.n_bytes += part.n_bytes
        whole.n_unfinished += part.n_unfinished
    whole.closes, whole.failures = dict(closes), dict(failures)
    return whole
