"""A whole training run: every stage for its share of the time."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import torch

from vrbridge.errors import DataError
from vrbridge.training.loop import Budget, learn
from vrbridge.training.stage import Stage

OnStep = Callable[[str, int, float, Mapping[str, float]], None]
"""Called with the stage, the number of its step, its progress 0–1, and smoothed losses."""


@dataclass(frozen=True, slots=True)
class TrainingOptions:
    """What a run is asked for.

    Attributes:
        out: File of the network; checkpoints lie beside it, in a folder of the same name and `.training`.
        name: Of the network.
        hours: Of learning, over all stages and runs.
        steps: Of each stage, instead of hours; None: hours count.
        stages: Which to learn now, in this order; empty: all that there are, or with `init` those that keep
            its lattices.
        slice_s: Seconds after which this run ends in good order; None: when it is done.
        init: Network file to start from, or None.
        device: "cpu", "cuda", or "auto".
        threads: Of the CPU; 0: all.
    """

    out: Path
    name: str
    hours: float = 6.0
    steps: int | None = None
    stages: tuple[str, ...] = ()
    slice_s: float | None = None
    init: Path | None = None
    device: str = "auto"
    threads: int = 0

    @property
    def folder(self) -> Path:
        """Where checkpoints lie."""
        return self.out.with_name(f"{self.out.name}.training")


class Recipe(Protocol):
    """Builds the stages of one kind of network."""

    @property
    def all_shares(self) -> Mapping[str, float]:
        """Share of the time of every stage that there is, in the order in which they are learned."""
        ...

    @property
    def shares(self) -> Mapping[str, float]:
        """Of those that this run needs."""
        ...

    def stage(self, name: str) -> Stage:
        """Return a stage, ready to learn."""
        ...


def run(recipe: Recipe, options: TrainingOptions, on_step: OnStep) -> bool:
    """Go on with a run; return whether it is finished, so that the network can be written.

    Args:
        recipe: What is learned.
        options: What is asked for.
        on_step: Told of every step.

    Raises:
        DataError: If a stage is unknown.
        GeneratorFailed: If a loss is no number any more.
    """
    known, shares = recipe.all_shares, recipe.shares
    unknown = [stage for stage in options.stages if stage not in known]
    if unknown:
        raise DataError(f"There is no stage {unknown[0]!r}; known: {', '.join(known)}.")
    for name in options.stages or tuple(shares):
        seconds = options.hours * 3600 * shares.get(name, known[name])
        budget = Budget(seconds=seconds, steps=options.steps, slice_s=options.slice_s)
        if not learn(recipe.stage(name), options.folder / name, budget, _reporter(name, on_step)):
            return False
    return not options.stages or tuple(shares)[-1] in options.stages


def prepared_device(options: TrainingOptions) -> torch.device:
    """Return where to learn, and set the threads of the CPU.

    Raises:
        DataError: If this machine has no such device.
    """
    if options.threads:
        torch.set_num_threads(options.threads)
    return torch.device(device_of(options.device))


def device_of(wanted: str) -> str:
    """Return the torch device for "auto" or a name.

    Raises:
        DataError: If this machine has none of that name.
    """
    if wanted == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    if wanted.startswith("cuda") and not torch.cuda.is_available():
        raise DataError("torch finds no CUDA device on this machine; `--device cpu` works everywhere.")
    if wanted != "cpu" and not wanted.startswith("cuda"):
        raise DataError(f"--device is auto, cpu or cuda, not {wanted!r}.")
    return wanted


def _reporter(stage: str, on_step: OnStep) -> Callable[[int, float, Mapping[str, float]], None]:
    return lambda step, progress, losses: on_step(stage, step, progress, losses)
