"""Draws codes of new shapes: a flow from noise to what words say."""

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from vrbridge.generators.mesh.shape_autoencoder import LATENT_CHANNELS, LATTICE_EDGE

CODE_SIZE = 512
"""Numbers that say in large what a shape is like."""
SENTENCE_SIZE = 384
LATTICE_SIZE = LATENT_CHANNELS * LATTICE_EDGE**3

_WIDTH = 512
_HIDDEN = 1024
_CONDITION = 320
_DEPTH = 3
_TIME_WAVES = 32


@dataclass(frozen=True, slots=True, eq=False)
class ShapeSpace:
    """The axes along which lattices differ most.

    Attributes:
        mean: (4096,) of all lattices.
        axes: (512, 4096) orthogonal, each as long as lattices spread along it.
        rest: Spread of what the axes don't hold.
    """

    mean: Tensor
    axes: Tensor
    rest: float

    @classmethod
    def of(cls, lattices: NDArray[np.float32]) -> "ShapeSpace":
        """Return the space of (N, 4096) lattices; axes beyond the N - 1st are 0."""
        mean = lattices.mean(0)
        centred = torch.from_numpy(lattices - mean)
        n = min(CODE_SIZE, max(len(lattices) - 1, 0))
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            _, spread, directions = torch.svd_lowrank(centred, q=min(2 * CODE_SIZE, *centred.shape), niter=4)
        axes = torch.zeros(CODE_SIZE, centred.shape[1])
        axes[:n] = directions.T[:n] * spread[:n, None] / math.sqrt(max(len(lattices) - 1, 1))
        space = cls(torch.from_numpy(mean), axes, 1.0)
        rest = (torch.from_numpy(lattices) - space.in_large(space.codes(torch.from_numpy(lattices)))).std()
        return cls(space.mean, axes, max(float(rest), 1e-3))

    def codes(self, lattices: Tensor) -> Tensor:
        """Return the (N, 512) codes of (N, 4096) lattices; along each axis about spread 1."""
        squares = self.axes.square().sum(1).clamp(min=1e-9)
        return (lattices - self.mean) @ self.axes.T / squares

    def in_large(self, codes: Tensor) -> Tensor:
        """Return the (N, 4096) lattices that (N, 512) codes stand for by themselves."""
        return self.mean + codes @ self.axes


class _Block(nn.Module):
    """Two layers beside a shortcut, steered by a condition."""

    def __init__(self) -> None:
        super().__init__()
        self.wide = nn.Linear(_WIDTH, _HIDDEN)
        self.narrow = nn.Linear(_HIDDEN, _WIDTH)
        self.steer = nn.Linear(_CONDITION, 2 * _WIDTH)
        for layer in (self.steer, self.narrow):
            nn.init.zeros_(layer.weight)
            nn.init.zeros_(layer.bias)

    def forward(self, x: Tensor, condition: Tensor) -> Tensor:
        scale, shift = self.steer(condition).chunk(2, 1)
        inner = functional.layer_norm(x, (_WIDTH,)) * (1 + scale) + shift
        result: Tensor = x + self.narrow(functional.gelu(self.wide(inner)))
        return result


class CodeFlow(nn.Module):
    """The velocity that carries noise, or a known code under noise, towards the code of what words say.

    Forward:
        code (B, 512) noisy; time (B,), 0 is noise and 1 the shape; sentence (B, 384), zeros where there is
        none → velocity (B, 512).

    Source:
        Lipman et al., Flow Matching for Generative Modeling, ICLR 2023.
    """

    def __init__(self) -> None:
        super().__init__()
        self.time = nn.Linear(2 * _TIME_WAVES, _CONDITION)
        self.sentence = nn.Linear(SENTENCE_SIZE, _CONDITION)
        self.mixed = nn.Linear(_CONDITION, _CONDITION)
        self.enter = nn.Linear(CODE_SIZE, _WIDTH)
        self.blocks = nn.ModuleList(_Block() for _ in range(_DEPTH))
        self.leave = nn.Linear(_WIDTH, CODE_SIZE)
        nn.init.zeros_(self.leave.weight)
        nn.init.zeros_(self.leave.bias)

    def forward(self, code: Tensor, time: Tensor, sentence: Tensor) -> Tensor:
        """Return the velocity."""
        condition = self.time(_waves(time)) + self.sentence(sentence)
        condition = functional.silu(self.mixed(functional.silu(condition)))
        x = self.enter(code)
        for block in self.blocks:
            x = block(x, condition)
        velocity: Tensor = self.leave(functional.layer_norm(x, (_WIDTH,)))
        return velocity


def drawn_code(
    flow: CodeFlow, noise: Tensor, sentence: Tensor, *, n_steps: int, begin: float = 0.0
) -> Tensor:
    """Return codes (B, 512), drawn from noise of the same shape.

    Args:
        flow: Trained.
        noise: Standard normal; with `begin` above 0 mixed with a known code, of which it holds that share.
        sentence: (B, 384).
        n_steps: Evaluations; more are more faithful.
        begin: Time to start at, 0 to 1.
    """
    x = noise
    times = [begin + (1 - begin) * i / n_steps for i in range(n_steps + 1)]
    for now, after in pairwise(times):
        time = torch.full((x.shape[0],), now, device=x.device)
        x = x + (after - now) * flow(x, time, sentence)
    return x


def _waves(time: Tensor) -> Tensor:
    frequencies = torch.exp(torch.linspace(0, math.log(1000), _TIME_WAVES, device=time.device))
    angles = time.float()[:, None] * frequencies[None]
    return torch.cat([angles.sin(), angles.cos()], 1)
