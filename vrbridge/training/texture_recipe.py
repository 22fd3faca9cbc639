"""How the texture network is trained: maps, lattice, painter, flow, one after the other."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import torch
from safetensors.torch import load_file, save_file
from torch import nn

from vrbridge.errors import DataError
from vrbridge.generators.text_encoder import SentenceEncoder
from vrbridge.generators.texture.autoencoder import Decoder, Encoder
from vrbridge.generators.texture.latent_flow import LatentFlow
from vrbridge.generators.texture.layouts import EDGE, Layouts
from vrbridge.generators.texture.map_network import MapNetwork
from vrbridge.generators.texture.network_file import TextureNetwork
from vrbridge.generators.texture.text_prior import Anchors
from vrbridge.training import surface_priors
from vrbridge.training.autoencoder_stage import AutoencoderStage
from vrbridge.training.batches import TileBatches
from vrbridge.training.dataset import TextureData
from vrbridge.training.features import Backbone
from vrbridge.training.flow_stage import FlowStage, Painter, encoded
from vrbridge.training.maps_stage import MapsStage, MapTargets
from vrbridge.training.near_copies import near_copies
from vrbridge.training.painter_stage import PainterStage
from vrbridge.training.stage import Stage, trained, weighted
from vrbridge.training.style_code import Codes, StyleSpace, feature_statistics

SHARES = {"maps": 0.1, "autoencoder": 0.35, "painter": 0.25, "flow": 0.3}
"""Of the time, by stage, for a network from scratch; in the order in which they are learned."""
FINE_TUNING_SHARES = {"painter": 0.4, "flow": 0.6}
"""Likewise for one that starts from another: what tells lattices and codes apart stays as it is."""

_SEED = 1
_N_SHIFTS = 6
_BATCH = 6
_FLOW_BATCH = 32
_MIN_TILES = 4
_N_SHOWN = 12
_MIN_GLOSS_DEVIATION = 4.0
_MIN_NORMAL_DEVIATION = 2.0
# Tiles with a real normal map are the only ones that teach relief.
_NORMAL_WEIGHT = 3.0
_OWN_BONUS = 0.15

_N = TypeVar("_N", bound=nn.Module)


class TextureRecipe:
    """Builds the stages over one data set, and the network from what they learned.

    Args:
        data: Pictures; those that don't tile, those that are held out and copies of these are left out.
        backbone: Measures likeness.
        folder: Of checkpoints.
        device: To learn on.
        init: Network to start from, if any.

    Raises:
        DataError: If fewer than four pictures are left.
    """

    def __init__(
        self,
        data: TextureData,
        *,
        backbone: Backbone,
        folder: Path,
        device: torch.device,
        init: TextureNetwork | None = None,
    ) -> None:
        is_copy = near_copies(data.color, data.color[data.is_held_out])
        chosen = np.flatnonzero(data.is_tileable & ~data.is_held_out & ~is_copy)
        if len(chosen) < _MIN_TILES:
            raise DataError(
                f"{len(chosen)} pictures can be learned from; at least {_MIN_TILES} are needed that tile "
                f"({int((~data.is_tileable).sum())} of {len(data)} don't: their opposite edges differ)."
            )
        self._data = data
        self._chosen = chosen
        self._colors = np.ascontiguousarray(data.color[chosen])
        self._captions = [data.captions[i] for i in chosen]
        self._categories = [data.categories[i] for i in chosen]
        self._backbone = backbone.to(device).eval()
        self._folder = folder
        self._device = device
        self._init = init

    @property
    def n_tiles(self) -> int:
        """Pictures that are learned from."""
        return len(self._chosen)

    @property
    def all_shares(self) -> dict[str, float]:
        """Share of the time by stage; see `Recipe`."""
        return dict(SHARES)

    @property
    def shares(self) -> dict[str, float]:
        """Likewise, of the stages that this run needs."""
        return dict(SHARES if self._init is None else FINE_TUNING_SHARES)

    def stage(self, name: str) -> Stage:
        """Return a stage, ready to learn.

        Raises:
            DataError: If there is none of that name, or one that it needs was not learned yet.
        """
        makers: dict[str, Callable[[], Stage]] = {
            "maps": self._maps_stage,
            "autoencoder": self._autoencoder_stage,
            "painter": self._painter_stage,
            "flow": self._flow_stage,
        }
        if name not in makers:
            raise DataError(f"There is no stage {name!r}; known: {', '.join(makers)}.")
        return makers[name]()

    def network(self, name: str, encoder: SentenceEncoder, facts: dict[str, Any]) -> TextureNetwork:
        """Return what was learned as one network.

        Args:
            name: Of the model.
            encoder: Makes sentence vectors of the captions.
            facts: For the file's header.

        Raises:
            DataError: If a stage was not learned yet.
        """
        space, codes = self._codes()
        anchors = Anchors(
            captions=tuple(self._captions),
            categories=tuple(self._categories),
            sentences=encoder.encode(self._captions),
            codes=codes,
            tone_mean=space.tone_mean,
            tone_scale=space.tone_scale,
            bonus=np.array([0 if self._data.licenses[i] else _OWN_BONUS for i in self._chosen], np.float32),
        )
        layouts = self._layouts()
        if self._init is not None:
            # What the own pictures don't show is still known, and drawn in their manner.
            anchors = anchors.preferred_to(self._init.anchors, _OWN_BONUS)
            layouts = layouts.and_those_of(self._init.layouts, self.n_tiles)
        flow = self._weighted(LatentFlow(), "flow", "average", "", "flow")
        decoder = self._weighted(Decoder(), "painter", "average", "", "decoder")
        return TextureNetwork(
            name=name,
            encoder=self._encoder(),
            decoder=decoder,
            flow=flow,
            maps=self._maps(),
            anchors=anchors,
            layouts=layouts,
            style_space=space.tensors(),
            facts=facts,
        )

    def _layouts(self) -> Layouts:
        """Return the structures of the pictures that may be handed on: a layout is nearly its picture."""
        free = np.flatnonzero(self._data.is_free[self._chosen])
        structures, _ = self._structures()
        if structures.shape[3] != EDGE:
            return Layouts.none()
        return Layouts.of(structures[free, 0], free)

    def _maps_stage(self) -> MapsStage:
        size = self._colors.shape[1]
        normal, has_normal = self._data.normal.of(self._chosen)
        gloss, has_gloss = self._data.gloss.of(self._chosen)
        # A flat map says nothing, and a picture without one must not learn from zeros.
        has_normal &= normal.reshape(len(normal), -1).std(1) > _MIN_NORMAL_DEVIATION
        has_gloss &= gloss.reshape(len(gloss), -1).std(1) > _MIN_GLOSS_DEVIATION
        normal[~has_normal] = (128, 128, 255)
        roughness, metallic = np.zeros_like(gloss), np.zeros_like(gloss)
        for i, (caption, category) in enumerate(zip(self._captions, self._categories, strict=True)):
            known = gloss[i] if has_gloss[i] else None
            roughness[i] = surface_priors.roughness(caption, category, known, size)
            metallic[i] = surface_priors.metallic(caption, category, self._colors[i])
        targets = MapTargets(normal, has_normal, roughness, has_gloss, metallic)
        weights = np.where(has_normal, _NORMAL_WEIGHT, 1.0)
        stage = MapsStage(self._colors, targets, self._batches(_BATCH, weights), self._shown(6), self._device)
        if self._init is not None:
            stage.start_from(self._init.maps)
        return stage

    def _autoencoder_stage(self) -> AutoencoderStage:
        stage = AutoencoderStage(self._batches(_BATCH), self._backbone, self._shown(), self._device)
        if self._init is not None:
            stage.start_from(self._init.encoder, self._init.decoder)
        return stage

    def _painter_stage(self) -> PainterStage:
        return PainterStage(
            self._encoder(), self._decoder(), self._maps(), self._batches(_BATCH), self._backbone,
            self._shown(), self._device,
        )  # fmt: skip

    def _flow_stage(self) -> FlowStage:
        space, codes = self._codes()
        structures, _ = self._structures()
        decoder = Decoder()
        painted = trained(self._folder / "painter", "average")
        decoder.load_state_dict(painted if painted is not None else self._decoder().state_dict())
        tone = (torch.from_numpy(v).to(self._device) for v in (space.tone_mean, space.tone_scale))
        painter = Painter(decoder.to(self._device).eval(), *tone)
        shown = list(range(0, self.n_tiles, max(1, self.n_tiles // _N_SHOWN)))[:_N_SHOWN]
        stage = FlowStage(structures, codes, self._batches(_FLOW_BATCH), shown, painter, self._device)
        if self._init is not None:
            stage.start_from(self._init.flow)
        return stage

    def _batches(self, batch: int, weights: npt.NDArray[np.float64] | None = None) -> TileBatches:
        return TileBatches(self._colors, self._categories, batch=batch, seed=_SEED, weights=weights)

    def _shown(self, n: int = _N_SHOWN) -> npt.NDArray[np.uint8]:
        """Return tiles that nothing is learned from, where there are some."""
        held = np.flatnonzero(self._data.is_tileable & self._data.is_held_out)
        among = held if len(held) >= n else self._chosen
        return np.ascontiguousarray(self._data.color[among[:: max(1, len(among) // n)][:n]])

    def _encoder(self) -> Encoder:
        return self._weighted(Encoder(), "autoencoder", "averages", "0.", "encoder")

    def _decoder(self) -> Decoder:
        return self._weighted(Decoder(), "autoencoder", "averages", "1.", "decoder")

    def _maps(self) -> MapNetwork:
        return self._weighted(MapNetwork(), "maps", "average", "", "maps")

    def _weighted(self, network: _N, stage: str, module: str, prefix: str, part: str) -> _N:
        """Return a network with the weights that a stage learned, else those that the run started from.

        Raises:
            DataError: If there are neither.
        """
        init = getattr(self._init, part) if self._init is not None else None
        return weighted(network, self._folder / stage, module, prefix, init)

    def _codes(self) -> tuple[StyleSpace, Codes]:
        """Return the style space and the codes of the tiles; measured once."""
        path = self._folder / "statistics.safetensors"
        if not path.exists():
            measured = feature_statistics(self._colors, self._backbone, self._device)
            self._folder.mkdir(parents=True, exist_ok=True)
            save_file({"statistics": torch.from_numpy(measured)}, path)
        statistics = load_file(path)["statistics"].numpy()
        _, tones = self._structures()
        is_kept = self._init is not None and not (self._folder / "autoencoder").exists()
        if self._init is not None and is_kept:
            space = StyleSpace.from_tensors(self._init.style_space)
        else:
            space = StyleSpace.of(tones, statistics)
        return space, space.codes(tones, statistics)

    def _structures(self) -> tuple[npt.NDArray[np.float16], Codes]:
        """Return the structures of the tiles and their tones; made once."""
        path = self._folder / "structures.safetensors"
        if not path.exists():
            encoder = self._encoder().to(self._device).eval()
            structures, tones = encoded(self._colors, encoder, self._device, n_shifts=_N_SHIFTS, seed=_SEED)
            self._folder.mkdir(parents=True, exist_ok=True)
            save_file({"structures": torch.from_numpy(structures), "tones": torch.from_numpy(tones)}, path)
        kept = load_file(path)
        return kept["structures"].numpy(), kept["tones"].numpy()
