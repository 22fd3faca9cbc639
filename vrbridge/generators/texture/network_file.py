"""A trained texture network as one safetensors file."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from vrbridge.errors import ModelError
from vrbridge.generators.tensor_file import filled, read_tensors
from vrbridge.generators.texture.autoencoder import Decoder, Encoder
from vrbridge.generators.texture.latent_flow import LatentFlow
from vrbridge.generators.texture.layouts import Layouts
from vrbridge.generators.texture.map_network import MapNetwork
from vrbridge.generators.texture.text_prior import Anchors

FORMAT = "vrbridge-texture-1"


@dataclass(frozen=True, slots=True)
class TextureNetwork:
    """Everything that a trained texture generator is made of.

    Attributes:
        name: Of the model.
        encoder: Pictures to lattices; only training needs it.
        decoder: Lattices to surfaces.
        flow: Codes to lattices.
        maps: Pictures to the rest of the surface.
        anchors: Known captions and their codes.
        layouts: Structures of some of them, to start from.
        style_space: Arrays of the style space, for training to go on in it.
        facts: What the model card says in short: licence, data, steps.
    """

    name: str
    encoder: Encoder
    decoder: Decoder
    flow: LatentFlow
    maps: MapNetwork
    anchors: Anchors
    layouts: Layouts
    style_space: dict[str, Tensor]
    facts: dict[str, Any]


def write(network: TextureNetwork, path: Path) -> None:
    """Write a network; weights in half precision (bfloat16), the rest in float16."""
    tensors: dict[str, Tensor] = {}
    for part, module in _parts(network).items():
        for name, value in module.state_dict().items():
            tensors[f"{part}.{name}"] = value.detach().to("cpu", torch.bfloat16).contiguous()
    anchors = network.anchors
    for name in ("sentences", "codes"):
        tensors[f"anchors.{name}"] = torch.from_numpy(getattr(anchors, name).astype(np.float16))
    tensors["layouts.structures"] = torch.from_numpy(np.ascontiguousarray(network.layouts.structures))
    tensors["layouts.anchors"] = torch.from_numpy(network.layouts.anchors)
    for name in ("tone_mean", "tone_scale", "bonus"):
        tensors[f"anchors.{name}"] = torch.from_numpy(getattr(anchors, name).astype(np.float32))
    tensors |= {
        f"style.{name}": value.to(torch.float16).contiguous() for name, value in network.style_space.items()
    }
    header = {
        "format": FORMAT,
        "name": network.name,
        "captions": json.dumps(anchors.captions),
        "categories": json.dumps(anchors.categories),
        "facts": json.dumps(network.facts),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file(tensors, path, metadata=header)


def read(path: Path) -> TextureNetwork:
    """Return the network in a file.

    Raises:
        ModelError: If the file is missing, damaged, or of something else.
    """
    header, tensors = read_tensors(path, FORMAT, what="texture network")
    try:
        anchors = Anchors(
            captions=tuple(json.loads(header["captions"])),
            categories=tuple(json.loads(header["categories"])),
            sentences=tensors["anchors.sentences"].float().numpy(),
            codes=tensors["anchors.codes"].float().numpy(),
            tone_mean=tensors["anchors.tone_mean"].float().numpy(),
            tone_scale=tensors["anchors.tone_scale"].float().numpy(),
            bonus=tensors["anchors.bonus"].float().numpy(),
        )
        network = TextureNetwork(
            name=header["name"],
            encoder=filled(Encoder, _weights_of("encoder", tensors)),
            decoder=filled(Decoder, _weights_of("decoder", tensors)),
            flow=filled(LatentFlow, _weights_of("flow", tensors)),
            maps=filled(MapNetwork, _weights_of("maps", tensors)),
            anchors=anchors,
            layouts=Layouts(tensors["layouts.structures"].numpy(), tensors["layouts.anchors"].numpy()),
            style_space={
                n.removeprefix("style."): t.float() for n, t in tensors.items() if n.startswith("style.")
            },
            facts=json.loads(header["facts"]),
        )
    except (KeyError, ValueError, RuntimeError) as error:
        raise ModelError(f"{path} is no whole texture network: {error}") from error
    return network


def read_maps(path: Path) -> tuple[str, MapNetwork]:
    """Return the name of the network in a file, and of its parts the one that reads pictures.

    Raises:
        ModelError: As `read` does.
    """
    header, tensors = read_tensors(path, FORMAT, what="texture network")
    try:
        return header["name"], filled(MapNetwork, _weights_of("maps", tensors))
    except (KeyError, ValueError, RuntimeError) as error:
        raise ModelError(f"{path} is no whole texture network: {error}") from error


def _weights_of(part: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return the weights of one network in full precision."""
    return {n.removeprefix(f"{part}."): t.float() for n, t in tensors.items() if n.startswith(f"{part}.")}


def _parts(network: TextureNetwork) -> dict[str, nn.Module]:
    return {
        "encoder": network.encoder,
        "decoder": network.decoder,
        "flow": network.flow,
        "maps": network.maps,
    }
