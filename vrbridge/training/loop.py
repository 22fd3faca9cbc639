"""Runs a stage for as long as it was given, and goes on where the last run ended."""

import signal
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from vrbridge.errors import GeneratorFailed
from vrbridge.training.stage import Stage, restore, store

Report = Callable[[int, float, Mapping[str, float]], None]
"""Called after a step with its number, the progress 0–1 and smoothed losses."""

_SMOOTHING = 0.98


@dataclass(frozen=True, slots=True)
class Budget:
    """How long a stage learns, and how often it is kept.

    Attributes:
        seconds: Of learning, over all runs.
        steps: Instead of seconds.
        keep_every_s: Seconds between checkpoints.
        slice_s: Seconds after which this run ends, for machines that are lent in slices.
    """

    seconds: float = 3600.0
    steps: int | None = None
    keep_every_s: float = 240.0
    slice_s: float | None = None

    def progress(self, step: int, elapsed_s: float) -> float:
        """Return the share that is over, 0–1."""
        part = step / max(self.steps, 1) if self.steps is not None else elapsed_s / max(self.seconds, 1e-9)
        return min(part, 1.0)


def learn(stage: Stage, folder: Path, budget: Budget, report: Report) -> bool:
    """Run a stage; return whether it is finished (else it was told to stop and goes on next time).

    Args:
        stage: What learns.
        folder: For its checkpoints and `samples.png`.
        budget: When it ends.
        report: Told of every step.

    Raises:
        GeneratorFailed: If a loss is no number any more; the last checkpoint is kept.
    """
    facts = restore(stage, folder) or {"step": 0, "elapsed_s": 0.0}
    step, elapsed_s = int(facts["step"]), float(facts["elapsed_s"])
    smooth: dict[str, float] = dict(facts.get("losses", {}))
    began = kept = time.monotonic()

    def keep() -> None:
        nonlocal kept
        store(stage, folder, {"step": step, "elapsed_s": elapsed_s, "losses": smooth})
        _write(folder / "samples.png", stage.sample())
        kept = time.monotonic()

    with _told_to_stop() as is_told:
        while budget.progress(step, elapsed_s) < 1:
            before = time.monotonic()
            losses = stage.step(step, budget.progress(step, elapsed_s))
            step += 1
            now = time.monotonic()
            elapsed_s += now - before
            for name, value in losses.items():
                if not np.isfinite(value):
                    raise GeneratorFailed(f"{stage.name}: the loss {name!r} is {value} at step {step}.")
                smooth[name] = _SMOOTHING * smooth.get(name, value) + (1 - _SMOOTHING) * value
            report(step, budget.progress(step, elapsed_s), smooth)
            is_over = budget.slice_s is not None and now - began > budget.slice_s
            if is_told() or is_over:
                keep()
                return False
            if now - kept > budget.keep_every_s:
                keep()
    keep()
    return True


@contextmanager
def _told_to_stop() -> Iterator[Callable[[], bool]]:
    """Let SIGINT and SIGTERM end the run after the step under way."""
    told: list[int] = []

    def note(number: int, frame: FrameType | None) -> None:
        told.append(number)

    before: dict[signal.Signals, Any] = {s: signal.signal(s, note) for s in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield lambda: bool(told)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _write(path: Path, picture: npt.NDArray[np.uint8]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(picture).save(path)
