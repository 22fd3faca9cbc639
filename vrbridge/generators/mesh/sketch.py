"""A prop being built: closed pieces with a role each, at one of four degrees of detail."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from vrbridge.generators.mesh import solids
from vrbridge.generators.mesh.grain import Floats
from vrbridge.generators.mesh.solids import Solid

FINEST = 3
# Share of the segments of round things at each detail.
_SEGMENTS = (0.35, 0.55, 0.8, 1.0)
# Subdivisions of a lump at each detail, by fineness. Facets are wanted: finer ones look like dough.
_SUBDIVISIONS = {1: (0, 0, 0, 0), 2: (0, 1, 1, 1), 3: (0, 1, 2, 2)}
# Profile points closer to a straight line than this share of the size are left out.
_TOLERANCE = (0.07, 0.04, 0.012, 0.0)


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """One closed surface.

    Args:
        role: Which of the family's materials it has.
        solid: Metres.
        tint: Brightness against its neighbours of the same material, 0–1.
        rank: 0: the thing is not itself without it; more: goes earlier when faces are short.
        shift: Where on its material's picture it was cut from, along and across the grain, in metres.
    """

    role: str
    solid: Solid
    tint: float
    rank: int = 0
    shift: tuple[float, float] = (0.0, 0.0)


class Sketch:
    """Collects pieces; the same calls at every detail make finer and coarser versions of one thing.

    `least` and `most` bound the details at which a piece exists. Random tints are drawn for pieces that are
    left out as well, so that the others look the same at every detail.

    Args:
        detail: 0 (the silhouette) to 3 (everything).
        rng: Draws the tints.
    """

    def __init__(self, detail: int, rng: np.random.Generator) -> None:
        self.detail = detail
        self._pieces: list[Piece] = []
        self._replaced: set[tuple[str, int]] = set()
        self._rng = rng

    @property
    def pieces(self) -> tuple[Piece, ...]:
        """All pieces; what stands for a coarser one of its role, as boards for a slab, has rank 0."""
        return tuple(
            replace(piece, rank=0) if (piece.role, piece.rank) in self._replaced else piece
            for piece in self._pieces
        )

    def add(
        self,
        role: str,
        solid: Solid,
        *,
        at: ArrayLike = (0, 0, 0),
        turn: Sequence[float] = (0, 0, 0),
        least: int = 0,
        most: int = FINEST,
        vary: float = 0.14,
    ) -> None:
        """Add a solid, turned (radians about x, y, z; see `Solid.turned`) and then moved."""
        drawn, along, across = self._rng.random(3).tolist()
        if most < FINEST:
            self._replaced.add((role, most + 1))
        if least <= self.detail <= most:
            placed = solid.turned(turn).moved(at)
            self._pieces.append(Piece(role, placed, 1.0 - vary * drawn, least, (along, across)))

    def box(
        self,
        role: str,
        size: ArrayLike,
        at: ArrayLike,
        *,
        turn: Sequence[float] = (0, 0, 0),
        bevel: float = 0.01,
        taper: tuple[float, float] = (1.0, 1.0),
        least: int = 0,
        most: int = FINEST,
        vary: float = 0.14,
    ) -> None:
        """Add a box; chamfered (44 faces) from detail 2, sharp (12) below."""
        solid = solids.box(size, bevel if self.detail >= 2 else 0.0, taper)
        self.add(role, solid, at=at, turn=turn, least=least, most=most, vary=vary)

    def beam(
        self,
        role: str,
        start: ArrayLike,
        end: ArrayLike,
        width: float,
        depth: float | None = None,
        *,
        bevel: float = 0.006,
        taper: float = 1.0,
        least: int = 0,
        most: int = FINEST,
        vary: float = 0.14,
    ) -> None:
        """Add a squared bar between two points; `width` is across z × the bar, `depth` the other way."""
        a, b = np.asarray(start, float), np.asarray(end, float)
        up = (b - a) / np.linalg.norm(b - a)
        guide = np.array([0.0, 0.0, 1.0]) if abs(up[2]) < 0.9 else np.array([0.0, 1.0, 0.0])
        x = np.cross(up, guide)
        x /= np.linalg.norm(x)
        size = (width, float(np.linalg.norm(b - a)), depth if depth is not None else width)
        solid = solids.box(size, bevel if self.detail >= 2 else 0.0, (taper, taper))
        turned = replace(solid, vertices=solid.vertices @ np.stack([x, up, np.cross(x, up)]))
        self.add(role, turned, at=(a + b) / 2, least=least, most=most, vary=vary)

    def lathe(
        self,
        role: str,
        profile: ArrayLike,
        *,
        at: ArrayLike = (0, 0, 0),
        turn: Sequence[float] = (0, 0, 0),
        segments: int = 16,
        is_ring: bool = False,
        least: int = 0,
        most: int = FINEST,
        vary: float = 0.14,
    ) -> None:
        """Add a turned shape; fewer segments and profile points at coarser details."""
        points = np.asarray(profile, float)
        if not is_ring:
            size = float(np.sqrt(2 * points[:, 0].max() * np.ptp(points[:, 1])))
            points = _straightened(points, _TOLERANCE[self.detail] * size)
        solid = solids.lathe(points, self.segments(segments, 5), is_ring=is_ring)
        self.add(role, solid, at=at, turn=turn, least=least, most=most, vary=vary)

    def rod(
        self,
        role: str,
        path: ArrayLike,
        radii: ArrayLike,
        *,
        sides: int = 8,
        least: int = 0,
        most: int = FINEST,
        vary: float = 0.14,
    ) -> None:
        """Add a round bar along (N, 3) points."""
        points = np.asarray(path, float)
        sizes = np.array(np.broadcast_to(np.asarray(radii, float), len(points)))
        if self.detail == 0 and len(points) > 3:
            kept = [0, len(points) // 2, len(points) - 1]
            points, sizes = points[kept], sizes[kept]
        solid = solids.tube(points, sizes, self.segments(sides, 3))
        self.add(role, solid, least=least, most=most, vary=vary)

    def plate(
        self,
        role: str,
        outline: ArrayLike,
        depth: float,
        *,
        at: ArrayLike = (0, 0, 0),
        turn: Sequence[float] = (0, 0, 0),
        bevel: float = 0.0,
        least: int = 0,
        most: int = FINEST,
        vary: float = 0.14,
    ) -> None:
        """Add an extruded outline; chamfered from detail 2."""
        solid = solids.extrude(np.asarray(outline, float), depth, bevel if self.detail >= 2 else 0.0)
        self.add(role, solid, at=at, turn=turn, least=least, most=most, vary=vary)

    def blob(
        self,
        role: str,
        radii: ArrayLike,
        at: ArrayLike,
        *,
        bumps: float = 0.1,
        seed: int = 0,
        pitch: float = 2.5,
        fineness: int = 2,
        cuts: int = 0,
        turn: Sequence[float] = (0, 0, 0),
        least: int = 0,
        most: int = FINEST,
        vary: float = 0.14,
    ) -> None:
        """Add a lump; `fineness` 1 is a knob (20 faces), 2 a clump (80), 3 a boulder (320); `cuts`: flats."""
        subdivisions = _SUBDIVISIONS[fineness][self.detail]
        solid = solids.blob(radii, subdivisions, bumps=bumps, seed=seed, pitch=pitch, cuts=cuts)
        self.add(role, solid, at=at, turn=turn, least=least, most=most, vary=vary)

    def segments(self, finest: int, least: int = 5) -> int:
        """Return how many segments a round thing has at this detail."""
        return max(least, round(finest * _SEGMENTS[self.detail]))


def _straightened(points: Floats, tolerance: float) -> Floats:
    """Return the points that matter, by Douglas and Peucker."""
    if tolerance == 0 or len(points) < 3:
        return points
    chord = points[-1] - points[0]
    length = float(np.hypot(*chord))
    offset = points - points[0]
    if length < 1e-9:
        distance = np.hypot(offset[:, 0], offset[:, 1])
    else:
        distance = np.abs(offset[:, 0] * chord[1] - offset[:, 1] * chord[0]) / length
    far = int(np.argmax(distance))
    if distance[far] <= tolerance:
        return points[[0, -1]]
    return np.vstack(
        [_straightened(points[: far + 1], tolerance)[:-1], _straightened(points[far:], tolerance)]
    )
