"""A text-to-image pipeline of diffusers, loaded safely and made to paint pictures that tile, if wanted."""

import inspect
import math
from pathlib import Path
from typing import Any

import torch
from torch import nn

from vrbridge.errors import ModelError, SettingsError
from vrbridge.generator_settings import PipelineSettings
from vrbridge.generators.texture.diffusers_model import is_few_step, model_name, parts_left_out

_FEW_STEPS = 4
_DEFAULT_SIZE_PX = 512
_DEFAULT_STEPS = 20
_MAX_REASON_CHARACTERS = 300
# Pipelines halve the lattice up to three times, and some pair its points: other sizes lose pixels.
_SIZE_MULTIPLE_PX = 64

_GOLDEN = (math.sqrt(5) - 1) / 2
# These keep nothing of earlier steps besides the lattice, so that it may be rolled between two of them.
_MEMORYLESS_SCHEDULERS = frozenset(
    {
        "DDIMScheduler",
        "EulerAncestralDiscreteScheduler",
        "EulerDiscreteScheduler",
        "FlowMatchEulerDiscreteScheduler",
        "LCMScheduler",
    }
)


class Pipeline:
    """A pipeline on its device.

    Args:
        settings: Which one, and how it paints.
        section: Of the settings, for errors.
        tiles: Whether pictures are to go on at the opposite edge.

    Raises:
        SettingsError: If the device or dtype can't be used.
        ModelError: If the pipeline can't be loaded; the message says why.
    """

    def __init__(
        self, settings: PipelineSettings, *, section: str = "texture.diffusers", tiles: bool = True
    ) -> None:
        self._settings = settings
        self._tiles = tiles
        self.device = chosen_device(settings.device, section=section)
        self.dtype = chosen_dtype(settings.dtype, self.device)
        self._pipe = _loaded(settings, self.dtype, self.device)
        self._pipe.set_progress_bar_config(disable=True)
        self._accepted = inspect.signature(self._pipe.__call__).parameters
        if "prompt" not in self._accepted:
            raise ModelError(f"{type(self._pipe).__name__} takes no prompt, so that it can't be used.")
        self.is_wrapped = tiles and getattr(self._pipe, "unet", None) is not None
        for part in ("unet", "vae", "vqvae", "movq") if tiles else ():
            module = getattr(self._pipe, part, None)
            if isinstance(module, nn.Module):
                wrap_around(module)
        size_px = settings.size_px or self._learned_size_px()
        self.size_px = -(-size_px // _SIZE_MULTIPLE_PX) * _SIZE_MULTIPLE_PX

    @property
    def is_rolled(self) -> bool:
        """Whether seams are moved about between steps, since the network itself does not wrap around."""
        return (
            self._tiles
            and not self.is_wrapped
            and type(self._pipe.scheduler).__name__ in _MEMORYLESS_SCHEDULERS
            and "latents" in getattr(self._pipe, "_callback_tensor_inputs", ())
        )

    @property
    def denoiser(self) -> nn.Module | None:
        """The network that runs once or twice a step."""
        for part in ("unet", "transformer", "prior"):
            module = getattr(self._pipe, part, None)
            if isinstance(module, nn.Module):
                return module
        return None

    @property
    def has_step_callback(self) -> bool:
        """Whether it says when a step is done."""
        return "callback_on_step_end" in self._accepted

    def n_steps(self) -> int:
        """Return how many steps it takes."""
        if self._settings.steps:
            return self._settings.steps
        if is_few_step(self._settings):
            return _FEW_STEPS
        default = self._accepted.get("num_inference_steps")
        known = default.default if default is not None else None
        return known if isinstance(known, int) else _DEFAULT_STEPS

    def __call__(self, prompt: str, *, seed: int, **extra: Any) -> Any:
        """Return what the pipeline returns: `images` (1, H, W, 3) float32 in [0, 1].

        Args:
            prompt: Any text.
            seed: Draws the noise, on the CPU, so that it is the same for every device.
            extra: More arguments, for those that have been looked for in the pipeline.
        """
        generator = torch.Generator("cpu").manual_seed(seed % 2**63)
        wanted: dict[str, Any] = {
            "height": self.size_px,
            "width": self.size_px,
            "num_inference_steps": self.n_steps(),
            "guidance_scale": self._guidance(),
            "negative_prompt": self._settings.negative_prompt or None,
            "generator": generator,
            "output_type": "np",
        }
        given = {k: v for k, v in wanted.items() if v is not None and k in self._accepted}
        if given.get("guidance_scale", 2) <= 1:
            given.pop("negative_prompt", None)
        return self._pipe(prompt=prompt, **given, **extra)

    def _guidance(self) -> float | None:
        if self._settings.guidance is not None:
            return self._settings.guidance
        return 0.0 if is_few_step(self._settings) else None

    def _learned_size_px(self) -> int:
        points = getattr(self._pipe, "default_sample_size", None)
        denoiser = self.denoiser
        if points is None and denoiser is not None:
            points = getattr(denoiser.config, "sample_size", None)
        factor = getattr(self._pipe, "vae_scale_factor", None)
        return points * factor if isinstance(points, int) and isinstance(factor, int) else _DEFAULT_SIZE_PX


def wrap_around(module: nn.Module) -> None:
    """Have every convolution of a network continue at the opposite edge."""
    for part in module.modules():
        if isinstance(part, nn.Conv2d):
            part.padding_mode = "circular"


def silence() -> None:
    """Keep the libraries from writing: they draw bars, and quote the prompts that they cut off."""
    from diffusers.utils import logging as diffusers_logging
    from huggingface_hub.utils.tqdm import disable_progress_bars
    from transformers.utils import logging as transformers_logging

    for logging in (diffusers_logging, transformers_logging):
        logging.set_verbosity_error()
        logging.disable_progress_bar()
    disable_progress_bars()


def _loaded(settings: PipelineSettings, dtype: torch.dtype, device: torch.device) -> Any:
    try:
        silence()
        return _read(settings, dtype).to(device)
    except Exception as error:  # libraries of others raise whatever they like while they load
        name = model_name(settings)
        raise ModelError(f"The picture model {name} can't be loaded ({first_line(error)}).") from error


def first_line(error: Exception) -> str:
    """Return kind and first line of an error of another library."""
    lines = str(error).strip().splitlines() or [""]
    return f"{type(error).__name__}: {lines[0][:_MAX_REASON_CHARACTERS]}"


def _read(settings: PipelineSettings, dtype: torch.dtype) -> Any:
    from diffusers import AutoPipelineForText2Image, DiffusionPipeline

    folder = Path(str(settings.model)).expanduser()
    source = str(folder) if folder.is_dir() else settings.model
    options = {"dtype": dtype, "variant": settings.variant, "use_safetensors": True} | parts_left_out(folder)
    try:
        return AutoPipelineForText2Image.from_pretrained(source, **options)
    except ValueError:
        # Not among those that are known by their task.
        return DiffusionPipeline.from_pretrained(source, **options)


def chosen_device(name: str, *, section: str = "texture.diffusers") -> torch.device:
    """Return a device by its name in the settings.

    Args:
        name: `auto`, or torch's.
        section: Of the settings, for errors.

    Raises:
        SettingsError: If there is none of that name here.
    """
    if name == "auto":
        if torch.cuda.is_available():
            return torch.device("cuda")
        return torch.device("mps" if torch.backends.mps.is_available() else "cpu")
    try:
        device = torch.device(name)
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError) as error:
        raise SettingsError(f"`{section}.device`: {name!r} can't be used here.") from error
    return device


def chosen_dtype(name: str, device: torch.device) -> torch.dtype:
    """Return a type of numbers by its name in the settings; `auto`: the fastest good one of the device."""
    if name != "auto":
        chosen = getattr(torch, name)
        assert isinstance(chosen, torch.dtype), "settings allow only names of dtypes"
        return chosen
    if device.type == "cpu":
        return torch.float32
    has_bfloat16 = device.type == "cuda" and torch.cuda.is_bf16_supported()
    return torch.bfloat16 if has_bfloat16 else torch.float16


def roll_offset(step: int, edge: int) -> int:
    """Return where seams lie after a step, 0 to edge - 1; golden-ratio places come close to no earlier one.

    Args:
        step: From 0.
        edge: Of the lattice, in points.
    """
    return int((step + 1) * _GOLDEN % 1 * edge)
