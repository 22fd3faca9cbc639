"""Which numbers a device multiplies fastest."""

import platform
from pathlib import Path

import pytest
import torch

from vrbridge.generators.precision import fastest_dtype

CPU = torch.device("cpu")
INTEL = "vendor_id\t: GenuineIntel\n"
AMD = "vendor_id\t: AuthenticAMD\n"


class Processor:
    """What torch and the system say of the processor.

    Args:
        monkeypatch: Puts it in place.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._patch = monkeypatch

    def is_one(
        self, vendor: str, *, capability: str = "AVX512", bf16: bool = True, amx: bool = False
    ) -> None:
        read_text = Path.read_text

        def read(path: Path, encoding: str | None = None) -> str:
            return vendor if path == Path("/proc/cpuinfo") else read_text(path, encoding)

        self._patch.setattr(Path, "read_text", read)
        self._patch.setattr(torch.backends.cpu, "get_cpu_capability", lambda: capability)
        self._patch.setattr(torch.ops.mkldnn, "_is_mkldnn_bf16_supported", lambda: bf16)
        self._patch.setattr(torch.cpu, "_is_amx_tile_supported", lambda: amx)


@pytest.fixture
def processor(monkeypatch: pytest.MonkeyPatch) -> Processor:
    return Processor(monkeypatch)


def test_tiles_of_amx_multiply_bfloat16(processor: Processor) -> None:
    processor.is_one(INTEL, amx=True)
    assert fastest_dtype(CPU) == torch.bfloat16


def test_without_them_intel_gains_nothing(processor: Processor) -> None:
    processor.is_one(INTEL)
    assert fastest_dtype(CPU) == torch.float32


def test_volumes_are_faster_in_it_even_then(processor: Processor) -> None:
    processor.is_one(INTEL)
    assert fastest_dtype(CPU, n_axes=3) == torch.bfloat16
    processor.is_one(INTEL, bf16=False)
    assert fastest_dtype(CPU, n_axes=3) == torch.float32


def test_amd_gains_without_tiles(processor: Processor) -> None:
    processor.is_one(AMD)
    assert fastest_dtype(CPU) == torch.bfloat16


@pytest.mark.parametrize("vendor", [INTEL, AMD])
def test_nothing_is_gained_without_instructions(processor: Processor, vendor: str) -> None:
    processor.is_one(vendor, bf16=False)
    assert fastest_dtype(CPU) == torch.float32
    processor.is_one(vendor, capability="AVX2")
    assert fastest_dtype(CPU) == torch.float32


def test_the_vendor_is_known_without_a_file_of_linux(
    processor: Processor, monkeypatch: pytest.MonkeyPatch
) -> None:
    processor.is_one("")

    def missing(path: Path, encoding: str | None = None) -> str:
        raise FileNotFoundError(path)

    monkeypatch.setattr(Path, "read_text", missing)
    monkeypatch.setattr(platform, "processor", lambda: "Intel64 Family 6 Model 143 Stepping 8, GenuineIntel")
    assert fastest_dtype(CPU) == torch.float32
    monkeypatch.setattr(platform, "processor", lambda: "AMD64 Family 25 Model 97 Stepping 2, AuthenticAMD")
    assert fastest_dtype(CPU) == torch.bfloat16
