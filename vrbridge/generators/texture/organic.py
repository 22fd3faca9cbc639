"""Grown and woven materials: planks, wood, bark, fabric, leather."""

import numpy as np

from vrbridge.generators.texture.noise import Canvas, Field, smooth
from vrbridge.generators.texture.patterns import Pieces, courses, scattered
from vrbridge.generators.texture.surface import Family, Palette, Surface, flat, mixed, ramp, shade
from vrbridge.interruption import step


def _grain(canvas: Canvas, pieces: Pieces | None, knots: int) -> tuple[Field, Field, Field]:
    """Return growth lines in [0, 1], fibres about [-1, 1] and knots in [0, 1]; the grain runs left to right.

    Args:
        canvas: Where to draw.
        pieces: Boards, each with its own grain.
        knots: Lattice rows of knots.
    """
    sway = canvas.fbm("sway", 5, 2, octaves=3)
    fibre = canvas.fbm("fibre", 128, 6, octaves=2, gain=0.9)
    spots = scattered(canvas, "knots", rows=knots, columns=max(2, knots // 2), jitter=0.8, has_edge=False)
    reach = np.sqrt((spots.u * np.float32(0.55)) ** 2 + spots.v**2) * np.float32(knots)
    present = smooth(spots.each(canvas, "present"), 0.7, 0.72)
    bulge = np.exp(-((reach / np.float32(0.2)) ** 2)) * present
    knot = smooth(reach, 0.085, 0.04) * present
    offset = pieces.each(canvas, "grain") * np.float32(9) if pieces is not None else np.float32(0)
    phase = canvas.y * 20 + sway * 2.2 + bulge * 3.2 + offset + canvas.fbm("jag", 48, 6, octaves=2) * 0.12
    saw = phase % 1
    lines = smooth(saw, 0.0, 0.8) * (1 - smooth(saw, 0.86, 1.0))
    return lines.astype(np.float32), fibre, knot


def planks(canvas: Canvas, palette: Palette) -> Surface:
    """Boards with grain, knots, nails and gaps."""
    pieces = courses(canvas, rows=6, columns=2, jitter=0.3, rounding=0.003, wobble=0.0012, random_shift=True)
    tone, lean = pieces.each(canvas, "tone"), pieces.each(canvas, "lean") - np.float32(0.5)
    lines, fibre, knot = _grain(canvas, pieces, 8)
    broad = canvas.fbm("broad", 3, octaves=4)
    blotch = canvas.fbm("blotch", 12, 3, octaves=4)
    wood = smooth(pieces.edge + fibre * np.float32(0.0007), 0.0012, 0.0045)
    worn = smooth(pieces.edge, 0.001, 0.014)
    crack = smooth(canvas.fbm("cracks", 40, 3, octaves=2) + tone * 0.2, 0.72, 0.9)
    height = wood * (0.01 + lean * 0.003 + pieces.v * lean * 0.03 + worn * 0.002)
    height = height + wood * (lines * 0.0007 + fibre * 0.0007 - crack * 0.003 - knot * 0.001)
    t = (
        0.22
        + tone * 0.36
        + lines * 0.2
        + fibre * 0.13
        + blotch * 0.12
        + broad * 0.05
        - knot * 0.42
        - crack * 0.35
    )
    color = shade(ramp(t, palette["main"]), (0.22 + 0.78 * wood) * (0.78 + 0.22 * worn))
    return Surface(
        height, color, np.clip(0.72 - lines * 0.1 + fibre * 0.07 + crack * 0.1, 0, 1), flat(wood, 0)
    )


def wood(canvas: Canvas, palette: Palette) -> Surface:
    """A smooth board with its grain."""
    lines, fibre, knot = _grain(canvas, None, 4)
    broad = canvas.fbm("broad", 6, 2, octaves=4)
    t = 0.3 + lines * 0.3 + fibre * 0.13 + broad * 0.18 - knot * 0.4
    height = lines * 0.0008 + fibre * 0.0006 + broad * 0.001 - knot * 0.0015
    return Surface(
        height, ramp(t, palette["main"]), np.clip(0.55 - lines * 0.1 + fibre * 0.06, 0, 1), flat(fibre, 0)
    )


def bark(canvas: Canvas, palette: Palette) -> Surface:
    """Tree bark: ridges up the trunk, split by furrows."""
    plates = scattered(
        canvas, "plates", rows=4, columns=11, jitter=0.95, wobble=0.03, wobble_cells=9, is_stretched=True
    )
    rough = canvas.fbm("rough", 14, 40, octaves=4, gain=0.6)
    fibre = canvas.warped("twist", canvas.fbm("fibre", 5, 36, octaves=4, gain=0.6), cells=5, amount=0.02)
    edge = plates.edge + fibre * np.float32(0.007) + rough * np.float32(0.004)
    ridge = smooth(edge, 0.0, 0.028)
    layers = (plates.each(canvas, "layer") - 0.5) * 0.4
    height = ridge * 0.04 + fibre * ridge * 0.012 + rough * 0.006 + ridge * layers * 0.02
    t = 0.12 + ridge * 0.4 + fibre * 0.22 + rough * 0.16 + layers * 0.2
    color = shade(ramp(t, palette["main"]), 0.72 + 0.28 * ridge)
    return Surface(height, color, np.clip(0.92 + rough * 0.06, 0, 1), flat(ridge, 0))


def fabric(canvas: Canvas, palette: Palette) -> Surface:
    """Plain weave: warp over weft, threads of uneven thickness."""
    threads = 48
    slub = canvas.fbm("slub", 8, octaves=3) * np.float32(0.0016)
    x, y = (
        (canvas.x + slub) * threads,
        (canvas.y + canvas.fbm("slub2", 8, octaves=3) * np.float32(0.0016)) * threads,
    )
    step()
    row, column = np.floor(y), np.floor(x)
    i, j = row.astype(np.int32) % threads, column.astype(np.int32) % threads
    step()
    fx, fy = x - column - np.float32(0.5), y - row - np.float32(0.5)
    step()
    over = (i + j) % 2 == 0
    across, along = np.where(over, fx, fy), np.where(over, fy, fx)
    step()
    profile = np.sqrt(np.clip(1 - (across * np.float32(2.05)) ** 2, 0, 1)) * (
        0.35 + 0.65 * np.cos(along * np.float32(np.pi))
    )
    step()
    warp, weft = canvas.table("warp", threads), canvas.table("weft", threads)
    tone = np.where(over, warp[j], weft[i]) - np.float32(0.5)
    fuzz = canvas.fbm("fuzz", 100, octaves=2, gain=0.9)
    broad = canvas.fbm("broad", 3, octaves=5)
    profile = profile.astype(np.float32)
    height = profile * 0.0075 + fuzz * 0.0008 + broad * 0.003
    t = 0.12 + profile * 0.5 + tone * 0.22 + fuzz * 0.12 + broad * 0.1
    return Surface(
        height, ramp(t, palette["main"]), np.clip(0.94 - profile * 0.08 + fuzz * 0.04, 0, 1), flat(fuzz, 0)
    )


def leather(canvas: Canvas, palette: Palette) -> Surface:
    """Tanned hide: pebbled grain and creases."""
    grain = scattered(canvas, "grain", rows=44, jitter=0.9, wobble=0.005, wobble_cells=24)
    pebble = smooth(grain.edge * 44, 0.0, 0.22)
    broad = canvas.fbm("broad", 3, octaves=5)
    folds = np.abs(canvas.warped("pull", canvas.fbm("folds", 5, octaves=3), cells=4, amount=0.06))
    crease = 1 - smooth(folds, 0.0, 0.07)
    fine = canvas.fbm("fine", 90, octaves=2)
    height = (
        pebble * (0.0024 + grain.each(canvas, "size") * 0.0012)
        - crease * 0.003
        + broad * 0.005
        + fine * 0.0002
    )
    t = (
        0.3
        + pebble * 0.2
        + broad * 0.2
        + (grain.each(canvas, "tone") - 0.5) * 0.08
        - crease * 0.13
        + fine * 0.05
    )
    roughness = np.clip(0.62 - pebble * 0.16 + broad * 0.1 + crease * 0.1, 0, 1)
    return Surface(height, ramp(t, palette["main"]), roughness, flat(broad, 0))


def thatch(canvas: Canvas, palette: Palette) -> Surface:
    """Straw laid in courses."""
    straw = canvas.fbm("straw", 5, 90, octaves=2, gain=0.9)
    bent = canvas.warped("bend", straw, cells=6, amount=0.025)
    clumps = canvas.fbm("clumps", 3, 14, octaves=4)
    saw = (canvas.y * 5 + 0.375 + clumps * 0.14 + bent * 0.06) % 1
    end = smooth(saw, 0.0, 0.1)
    height = saw * end * 0.03 + bent * 0.008 + clumps * 0.006
    t = 0.35 + bent * 0.34 + clumps * 0.14 + saw * 0.16
    color = shade(
        mixed(ramp(t, palette["main"]), ramp(t, palette["second"]), smooth(clumps, 0.1, 0.7)),
        0.45 + 0.55 * end,
    )
    return Surface(height.astype(np.float32), color, np.clip(0.93 + bent * 0.05, 0, 1), flat(bent, 0))


_WOODS = {
    "oak": "a37847", "walnut": "5f4128", "pine": "c69d66", "birch": "d2b98c", "maple": "cba777",
    "teak": "96683a", "mahogany": "6a3324", "cherry": "8a4c2e", "cedar": "9c5f3c", "bamboo": "c7ae6b",
    "driftwood": "9a9186", "rosewood": "5a2c22", "ash": "bfa883", "spruce": "c4a273",
}  # fmt: skip

FAMILIES = {
    "wood planks": Family(
        planks,
        (
            {"main": "2e1c0f 5a3a20 835a34 a87d4f c39c6d"},
            {"main": "33241a 5d4734 826951 a38b70 bda68b"},
            {"main": "2a170d 4f2d18 754727 976440 b5845a"},
        ),
        1.2,
        _WOODS,
    ),
    "wood": Family(
        wood,
        (
            {"main": "4a2a14 7d4f2a a67442 c6975f"},
            {"main": "5b3c22 8f6a42 b68f60 d2b184"},
            {"main": "2b170d 4e2c19 714629 91623d"},
        ),
        0.5,
        _WOODS,
    ),
    "bark": Family(
        bark,
        ({"main": "20160e 453424 6b543d 8b7357 a8917a"}, {"main": "241d17 463b30 6c5f50 8d8071 aaa08f"}),
        1.0,
    ),
    "fabric": Family(
        fabric,
        (
            {"main": "5d5140 8b7d66 ada088 cabfa8"},
            {"main": "1f2c44 33476a 4d6488 7186a6"},
            {"main": "471519 722329 92383b ae5a58"},
        ),
        0.25,
        {
            "linen": "c9bda2",
            "denim": "3d5578",
            "burlap": "a58a5c",
            "canvas": "b9aa8a",
            "cotton": "dcd6c8",
            "wool": "a39c8e",
        },
    ),
    "leather": Family(
        leather,
        ({"main": "28150b 4b2a17 6f4326 8f5e3b"}, {"main": "17120f 2d2521 463c36 61554d"}),
        0.4,
        {"flesh": "b5786a", "elephant": "77716b", "suede": "9a7350"},
    ),
    "thatch": Family(
        thatch, ({"main": "4a3718 7d6230 a98c4e c9b176", "second": "3f3527 6a5b44 8d7d62 ab9c80"},), 1.5
    ),
}
