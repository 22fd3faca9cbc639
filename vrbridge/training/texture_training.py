"""A whole training run: every stage for its share of the time, then the network as a file."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from vrbridge.errors import DataError
from vrbridge.generators.text_encoder import SentenceEncoder
from vrbridge.generators.texture import network_file
from vrbridge.training.dataset import TextureData
from vrbridge.training.features import Backbone
from vrbridge.training.loop import Budget, learn
from vrbridge.training.texture_recipe import SHARES, TextureRecipe

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


def train(
    data: TextureData,
    options: TrainingOptions,
    *,
    backbone: Path,
    encoder: SentenceEncoder,
    on_step: OnStep,
) -> bool:
    """Go on with a run; return whether it is finished and the network written.

    Args:
        data: To learn from.
        options: What is asked for.
        backbone: Weights that likeness is measured with.
        encoder: Makes sentence vectors of the captions.
        on_step: Told of every step.

    Raises:
        DataError: If there is too little to learn from, or a stage is unknown.
        ModelError: If a network or checkpoint can't be read.
        GeneratorFailed: If a loss is no number any more.
    """
    device = torch.device(device_of(options.device))
    if options.threads:
        torch.set_num_threads(options.threads)
    init = network_file.read(options.init) if options.init is not None else None
    recipe = TextureRecipe(data, backbone=Backbone(backbone), folder=options.folder, device=device, init=init)
    shares = recipe.shares
    unknown = [stage for stage in options.stages if stage not in SHARES]
    if unknown:
        raise DataError(f"There is no stage {unknown[0]!r}; known: {', '.join(SHARES)}.")
    for name in options.stages or tuple(shares):
        seconds = options.hours * 3600 * shares.get(name, SHARES[name])
        budget = Budget(seconds=seconds, steps=options.steps, slice_s=options.slice_s)
        report = _reporter(name, on_step)
        if not learn(recipe.stage(name), options.folder / name, budget, report):
            return False
    if options.stages and tuple(shares)[-1] not in options.stages:
        return False
    facts: dict[str, Any] = {
        "tiles": recipe.n_tiles,
        "hours": options.hours,
        "licenses": sorted({license for license in data.licenses if license}),
    }
    network_file.write(recipe.network(options.name, encoder, facts), options.out)
    return True


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
