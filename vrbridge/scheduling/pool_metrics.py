"""What the pool counts, and for whom nobody counts."""

from typing import Protocol


class PoolMetrics(Protocol):
    """Counters of the pool."""

    def job_started(self, call: str) -> None:
        """Count a job that a worker has begun."""
        ...

    def batch_started(self, call: str, n_jobs: int) -> None:
        """Count jobs that a worker has begun together."""
        ...

    def job_ended(self, call: str, outcome: str, seconds: float) -> None:
        """Count a job that a worker has ended; `outcome` is `done` or an error code."""
        ...

    def learned(self, kind: str, size: str, seconds: float) -> None:
        """Note what the next job of a size is expected to take."""
        ...

    def wasted(self, kind: str, reason: str, seconds: float) -> None:
        """Count work that nobody has anything of; `reason` is the code that its request ended with."""
        ...

    def worker_restarted(self) -> None:
        """Count a worker that had to be replaced."""
        ...

    def backlog(self, n_jobs: int, seconds: float) -> None:
        """Note how much waits now."""
        ...


class NoMetrics:
    """Counts nothing."""

    def job_started(self, call: str) -> None:
        """Do nothing."""

    def batch_started(self, call: str, n_jobs: int) -> None:
        """Do nothing."""

    def job_ended(self, call: str, outcome: str, seconds: float) -> None:
        """Do nothing."""

    def learned(self, kind: str, size: str, seconds: float) -> None:
        """Do nothing."""

    def wasted(self, kind: str, reason: str, seconds: float) -> None:
        """Do nothing."""

    def worker_restarted(self) -> None:
        """Do nothing."""

    def backlog(self, n_jobs: int, seconds: float) -> None:
        """Do nothing."""
