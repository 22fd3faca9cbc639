"""`vrbridge bench batching` measures what is drawn, and says whether it is the same."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from tests.cli.command import Command
from tests.generators.texture.random_network import random_weights
from vrbridge.bench.batching import HEADINGS, Row, device_name, markdown, measured

CPU = torch.device("cpu")


@pytest.fixture(scope="module", autouse=True)
def _one_thread() -> Iterator[None]:
    # Threads of one pass wait for each other in loops: beside other processes they take many times as long.
    n_threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(n_threads)


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return random_weights(tmp_path_factory.mktemp("weights"))


def test_each_size_and_batch_has_a_row(weights: Path) -> None:
    rows = list(measured(weights, CPU, sizes_px=[64, 128], batches=[1, 2], seconds=0.0))
    sizes = [(64, 1), (64, 2), (128, 1), (128, 2)]
    assert [(row.dtype, row.size_px, row.batch) for row in rows] == [
        (dtype, *size) for dtype in (torch.float32, torch.bfloat16) for size in sizes
    ]
    for row in rows:
        assert row.lattices_per_s > 0
        assert row.textures_per_s > 0
        assert row.cpu_share > 0
        assert row.gpu_share is None
    # A pass of one is what single textures are; and of several where the processor multiplies bfloat16.
    assert all(row.is_equal for row in rows if row.batch == 1)
    if torch.ops.mkldnn._is_mkldnn_bf16_supported():
        assert all(row.is_equal for row in rows if row.dtype == torch.bfloat16)


def test_the_table_is_one_of_markdown() -> None:
    row = Row(torch.bfloat16, 512, 8, 12.34, 2.5, 0.875, None, is_equal=False)
    lines = markdown([row, row]).splitlines()
    assert lines[0] == f"| {' | '.join(HEADINGS)} |"
    assert lines[2] == lines[3] == "| bfloat16 | 512 | 8 | 12.3 | 2.5 | 88% | – | no |"
    assert {line.count("|") for line in lines} == {len(HEADINGS) + 1}


def test_a_processor_has_a_name() -> None:
    assert "cores" in device_name(CPU)


def test_the_command_prints_both_tables(weights: Path, command: Command) -> None:
    ran = command(
        "bench", "batching", "--weights", str(weights), "--size", "64", "--batch", "1", "--seconds", "0",
        "--threads", "1",
    )  # fmt: skip
    assert ran.code == 0, ran.err
    assert "| float32 | 64 | 1 |" in ran.out
    assert "| bfloat16 | 64 | 1 |" in ran.out
    assert device_name(CPU).split(",")[0] in ran.out


@pytest.mark.parametrize(("option", "value"), [("--device", "toaster"), ("--size", "100")])
def test_what_can_not_be_measured_is_refused(option: str, value: str, command: Command) -> None:
    ran = command("bench", "batching", option, value)
    assert ran.code != 0
    assert option in ran.err
