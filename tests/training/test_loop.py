"""A run that is cut goes on as if it had not been."""

import os
import signal
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import torch
from torch import nn

from vrbridge.errors import GeneratorFailed, ModelError
from vrbridge.training import checkpoint
from vrbridge.training.loop import Budget, learn
from vrbridge.training.stage import descend, follow, learning_rate, trained


class Line:
    """Learns y = 3x; its batches depend on the number of the step alone."""

    name = "line"

    def __init__(self) -> None:
        torch.manual_seed(0)
        self.network = nn.Linear(1, 1)
        self.average = nn.Linear(1, 1)
        self.modules: Mapping[str, nn.Module] = {"network": self.network, "average": self.average}
        self.optimizers = {"optimizer": torch.optim.Adam(self.network.parameters(), 0.05)}
        self.interrupt_at = -1
        self.fail_at = -1
        self.seen: list[int] = []

    def step(self, number: int, progress: float) -> Mapping[str, float]:
        self.seen.append(number)
        x = torch.randn(8, 1, generator=torch.Generator().manual_seed(number))
        loss = (self.network(x) - 3 * x).square().mean()
        descend(loss, self.optimizers["optimizer"], rate=0.05, clip=1.0)
        follow(self.average, self.network, 0.9)
        if number == self.interrupt_at:
            os.kill(os.getpid(), signal.SIGTERM)
        return {"loss": float("nan") if number == self.fail_at else float(loss.detach())}

    def sample(self) -> npt.NDArray[np.uint8]:
        return np.zeros((2, 2, 3), np.uint8)


def silent(step: int, progress: float, losses: Mapping[str, float]) -> None:
    assert 0 <= progress <= 1


def test_a_run_in_two_parts_ends_like_one(tmp_path: Path) -> None:
    whole = Line()
    assert learn(whole, tmp_path / "whole", Budget(steps=20), silent)
    first, second = Line(), Line()
    first.interrupt_at = 7
    assert not learn(first, tmp_path / "parts", Budget(steps=20), silent)
    assert learn(second, tmp_path / "parts", Budget(steps=20), silent)
    assert first.seen + second.seen == list(range(20))
    assert torch.equal(whole.network.weight, second.network.weight)
    assert torch.equal(whole.average.weight, second.average.weight)


def test_a_slice_ends_in_good_order(tmp_path: Path) -> None:
    line = Line()
    assert not learn(line, tmp_path, Budget(steps=50, slice_s=0.0), silent)
    assert line.seen == [0]
    assert (tmp_path / "samples.png").exists()


def test_what_is_finished_is_not_learned_again(tmp_path: Path) -> None:
    learn(Line(), tmp_path, Budget(steps=3), silent)
    again = Line()
    assert learn(again, tmp_path, Budget(steps=3), silent)
    assert again.seen == []


def test_a_loss_that_is_no_number_ends_the_run_and_keeps_the_checkpoint(tmp_path: Path) -> None:
    learn(Line(), tmp_path, Budget(steps=3), silent)
    before = trained(tmp_path, "network")
    bad = Line()
    bad.fail_at = 4
    with pytest.raises(GeneratorFailed, match="'loss' is nan at step 5"):
        learn(bad, tmp_path, Budget(steps=9), silent)
    after = trained(tmp_path, "network")
    assert before is not None
    assert after is not None
    assert torch.equal(before["weight"], after["weight"])


def test_checkpoints_are_of_files_small_enough_to_move(tmp_path: Path) -> None:
    tensors = {str(i): torch.full((1 << 20,), float(i)) for i in range(9)}
    checkpoint.save(tmp_path, tensors, {"step": 1})
    sizes = [path.stat().st_size for path in tmp_path.glob("*.safetensors")]
    assert len(sizes) > 1
    assert max(sizes) <= 16 << 20
    kept = checkpoint.load(tmp_path)
    assert kept is not None
    assert all(torch.equal(kept[0][name], tensor) for name, tensor in tensors.items())


def test_a_checkpoint_replaces_the_one_before(tmp_path: Path) -> None:
    for step in range(3):
        checkpoint.save(tmp_path, {"weight": torch.full((2,), float(step))}, {"step": step})
    kept = checkpoint.load(tmp_path)
    assert kept is not None
    assert kept[1]["step"] == 2
    assert len(list(tmp_path.glob("*.safetensors"))) == 1


def test_a_checkpoint_that_was_never_finished_does_not_count(tmp_path: Path) -> None:
    checkpoint.save(tmp_path, {"weight": torch.zeros(2)}, {"step": 1})
    (tmp_path / "1-000.safetensors").write_bytes(b"half")
    (tmp_path / "checkpoint.json.new").write_text("{")
    kept = checkpoint.load(tmp_path)
    assert kept is not None
    assert kept[1]["step"] == 1


def test_a_damaged_checkpoint_says_what_to_do(tmp_path: Path) -> None:
    checkpoint.save(tmp_path, {"weight": torch.zeros(2)}, {"step": 1})
    next(tmp_path.glob("*.safetensors")).write_bytes(b"half")
    with pytest.raises(ModelError, match="damaged; delete"):
        learn(Line(), tmp_path, Budget(steps=3), silent)


def test_a_checkpoint_of_another_network_says_what_to_do(tmp_path: Path) -> None:
    checkpoint.save(tmp_path, {"module/network/other": torch.zeros(2)}, {"step": 1})
    with pytest.raises(ModelError, match="other networks; delete"):
        learn(Line(), tmp_path, Budget(steps=3), silent)


def test_the_learning_rate_rises_and_falls() -> None:
    assert learning_rate(0, 0.0) == pytest.approx(0.01)
    assert learning_rate(1000, 0.5) == 1
    assert learning_rate(1000, 1.0) == pytest.approx(0.05)
