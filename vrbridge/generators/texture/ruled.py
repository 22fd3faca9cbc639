"""A network's materials, and those of rules wherever lines have to be straight and parts whole."""

from vrbridge.generators.texture.drawing import Drawing
from vrbridge.generators.texture.neural import NeuralTextures
from vrbridge.generators.texture.parametric import ParametricTextures

BY_RULES = frozenset(
    (
        "brick", "stone wall", "cobblestone", "paving", "ceramic tiles", "roof tiles", "metal plate",
        "corrugated metal", "wood planks", "scales", "thatch",
    )
)  # fmt: skip
"""Families of the rules that a small network bends and blurs."""

_SURE = 0.5


class RuledTextures:
    """Lets rules draw the families that they draw better, unless a user's own pictures show them.

    Args:
        network: Draws everything else.
        rules: Draw those.
    """

    origin = "generated"

    def __init__(self, network: NeuralTextures, rules: ParametricTextures) -> None:
        self._network = network
        self._rules = rules

    @property
    def model(self) -> str:
        """Name of the network."""
        return self._network.model

    def drawing(
        self,
        prompt: str,
        *,
        seed: int,
        size_px: int,
        style: str | None = None,
        color: tuple[float, float, float] | None = None,
    ) -> Drawing:
        """Return what to draw; see `TextureGenerator.drawing`."""
        by_rules = self._rules.drawing(prompt, seed=seed, size_px=size_px, style=style, color=color)
        if by_rules.family not in BY_RULES:
            return self._network.drawing(prompt, seed=seed, size_px=size_px, style=style, color=color)
        plan = self._network.plan(prompt, seed=seed, style=style, color=color)
        is_shown = plan.is_own and plan.confidence >= _SURE
        return self._network.drawing_of(plan, size_px) if is_shown else by_rules

    def batch_size(self, size_px: int) -> int:
        """Return how many are worth drawing together; see `TextureGenerator.batch_size`."""
        return self._network.batch_size(size_px)
