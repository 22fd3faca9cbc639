"""Bounds, copies and faults of devices."""

import pytest
import torch

from tests.generators.accelerators import FakeCard
from vrbridge.errors import SettingsError
from vrbridge.generators.device import (
    Device,
    bound_memory,
    device_of_worker,
    is_out_of_memory,
    names_here,
    on_host,
    opened,
)
from vrbridge.generators.precision import fastest_dtype
from vrbridge.settings import GpuSettings

needs_card = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")


def test_every_machine_has_a_cpu() -> None:
    assert names_here()[-1] == "cpu"
    device = device_of_worker(GpuSettings(device="cpu", max_vram_mb=1), number=1, n_workers=2)
    assert device == opened("cpu") == Device()
    assert device.facts.memory_bytes == 0
    assert device.facts.dtype in ("bfloat16", "float32")


def test_a_worker_refuses_a_device_that_is_not_there() -> None:
    with pytest.raises(SettingsError, match="no 'cuda:99'"):
        device_of_worker(GpuSettings(device="cuda:99"))


def test_others_learn_what_a_card_is() -> None:
    # The name stands for the card, but every machine can say how it reckons on a CPU.
    facts = Device("cpu", FakeCard()).facts
    assert (facts.model, facts.memory_bytes) == ("Fake 4000", 8 << 30)


def test_workers_that_share_a_card_share_its_bound() -> None:
    card = FakeCard(memory_bytes=8 << 30)
    bound_memory(card, 2048, 2)
    assert card.shares == [0.125]
    bound_memory(card, 1 << 20, 1)
    assert card.shares == [0.125, 1.0]


def test_without_a_bound_none_is_set() -> None:
    card = FakeCard()
    bound_memory(card, 0, 1)
    bound_memory(None, 1024, 1)
    assert card.shares == []


def test_what_is_on_the_cpu_already_is_not_copied() -> None:
    values = torch.arange(6.0)
    assert on_host(values).data_ptr() == values.data_ptr()


@pytest.mark.parametrize(
    ("error", "is_memory"),
    [
        (torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB."), True),
        (RuntimeError("MPS backend out of memory (MPS allocated: 5 GB)"), True),
        (RuntimeError("CUDA error: out of memory"), True),
        (RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`"), True),
        (RuntimeError("CUDA error: unspecified launch failure"), False),
        (ValueError("out of memory"), False),
    ],
)
def test_a_full_card_is_told_from_other_faults(error: Exception, is_memory: bool) -> None:
    assert is_out_of_memory(error) is is_memory


def test_kinds_without_a_rule_reckon_in_full_precision() -> None:
    assert fastest_dtype(torch.device("mps")) == torch.float32


@pytest.mark.gpu
@needs_card
def test_a_copy_from_a_card_is_what_was_there() -> None:
    values = torch.randn(3, 64, 48, generator=torch.Generator().manual_seed(1))
    there = values.to("cuda").permute(1, 2, 0)
    copy = on_host(there)
    assert copy.is_pinned()
    assert torch.equal(copy, values.permute(1, 2, 0))


@pytest.mark.gpu
@needs_card
def test_a_card_says_what_it_is_and_does_what_it_is_asked() -> None:
    device = device_of_worker(GpuSettings(device="cuda"))
    assert device.name == "cuda:0"
    assert device.accelerator is not None
    assert device.facts.model
    assert device.facts.memory_bytes > 1 << 30
    device.accelerator.wait()
    device.accelerator.release()
