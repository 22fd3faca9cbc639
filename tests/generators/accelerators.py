"""A graphics card that is scripted by data."""

from dataclasses import dataclass, field


@dataclass
class FakeCard:
    """Remembers what is asked of it.

    It works for as long as `work_s` says, one number for each wait, and is dead once `is_dead`.
    """

    model: str = "Fake 4000"
    memory_bytes: int = 8 << 30
    work_s: list[float] = field(default_factory=list)
    is_dead: bool = False
    now: float = 0.0
    shares: list[float] = field(default_factory=list)
    rests: list[float] = field(default_factory=list)
    n_waits: int = 0
    n_released: int = 0

    def bound_memory(self, share: float) -> None:
        """Remember the bound."""
        self.shares.append(share)

    def release(self) -> None:
        """Count."""
        self.n_released += 1

    def wait(self) -> None:
        """Let the time pass that the work takes."""
        self.n_waits += 1
        if self.is_dead:
            raise RuntimeError("CUDA error: unspecified launch failure")
        self.now += self.work_s.pop(0) if self.work_s else 0.0

    def clock(self) -> float:
        """Return the time."""
        return self.now

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.rests.append(seconds)
        self.now += seconds
