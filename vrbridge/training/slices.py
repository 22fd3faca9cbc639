"""Quick pictures of solids in a grid, for people who watch a network learn."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

_SIZE_PX = 128
_TURN = 0.7
_TILT = 0.4


@torch.no_grad()
def pictures_of(solid: Tensor, color: Tensor) -> NDArray[np.uint8]:
    """Return (B, 128, 128, 3) uint8 pictures, seen from above and the side, lit from where one stands.

    Args:
        solid: (B, 64, 64, 64) shares in [0, 1]; axes x, y (up), z.
        color: (B, 3, 32, 32, 32) sRGB in [-1, 1].
    """
    steps = torch.linspace(-0.87, 0.87, 192)
    v, u = torch.meshgrid(*[torch.linspace(0.87, -0.87, _SIZE_PX)] * 2, indexing="ij")
    right, up, ahead = _axes()
    # (S, P, P, 3): points on the rays, from the eye on.
    points = (
        -u[None, :, :, None] * right + v[None, :, :, None] * up + steps[:, None, None, None] * ahead
    ).float()
    pictures = []
    for cells, colors in zip(solid, color, strict=True):
        inside = _sampled(cells[None], points)[0]
        is_hit = inside > 0.5
        first = is_hit.int().argmax(0)
        seen = is_hit.any(0)
        where = torch.gather(points, 0, first[None, :, :, None].expand(1, -1, -1, 3))[0]
        slopes = torch.stack(
            [_sampled(cells[None], where[None] + d)[0, 0] - _sampled(cells[None], where[None] - d)[0, 0]
             for d in torch.eye(3) * 0.04], -1
        )  # fmt: skip
        normals = functional.normalize(-slopes, dim=-1)
        lamp = functional.normalize(-ahead + 0.6 * up + 0.4 * right, dim=0)
        light = 0.45 + 0.55 * (normals @ lamp).clamp(min=0)
        tint = (_sampled(colors, where[None])[:, 0].permute(1, 2, 0) + 1) / 2
        picture = torch.where(seen[..., None], tint.clamp(0, 1) * light[..., None], torch.tensor(0.92))
        pictures.append((picture.clamp(0, 1) * 255).byte().numpy())
    return np.stack(pictures)


def _axes() -> tuple[Tensor, Tensor, Tensor]:
    turn, tilt = torch.tensor(_TURN), torch.tensor(_TILT)
    ahead = torch.stack([-turn.sin() * tilt.cos(), -tilt.sin(), -turn.cos() * tilt.cos()])
    right = torch.stack([turn.cos(), torch.tensor(0.0), -turn.sin()])
    return right, torch.linalg.cross(right, ahead), ahead


def _sampled(grid: Tensor, points: Tensor) -> Tensor:
    """Return (C, S, P, P) values of (C, X, Y, Z) at (S, P, P, 3) points in [-1, 1]."""
    # grid_sample counts the last axis first.
    result = functional.grid_sample(grid[None].float(), points.flip(-1)[None], align_corners=False)
    sampled: Tensor = result[0]
    return sampled
