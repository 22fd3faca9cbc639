"""One tile on its way through the network: a start, its lattice and forms, and what is painted from them."""

from collections.abc import Hashable, Iterable, Sequence
from itertools import groupby

import torch
from torch import Tensor

from vrbridge.generators.batch_check import Result
from vrbridge.generators.texture.autoencoder import LATTICE_PX
from vrbridge.generators.texture.latent_flow import CODE_SIZE
from vrbridge.generators.texture.sampler import TextureSampler, surface_of
from vrbridge.generators.texture.surface import Surface

_N_STEPS = 6
# From there more steps make no difference that can be seen.
_N_STEPS_FROM_LAYOUT = 1
# Of the layout in what the flow starts from; the rest is noise.
_LAYOUT_SHARE = 0.6
_LEAST_OUTLINED = 4
"""Pixels of a tile for one of its preview, from which on that has at most two for a point of the lattice."""
# Of what is painted at once: as many numbers wait in memory for their turn.
_MAX_PAINTED_POINTS = 8 * 64 * 64


class Tile:
    """Is drawn when it is first needed, unless `draw_together` has drawn it before; then it stays.

    Args:
        sampler: Runs the network.
        seed: Draws noise and grain.
        code: (1, 64, 1, 1) or (1, 64, size, size), material of all places or of each.
        layout: (1, 6, size, size) structure to start from. None: from noise alone.
        size: Lattice points of an edge.
    """

    def __init__(
        self, sampler: TextureSampler, *, seed: int, code: Tensor, layout: Tensor | None, size: int
    ) -> None:
        self.sampler = sampler
        self.code = code
        self.layout = layout
        self.seed = seed
        self.size = size
        self._drawn: Result | None = None
        self._painted: Tensor | None = None

    @property
    def shape(self) -> Hashable:
        """Equal for tiles of one network that can be drawn in one pass."""
        return _shape(self.size, tuple(self.code.shape), has_layout=self.layout is not None)

    @property
    def lattice(self) -> Tensor:
        """The (1, 6, size, size) lattice."""
        return self._drawn_now()[0]

    def is_coarser_than(self, preview_px: int) -> bool:
        """Whether a preview of such an edge has only a few pixels for each point of the lattice."""
        return LATTICE_PX * self.size >= _LEAST_OUTLINED * preview_px

    def is_outlined(self, preview_px: int) -> bool:
        """Whether a preview of such an edge can be had before it is drawn."""
        return self.layout is not None and self.is_coarser_than(preview_px)

    def outline(self) -> Tensor:
        """Return a (1, 6, size, size) lattice that is good enough for a small picture."""
        return self.lattice if self.layout is None else self.sampler.colored(self.layout, self.code)

    def surface(self) -> Surface:
        """Return the surface; a new one each time, which may be painted over.

        Raises:
            GeneratorFailed: If the network makes something that is no number.
        """
        if self._painted is None:
            self._painted = paint([self])[0][0]
        return surface_of(self._painted)

    def forget_painting(self) -> None:
        """Let go of what only `surface` needs."""
        self._painted = None

    def take(self, drawn: Result) -> None:
        """Be drawn."""
        self._drawn = drawn

    def take_painting(self, painted: Result) -> None:
        """Be painted."""
        self._painted = painted[0]

    @property
    def forms(self) -> Tensor:
        """What is decided before any detail; see `Decoder.forms`."""
        return self._drawn_now()[1]

    @property
    def is_drawn(self) -> bool:
        """Whether it has its lattice."""
        return self._drawn is not None

    def _drawn_now(self) -> Result:
        if self._drawn is None:
            self._drawn = self.sampler.check.alone(self.shape, self, draw)
        return self._drawn


def draw_together(tiles: Iterable[Tile]) -> None:
    """Draw, and paint, what gets the same bytes sooner in one pass with others; the rest draws itself.

    Args:
        tiles: Not drawn yet; of any networks and sizes.

    Raises:
        Interrupted: If nobody wants any of them.
    """
    ordered = sorted(tiles, key=_group)
    for _, alike in groupby(ordered, key=_group):
        group = list(alike)
        check = group[0].sampler.check
        for tile, drawn in zip(group, check.together(group[0].shape, group, draw), strict=True):
            if drawn is not None:
                tile.take(drawn)
        drawn_tiles = [tile for tile in group if tile.is_drawn]
        n_at_once = max(1, _MAX_PAINTED_POINTS // group[0].size ** 2)
        for start in range(0, len(drawn_tiles), n_at_once):
            chosen = drawn_tiles[start : start + n_at_once]
            painted = check.together(("paint", group[0].size), chosen, paint)
            for tile, result in zip(chosen, painted, strict=True):
                if result is not None:
                    tile.take_painting(result)


def draw(tiles: Sequence[Tile]) -> list[Result]:
    """Return lattice and forms of each of some tiles of one shape, evaluated at once."""
    sampler, size = tiles[0].sampler, tiles[0].size
    noise = torch.cat([sampler.noise(tile.seed, size) for tile in tiles])
    code = torch.cat([tile.code for tile in tiles])
    layouts = [tile.layout for tile in tiles if tile.layout is not None]
    if layouts:
        lattice = sampler.draw(
            noise, code, _N_STEPS_FROM_LAYOUT, layout=torch.cat(layouts), share=_LAYOUT_SHARE
        )
    else:
        lattice = sampler.draw(noise, code, _N_STEPS)
    forms = sampler.forms(lattice)
    return [(lattice[i : i + 1], forms[i : i + 1]) for i in range(len(tiles))]


def paint(tiles: Sequence[Tile]) -> list[Result]:
    """Return the (6, S, S) numbers of each of some tiles of one size, evaluated at once."""
    sampler = tiles[0].sampler
    lattice = torch.cat([tile.lattice for tile in tiles])
    forms = torch.cat([tile.forms for tile in tiles])
    grain = torch.cat([sampler.grain(tile.seed, tile.size) for tile in tiles])
    return [(painted,) for painted in sampler.paint(lattice, forms, grain)]


def usual_pass(size: int) -> Hashable:
    """Return the shape of most tiles of a size: of one material, and with a layout."""
    return _shape(size, (1, CODE_SIZE, 1, 1), has_layout=True)


def _shape(size: int, code: tuple[int, ...], *, has_layout: bool) -> Hashable:
    return "draw", size, code, has_layout


def _group(tile: Tile) -> tuple[int, str]:
    return id(tile.sampler), repr(tile.shape)
