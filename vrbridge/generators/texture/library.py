"""The texture generators of one process, by name."""

from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path

from vrbridge.errors import ModelError
from vrbridge.generators.text_encoder import RecentSentences, SentenceEncoder
from vrbridge.generators.texture import PARAMETRIC
from vrbridge.generators.texture.drawing import TextureGenerator
from vrbridge.generators.texture.neural import NeuralTextures
from vrbridge.generators.texture.parametric import ParametricTextures
from vrbridge.generators.texture.ruled import RuledTextures

# A network takes some 60 MB; those beyond these are read again when they are asked for.
_MAX_OPEN = 3


class TextureLibrary:
    """Opens generators when they are first asked for.

    Args:
        networks: Weights of trained networks by name.
        encoder: Sentence vectors.
        default: Name of the generator of those who choose none. If it is a network, rules help it; a network
            that is chosen for its manner draws everything itself.
        device: Of the networks.
    """

    def __init__(
        self,
        networks: Mapping[str, Path],
        encoder: SentenceEncoder,
        *,
        default: str = PARAMETRIC,
        device: str = "cpu",
    ) -> None:
        self._networks = dict(networks)
        self._encoder = RecentSentences(encoder)
        self._default = default
        self._device = device
        self._open: OrderedDict[str, TextureGenerator] = OrderedDict()
        self.parametric = ParametricTextures(self._encoder)

    def generator(self, name: str) -> TextureGenerator:
        """Return a generator by its name.

        Raises:
            ModelError: If there is none of that name, or its weights can't be read.
        """
        if name == PARAMETRIC:
            return self.parametric
        if name not in self._networks:
            raise ModelError(f"There is no texture model {name!r} here.")
        if name not in self._open:
            network = NeuralTextures(self._networks[name], self._encoder, self._device)
            self._open[name] = RuledTextures(network, self.parametric) if name == self._default else network
            while len(self._open) > _MAX_OPEN:
                self._open.popitem(last=False)
        self._open.move_to_end(name)
        return self._open[name]
