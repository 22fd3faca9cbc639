"""Layers that live on a torus: what they make has no border, at any size."""

from typing import Any, TypeVar

import torch
from torch import Tensor, nn
from torch.nn import functional

from vrbridge.interruption import step

_STRIP_PRODUCTS = 1_400_000_000
"""Of a strip of a large convolution: about 20 ms of one core."""

_M = TypeVar("_M", bound=nn.Module)


def placed(module: _M, device: torch.device) -> _M:
    """Return the module on a device, its kernels in the order that convolutions there prefer."""
    module.to(device)
    for parameter in module.parameters():
        if parameter.dim() == 4:
            parameter.data = parameter.data.contiguous(memory_format=torch.channels_last)
    return module


def wrapped(x: Tensor, n: int = 1) -> Tensor:
    """Return (B, C, H + 2n, W + 2n) of (B, C, H, W): each side continues at the opposite one.

    Raises:
        ValueError: If a side is shorter than n.
    """
    if min(x.shape[2:]) < n:
        raise ValueError(f"A {x.shape[2]} × {x.shape[3]} torus can't be continued by {n}.")
    if torch.is_grad_enabled() and x.requires_grad:
        result: Tensor = _Wrapped.apply(x, n)  # type: ignore[no-untyped-call]
        return result
    return _continued(x, n)


def _continued(x: Tensor, n: int) -> Tensor:
    x = torch.cat([x[:, :, -n:], x, x[:, :, :n]], 2)
    return torch.cat([x[:, :, :, -n:], x, x[:, :, :, :n]], 3)


class _Wrapped(torch.autograd.Function):
    """`_continued` with a gradient that adds margins in place instead of padding each slice with zeros."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, n: int) -> Tensor:
        ctx.n = n
        return _continued(x, n)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        (g,), n = gradients, ctx.n
        rows = g[:, :, n:-n].clone()
        rows[:, :, -n:] += g[:, :, :n]
        rows[:, :, :n] += g[:, :, -n:]
        x = rows[:, :, :, n:-n].clone()
        x[:, :, :, -n:] += rows[:, :, :, :n]
        x[:, :, :, :n] += rows[:, :, :, -n:]
        return x, None


class WrappedConv2d(nn.Conv2d):
    """A convolution of stride 1 on a torus; keeps height and width.

    Args:
        in_channels: Of the input.
        out_channels: Of the output.
        kernel_size: Odd.
        gain: Scales the initial weights; below 1 for the last layer of a residual branch.
    """

    def __init__(
        self, in_channels: int, out_channels: int, kernel_size: int = 3, *, gain: float = 1.0
    ) -> None:
        super().__init__(in_channels, out_channels, kernel_size)
        nn.init.kaiming_normal_(self.weight, a=0.2)
        assert self.bias is not None
        with torch.no_grad():
            self.weight.mul_(gain)
            self.bias.zero_()

    def forward(self, x: Tensor) -> Tensor:
        """Return (B, out, H, W) of (B, in, H, W)."""
        reach = self.kernel_size[0] // 2
        return self.inside(wrapped(x, reach) if reach else x)

    def inside(self, x: Tensor) -> Tensor:
        """Return (B, out, H - k + 1, W - k + 1) of an input that the caller has continued already.

        On a processor a large one is made in strips, with the same bits: long work has to look between.
        """
        step()
        reach = self.kernel_size[0] - 1
        n_rows, n_columns = x.shape[2] - reach, x.shape[3] - reach
        n_at_once = max(1, _STRIP_PRODUCTS // (x.shape[0] * n_columns * self.weight.numel()))
        if x.device.type != "cpu" or torch.is_grad_enabled() or n_rows <= n_at_once:
            result: Tensor = self._conv_forward(x, self.weight, self.bias)
            return result
        return self._in_strips(x, n_rows, n_at_once, reach)

    def _in_strips(self, x: Tensor, n_rows: int, n_at_once: int, reach: int) -> Tensor:
        size = (x.shape[0], self.out_channels, n_rows, x.shape[3] - reach)
        result = torch.empty(size, dtype=x.dtype, memory_format=torch.channels_last)
        for top in range(0, n_rows, n_at_once):
            step()
            below = min(n_rows, top + n_at_once)
            strip = self._conv_forward(x[:, :, top : below + reach], self.weight, self.bias)
            result[:, :, top:below] = strip
        return result


class ResidualBlock(nn.Module):
    """Two convolutions beside a shortcut, without normalisation: positions don't know of each other.

    Args:
        channels: Of input and output.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = WrappedConv2d(channels, channels)
        self.second = WrappedConv2d(channels, channels, gain=0.1)

    def forward(self, x: Tensor) -> Tensor:
        """Return (B, C, H, W) of (B, C, H, W)."""
        # Continued once for both convolutions: copies cost more than the few extra products.
        inner = self.first.inside(wrapped(functional.leaky_relu(x, 0.2), 2))
        return x + self.second.inside(functional.leaky_relu(inner, 0.2))


def doubled(x: Tensor) -> Tensor:
    """Return (B, C, 2H, 2W): every value four times."""
    return functional.interpolate(x, scale_factor=2.0, mode="nearest")


def smoothly_doubled(x: Tensor) -> Tensor:
    """Return (B, C, 2H, 2W), interpolated linearly."""
    x = doubled(x)
    for axis in (2, 3):
        step()
        x = (torch.roll(x, 1, axis) + 2 * x + torch.roll(x, -1, axis)) * 0.25
    return x


def halved(x: Tensor) -> Tensor:
    """Return (B, C, H / 2, W / 2): means of 2 × 2."""
    return functional.avg_pool2d(x, 2)
