"""Built surfaces: brick, stone, paving, tiles, roofs, concrete, asphalt, plaster, marble."""

import numpy as np

from vrbridge.generators.texture.noise import Canvas, Field, smooth
from vrbridge.generators.texture.patterns import Pieces, courses, scattered
from vrbridge.generators.texture.surface import Family, Palette, Surface, flat, mixed, ramp, shade
from vrbridge.interruption import step


def brick(canvas: Canvas, palette: Palette) -> Surface:
    """Fired bricks in running bond, lime mortar."""
    pieces = courses(canvas, rows=12, columns=4, jitter=0.035, rounding=0.008, wobble=0.0022)
    tone, lean = pieces.each(canvas, "tone"), pieces.each(canvas, "lean") - np.float32(0.5)
    rough = canvas.fbm("rough", 24, octaves=4, gain=0.6)
    broad = canvas.fbm("broad", 4, octaves=4)
    chips = smooth(canvas.fbm("chips", 14, octaves=4), 0.25, 0.6)
    edge = pieces.edge + rough * np.float32(0.0012) - chips * np.float32(0.004)
    block = smooth(edge, 0.0035, 0.0085)
    pits = smooth(canvas.fbm("pits", 48, octaves=3), 0.42, 0.7)
    height = block * (0.011 + lean * 0.003 + pieces.u * lean * 0.04 + rough * 0.0011 - pits * 0.0016)
    height = height + (1 - block) * (canvas.fbm("mortar", 64, octaves=3) * np.float32(0.0012))
    t = 0.15 + tone * 0.65 + rough * 0.14 + broad * 0.12
    odd = smooth(pieces.each(canvas, "odd"), 0.82, 0.88)
    face = shade(ramp(t, palette["main"]), 1 - pits * 0.28 - odd * 0.34)
    face = mixed(
        face, ramp(0.5 + broad * 0.5, palette["mortar"]), smooth(broad + rough * 0.6, 0.45, 1.0) * 0.3
    )
    face = shade(face, 0.86 + 0.14 * smooth(pieces.edge, 0.006, 0.02))
    mortar = ramp(0.5 + canvas.fbm("sand", 64, octaves=3) * 0.45 + broad * 0.3, palette["mortar"])
    roughness = mixed(flat(block, 0.95), 0.8 + rough * 0.1 - odd * 0.15, block)
    return Surface(height, mixed(mortar, face, block), roughness, flat(block, 0))


def stone_wall(canvas: Canvas, palette: Palette) -> Surface:
    """Irregular masonry of quarried stones."""
    pieces = scattered(canvas, "stones", rows=9, columns=5, jitter=0.72, wobble=0.012)
    return _stones(canvas, palette, pieces, gap=0.0055, rounding=0.02, depth=0.026)


def cobblestone(canvas: Canvas, palette: Palette) -> Surface:
    """Rounded paving stones in earth."""
    pieces = scattered(canvas, "stones", rows=9, columns=9, jitter=0.58, wobble=0.005)
    return _stones(canvas, palette, pieces, gap=0.004, rounding=0.045, depth=0.036)


def paving(canvas: Canvas, palette: Palette) -> Surface:
    """Hewn slabs of a floor, worn on top."""
    pieces = courses(canvas, rows=3, columns=2, jitter=0.2, rounding=0.012, wobble=0.004, random_shift=True)
    return _stones(canvas, palette, pieces, gap=0.004, rounding=0.012, depth=0.011)


def asphalt(canvas: Canvas, palette: Palette) -> Surface:
    """Rolled asphalt: stones in bitumen, a few patches."""
    chips = scattered(canvas, "chips", rows=64, jitter=0.95)
    size = chips.each(canvas, "size")
    stone = smooth(chips.edge * 64 - (1 - size) * np.float32(0.22), 0.03, 0.16)
    broad, cloud = canvas.fbm("broad", 3, octaves=5), canvas.fbm("cloud", 10, octaves=5, gain=0.6)
    fine = canvas.fbm("fine", 96, octaves=2, gain=0.9)
    height = stone * (0.0016 + size * 0.0014) + broad * 0.003 + cloud * 0.0009 + fine * 0.0004
    t = (
        0.1
        + stone * (0.14 + chips.each(canvas, "tone") ** 3 * 0.56)
        + broad * 0.12
        + cloud * 0.12
        + fine * 0.06
    )
    roughness = np.clip(0.9 - stone * 0.08 + cloud * 0.06, 0, 1)
    return Surface(height, ramp(t, palette["main"]), roughness, flat(broad, 0))


def _stones(
    canvas: Canvas, palette: Palette, pieces: Pieces, *, gap: float, rounding: float, depth: float
) -> Surface:
    """Return stones with joints of half-width `gap` and shoulders of width `rounding`, all in tiles."""
    tone, lean = pieces.each(canvas, "tone"), pieces.each(canvas, "lean") - np.float32(0.5)
    tilt = pieces.each(canvas, "tilt") - np.float32(0.5)
    rough = canvas.fbm("rough", 16, octaves=5, gain=0.6)
    broad = canvas.fbm("broad", 4, octaves=4)
    edge = pieces.edge + rough * np.float32(0.003) - np.float32(gap)
    stone = smooth(edge, 0.0, 0.004)
    dome = np.sqrt(np.clip(1 - (1 - np.clip(edge / np.float32(rounding), 0, 1)) ** 2, 0, 1))
    height = dome * (depth + lean * depth * 0.35) + stone * (
        rough * 0.004 + (pieces.u * lean + pieces.v * tilt) * 0.12
    )
    joint = canvas.fbm("joint", 48, octaves=3)
    height = height + (1 - stone) * (joint * np.float32(0.002) + np.float32(0.002))
    t = 0.12 + tone * 0.55 + rough * 0.2 + broad * 0.12 + canvas.fbm("fine", 96, octaves=2) * 0.07
    face = shade(ramp(t, palette["main"]), 0.72 + 0.28 * smooth(dome, 0.3, 0.95))
    warm = pieces.each(canvas, "warm")
    face = mixed(
        face, shade(ramp(t, palette["second"]), 0.72 + 0.28 * dome), smooth(warm + rough * 0.15, 0.62, 0.8)
    )
    mortar = ramp(0.45 + joint * 0.45 + broad * 0.2, palette["mortar"])
    roughness = mixed(flat(stone, 0.96), 0.74 + rough * 0.12 - dome * 0.06, stone)
    return Surface(height, mixed(mortar, face, stone), roughness, flat(stone, 0))


def tiles(canvas: Canvas, palette: Palette) -> Surface:
    """Glazed ceramic tiles with grout."""
    pieces = courses(canvas, rows=4, columns=4, shift=0, rounding=0.008)
    tone, lean = pieces.each(canvas, "tone"), pieces.each(canvas, "lean") - np.float32(0.5)
    tilt = pieces.each(canvas, "tilt") - np.float32(0.5)
    cloud, fine = canvas.fbm("cloud", 6, octaves=5), canvas.fbm("fine", 48, octaves=3)
    tile = smooth(pieces.edge + fine * np.float32(0.0004), 0.004, 0.0065)
    pillow = smooth(pieces.edge, 0.004, 0.022)
    height = tile * 0.006 + pillow * 0.003 + tile * (pieces.u * lean + pieces.v * tilt) * 0.012
    height = height + cloud * np.float32(0.0004) + (1 - tile) * fine * np.float32(0.001)
    dirt = smooth(canvas.fbm("dirt", 5, octaves=5) - pieces.edge * 9, -0.1, 0.7)
    face = ramp(
        0.38 + (tone - 0.5) * 0.34 + cloud * 0.24 + fine * 0.03 + (1 - pillow) * 0.16, palette["main"]
    )
    face = shade(face, 1 - dirt * 0.22)
    grout = shade(ramp(0.5 + fine * 0.4 + cloud * 0.3, palette["mortar"]), 1 - dirt * 0.3)
    roughness = mixed(flat(tile, 0.9), 0.16 + dirt * 0.3 + (cloud + 1) * 0.05, tile)
    return Surface(height, mixed(grout, face, tile), roughness, flat(tile, 0))


def roof_tiles(canvas: Canvas, palette: Palette) -> Surface:
    """Overlapping shingles, each course lying on the one below."""
    pieces = courses(canvas, rows=8, columns=8, jitter=0.08, rounding=0.012, wobble=0.0025)
    tone, lean = pieces.each(canvas, "tone"), pieces.each(canvas, "lean") - np.float32(0.5)
    rough, broad = canvas.fbm("rough", 20, octaves=5, gain=0.6), canvas.fbm("broad", 4, octaves=4)
    grain = canvas.fbm("grain", 8, 64, octaves=3)
    tile = smooth(pieces.edge + rough * np.float32(0.0015), 0.0015, 0.005)
    down = np.clip(pieces.v * 8 + 0.5, 0, 1)
    height = tile * (0.006 + down * 0.026 + lean * 0.006 - (pieces.u * 8) ** 2 * 0.008 + rough * 0.0014)
    t = 0.2 + tone * 0.5 + rough * 0.14 + grain * 0.1 + broad * 0.12
    face = shade(ramp(t, palette["main"]), (0.62 + 0.38 * smooth(down, 0.0, 0.35)) * (0.9 + 0.1 * tile))
    face = mixed(
        face, ramp(0.5 + rough * 0.5, palette["mortar"]), smooth(broad + rough * 0.5, 0.5, 1.0) * 0.5
    )
    color = mixed(shade(face, flat(tile, 0.3)), face, tile)
    return Surface(height, color, np.clip(0.78 + rough * 0.12, 0, 1), flat(tile, 0))


def concrete(canvas: Canvas, palette: Palette) -> Surface:
    """Cast concrete with pores, stains and faint trowel marks."""
    broad, cloud = canvas.fbm("broad", 3, octaves=6, gain=0.58), canvas.fbm("cloud", 9, octaves=5)
    cloud = canvas.warped("cloudwarp", cloud, cells=4, amount=0.05)
    fine = canvas.fbm("fine", 64, octaves=3, gain=0.8)
    pores = scattered(canvas, "pores", rows=26, jitter=1.0, has_edge=False)
    radius = (pores.each(canvas, "radius") - np.float32(0.66)) * np.float32(0.02)
    pore = smooth(radius - np.sqrt(pores.u**2 + pores.v**2), -0.0005, 0.0015)
    streak = smooth(canvas.fbm("streak", 2, 22, octaves=4) * 0.7 + broad * 0.6, 0.25, 0.95)
    height = broad * 0.0025 + cloud * 0.0009 + fine * 0.0005 - pore * 0.005
    t = 0.5 + broad * 0.24 + cloud * 0.2 + fine * 0.09 - streak * 0.22
    color = shade(ramp(t, palette["main"]), 1 - pore * 0.42)
    return Surface(height, color, np.clip(0.84 + cloud * 0.1 + streak * 0.06, 0, 1), flat(pore, 0))


def plaster(canvas: Canvas, palette: Palette) -> Surface:
    """Trowelled plaster, a little uneven and stained."""
    broad = canvas.fbm("broad", 3, octaves=5)
    strokes = canvas.warped("swirl", canvas.fbm("strokes", 10, 26, octaves=4), cells=5, amount=0.07)
    lip = 1 - np.abs(canvas.warped("lip", canvas.fbm("lips", 7, octaves=4), cells=4, amount=0.05))
    fine = canvas.fbm("fine", 72, octaves=2, gain=0.8)
    ridge = smooth(lip, 0.88, 1.0)
    height = broad * 0.003 + strokes * 0.0022 + ridge * 0.0016 + fine * 0.0005
    t = 0.62 + broad * 0.18 + strokes * 0.1 + ridge * 0.07 + fine * 0.05
    return Surface(height, ramp(t, palette["main"]), np.clip(0.86 + strokes * 0.08, 0, 1), flat(fine, 0))


def _distance_to_zero(field: Field, least_slope: float) -> Field:
    """Return about how far the field's nearest zero is, in tiles; where it is flat there are no blots."""
    half = np.float32(field.shape[0] / 2)
    across = (np.roll(field, -1, 1) - np.roll(field, 1, 1)) * half
    down = (np.roll(field, -1, 0) - np.roll(field, 1, 0)) * half
    slope = np.sqrt(across * across + down * down)
    apart: Field = np.abs(field) / np.maximum(slope, np.float32(least_slope))
    return apart


def marble(canvas: Canvas, palette: Palette) -> Surface:
    """Polished marble with veins of several widths."""
    cloud = canvas.warped("cloudwarp", canvas.fbm("cloud", 3, octaves=6, gain=0.55), cells=3, amount=0.1)
    fine = canvas.fbm("fine", 40, octaves=3)
    veins = np.zeros_like(cloud)
    for name, cells, width, weight in (("a", 2, 0.009, 1.0), ("b", 4, 0.006, 0.7), ("c", 9, 0.004, 0.4)):
        line = canvas.warped(f"bend{name}", canvas.fbm(f"vein{name}", cells, octaves=5), cells=4, amount=0.06)
        apart = _distance_to_zero(line, 2.5 * cells)
        fade = smooth(canvas.fbm(f"fade{name}", cells + 1, octaves=2), -0.35, 0.5)
        step()
        ridge = np.clip(1 - apart / np.float32(width), 0, 1) ** 1.5
        step()
        glow = np.clip(1 - apart / np.float32(width * 7), 0, 1) ** 2
        veins = np.maximum(veins, (ridge * 0.75 + glow * 0.32) * fade * weight)
    base = ramp(0.68 + cloud * 0.36 + fine * 0.03, palette["main"])
    color = mixed(base, ramp(0.5 + cloud * 0.5, palette["vein"]), np.clip(veins, 0, 1))
    height = -veins * np.float32(0.0004) + cloud * np.float32(0.0003)
    return Surface(height, color, 0.14 + veins * 0.14 + (fine + 1) * 0.015, flat(cloud, 0))


_STONES = {
    "sandstone": "c2a072", "limestone": "c5bca4", "granite": "86807c", "basalt": "45464a", "slate": "565d64",
    "desert": "c2a072", "volcanic": "3a3736", "jungle": "6a6d58", "egyptian": "c9a878", "temple": "a89f8a",
}  # fmt: skip

FAMILIES = {
    "brick": Family(
        brick,
        (
            {"main": "4f2018 7c3424 98462f b0603f", "mortar": "7d756a a9a093 c3bbad"},
            {"main": "5a2a20 86402c a05a3c bd7a52", "mortar": "6f6a63 979088 b2aba1"},
            {"main": "43201c 6b2b24 8a3a30 a14f3e", "mortar": "85796a b3a694 cfc4b2"},
        ),
        1.0,
        {"clay": "a4553a", "sandstone": "bf9f70", "adobe": "ab7a52", "mud": "8d6b4a"},
    ),
    "stone wall": Family(
        stone_wall,
        (
            {
                "main": "45423d 6b675f 8b867b aaa496",
                "second": "4c4032 746450 968468 b09f80",
                "mortar": "4a443b 6f675a 91887a",
            },
            {
                "main": "3d4144 5d6366 7d8386 9da2a3",
                "second": "45423d 66625a 868175 a19c8e",
                "mortar": "55504a 7d776e 9d968b",
            },
        ),
        1.5,
        _STONES,
    ),
    "cobblestone": Family(
        cobblestone,
        (
            {
                "main": "3a3a3b 58585a 747475 949392",
                "second": "423b36 62584f 7f7367 9a8d7e",
                "mortar": "241d16 3d3226 56483a",
            },
            {
                "main": "453f38 655d53 837a6d a0968a",
                "second": "38393c 55575b 73757a 929396",
                "mortar": "2b2620 453d32 5e5445",
            },
        ),
        1.5,
        _STONES,
    ),
    "ceramic tiles": Family(
        tiles,
        (
            {"main": "8fa3a8 b7c7c8 d4dedc e6ebe8", "mortar": "5f5c57 86827b a6a199"},
            {"main": "23566b 34778c 4f95a6 7cb4bf", "mortar": "8b877f b0aca3 c9c5bc"},
            {"main": "a98d68 c7ae88 dbc7a5 e9dabf", "mortar": "6b6258 8f857a aca296"},
        ),
        0.8,
    ),
    "roof tiles": Family(
        roof_tiles,
        (
            {"main": "4a2419 74392a 94503a b06c50", "mortar": "5a5044 776b5a 928572"},
            {"main": "2c3136 444b52 5d656c 7a8187", "mortar": "4b4d48 66685f 85867a"},
        ),
        2.0,
        {"clay": "9c5738", "slate": "50575e", "wooden": "6f543a", "tin": "7d8184"},
    ),
    "paving": Family(
        paving,
        (
            {
                "main": "4b4945 6d6a64 8a867e a5a097",
                "second": "514739 74664f 918267 aa9c82",
                "mortar": "35312b 56504a 77706a",
            },
            {
                "main": "434649 63676a 80837f 9c9f9e",
                "second": "4b4945 6b6862 878378 a09b90",
                "mortar": "383734 57544f 78746d",
            },
        ),
        1.5,
        _STONES,
    ),
    "asphalt": Family(
        asphalt, ({"main": "1c1c1d 343435 58585a 8d8c89"}, {"main": "201f1e 3a3937 5f5d5a 949089"}), 1.0
    ),
    "concrete": Family(
        concrete, ({"main": "55534f 7b7974 989690 b2b0a9"}, {"main": "57595a 7c7f80 9a9c9b b6b7b4"}), 2.0
    ),
    "plaster": Family(
        plaster, ({"main": "a89c88 c9bda8 ded5c3 ece5d6"}, {"main": "b0aca4 cecac1 e0ddd5 eeece6"}), 2.0
    ),
    "marble": Family(
        marble,
        (
            {"main": "a5a5a4 cacac8 e4e3e0 f2f1ee", "vein": "4d4f52 75777a 96918a"},
            {"main": "b3a28f d3c4b0 e6dac8 f2eadd", "vein": "6a4d35 8f6e4e b09272"},
        ),
        1.5,
    ),
}
