from pathlib import Path

import torch
from torch import Tensor

from tests.generators.texture.random_network import random_network, random_weights
from vrbridge.generators.texture.torus import WrappedConv2d
from vrbridge.training.evaluation.roll import file_roll_error, roll_error


def test_a_network_on_a_torus_has_no_error_at_all() -> None:
    assert roll_error(random_network()) == 0.0


def test_the_network_in_a_file_is_tested(tmp_path: Path) -> None:
    assert file_roll_error(random_weights(tmp_path)) == 0.0


def test_a_border_anywhere_in_decoder_or_flow_is_found() -> None:
    def bordered(_: torch.nn.Module, __: tuple[Tensor, ...], result: Tensor) -> Tensor:
        result[:, :, 0] *= 1.5
        return result

    for part in ("decoder", "flow"):
        network = random_network()
        first = next(m for m in getattr(network, part).modules() if isinstance(m, WrappedConv2d))
        first.register_forward_hook(bordered)
        assert roll_error(network) > 1e-3
