"""One network in training: what is kept of it between steps and between runs."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol, TypeVar

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from vrbridge.errors import DataError, ModelError
from vrbridge.training import checkpoint

_N = TypeVar("_N", bound=nn.Module)

_WARM_UP_STEPS = 100
_COOL_DOWN_FROM = 0.7


class Stage(Protocol):
    """Something that learns step by step."""

    @property
    def name(self) -> str:
        """Names its folder of checkpoints."""
        ...

    @property
    def modules(self) -> Mapping[str, nn.Module]:
        """Networks by name, averages included."""
        ...

    @property
    def optimizers(self) -> Mapping[str, torch.optim.Optimizer]:
        """Of the networks that learn, by name."""
        ...

    def step(self, number: int, progress: float) -> Mapping[str, float]:
        """Learn from one batch.

        Args:
            number: Of the step, from 0; together with the stage's seed it decides the batch.
            progress: Share of the stage's time that is over, 0–1.

        Returns:
            Losses by name, for people to watch.
        """
        ...

    def sample(self) -> npt.NDArray[np.uint8]:
        """Return an (H, W, 3) sRGB picture of what the network makes now."""
        ...


def store(stage: Stage, folder: Path, facts: Mapping[str, Any]) -> None:
    """Write everything that the next step needs."""
    tensors: dict[str, Tensor] = {}
    for name, module in stage.modules.items():
        tensors |= {f"module/{name}/{key}": value for key, value in module.state_dict().items()}
    for name, optimizer in stage.optimizers.items():
        for index, values in optimizer.state_dict()["state"].items():
            tensors |= {f"optimizer/{name}/{index}/{key}": value for key, value in values.items()}
    checkpoint.save(folder, tensors, facts)


def restore(stage: Stage, folder: Path) -> dict[str, Any] | None:
    """Bring a stage back to its last checkpoint; return the facts, or None if there is none.

    Raises:
        ModelError: If the checkpoint is damaged or of other networks.
    """
    kept = checkpoint.load(folder)
    if kept is None:
        return None
    tensors, facts = kept
    try:
        for name, module in stage.modules.items():
            module.load_state_dict(_below(tensors, f"module/{name}/"))
    except RuntimeError as error:
        raise ModelError(f"The checkpoint in {folder} is of other networks; delete the folder.") from error
    for name, optimizer in stage.optimizers.items():
        state: dict[int, dict[str, Tensor]] = {}
        for key, value in _below(tensors, f"optimizer/{name}/").items():
            index, field = key.split("/", 1)
            state.setdefault(int(index), {})[field] = value
        optimizer.load_state_dict({"state": state, "param_groups": optimizer.state_dict()["param_groups"]})
    return facts


def trained(folder: Path, module: str) -> dict[str, Tensor] | None:
    """Return the weights of one module of a stage's last checkpoint, or None if there is none."""
    kept = checkpoint.load(folder)
    return None if kept is None else _below(kept[0], f"module/{module}/")


def weighted(network: _N, folder: Path, module: str, prefix: str, init: nn.Module | None) -> _N:
    """Return a network with the weights that a stage learned, else those that the run started from.

    Args:
        network: Gets the weights.
        folder: Of the stage's checkpoints; its name is the stage's.
        module: Of the stage.
        prefix: Of the network's weights in that module.
        init: What the run started from, if anything.

    Raises:
        DataError: If there are neither.
    """
    weights = trained(folder, module)
    if weights is not None:
        network.load_state_dict(
            {k.removeprefix(prefix): v for k, v in weights.items() if k.startswith(prefix)}
        )
    elif init is not None:
        network.load_state_dict(init.state_dict())
    else:
        raise DataError(f"The stage {folder.name!r} comes first; it has not learned anything yet.")
    return network


def follow(average: nn.Module, module: nn.Module, decay: float) -> None:
    """Move an average of a network's weights a little towards them."""
    with torch.no_grad():
        for mean, now in zip(average.parameters(), module.parameters(), strict=True):
            mean.lerp_(now, 1 - decay)


def descend(loss: Tensor, optimizer: torch.optim.Optimizer, *, rate: float, clip: float) -> None:
    """Take one step down the slope of a loss.

    Args:
        loss: Scalar.
        optimizer: Of the weights that are to change.
        rate: Learning rate of this step.
        clip: Largest norm of the gradient.
    """
    optimizer.zero_grad(set_to_none=True)
    torch.autograd.backward([loss])
    for group in optimizer.param_groups:
        group["lr"] = rate
        nn.utils.clip_grad_norm_(group["params"], clip)
    optimizer.step()


def learning_rate(step: int, progress: float) -> float:
    """Return the factor of the learning rate: a short rise, a plateau, a fall to a twentieth."""
    rise = min(1.0, (step + 1) / _WARM_UP_STEPS)
    fall = max(0.0, progress - _COOL_DOWN_FROM) / (1 - _COOL_DOWN_FROM)
    return rise * (1 - 0.95 * fall)


def _below(tensors: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): value for name, value in tensors.items() if name.startswith(prefix)}
