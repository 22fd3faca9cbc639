"""Materials from a trained network: words choose a code, the seed draws a tile of it."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from vrbridge.errors import GeneratorFailed
from vrbridge.generators.glossary import english
from vrbridge.generators.text_encoder import SentenceEncoder
from vrbridge.generators.texture import network_file
from vrbridge.generators.texture.autoencoder import (
    GRAIN_PER_POINT,
    HEIGHT_SCALE_PX,
    LATENT_CHANNELS,
    LATTICE_PX,
)
from vrbridge.generators.texture.latent_flow import drawn
from vrbridge.generators.texture.maps import TextureMaps, to_maps
from vrbridge.generators.texture.noise import Canvas, smooth
from vrbridge.generators.texture.overlays import OVERLAYS
from vrbridge.generators.texture.palette import chosen_color, is_tint, oklab_of_linear
from vrbridge.generators.texture.surface import Surface
from vrbridge.generators.texture.text_prior import Meaning, TextPrior, mixture_of
from vrbridge.generators.texture.torus import placed
from vrbridge.generators.texture.words import STATE_WORDS, states_of, words_of

_N_STEPS = 6
_MIN_MIXTURE_CONFIDENCE = 0.45
_METRES_PER_LATTICE = 2.0 / 16
# The lowest bits of a seed lay out the tile, the others vary the material.
_LAYOUT_BITS = 8

Code = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class NeuralPlan:
    """Everything that decides a material's pixels, besides their number.

    Attributes:
        codes: Of the material, and of a second one that lies on it in patches, if any; 64 numbers each.
        states: Overlays, in the order in which they are laid on.
        seed: Draws the tile.
        family: Category of the nearest known picture.
        confidence: How sure the prompt is understood, 0–1.
        nearest: Caption of the nearest known picture.
        metres_per_tile: Edge of a tile of 512 pixels in a scene.
    """

    codes: tuple[tuple[float, ...], ...]
    states: tuple[str, ...]
    seed: int
    family: str
    confidence: float
    nearest: str
    metres_per_tile: float


class NeuralTextures:
    """Plans and draws seamless materials.

    Args:
        weights: File of a trained network.
        encoder: Sentence vectors.
        device: Of the network.

    Raises:
        ModelError: If the file is none.
    """

    def __init__(self, weights: Path, encoder: SentenceEncoder, device: str = "cpu") -> None:
        self._network = network_file.read(weights)
        self._device = torch.device(device)
        for module in (self._network.decoder, self._network.flow):
            placed(module, self._device)
        self._encoder = encoder
        self._prior = TextPrior(self._network.anchors)
        self._dtype = torch.bfloat16 if _has_bfloat16(self._device) else torch.float32

    @property
    def model(self) -> str:
        """Name of the network."""
        return self._network.name

    def plan(
        self,
        prompt: str,
        *,
        seed: int,
        style: str | None = None,
        color: tuple[float, float, float] | None = None,
    ) -> NeuralPlan:
        """Return what to draw for a prompt.

        Args:
            prompt: Any text.
            seed: All but the lowest 8 bits vary the material, those draw the tile.
            style: More words, such as "dark and mossy".
            color: Linear red, green, blue that the material must have, whatever the words say.
        """
        text = english(prompt)
        described = f"{text} {english(style)}" if style else text
        random = np.random.default_rng([(seed & 0xFFFFFFFFFFFFFFFF) >> _LAYOUT_BITS, 1])
        whole = self._meaning(described, random, color)
        meanings = [whole]
        parts = mixture_of(described)
        if parts is not None:
            ground, patches = (
                self._meaning(part, random, color if i == 0 else None) for i, part in enumerate(parts)
            )
            sure = min(ground.confidence, patches.confidence)
            if ground.category != patches.category and sure > max(
                _MIN_MIXTURE_CONFIDENCE, 0.8 * whole.confidence
            ):
                meanings = [ground, patches]
        known = set(words_of(" ".join(meaning.caption for meaning in meanings)))
        spoken = words_of(described)
        states = tuple(
            state
            for state in states_of(spoken, meanings[0].category)
            if not known.intersection(STATE_WORDS[state]) and state not in {m.category for m in meanings}
        )
        return NeuralPlan(
            codes=tuple(tuple(round(float(v), 4) for v in meaning.code) for meaning in meanings),
            states=states,
            seed=seed,
            family=meanings[0].category,
            confidence=min(meaning.confidence for meaning in meanings),
            nearest=whole.nearest,
            metres_per_tile=round(_METRES_PER_LATTICE * 512 / LATTICE_PX, 3),
        )

    def render(self, plan: NeuralPlan, size_px: int) -> TextureMaps:
        """Return the maps of a plan.

        Args:
            plan: From `plan`.
            size_px: Edge, a multiple of 64 up to 2048; a larger tile shows more of the material.

        Raises:
            ValueError: If the size is another.
            GeneratorFailed: If the network makes something that is no number.
        """
        if size_px % 64 or not 64 <= size_px <= 2048:
            raise ValueError(f"A texture's edge is a multiple of 64 from 64 to 2048, not {size_px}.")
        surface = self._surface(self.lattice(plan, size_px // LATTICE_PX), plan.seed)
        canvas = Canvas(size_px, plan.seed & 0xFFFFFFFFFFFFFFFF)
        for state in plan.states:
            OVERLAYS[state](canvas, surface)
        return to_maps(surface)

    @torch.inference_mode()
    def lattice(self, plan: NeuralPlan, size: int, n_steps: int = _N_STEPS) -> Tensor:
        """Return the (1, 12, size, size) lattice of a plan."""
        noise = self.noise(plan.seed, size)
        codes = [torch.tensor(code, device=self._device)[None, :, None, None] for code in plan.codes]
        code = codes[0] if len(codes) == 1 else torch.lerp(codes[0], codes[1], self._patches(plan.seed, size))
        return self.drawn(noise, code, n_steps)

    def noise(self, seed: int, size: int) -> Tensor:
        """Return the (1, 12, size, size) noise that a seed stands for."""
        random = torch.Generator().manual_seed(seed & 0x7FFFFFFFFFFFFFFF)
        return torch.randn((1, LATENT_CHANNELS, size, size), generator=random).to(self._device)

    @torch.inference_mode()
    def drawn(self, noise: Tensor, code: Tensor, n_steps: int = _N_STEPS) -> Tensor:
        """Return lattices of noise (B, 12, h, w) and code (B, 64, 1 or h, 1 or w)."""
        network = self._network
        with torch.autocast(self._device.type, self._dtype, enabled=self._dtype != torch.float32):
            lattice = drawn(
                network.flow, noise.contiguous(memory_format=torch.channels_last), code, n_steps=n_steps
            )
        scale, mean = (
            v.to(self._device)[None, :, None, None] for v in (network.lattice_scale, network.lattice_mean)
        )
        return lattice.float() * scale + mean

    @torch.inference_mode()
    def painted(self, lattice: Tensor, grain: Tensor) -> Tensor:
        """Return (B, 6, H, W) surfaces; see `Decoder`."""
        with torch.autocast(self._device.type, self._dtype, enabled=self._dtype != torch.float32):
            surface: Tensor = self._network.decoder(
                lattice.contiguous(memory_format=torch.channels_last), grain
            )
        return surface.float()

    def _surface(self, lattice: Tensor, seed: int) -> Surface:
        size = GRAIN_PER_POINT * lattice.shape[2]
        random = torch.Generator().manual_seed((seed & 0x7FFFFFFFFFFFFFFF) ^ 0x5DEECE66D)
        grain = torch.randn((1, 1, size, size), generator=random).to(self._device)
        painted = self.painted(lattice, grain)[0].cpu()
        size_px = painted.shape[1]
        if not bool(torch.isfinite(painted.sum())):
            raise GeneratorFailed("The network made something that holds no proper numbers.")
        levels = torch.sigmoid(painted[4:]).numpy()
        return Surface(
            height=(painted[3] * (HEIGHT_SCALE_PX / size_px)).numpy(),
            color=painted[:3].add(1).mul(0.5).clamp(0, 1).permute(1, 2, 0).contiguous().numpy(),
            roughness=levels[0],
            metallic=levels[1],
        )

    def _meaning(
        self, text: str, random: np.random.Generator, color: tuple[float, float, float] | None
    ) -> Meaning:
        wanted = oklab_of_linear(color) if color is not None else chosen_color(text)
        vector = self._encoder.encode([text])[0]
        meaning = self._prior.meaning(text, vector, random, wanted)
        if wanted is None:
            return meaning
        strength = 1.0 if color is not None else 0.35 if is_tint(text) else 0.6
        code = self._network.anchors.toward(meaning.code, wanted, strength)
        return Meaning(code, meaning.category, meaning.caption, meaning.nearest, meaning.confidence)

    def _patches(self, seed: int, size: int) -> Tensor:
        """Return where the second material lies, (1, 1, size, size) in [0, 1]."""
        canvas = Canvas(size, seed & 0xFFFFFFFFFFFFFFFF)
        mask = smooth(canvas.fbm("patches", max(2, size // 8), octaves=3, gain=0.45), 0.0, 0.3)
        return torch.from_numpy(mask)[None, None].to(self._device)


def _has_bfloat16(device: torch.device) -> bool:
    """Whether products in bfloat16 are faster than in float32 there."""
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported())
    return (
        bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())
        and "AVX512" in torch.backends.cpu.get_cpu_capability()
    )
