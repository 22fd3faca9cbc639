"""How the shape network is trained: the lattice first, then the flow that draws codes of new ones."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file, save_file
from torch import nn

from vrbridge.errors import DataError
from vrbridge.generators.mesh.color_code import ColorSpace, color_field
from vrbridge.generators.mesh.shape_autoencoder import ShapeDecoder, ShapeEncoder
from vrbridge.generators.mesh.shape_file import ShapeNetwork, Starts
from vrbridge.generators.mesh.shape_flow import CodeFlow, ShapeSpace
from vrbridge.generators.mesh.shape_prior import ShapeAnchors
from vrbridge.generators.text_encoder import SentenceEncoder
from vrbridge.training.mesh_data import MeshData
from vrbridge.training.shape_batches import ShapeBatches, as_input
from vrbridge.training.shape_flow_stage import ShapeFlowStage
from vrbridge.training.shape_stage import ShapeStage
from vrbridge.training.stage import Stage, weighted
from vrbridge.training.usual_sizes import sizes_m

SHARES = {"shape": 0.85, "flow": 0.15}
"""Of the time, by stage, for a network from scratch; in the order in which they are learned."""
FINE_TUNING_SHARES = {"shape": 0.8, "flow": 0.2}
"""Likewise for one that starts from another; what its lattices mean stays close to what it was."""

_SEED = 1
_BATCH = 8
_FLOW_BATCH = 256
_ENCODED_AT_ONCE = 16
_MIN_SHAPES = 4
_N_SHOWN = 12
_OWN_BONUS = 0.15

_N = TypeVar("_N", bound=nn.Module)


class ShapeRecipe:
    """Builds the stages over one data set, and the network from what they learned; see `Recipe`.

    Args:
        data: Shapes; those that are held out are left out.
        encoder: Makes sentence vectors of the captions.
        folder: Of checkpoints.
        device: To learn on.
        init: Network to start from, if any.

    Raises:
        DataError: If fewer than four shapes are left.
    """

    def __init__(
        self,
        data: MeshData,
        *,
        encoder: SentenceEncoder,
        folder: Path,
        device: torch.device,
        init: ShapeNetwork | None = None,
    ) -> None:
        chosen = np.flatnonzero(~data.is_held_out)
        if len(chosen) < _MIN_SHAPES:
            raise DataError(f"{len(chosen)} models can be learned from; at least {_MIN_SHAPES} are needed.")
        self._data = data
        self._chosen = chosen
        self._text = encoder
        self._folder = folder
        self._device = device
        self._init = init

    @property
    def n_shapes(self) -> int:
        """Models that are learned from."""
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
        makers: dict[str, Callable[[], Stage]] = {"shape": self._shape_stage, "flow": self._flow_stage}
        if name not in makers:
            raise DataError(f"There is no stage {name!r}; known: {', '.join(makers)}.")
        return makers[name]()

    def network(self, name: str, facts: dict[str, Any]) -> ShapeNetwork:
        """Return what was learned as one network.

        Args:
            name: Of the model.
            facts: For the file's header.

        Raises:
            DataError: If a stage was not learned yet.
        """
        shapes = [self._data.shapes[i] for i in self._chosen]
        lattices = self._lattices()[:, 0]
        space = self._space(lattices)
        codes = space.codes(torch.from_numpy(lattices))
        rests = ((torch.from_numpy(lattices) - space.in_large(codes)) / space.rest).numpy()
        fields = np.stack([color_field(self._data.color[i]) for i in self._chosen])
        color_space = self._init.color_space if self._init is not None else ColorSpace.of(fields)
        anchors = ShapeAnchors(
            captions=tuple(shape.colored_caption for shape in shapes),
            categories=tuple(shape.category for shape in shapes),
            sentences=self._sentences(),
            codes=codes.numpy(),
            colors=color_space.codes(fields),
            sizes_m=sizes_m(shapes),
            bonus=np.array([0 if shape.license else _OWN_BONUS for shape in shapes], np.float32),
        )
        # A lattice is nearly its model: only those that may be handed on are.
        free = np.array([i for i, shape in enumerate(shapes) if shape.license_class in {"", "permissive"}])
        starts = Starts.of(rests[free.astype(np.int64)], free)
        if self._init is not None:
            anchors, starts = _with_known(anchors, starts, self._init)
        return ShapeNetwork(
            name=name,
            encoder=self._encoder(),
            decoder=self._decoder(),
            flow=self._weighted(CodeFlow(), "flow", "average", "", "flow"),
            space=space,
            color_space=color_space,
            anchors=anchors,
            starts=starts,
            facts=facts,
        )

    def _shape_stage(self) -> ShapeStage:
        held = np.flatnonzero(self._data.is_held_out)
        among = held if len(held) >= _N_SHOWN else self._chosen
        shown = as_input(self._data, among[:: max(1, len(among) // _N_SHOWN)][:_N_SHOWN])
        stage = ShapeStage(self._batches(_BATCH), shown, self._device)
        if self._init is not None:
            stage.start_from(self._init.encoder, self._init.decoder)
        return stage

    def _flow_stage(self) -> ShapeFlowStage:
        lattices = self._lattices()
        stage = ShapeFlowStage(
            lattices,
            self._space(lattices[:, 0]),
            self._sentences(),
            self._batches(_FLOW_BATCH),
            self._decoder(),
            self._device,
        )
        if self._init is not None:
            stage.start_from(self._init.flow)
        return stage

    def _batches(self, batch: int) -> ShapeBatches:
        return ShapeBatches(self._data, self._chosen, batch=batch, seed=_SEED)

    def _space(self, lattices: NDArray[np.float32]) -> ShapeSpace:
        """Return the space that codes are measured in; that of a network that was started from stays."""
        return self._init.space if self._init is not None else ShapeSpace.of(lattices)

    def _sentences(self) -> NDArray[np.float32]:
        return self._text.encode([self._data.shapes[i].colored_caption for i in self._chosen])

    def _encoder(self) -> ShapeEncoder:
        return self._weighted(ShapeEncoder(), "shape", "averages", "0.", "encoder")

    def _decoder(self) -> ShapeDecoder:
        return self._weighted(ShapeDecoder(), "shape", "averages", "1.", "decoder")

    def _weighted(self, network: _N, stage: str, module: str, prefix: str, part: str) -> _N:
        """Return a network with the weights that a stage learned, else those that the run started from.

        Raises:
            DataError: If there are neither.
        """
        init = getattr(self._init, part) if self._init is not None else None
        return weighted(network, self._folder / stage, module, prefix, init)

    def _lattices(self) -> NDArray[np.float32]:
        """Return (M, 2, 4096) lattices of the shapes and of their mirror pictures; made once."""
        path = self._folder / "lattices.safetensors"
        if not path.exists():
            encoder = self._encoder().to(self._device).eval()
            found = [
                encoded(self._data, self._chosen, encoder, self._device, is_mirrored=is_mirrored)
                for is_mirrored in (False, True)
            ]
            self._folder.mkdir(parents=True, exist_ok=True)
            save_file({"lattices": torch.from_numpy(np.stack(found, 1))}, path)
        return load_file(path)["lattices"].numpy()


@torch.no_grad()
def encoded(
    data: MeshData,
    numbers: NDArray[np.int64],
    encoder: ShapeEncoder,
    device: torch.device,
    *,
    is_mirrored: bool = False,
) -> NDArray[np.float32]:
    """Return the (N, 4096) lattices of some shapes.

    Args:
        data: All shapes.
        numbers: (N,) which of them.
        encoder: Trained.
        device: To run on.
        is_mirrored: With left and right exchanged.
    """
    found = []
    for start in range(0, len(numbers), _ENCODED_AT_ONCE):
        rows = numbers[start : start + _ENCODED_AT_ONCE]
        solid, color = as_input(data, rows, np.full(len(rows), is_mirrored))
        with torch.autocast(device.type, torch.bfloat16):
            mean, _ = encoder(solid.to(device), color.to(device))
        found.append(mean.float().flatten(1).cpu().numpy())
    return np.concatenate(found)


def _with_known(own: ShapeAnchors, starts: Starts, known: ShapeNetwork) -> tuple[ShapeAnchors, Starts]:
    """Return own anchors and starts, and after them those of a network that was started from."""
    anchors = ShapeAnchors(
        captions=own.captions + known.anchors.captions,
        categories=own.categories + known.anchors.categories,
        sentences=np.concatenate([own.sentences, known.anchors.sentences]),
        codes=np.concatenate([own.codes, known.anchors.codes]),
        colors=np.concatenate([own.colors, known.anchors.colors]),
        sizes_m=np.concatenate([own.sizes_m, known.anchors.sizes_m]),
        bonus=np.concatenate([np.maximum(own.bonus, np.float32(_OWN_BONUS)), known.anchors.bonus]),
    )
    return anchors, Starts(
        np.concatenate([starts.rests, known.starts.rests]),
        np.concatenate([starts.anchors, known.starts.anchors + np.int32(len(own.captions))]),
    )
