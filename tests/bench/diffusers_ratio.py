"""How much faster the texture network is than a pipeline of SD-Turbo's shape on the same machine.

The pipeline has random weights: how long it takes depends on its shape alone. It makes a picture, the texture
network makes all maps of a material.
"""

import tempfile
import time
from pathlib import Path

import torch
from diffusers import AutoencoderKL, EulerDiscreteScheduler, StableDiffusionPipeline, UNet2DConditionModel
from rich.console import Console
from torch import nn
from transformers import CLIPTextConfig, CLIPTextModel

from tests.bench.figures import Figure
from tests.fakes import FakeTextEncoder
from tests.generators.texture.random_network import random_weights
from tests.generators.texture.tiny_pipelines import MAX_TOKENS, tiny_tokenizer
from vrbridge.errors import ModelError
from vrbridge.generators.texture.neural import NeuralTextures
from vrbridge.memory.catalogue import Catalogue
from vrbridge.settings import Settings, assets_dir

SIZE_PX = 512
_TARGET_RATIO = 20.0
_N_MATERIALS = 5
_N_TOKENS = 49408


def figures(console: Console, dtypes: tuple[torch.dtype, ...]) -> list[Figure]:
    """Return the times of both, and their ratio for each number format of the pipeline.

    Raises:
        ModelError: If there is too little memory for the pipeline.
    """
    ours_s = _material_s()
    measured = [
        Figure(f"material {SIZE_PX}², all maps, texture network", ours_s, "s", note="before encoding")
    ]
    for dtype in dtypes:
        name = str(dtype).removeprefix("torch.")
        with console.status(f"SD-Turbo's shape, {name} …"):
            theirs_s, n_bytes = _picture_s(dtype)
        note = f"{n_bytes / 1e9:.1f} GB of weights, 1 step, random, {torch.get_num_threads()} threads"
        measured.append(Figure(f"picture {SIZE_PX}², SD-Turbo's shape, {name}", [theirs_s], "s", note=note))
        ratio = theirs_s / measured[0].median
        measured.append(
            Figure(
                f"the texture network is faster than that ({name})",
                [ratio],
                "×",
                target=_TARGET_RATIO,
                is_floor=True,
                note="same machine, same run",
            )
        )
    return measured


def _material_s() -> list[float]:
    with tempfile.TemporaryDirectory() as folder:
        textures = NeuralTextures(_weights(Path(folder)), FakeTextEncoder())
    seconds = []
    for seed in range(_N_MATERIALS + 1):
        began = time.perf_counter()
        textures.drawing("old brick wall", seed=seed, size_px=SIZE_PX).maps()
        seconds.append(time.perf_counter() - began)
    return seconds[1:]


def _weights(folder: Path) -> Path:
    """Return the file of a texture network: one that is here, else a random one of the same shape."""
    catalogue = Catalogue.load(assets_dir(), Settings().cache_dir)
    paths = [catalogue.path(model.name) for model in catalogue.entries if model.kind == "texture"]
    return next((path for path in paths if path is not None), None) or random_weights(folder)


def _picture_s(dtype: torch.dtype) -> tuple[float, int]:
    pipeline = sd_turbo_shaped(dtype)
    parts = (pipeline.unet, pipeline.vae, pipeline.text_encoder)
    n_bytes = sum(p.numel() * p.element_size() for part in parts for p in part.parameters())
    pipeline.set_progress_bar_config(disable=True)
    began = time.perf_counter()
    pipeline(
        "old brick wall",
        num_inference_steps=1,
        guidance_scale=0.0,
        height=SIZE_PX,
        width=SIZE_PX,
        output_type="np",
    )
    return time.perf_counter() - began, n_bytes


def sd_turbo_shaped(dtype: torch.dtype) -> StableDiffusionPipeline:
    """Return a pipeline with the networks of SD 2.1-base, as SD-Turbo has them, and random weights.

    Raises:
        ModelError: If there is too little memory.
    """
    needed = 1_290_000_000 * dtype.itemsize * 1.3
    if _free_bytes() < needed:
        raise ModelError(f"The pipeline needs {needed / 1e9:.0f} GB of free memory.")
    with torch.device("meta"):
        unet = UNet2DConditionModel(
            sample_size=64,
            block_out_channels=(320, 640, 1280, 1280),
            down_block_types=("CrossAttnDownBlock2D",) * 3 + ("DownBlock2D",),
            up_block_types=("UpBlock2D",) + ("CrossAttnUpBlock2D",) * 3,
            attention_head_dim=(5, 10, 20, 20),
            cross_attention_dim=1024,
            use_linear_projection=True,
        )
        vae = AutoencoderKL(
            block_out_channels=(128, 256, 512, 512),
            down_block_types=("DownEncoderBlock2D",) * 4,
            up_block_types=("UpDecoderBlock2D",) * 4,
            layers_per_block=2,
            latent_channels=4,
            sample_size=768,
        )
        text_encoder = CLIPTextModel(
            CLIPTextConfig(
                vocab_size=_N_TOKENS,
                hidden_size=1024,
                intermediate_size=4096,
                num_hidden_layers=23,
                num_attention_heads=16,
                max_position_embeddings=MAX_TOKENS,
                hidden_act="gelu",
            )
        )
    for network in (unet, vae, text_encoder):
        _fill(network, dtype)
    return StableDiffusionPipeline(
        unet=unet,
        vae=vae,
        text_encoder=text_encoder,
        tokenizer=tiny_tokenizer(),
        scheduler=EulerDiscreteScheduler(steps_offset=1, timestep_spacing="trailing"),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )


def _free_bytes() -> float:
    """Return the memory that can be had without swapping; without bound where that is not known."""
    meminfo = Path("/proc/meminfo")
    lines = meminfo.read_text("ascii").splitlines() if meminfo.is_file() else []
    available = [int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:")]
    return available[0] if available else float("inf")


def _fill(network: nn.Module, dtype: torch.dtype) -> None:
    """Give a network without memory small random weights; their values do not change how long it takes."""
    for module in network.modules():
        for name, parameter in list(module.named_parameters(recurse=False)):
            values = torch.empty(parameter.shape, dtype=dtype).uniform_(-0.02, 0.02)
            setattr(module, name, nn.Parameter(values, requires_grad=False))
        for name, buffer in list(module.named_buffers(recurse=False)):
            # Positions of tokens are the only ones.
            positions = torch.arange(buffer.numel()).reshape(buffer.shape)
            module.register_buffer(name, positions, persistent=False)
    network.eval()
