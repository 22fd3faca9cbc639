"""Which numbers a device multiplies fastest."""

import platform
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import torch


def fastest_dtype(device: torch.device, *, n_axes: int = 2) -> torch.dtype:
    """Return bfloat16 where products in it are faster than in float32, else float32.

    Args:
        device: That multiplies.
        n_axes: Of what is convolved: 2 for pictures, 3 for volumes.
    """
    if device.type == "cuda":
        # Cards before Ampere can do it, in many steps.
        is_fast = bool(torch.cuda.is_bf16_supported(including_emulation=False))
    elif device.type == "cpu":
        has_instructions = "AVX512" in torch.backends.cpu.get_cpu_capability()
        is_fast = (
            has_instructions
            and bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())
            # Volumes of float32 are convolved in a way that took twice as long even without tiles.
            and (n_axes == 3 or bool(torch.cpu._is_amx_tile_supported()) or not _is_intel())
        )
    else:
        is_fast = False
    return torch.bfloat16 if is_fast else torch.float32


def products_in(dtype: torch.dtype, device: torch.device) -> AbstractContextManager[object]:
    """Return a context in which a device's products are in a type of numbers, whatever goes into them."""
    if dtype == torch.float32:
        # Not every kind of device knows the other kind of context.
        return nullcontext()
    return torch.autocast(device.type, dtype)


def _is_intel() -> bool:
    """Return whether this is one of Intel's processors.

    Without AMX, which virtual machines often hide, these make no more products of bfloat16 in a cycle than of
    float32, and have to convert; AMD's make twice as many.
    """
    try:
        description = Path("/proc/cpuinfo").read_text("utf-8")
    except OSError:
        description = platform.processor()
    return "GenuineIntel" in description
