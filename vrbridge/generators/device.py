"""The device that the networks of one process run on; the only place that asks torch about graphics cards.

Run as `python -m vrbridge.generators.device` to see those of this machine, in JSON.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import msgspec
import torch
from torch import Tensor

from vrbridge.generators.device_choice import CPU, DeviceFacts, memory_share, spread
from vrbridge.generators.precision import fastest_dtype
from vrbridge.settings import GpuSettings


class Accelerator(Protocol):
    """What is asked of a device that is not the CPU."""

    @property
    def model(self) -> str:
        """What its maker calls it."""
        ...

    @property
    def memory_bytes(self) -> int:
        """Of its own."""
        ...

    def bound_memory(self, share: float) -> None:
        """Refuse this process more than a share of the memory, 0 to 1."""
        ...

    def release(self) -> None:
        """Give memory back that is kept for later."""
        ...

    def wait(self) -> None:
        """Return once everything is done that was asked of it; RuntimeError if it never will be."""
        ...


class CudaCard:
    """A CUDA card, which becomes the current one of this process.

    Args:
        index: Of torch.
    """

    def __init__(self, index: int) -> None:
        self._index = index
        torch.cuda.set_device(index)
        properties = torch.cuda.get_device_properties(index)
        self.model = str(properties.name)
        self.memory_bytes = int(properties.total_memory)

    def bound_memory(self, share: float) -> None:
        """Refuse this process more than a share of the memory."""
        torch.cuda.set_per_process_memory_fraction(share, self._index)

    def release(self) -> None:
        """Give memory back that is kept for later."""
        torch.cuda.empty_cache()

    def wait(self) -> None:
        """Return once everything is done that was asked of it."""
        _wait_asleep(torch.cuda.current_stream(self._index))


class MpsCard:
    """The GPU of an Apple chip."""

    def __init__(self) -> None:
        self.model = "Apple GPU"
        self.memory_bytes = int(torch.mps.recommended_max_memory())

    def bound_memory(self, share: float) -> None:
        """Refuse this process more than a share of the memory."""
        torch.mps.set_per_process_memory_fraction(share)

    def release(self) -> None:
        """Give memory back that is kept for later."""
        torch.mps.empty_cache()

    def wait(self) -> None:
        """Return once everything is done that was asked of it."""
        torch.mps.synchronize()


@dataclass(frozen=True, slots=True)
class Device:
    """Where the networks of this process run.

    Attributes:
        name: Of torch, such as `cuda:0`.
        accelerator: None for the CPU.
    """

    name: str = CPU
    accelerator: Accelerator | None = None

    @property
    def facts(self) -> DeviceFacts:
        """What others may know of it."""
        dtype = str(fastest_dtype(torch.device(self.name))).removeprefix("torch.")
        if self.accelerator is None:
            return DeviceFacts(name=self.name, dtype=dtype)
        card = self.accelerator
        return DeviceFacts(name=self.name, model=card.model, memory_bytes=card.memory_bytes, dtype=dtype)


def names_here() -> tuple[str, ...]:
    """Return the names of this machine's devices, the fastest first."""
    n_cards = torch.cuda.device_count() if torch.cuda.is_available() else 0
    cards = [f"cuda:{index}" for index in range(n_cards)]
    return (*cards, *(["mps"] if torch.backends.mps.is_available() else []), CPU)


def opened(name: str) -> Device:
    """Return a device of this machine by its name."""
    kind, _, index = name.partition(":")
    if kind == "cuda":
        return Device(name, CudaCard(int(index)))
    return Device(name, MpsCard() if kind == "mps" else None)


def device_of_worker(settings: GpuSettings, *, number: int = 0, n_workers: int = 1) -> Device:
    """Return the device of a worker, with the bound on its memory in force.

    Args:
        settings: The section.
        number: Of the worker, from 0.
        n_workers: Of this machine.

    Raises:
        SettingsError: If there is no such device.
    """
    here = names_here()
    names = spread(settings.device, here, n_workers=n_workers)
    device = opened(names[number])
    bound_memory(device.accelerator, settings.max_vram_mb, names.count(device.name))
    return device


def bound_memory(accelerator: Accelerator | None, max_vram_mb: int, n_workers: int) -> None:
    """Set the bound of one of several workers on a device; 0 sets none, and the CPU has none."""
    if accelerator is not None and max_vram_mb:
        accelerator.bound_memory(memory_share(max_vram_mb, accelerator.memory_bytes, n_workers))


def on_host(values: Tensor) -> Tensor:
    """Return values in the CPU's memory; from a CUDA card through memory that it writes to by itself."""
    if values.device.type != "cuda":
        return values.cpu()
    # torch keeps pinned memory for the next copy of that size.
    host = torch.empty_like(values, device=CPU, pin_memory=True)
    host.copy_(values, non_blocking=True)
    _wait_asleep(torch.cuda.current_stream(values.device))
    return host


def _wait_asleep(stream: torch.cuda.Stream) -> None:
    # `synchronize` of a stream waits in a loop, on a core that the game may need.
    done = torch.cuda.Event(blocking=True)  # type: ignore[no-untyped-call]  # torch leaves it untyped
    done.record(stream)
    done.synchronize()


def is_out_of_memory(error: BaseException) -> bool:
    """Return whether a fault says that a device has no memory left."""
    if isinstance(error, torch.OutOfMemoryError):
        return True
    # MPS, the driver and cuBLAS have no class of their own for it.
    text = str(error)
    return isinstance(error, RuntimeError) and ("out of memory" in text or "ALLOC_FAILED" in text)


def _facts(names: Sequence[str]) -> list[DeviceFacts]:
    return [opened(name).facts for name in names]


if __name__ == "__main__":
    sys.stdout.buffer.write(msgspec.json.encode(_facts(names_here())) + b"\n")
