"""Layers that live on a torus: what they make has no border, at any size."""

from collections.abc import Callable
from typing import Any, TypeVar

import torch
from torch import Tensor, nn
from torch.nn import functional

from vrbridge.interruption import in_steps, step

_STRIP_PRODUCTS = 1_500_000_000
"""Of a strip of a large convolution: about 20 ms of one core."""
_DOUBLING_PRODUCTS = 10_000
"""As many take about as long as to double one place of a picture."""

_M = TypeVar("_M", bound=nn.Module)

Local = Callable[[Tensor, slice], Tensor]
"""Makes (B, C', k h, k W) of (B, C, h + 2 n, W + 2 n), rows of a torus and what lies around them."""


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


def in_bands(x: Tensor, local: Local, *, reach: int, n_products: int, is_added: bool = False) -> Tensor:
    """Return what a function makes of a torus, (B, C', k H, k W).

    On a processor a large one is made in bands of rows, with the same bits: a band stays in the cache from
    one operation to the next, and long work has to look in between.

    Args:
        x: (B, C, H, W).
        local: Given some rows, continued by `reach` on all sides, and which ones they are.
        reach: How far around a place it looks.
        n_products: Of its largest convolution, for a place of x.
        is_added: Whether x is added to what it makes.
    """
    n_at_once = _rows_at_once(x, reach, n_products)
    result: Tensor | None = None
    for rows in in_steps(x.shape[2], n_at_once):
        made = local(_band(x, rows, reach), rows)
        if is_added:
            made = x[:, :, rows] + made
        if n_at_once >= x.shape[2]:
            return made
        scale = made.shape[3] // x.shape[3]
        if result is None:
            size = (x.shape[0], made.shape[1], scale * x.shape[2], made.shape[3])
            result = torch.empty(size, dtype=made.dtype, memory_format=torch.channels_last)
        result[:, :, scale * rows.start : scale * rows.stop] = made
    assert result is not None, "there is at least one band"
    return result


def _rows_at_once(x: Tensor, reach: int, n_products: int) -> int:
    if x.device.type != "cpu" or torch.is_grad_enabled():
        return x.shape[2]
    row_products = x.shape[0] * (x.shape[3] + 2 * reach) * n_products
    return max(1, _STRIP_PRODUCTS // row_products - 2 * reach)


def _band(x: Tensor, rows: slice, n: int) -> Tensor:
    """Return some rows of a torus, continued on all sides."""
    n_rows = x.shape[2]
    if n == 0:
        return x[:, :, rows]
    if rows == slice(0, n_rows):
        return wrapped(x, n)
    top, below = rows.start - n, rows.stop + n
    band = x[:, :, max(0, top) : min(n_rows, below)]
    if top < 0:
        band = torch.cat([x[:, :, top:], band], 2)
    if below > n_rows:
        band = torch.cat([band, x[:, :, : below - n_rows]], 2)
    return torch.cat([band[:, :, :, -n:], band, band[:, :, :, :n]], 3)


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
        for rows in in_steps(n_rows, n_at_once):
            continued = x[:, :, rows.start : rows.stop + reach]
            result[:, :, rows] = self._conv_forward(continued, self.weight, self.bias)
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
        return in_bands(x, self._change, reach=2, n_products=self.first.weight.numel(), is_added=True)

    def _change(self, band: Tensor, _rows: slice) -> Tensor:
        inner = self.first.inside(functional.leaky_relu(band, 0.2))
        return self.second.inside(functional.leaky_relu(inner, 0.2))


def doubled(x: Tensor) -> Tensor:
    """Return (B, C, 2H, 2W): every value four times."""
    return functional.interpolate(x, scale_factor=2.0, mode="nearest")


def smoothly_doubled(x: Tensor) -> Tensor:
    """Return (B, C, 2H, 2W), interpolated linearly."""
    return in_bands(x, _smoothly_doubled, reach=1, n_products=_DOUBLING_PRODUCTS)


def _smoothly_doubled(band: Tensor, _rows: slice) -> Tensor:
    return functional.interpolate(band, scale_factor=2.0, mode="bilinear")[:, :, 2:-2, 2:-2]


def halved(x: Tensor) -> Tensor:
    """Return (B, C, H / 2, W / 2): means of 2 × 2."""
    return functional.avg_pool2d(x, 2)
