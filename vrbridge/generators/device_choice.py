"""Which of a machine's devices a worker takes, and how much of its memory; known without torch."""

import os
import subprocess
import sys
from collections.abc import Sequence

import msgspec

from vrbridge.errors import SettingsError

CPU = "cpu"
AUTO = "auto"
CUDA = "cuda"
# Reading torch's libraries takes a busy machine long, and the first look at a card some seconds more.
_TIMEOUT_S = 120.0


class DeviceFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of one device.

    Args:
        name: Of torch, such as `cuda:0`.
        model: What its maker calls it; empty for the CPU.
        memory_bytes: Of its own; 0 for the CPU.
        dtype: Of the networks' products there.
    """

    name: str
    model: str = ""
    memory_bytes: int = 0
    dtype: str = "float32"

    @property
    def kind(self) -> str:
        """`cuda`, `mps` or `cpu`."""
        return self.name.partition(":")[0]


def needs_no_look(wanted: str) -> bool:
    """Return whether a device of the settings is there on every machine."""
    return wanted in (AUTO, CPU)


def chosen(wanted: str, here: Sequence[str], *, number: int = 0) -> str:
    """Return the device of one worker.

    Args:
        wanted: As in `GpuSettings.device`.
        here: Names of the devices of this machine, such as `cuda:0` and `cpu`.
        number: Of the worker, from 0; workers take turns at the cards.

    Raises:
        SettingsError: If there is none of that name.
    """
    cards = [name for name in here if name.startswith(f"{CUDA}:")]
    if cards and wanted in (AUTO, CUDA):
        return cards[number % len(cards)]
    if wanted == AUTO:
        return CPU
    if wanted not in here:
        known = ", ".join(here)
        raise SettingsError(f"`gpu.device`: this machine has no {wanted!r}; it has {known}.")
    return wanted


def spread(wanted: str, here: Sequence[str], *, n_workers: int) -> tuple[str, ...]:
    """Return the devices of several workers, by their numbers; see `chosen`."""
    return tuple(chosen(wanted, here, number=number) for number in range(n_workers))


def memory_share(max_vram_mb: int, memory_bytes: int, n_workers: int) -> float:
    """Return the part of a device's memory that one of several workers may take, up to 1.

    Args:
        max_vram_mb: Of all of them together.
        memory_bytes: Of the device.
        n_workers: That share it.
    """
    return min(1.0, (max_vram_mb << 20) / max(1, n_workers) / max(1, memory_bytes))


def devices_here() -> tuple[DeviceFacts, ...]:
    """Return the devices of this machine, the fastest first; takes seconds, for torch is read in a process.

    Raises:
        SettingsError: If torch can't be used.
    """
    command = [sys.executable, "-P", "-m", "vrbridge.generators.device"]
    paths = os.pathsep.join(path for path in sys.path if path)
    try:
        found = subprocess.run(
            command,
            capture_output=True,
            timeout=_TIMEOUT_S,
            check=True,
            env={**os.environ, "PYTHONPATH": paths},
        )
        return msgspec.json.decode(found.stdout, type=tuple[DeviceFacts, ...])
    except (subprocess.SubprocessError, msgspec.DecodeError) as error:
        text = "torch can't say which devices there are; `python -m vrbridge.generators.device` says why."
        raise SettingsError(text) from error


def check_device(wanted: str) -> None:
    """Raise SettingsError if this machine has no such device; takes seconds unless every machine has it."""
    if not needs_no_look(wanted):
        chosen(wanted, [device.name for device in devices_here()])
