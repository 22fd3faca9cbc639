"""Skins and growth: scales, leaves, moss."""

import numpy as np

from vrbridge.generators.texture.noise import Canvas, Field, smooth
from vrbridge.generators.texture.patterns import scattered
from vrbridge.generators.texture.surface import Family, Palette, Surface, flat, mixed, ramp, shade

_LEAF_LAYERS = 5


def scales(canvas: Canvas, palette: Palette) -> Surface:
    """Overlapping scales, each with a keel and a worn tip."""
    columns, rows = 10, 20
    sway = canvas.fbm("sway", 4, octaves=3)
    x = canvas.x * columns + sway * np.float32(0.18)
    y = canvas.y * rows + canvas.fbm("sway2", 4, octaves=3) * np.float32(0.3)
    row = np.floor(y)
    fy = (y - row).astype(np.float32)
    # A scale of the row above hangs half round into this row; what it leaves free is this row's own.
    above, here = _across(x, row - 1), _across(x, row)
    hangs = above[0] ** 2 + fy**2 < 1
    dx = np.where(hangs, above[0], here[0])
    along = np.where(hangs, fy + 1, fy) * np.float32(0.5)  # 0 at the root, 1 at the tip
    rim = np.where(hangs, 1 - np.sqrt(above[0] ** 2 + fy**2), np.float32(0.6) + (1 - fy) * np.float32(0.4))
    number = (np.where(hangs, row - 1, row).astype(np.int32) % rows) * columns + (
        np.where(hangs, above[1], here[1]).astype(np.int32) % columns
    )
    tone = canvas.table("tone", rows * columns)[number]
    rough, broad = canvas.fbm("rough", 40, octaves=3), canvas.fbm("broad", 3, octaves=4)
    edge = smooth(rim, 0.0, 0.16)
    keel = np.exp(-((dx / np.float32(0.22)) ** 2)) * smooth(along, 0.3, 0.9)
    height = along * edge * 0.028 + keel * 0.004 + (1 - dx * dx) * 0.006 + rough * 0.0008
    t = 0.16 + along * 0.3 + tone * 0.2 + keel * 0.16 + broad * 0.16 + rough * 0.07
    color = shade(ramp(t, palette["main"]), 0.45 + 0.55 * edge)
    roughness = np.clip(0.46 - keel * 0.1 + rough * 0.1 + (1 - edge) * 0.2, 0, 1)
    return Surface(height.astype(np.float32), color, roughness, flat(rough, 0))


def _across(x: Field, row: Field) -> tuple[Field, Field]:
    """Return the place across the scale, -1 to 1, and its column; every other row is shifted by half."""
    shifted = x + np.float32(0.5) * (row % 2)
    column = np.floor(shifted)
    return ((shifted - column) * 2 - 1).astype(np.float32), column


def foliage(canvas: Canvas, palette: Palette) -> Surface:
    """Layers of leaves that lie over each other."""
    fine, broad = canvas.fbm("fine", 64, octaves=2), canvas.fbm("broad", 3, octaves=4)
    height: Field = broad * np.float32(0.004)
    color = shade(ramp(0.2 + fine * 0.2, palette["main"]), flat(fine, 0.4))
    roughness = flat(fine, 0.95)
    for layer in range(_LEAF_LAYERS):
        name, rows = f"leaf{layer}", 8 + layer
        cells = scattered(canvas, name, rows=rows, jitter=1.0, has_edge=False)
        turn = cells.each(canvas, f"{name}/turn") * np.float32(2 * np.pi)
        size = (0.62 + cells.each(canvas, f"{name}/size") * 0.3) / np.float32(rows)
        along = (cells.u * np.cos(turn) + cells.v * np.sin(turn)) / size
        across = (cells.v * np.cos(turn) - cells.u * np.sin(turn)) / size
        across = across + along * along * (cells.each(canvas, f"{name}/bend") - np.float32(0.5)) * 0.5
        reach = np.clip(1 - along * along, 0, 1)
        width = np.float32(0.52) * reach * (1 - np.float32(0.35) * along)
        inside = smooth(width - np.abs(across), 0.0, 0.04)
        vein = smooth(np.abs(across), 0.045, 0.0) + smooth(
            np.abs((along * 5 - np.abs(across) * 4) % 1 - np.float32(0.5)), 0.1, 0.02
        ) * np.float32(0.4)
        tone = cells.each(canvas, f"{name}/tone")
        t = (
            0.18
            + layer * 0.05
            + tone * 0.42
            + vein * 0.14
            + broad * 0.14
            + fine * 0.06
            - np.abs(across) * 0.2
        )
        leaf = ramp(t, palette["main"])
        leaf = mixed(leaf, ramp(t, palette["second"]), smooth(tone + broad * 0.2, 0.8, 0.95) * 0.7)
        lift = np.float32(0.006 * (layer + 1)) + reach * 0.006 - np.abs(across) * 0.008 - vein * 0.001
        color = mixed(color, leaf, inside)
        height = mixed(height, lift.astype(np.float32), inside)
        roughness = mixed(roughness, np.clip(0.62 + fine * 0.1, 0, 1), inside)
    return Surface(height, color, roughness, flat(fine, 0))


def moss(canvas: Canvas, palette: Palette) -> Surface:
    """Cushions of moss over dark ground."""
    cushions = scattered(canvas, "cushions", rows=9, jitter=1.0, wobble=0.02, wobble_cells=18)
    dome = np.sqrt(np.clip(cushions.edge * np.float32(16), 0, 1))
    fine, tuft = canvas.fbm("fine", 80, octaves=2, gain=0.9), canvas.fbm("tufts", 36, octaves=3, gain=0.7)
    broad = canvas.fbm("broad", 3, octaves=5)
    height = dome * 0.022 + tuft * 0.005 + fine * 0.003 + broad * 0.008
    t = 0.14 + dome * 0.3 + tuft * 0.24 + fine * 0.2 + broad * 0.14 + cushions.each(canvas, "tone") * 0.12
    color = mixed(
        ramp(t, palette["main"]), ramp(t, palette["second"]), smooth(broad + tuft * 0.4, 0.25, 0.7) * 0.7
    )
    return Surface(height, color, np.clip(0.95 - fine * 0.04, 0, 1), flat(fine, 0))


FAMILIES = {
    "scales": Family(
        scales,
        (
            {"main": "14201a 2a4233 4c6b4d 8ba27a"},
            {"main": "251410 53261c 8a4430 c08a63"},
            {"main": "15181c 2f373f 56646d 94a1a5"},
        ),
        0.5,
        {"fish": "8d9aa0", "snake": "7d7148", "crocodile": "4d5236", "lizard": "6d7f3f"},
    ),
    "foliage": Family(
        foliage,
        (
            {"main": "0e2009 234414 41702a 7ba350", "second": "3a4a14 66782a 98a050"},
            {"main": "10240f 2a4b1f 4c7a37 86a95e", "second": "4a4a1a 7c7430 a89c54"},
        ),
        0.6,
        {"autumn": "b5682a", "fallen": "96602f", "dead": "7d5a37", "fall": "b5682a"},
    ),
    "moss": Family(moss, ({"main": "101a08 24370f 466021 7d9442", "second": "2c3a10 5c6d26 98a14e"},), 0.8),
}
