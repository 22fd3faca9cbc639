"""The mesh generators of one process, by name."""

from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path

from vrbridge.errors import ModelError
from vrbridge.generators.mesh import PARAMETRIC, shelf_file
from vrbridge.generators.mesh.draft import MeshGenerator
from vrbridge.generators.mesh.neural import NeuralMeshes
from vrbridge.generators.mesh.procedural import ProceduralMeshes
from vrbridge.generators.mesh.retrieved import RetrievedMeshes
from vrbridge.generators.mesh.shape_file import format_of
from vrbridge.generators.text_encoder import RecentSentences, SentenceEncoder

# A network takes some 60 MB; those beyond these are read again when they are asked for.
_MAX_OPEN = 3


class MeshLibrary:
    """Opens generators when they are first asked for.

    Args:
        networks: Weights of trained networks, and sets of real models, by name.
        encoder: Sentence vectors.
        device: Of the networks.
    """

    def __init__(
        self, networks: Mapping[str, Path], encoder: SentenceEncoder, *, device: str = "cpu"
    ) -> None:
        self._networks = dict(networks)
        self._encoder = RecentSentences(encoder)
        self._device = device
        self._open: OrderedDict[str, MeshGenerator] = OrderedDict()
        self.procedural = ProceduralMeshes(self._encoder)

    def generator(self, name: str) -> MeshGenerator:
        """Return a generator by its name.

        Raises:
            ModelError: If there is none of that name, or its weights can't be read.
        """
        if name == PARAMETRIC:
            return self.procedural
        if name not in self._networks:
            raise ModelError(f"There is no mesh model {name!r} here.")
        if name not in self._open:
            self._open[name] = self._opened(self._networks[name])
            while len(self._open) > _MAX_OPEN:
                self._open.popitem(last=False)
        self._open.move_to_end(name)
        return self._open[name]

    def _opened(self, file: Path) -> MeshGenerator:
        if format_of(file) == shelf_file.FORMAT:
            return RetrievedMeshes(file, self._encoder)
        return NeuralMeshes(file, self._encoder, self._device)
