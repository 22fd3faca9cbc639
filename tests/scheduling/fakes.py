"""Metrics that remember, and a pool of quick workers."""

from dataclasses import dataclass, field
from typing import Any

from vrbridge.scheduling.backoff import Backoff
from vrbridge.scheduling.pool import WorkerPool
from vrbridge.settings import LimitSettings, WorkerSettings

FACTORY = "tests.scheduling.echo_work:create"


@dataclass
class RecordedMetrics:
    """Keeps what the pool counts."""

    started: list[str] = field(default_factory=list)
    ended: list[tuple[str, str]] = field(default_factory=list)
    expected_s: dict[tuple[str, str], float] = field(default_factory=dict)
    waste: list[tuple[str, str]] = field(default_factory=list)
    batches: list[tuple[str, int]] = field(default_factory=list)
    n_restarts: int = 0
    waiting: list[tuple[int, float]] = field(default_factory=list)

    def job_started(self, call: str) -> None:
        """Remember the call."""
        self.started.append(call)

    def batch_started(self, call: str, n_jobs: int) -> None:
        """Remember call and number."""
        self.batches.append((call, n_jobs))

    def job_ended(self, call: str, outcome: str, seconds: float) -> None:
        """Remember call and outcome."""
        assert seconds >= 0
        self.ended.append((call, outcome))

    def learned(self, kind: str, size: str, seconds: float) -> None:
        """Remember what is expected."""
        self.expected_s[kind, size] = seconds

    def wasted(self, kind: str, reason: str, seconds: float) -> None:
        """Remember what was wasted, and why."""
        assert seconds > 0
        self.waste.append((kind, reason))

    def worker_restarted(self) -> None:
        """Count."""
        self.n_restarts += 1

    def backlog(self, n_jobs: int, seconds: float) -> None:
        """Remember what waits."""
        self.waiting.append((n_jobs, seconds))


def make_pool(
    n_workers: int = 1,
    *,
    hang_s: float = 10.0,
    max_backlog_s: float = 60.0,
    max_session_backlog_s: float = 60.0,
    metrics: RecordedMetrics | None = None,
    start_timeout_s: float = 30.0,
    max_memory_mb: int = 0,
    backoff: Backoff | None = None,
    **config: Any,
) -> WorkerPool:
    """Return a pool whose workers have the handlers of `echo_work`."""
    return WorkerPool(
        factory=FACTORY,
        config=config,
        settings=WorkerSettings(
            count=n_workers,
            threads=1,
            hang_s=hang_s,
            start_timeout_s=start_timeout_s,
            max_memory_mb=max_memory_mb,
        ),
        limits=LimitSettings(max_backlog_s=max_backlog_s, max_session_backlog_s=max_session_backlog_s),
        metrics=metrics,
        backoff=lambda: backoff or Backoff(first_s=0.02, longest_s=0.1),
    )
