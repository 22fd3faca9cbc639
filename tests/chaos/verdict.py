"""How a scenario went, and all of them together."""

import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from tests.chaos.stage import Figure


@dataclass(frozen=True)
class Verdict:
    """How one scenario went.

    Args:
        name: Of the scenario.
        seed: Plays the same choices again.
        is_passed: Whether the promise was kept.
        seconds: From its start to its end.
        figures: What it measured.
        fault: The last lines of what went wrong, or empty.
    """

    name: str
    seed: int
    is_passed: bool
    seconds: float
    figures: dict[str, Figure] = field(default_factory=dict)
    fault: str = ""

    def line(self) -> str:
        """Return it for a person."""
        word = "ok  " if self.is_passed else "FAIL"
        told = ", ".join(f"{name} {_short(value)}" for name, value in self.figures.items())
        first = f"{word} {self.name:<32} seed {self.seed:<11} {self.seconds:6.1f} s  {told}"
        return first if self.is_passed else f"{first}\n{self.fault}"


def write(file: Path, seed: int, verdicts: Sequence[Verdict]) -> None:
    """Write all verdicts as JSON."""
    file.parent.mkdir(parents=True, exist_ok=True)
    report = {
        "made_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "seed": seed,
        "is_passed": all(verdict.is_passed for verdict in verdicts),
        "scenarios": [asdict(verdict) for verdict in verdicts],
    }
    file.write_text(json.dumps(report, indent=1) + "\n")


def _short(value: Figure) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
