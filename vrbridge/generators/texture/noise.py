"""Noise on a torus: every lattice has a whole number of cells, so every field tiles exactly."""

import zlib
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from vrbridge.interruption import in_steps

_BAND_PX = 1 << 17
_BLURRED_PX = 1 << 18

Field = npt.NDArray[np.float32]
"""(S, S) float32, first row top."""


class Canvas:
    """A square tile to draw on; the same names give the same patterns at every size.

    Args:
        size_px: Edge length S.
        seed: Varies every pattern.
    """

    def __init__(self, size_px: int, seed: int) -> None:
        self.size_px = size_px
        self._seed = seed
        line = (np.arange(size_px, dtype=np.float32) + np.float32(0.5)) / np.float32(size_px)
        self.x: Field = np.ascontiguousarray(np.broadcast_to(line[None, :], (size_px, size_px)))
        self.y: Field = np.ascontiguousarray(np.broadcast_to(line[:, None], (size_px, size_px)))

    def random(self, name: str) -> np.random.Generator:
        """Return random numbers that depend on seed and name alone."""
        return np.random.default_rng([self._seed, zlib.crc32(name.encode())])

    def table(self, name: str, *shape: int) -> npt.NDArray[np.float32]:
        """Return uniform numbers in [0, 1) of a shape."""
        return self.random(name).random(shape, dtype=np.float32)

    def perlin(self, name: str, rows: int, columns: int | None = None) -> Field:
        """Return gradient noise with this many cells, about in [-1, 1].

        Args:
            name: Distinguishes patterns.
            rows: Cells from top to bottom.
            columns: Cells from left to right; None is as many as rows.
        """
        columns = rows if columns is None else columns
        angle = self.table(name, rows, columns) * np.float32(2 * np.pi)
        gx, gy = np.cos(angle), np.sin(angle)
        # Gradient noise is 0 on its lattice; without a phase every octave would be so along the tile's edge.
        phase_y, phase_x = (float(p) for p in self.table(f"{name}/phase", 2))
        i0, i1, fy, wy = _axis(self.size_px, rows, phase_y)
        fy, wy = fy[:, None], wy[:, None]
        j0, j1, fx, wx = _axis(self.size_px, columns, phase_x)
        across = gx[i0] * (1 - wy) + gx[i1] * wy  # (S, columns)
        down = gy[i0] * fy * (1 - wy) + gy[i1] * (fy - 1) * wy
        noise = np.empty((self.size_px, self.size_px), np.float32)
        for band in in_bands(self.size_px):
            left = across[band][:, j0] * fx + down[band][:, j0]
            right = across[band][:, j1] * (fx - 1) + down[band][:, j1]
            noise[band] = (left + (right - left) * wx) * np.float32(1.5)
        return noise

    def fbm(
        self, name: str, rows: int, columns: int | None = None, *, octaves: int = 5, gain: float = 0.5
    ) -> Field:
        """Return octaves of gradient noise, about in [-1, 1]; those too fine for the size are left out."""
        columns = rows if columns is None else columns
        total = np.zeros((self.size_px, self.size_px), np.float32)
        weight, sum_weights = 1.0, 0.0
        for octave in range(octaves):
            sum_weights += weight
            if max(rows, columns) << octave <= self.size_px // 2:
                layer = self.perlin(f"{name}/{octave}", rows << octave, columns << octave)
                for band in in_bands(self.size_px):
                    total[band] += layer[band] * np.float32(weight)
            weight *= gain
        return total * np.float32(1.35 / sum_weights)

    def grain(self, name: str, cells: int = 256) -> Field:
        """Return fine value noise in [-1, 1] with hard contrast; as fine as the size allows."""
        cells = min(cells, self.size_px)
        step = self.size_px // cells
        values = self.table(f"{name}/{cells}", cells, cells) * np.float32(2) - np.float32(1)
        return np.repeat(np.repeat(values, step, 0), step, 1) if step > 1 else values

    def sample(self, field: Field, x: Field, y: Field) -> Field:
        """Return the field at any coordinates in tiles, bilinear and wrapped."""
        result = np.empty_like(x)
        for band in in_bands(self.size_px):
            result[band] = self._sampled(field, x[band], y[band])
        return result

    def _sampled(self, field: Field, x: Field, y: Field) -> Field:
        size = self.size_px
        u, v = x * np.float32(size) - np.float32(0.5), y * np.float32(size) - np.float32(0.5)
        fu, fv = np.floor(u), np.floor(v)
        i0, j0 = fv.astype(np.int32) % size, fu.astype(np.int32) % size
        i1, j1 = (i0 + 1) % size, (j0 + 1) % size
        u, v = u - fu, v - fv
        flat = field.ravel()
        i0, i1 = i0 * size, i1 * size
        top = flat[i0 + j0] * (1 - u) + flat[i0 + j1] * u
        low = flat[i1 + j0] * (1 - u) + flat[i1 + j1] * u
        mixed: Field = top + (low - top) * v
        return mixed

    def warped(self, name: str, field: Field, *, cells: int, amount: float) -> Field:
        """Return the field with its coordinates disturbed by noise of `amount` tiles."""
        dx, dy = self.fbm(f"{name}/x", cells, octaves=3), self.fbm(f"{name}/y", cells, octaves=3)
        return self.sample(field, self.x + dx * np.float32(amount), self.y + dy * np.float32(amount))


def _axis(
    size_px: int, cells: int, phase: float
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp], Field, Field]:
    """Return for each pixel the cell before and after it, the place between, and the faded weight.

    The phase is in cells.
    """
    place = (np.arange(size_px) + 0.5) * cells / size_px + phase
    before = np.floor(place).astype(np.intp)
    inside = (place - before).astype(np.float32)
    faded = inside * inside * inside * (inside * (inside * 6 - 15) + 10)
    return before % cells, (before + 1) % cells, inside, faded.astype(np.float32)


def blurred(field: Field, sigma_tiles: float) -> Field:
    """Return the field under a wrapped Gaussian blur; sigma as a fraction of the tile."""
    return next(blurs(field, [sigma_tiles]))


def blurs(field: Field, sigmas_tiles: Sequence[float]) -> Iterator[Field]:
    """Yield the field under some wrapped Gaussian blurs; sigmas as fractions of the tile."""
    size = field.shape[0]
    n_at_once = max(1, _BLURRED_PX // size)
    by_rows = np.empty((size, size // 2 + 1), np.complex64)
    for rows in in_steps(size, n_at_once):
        by_rows[rows] = np.fft.rfft(field[rows], axis=1)
    # Columns lie in rows from here on: neighbours in memory are quicker to reach.
    spectrum = np.empty((size // 2 + 1, size), np.complex64)
    for columns in in_steps(size // 2 + 1, n_at_once):
        spectrum[columns] = np.fft.fft(np.ascontiguousarray(by_rows[:, columns].T), axis=1)
    for sigma_tiles in sigmas_tiles:
        wy = np.exp(-2 * (np.pi * sigma_tiles * np.fft.fftfreq(size, 1 / size)) ** 2).astype(np.float32)
        wx = np.exp(-2 * (np.pi * sigma_tiles * np.fft.rfftfreq(size, 1 / size)) ** 2).astype(np.float32)
        for columns in in_steps(size // 2 + 1, n_at_once):
            weighted = spectrum[columns] * (wx[columns, None] * wy)
            by_rows[:, columns] = np.fft.ifft(weighted, axis=1).T
        result = np.empty((size, size), np.float32)
        for rows in in_steps(size, n_at_once):
            result[rows] = np.fft.irfft(by_rows[rows], size, axis=1)
        yield result


def in_bands(size_px: int) -> Iterator[slice]:
    """Yield the rows of a tile of this edge in bands that stay in the cache, with a step before each."""
    return in_steps(size_px, max(1, _BAND_PX // size_px))


def smooth(field: Field, low: float, high: float) -> Field:
    """Return 0 below `low`, 1 above `high` and a soft step between; `low` above `high` turns it round."""
    result = np.empty_like(field)
    for rows in in_bands(field.shape[0]):
        t = np.clip((field[rows] - np.float32(low)) / np.float32(high - low), 0, 1)
        result[rows] = t * t * (3 - 2 * t)
    return result
