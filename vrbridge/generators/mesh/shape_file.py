"""A trained shape network as one safetensors file."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from vrbridge.errors import ModelError
from vrbridge.generators.mesh.color_code import ColorSpace
from vrbridge.generators.mesh.shape_autoencoder import ShapeDecoder, ShapeEncoder
from vrbridge.generators.mesh.shape_flow import CodeFlow, ShapeSpace
from vrbridge.generators.mesh.shape_prior import ShapeAnchors
from vrbridge.generators.tensor_file import filled, read_tensors

FORMAT = "vrbridge-mesh-1"

STEPS_PER_UNIT = 31.75
"""Rests have spread 1; four of it fit into a byte."""
# A network that is not sensitive to rounding: its output is mixed with noise anyway.
_IN_BYTES = "flow"
_SCALE = ":scale"
_STEPS_OF_AXES = np.float32(127)
# Codes have spread 1 along each axis, and some are far out.
_STEPS_OF_CODES = np.float32(18)
# Vectors of length 1 and 384 numbers: hardly one is above a quarter.
STEPS_OF_SENTENCES = np.float32(420)


@dataclass(frozen=True, slots=True, eq=False)
class Starts:
    """What some of the known models have beside their codes, to start from.

    Attributes:
        rests: (L, 4096) int8, in steps of which 31.75 make the spread of a rest.
        anchors: (L,) int32, number of the anchor whose model it is.
    """

    rests: NDArray[np.int8]
    anchors: NDArray[np.int32]

    @classmethod
    def of(cls, rests: NDArray[np.float32], anchors: NDArray[np.integer]) -> "Starts":
        """Return the starts of (L, 4096) rests of spread 1."""
        return cls(in_steps(rests, np.float32(STEPS_PER_UNIT)).numpy(), anchors.astype(np.int32))

    def rest(self, anchor: int) -> NDArray[np.float32] | None:
        """Return the (4096,) rest of an anchor, or None."""
        found = np.flatnonzero(self.anchors == anchor)
        return self.rests[found[0]].astype(np.float32) / np.float32(STEPS_PER_UNIT) if len(found) else None


@dataclass(frozen=True, slots=True, eq=False)
class ShapeNetwork:
    """Everything that a trained shape generator is made of.

    Attributes:
        name: Of the model.
        encoder: Shapes to lattices; only training needs it.
        decoder: Lattices to shapes.
        flow: Words and noise to codes.
        space: What codes stand for.
        color_space: What colour codes stand for.
        anchors: Known captions and their codes.
        starts: What some of them have beside their codes.
        facts: What the model card says in short: licence, data, steps.
    """

    name: str
    encoder: ShapeEncoder
    decoder: ShapeDecoder
    flow: CodeFlow
    space: ShapeSpace
    color_space: ColorSpace
    anchors: ShapeAnchors
    starts: Starts
    facts: dict[str, Any]


def write(network: ShapeNetwork, path: Path) -> None:
    """Write a network: weights in half precision (bfloat16), those of the flow and most tables in bytes."""
    tensors: dict[str, Tensor] = {}
    for part, module in _parts(network).items():
        for name, value in module.state_dict().items():
            weights = value.detach().to("cpu", torch.float32)
            if part == _IN_BYTES and weights.dim() == 2:
                scale = weights.abs().amax(1).clamp(min=1e-9)
                tensors[f"{part}.{name}"] = in_steps((weights / scale[:, None]).numpy(), np.float32(127))
                tensors[f"{part}.{name}{_SCALE}"] = scale.contiguous()
            else:
                tensors[f"{part}.{name}"] = weights.to(torch.bfloat16).contiguous()
    tensors["space.mean"] = network.space.mean.to(torch.float16).contiguous()
    lengths = network.space.axes.abs().amax(1).clamp(min=1e-9)
    tensors["space.lengths"] = lengths.float().contiguous()
    tensors["space.axes"] = in_steps((network.space.axes / lengths[:, None]).numpy(), _STEPS_OF_AXES)
    anchors = network.anchors
    tensors["anchors.sentences"] = in_steps(anchors.sentences, STEPS_OF_SENTENCES)
    tensors["colors.mean"] = network.color_space.mean.to(torch.float16).contiguous()
    tensors["colors.axes"] = network.color_space.axes.to(torch.float16).contiguous()
    tensors["anchors.colors"] = torch.from_numpy(anchors.colors.astype(np.float16))
    tensors["anchors.codes"] = in_steps(anchors.codes, _STEPS_OF_CODES)
    for name in ("sizes_m", "bonus"):
        tensors[f"anchors.{name}"] = torch.from_numpy(getattr(anchors, name).astype(np.float32))
    tensors["starts.rests"] = torch.from_numpy(np.ascontiguousarray(network.starts.rests))
    tensors["starts.anchors"] = torch.from_numpy(np.ascontiguousarray(network.starts.anchors))
    header = {
        "format": FORMAT,
        "name": network.name,
        "captions": json.dumps(anchors.captions),
        "categories": json.dumps(anchors.categories),
        "rest": repr(network.space.rest),
        "facts": json.dumps(network.facts),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file(tensors, path, metadata=header)


def read(path: Path) -> ShapeNetwork:
    """Return the network in a file.

    Raises:
        ModelError: If the file is missing, damaged, or of something else.
    """
    header, tensors = read_tensors(path, FORMAT, what="shape network")
    try:
        network = ShapeNetwork(
            name=header["name"],
            encoder=filled(ShapeEncoder, _weights_of("encoder", tensors)),
            decoder=filled(ShapeDecoder, _weights_of("decoder", tensors)),
            flow=filled(CodeFlow, _weights_of("flow", tensors)),
            space=ShapeSpace(
                tensors["space.mean"].float(),
                tensors["space.axes"].float() / float(_STEPS_OF_AXES) * tensors["space.lengths"][:, None],
                float(header["rest"]),
            ),
            color_space=ColorSpace(tensors["colors.mean"].float(), tensors["colors.axes"].float()),
            anchors=ShapeAnchors(
                captions=tuple(json.loads(header["captions"])),
                categories=tuple(json.loads(header["categories"])),
                sentences=tensors["anchors.sentences"].numpy().astype(np.float32) / STEPS_OF_SENTENCES,
                codes=tensors["anchors.codes"].numpy().astype(np.float32) / _STEPS_OF_CODES,
                colors=tensors["anchors.colors"].float().numpy(),
                sizes_m=tensors["anchors.sizes_m"].float().numpy(),
                bonus=tensors["anchors.bonus"].float().numpy(),
            ),
            starts=Starts(tensors["starts.rests"].numpy(), tensors["starts.anchors"].numpy()),
            facts=json.loads(header["facts"]),
        )
    except (KeyError, ValueError, RuntimeError) as error:
        raise ModelError(f"{path} is no whole shape network: {error}") from error
    return network


def format_of(path: Path) -> str | None:
    """Return what a safetensors file says that it holds; None: nothing, or it can't be read."""
    try:
        with safe_open(path, "pt") as file:
            return (file.metadata() or {}).get("format")
    except (OSError, ValueError, SafetensorError):
        return None


def in_steps(values: NDArray[np.float32], per_unit: np.float32) -> Tensor:
    """Return int8 of values, so many to 1."""
    return torch.from_numpy(np.rint(values * per_unit).clip(-127, 127).astype(np.int8))


def _weights_of(part: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return the weights of one network in full precision."""
    found = {n.removeprefix(f"{part}."): t for n, t in tensors.items() if n.startswith(f"{part}.")}
    return {
        name: value.float() / 127 * found[name + _SCALE][:, None] if name + _SCALE in found else value.float()
        for name, value in found.items()
        if not name.endswith(_SCALE)
    }


def _parts(network: ShapeNetwork) -> dict[str, nn.Module]:
    return {"encoder": network.encoder, "decoder": network.decoder, "flow": network.flow}
