"""Ground and open nature: rock, grass, dirt, mud, sand, gravel, snow, ice, lava."""

import numpy as np

from vrbridge.generators.texture.noise import Canvas, Field, blurred, smooth
from vrbridge.generators.texture.patterns import scattered
from vrbridge.generators.texture.surface import Family, Palette, Surface, flat, mixed, ramp, shade
from vrbridge.interruption import in_steps


def rock(canvas: Canvas, palette: Palette) -> Surface:
    """A cliff face: strata, facets, fractures."""
    facets = scattered(canvas, "facets", rows=7, columns=4, jitter=1.0, wobble=0.05, wobble_cells=7)
    small = scattered(canvas, "small", rows=14, columns=9, jitter=0.95, wobble=0.012, wobble_cells=20)
    planes = (
        facets.u * (facets.each(canvas, "u") - 0.5) + facets.v * (facets.each(canvas, "v") - 0.5)
    ) * 0.35
    chips = (small.u * (small.each(canvas, "cu") - 0.5) + small.v * (small.each(canvas, "cv") - 0.5)) * 0.5
    broad = canvas.fbm("broad", 3, octaves=6, gain=0.55)
    rough = canvas.fbm("rough", 24, octaves=4, gain=0.62)
    open_ = smooth(canvas.fbm("open", 4, octaves=4), -0.1, 0.45)
    crack = smooth(facets.edge + rough * np.float32(0.004), 0.009 * 0.9, 0.0) * open_
    step = facets.each(canvas, "step") * 0.03 + small.each(canvas, "cs") * 0.007
    height = broad * 0.03 + planes + chips + step + rough * 0.004 - crack * 0.018
    t = 0.42 + broad * 0.22 + rough * 0.2 + (small.each(canvas, "tone") - 0.5) * 0.14 + chips * 5
    color = shade(ramp(t, palette["main"]), 1 - crack * 0.45)
    stain = smooth(canvas.fbm("stain", 4, octaves=5) + rough * 0.3, 0.2, 0.75)
    color = mixed(color, ramp(t, palette["second"]), stain * 0.6)
    return Surface(height, color, np.clip(0.82 + rough * 0.12, 0, 1), flat(broad, 0))


_MIN_BLADES_PX = 256
_BLADES_AT_ONCE = 1000


def _blades(canvas: Canvas, name: str, count: int, length: float) -> tuple[Field, Field]:
    """Return the height in [0, 1] and the tone of the topmost of `count` blades at each pixel.

    Blades are stamped as short bent strokes, in the order of their height.
    """
    # Under 256 pixels a blade is thinner than a pixel: drawn finer, then averaged.
    size = max(canvas.size_px, _MIN_BLADES_PX)
    numbers = canvas.table(name, count, 6)
    steps = max(6, int(length * size * 1.3))
    along = np.linspace(0, 1, steps, dtype=np.float32)[None, :]
    angle = numbers[:, 2:3] * np.float32(2 * np.pi)
    bend = (numbers[:, 3:4] - np.float32(0.5)) * np.float32(2.4) * along
    reach = (np.float32(0.5) + numbers[:, 4:5] * np.float32(0.5)) * np.float32(length) * along
    x = (numbers[:, 0:1] + np.cos(angle + bend) * reach) * np.float32(size)
    y = (numbers[:, 1:2] + np.sin(angle + bend) * reach) * np.float32(size)
    rank = np.linspace(0.15, 1.0, count, dtype=np.float32)[:, None]
    top = rank * (np.float32(0.35) + np.float32(0.65) * along)
    height, tone = np.zeros(size * size, np.float32), np.zeros(size * size, np.float32)
    width = max(1, round(size / 256))
    for side in range(width):
        at = (np.floor(y).astype(np.int32) % size) * size + np.floor(x + side).astype(np.int32) % size
        for blades in in_steps(count, _BLADES_AT_ONCE):
            np.maximum.at(height, at[blades].ravel(), top[blades].ravel())
        for blades in in_steps(count, _BLADES_AT_ONCE):
            where = at[blades]
            wins = height[where] == top[blades]
            tone[where[wins]] = (
                np.broadcast_to(numbers[blades, 5:6], where.shape)[wins] * 0.6
                + np.broadcast_to(along, where.shape)[wins] * 0.4
            )
    shape = (canvas.size_px, size // canvas.size_px) * 2
    return height.reshape(shape).mean((1, 3)), tone.reshape(shape).mean((1, 3))


def grass(canvas: Canvas, palette: Palette) -> Surface:
    """A dense lawn of blades with darker gaps and dry patches."""
    height, tone = _blades(canvas, "blades", 9000, 0.055)
    broad, patch = canvas.fbm("broad", 3, octaves=5), canvas.fbm("patch", 8, octaves=4)
    t = 0.05 + height * 0.45 + tone * 0.36 + broad * 0.12 + patch * 0.08
    color = ramp(t, palette["main"])
    dry = smooth(tone + broad * 0.25 + patch * 0.3, 0.72, 1.05)
    color = mixed(color, ramp(t, palette["second"]), dry * 0.75)
    bare = 1 - smooth(height, 0.0, 0.25)
    color = mixed(color, ramp(0.4 + patch * 0.5, palette["soil"]), bare * 0.85)
    return Surface(height * 0.022 + broad * 0.006, color, np.clip(0.92 - tone * 0.2, 0, 1), flat(height, 0))


def _pebbles(canvas: Canvas, name: str, rows: int, share: float) -> tuple[Field, Field, Field]:
    """Return dome, mask and tone of stones that lie in this share of the cells."""
    pieces = scattered(canvas, name, rows=rows, jitter=0.9, wobble=0.1 / rows, wobble_cells=rows)
    size = pieces.each(canvas, f"{name}/size")
    inner = pieces.edge * np.float32(rows) - (1 - size) * np.float32(0.16) - np.float32(0.03)
    present = pieces.each(canvas, f"{name}/present") < share
    inner = np.where(present, inner, np.float32(-1))
    dome = np.sqrt(np.clip(1 - (1 - np.clip(inner / np.float32(0.3), 0, 1)) ** 2, 0, 1))
    return dome.astype(np.float32), smooth(inner, 0.0, 0.06), pieces.each(canvas, f"{name}/tone")


def dirt(canvas: Canvas, palette: Palette) -> Surface:
    """Trodden earth with crumbs and a few stones."""
    broad, clods = canvas.fbm("broad", 3, octaves=5), canvas.fbm("clods", 18, octaves=5, gain=0.65)
    fine = canvas.fbm("fine", 80, octaves=2, gain=0.9)
    dome, stone, tone = _pebbles(canvas, "pebbles", 30, 0.2)
    height = broad * 0.014 + clods * 0.007 + fine * 0.0012 + dome * 0.009
    t = 0.45 + broad * 0.16 + clods * 0.26 + fine * 0.1
    pebble = shade(ramp(0.2 + tone * 0.7 + fine * 0.1, palette["stone"]), 0.5 + 0.35 * dome)
    color = mixed(ramp(t, palette["main"]), pebble, stone)
    return Surface(height, color, np.clip(0.94 - stone * 0.14 + fine * 0.03, 0, 1), flat(broad, 0))


def mud(canvas: Canvas, palette: Palette) -> Surface:
    """Wet earth: churned lumps between glossy puddles."""
    broad = canvas.warped("churn", canvas.fbm("broad", 6, octaves=5, gain=0.55), cells=6, amount=0.05)
    lumps = np.abs(canvas.fbm("lumps", 12, octaves=4))
    fine = canvas.fbm("fine", 64, octaves=2)
    height = broad * 0.02 + lumps * 0.012 + fine * 0.0008
    pool = 1 - smooth(height, -0.007, 0.0)
    height = np.maximum(height, -0.0055)
    t = 0.45 + broad * 0.2 + lumps * 0.3 + fine * 0.08
    color = mixed(ramp(t, palette["main"]), ramp(0.12 + fine * 0.02, palette["main"]), pool * 0.7)
    return Surface(height, color, np.clip(0.62 + fine * 0.1 - pool * 0.52, 0.05, 1), flat(broad, 0))


def sand(canvas: Canvas, palette: Palette) -> Surface:
    """Wind ripples that fork and fade, with grains."""
    bend = canvas.fbm("bend", 3, octaves=3) * np.float32(0.55) + canvas.fbm(
        "fork", 9, octaves=2
    ) * np.float32(0.13)
    phase = ((canvas.y * 13 + canvas.x * 2 + bend * 3.2) % 1).astype(np.float32)
    ripple: Field = np.where(phase < 0.68, smooth(phase, 0, 0.68), 1 - smooth(phase, 0.68, 1.0)).astype(
        np.float32
    )
    fade = 0.45 + 0.55 * smooth(canvas.fbm("fade", 3, octaves=3), -0.5, 0.4)
    fine, grain = canvas.fbm("fine", 96, octaves=2, gain=0.9), canvas.grain("grain")
    broad = canvas.fbm("broad", 3, octaves=4)
    height = ripple * fade * 0.011 + broad * 0.008 + fine * 0.0007 + grain * 0.00025
    t = 0.42 + (ripple - 0.5) * fade * 0.28 + broad * 0.14 + fine * 0.1 + grain * 0.1
    return Surface(height, ramp(t, palette["main"]), np.clip(0.93 + grain * 0.04, 0, 1), flat(broad, 0))


def gravel(canvas: Canvas, palette: Palette) -> Surface:
    """Loose stones of two sizes over fine grit."""
    big, big_mask, big_tone = _pebbles(canvas, "big", 16, 0.62)
    small, small_mask, small_tone = _pebbles(canvas, "small", 38, 0.92)
    rough, fine = canvas.fbm("rough", 32, octaves=4, gain=0.6), canvas.fbm("fine", 96, octaves=2, gain=0.9)
    height = (
        np.maximum(small * (0.008 + small_tone * 0.007), big * (0.024 + big_tone * 0.012)) + rough * 0.0016
    )
    grit = shade(ramp(0.3 + fine * 0.4, palette["main"]), flat(fine, 0.5))
    tone = 0.1 + small_tone * 0.7 + rough * 0.16
    color = mixed(grit, shade(ramp(tone, palette["second"]), 0.6 + 0.4 * small), small_mask)
    tone = 0.12 + big_tone * 0.7 + rough * 0.2 + fine * 0.05
    color = mixed(color, shade(ramp(tone, palette["main"]), 0.62 + 0.38 * big), big_mask)
    return Surface(height, color, np.clip(0.86 + rough * 0.1 - big_mask * 0.08, 0, 1), flat(fine, 0))


def snow(canvas: Canvas, palette: Palette) -> Surface:
    """Soft drifts with crystals that glint."""
    drift = canvas.warped("blow", canvas.fbm("drift", 3, octaves=4, gain=0.42), cells=3, amount=0.06)
    crust, fine = canvas.fbm("crust", 28, octaves=4), canvas.fbm("fine", 100, octaves=2, gain=0.9)
    height = drift * 0.032 + crust * 0.0022 + fine * 0.0006
    hollow = blurred(height, 0.03) - height
    t = 0.66 + drift * 0.16 + crust * 0.06 + fine * 0.06 - hollow * 12
    glint = smooth(canvas.grain("glint"), 0.97, 1.0)
    return Surface(
        height, ramp(t, palette["main"]), np.clip(0.72 + crust * 0.12 - glint * 0.5, 0.1, 1), flat(drift, 0)
    )


def ice(canvas: Canvas, palette: Palette) -> Surface:
    """Clear ice with white fractures that run out, and trapped air."""
    cloud = canvas.warped("flow", canvas.fbm("cloud", 3, octaves=6, gain=0.55), cells=3, amount=0.09)
    fine, broken = canvas.fbm("fine", 64, octaves=2), canvas.fbm("broken", 14, octaves=4, gain=0.6)
    line, depth = flat(cloud, 0), flat(cloud, 0)
    for name, rows, width, share in (
        ("wide", 3, 0.006, 0.75),
        ("thin", 6, 0.003, 0.5),
        ("hair", 12, 0.0016, 0.4),
    ):
        cells = scattered(canvas, name, rows=rows, jitter=1.0, wobble=0.1 / rows, wobble_cells=3 * rows)
        edge = cells.edge + broken * np.float32(width * 0.4)
        there = smooth(canvas.fbm(f"{name}/there", 4, octaves=3), 0.55 - share, 0.8 - share)
        line = np.maximum(line, smooth(edge, width, 0.0) * there)
        # A fracture goes down into the ice: light caught in its plane fades away from it on one side.
        lean = cells.each(canvas, "lean")
        depth = np.maximum(depth, smooth(edge, width * 12, 0.0) * there * lean * np.float32(0.55))
    bubble = smooth(canvas.fbm("bubbles", 48, octaves=2), 0.5, 0.72) * smooth(cloud, 0, 0.5)
    white = np.clip(line * 0.8 + depth * (0.7 + broken * 0.5) + bubble * 0.6, 0, 1)
    color = mixed(ramp(0.4 + cloud * 0.5, palette["main"]), ramp(0.8 + fine * 0.2, palette["frost"]), white)
    height = cloud * 0.003 - line * 0.0024 + broken * 0.0003
    roughness = np.clip(0.1 + smooth(cloud, 0.1, 0.8) * 0.25 + line * 0.3, 0, 1)
    return Surface(height, color, roughness, flat(cloud, 0))


def lava(canvas: Canvas, palette: Palette) -> Surface:
    """Cooling crust with glowing seams."""
    plates = scattered(canvas, "plates", rows=5, jitter=0.95, wobble=0.035, wobble_cells=8)
    rough = canvas.fbm("rough", 16, octaves=5, gain=0.62)
    broad = canvas.fbm("broad", 3, octaves=4)
    edge = plates.edge + rough * np.float32(0.008) - (broad + 0.35) * np.float32(0.018)
    heat = 1 - smooth(edge, -0.006, 0.016)
    glow = 1 - smooth(edge, 0.0, 0.055)
    height = smooth(edge, 0, 0.05) * 0.03 + rough * 0.008 + broad * 0.01
    crust = ramp(0.35 + rough * 0.4 + broad * 0.1, palette["crust"])
    molten = ramp(np.clip(heat * 0.75 + canvas.fbm("flow", 20, octaves=3) * 0.28, 0, 1), palette["main"])
    color = mixed(mixed(crust, ramp(flat(heat, 0.1), palette["main"]), glow * 0.55), molten, heat)
    return Surface(height, color, np.clip(0.88 - heat * 0.4 + rough * 0.06, 0, 1), flat(heat, 0))


_STONE = "4a4640 736d64 989185 b5aea2"

FAMILIES = {
    "rock": Family(
        rock,
        (
            {"main": "35322e 5a554e 7d766c a39b8e", "second": "4a3c2c 705c44 93795a b0977a"},
            {"main": "33363a 565b60 787d80 9da1a1", "second": "3c3a33 615d52 837d6e a09a89"},
        ),
        2.0,
        {
            "sandstone": "bd9766",
            "granite": "85807d",
            "basalt": "434448",
            "obsidian": "201f25",
            "desert": "b98a5a",
            "limestone": "bdb49f",
            "slate": "555c63",
            "volcanic": "383433",
            "quartz": "cfc9c2",
            "lunar": "77777a",
        },
    ),
    "grass": Family(
        grass,
        (
            {
                "main": "12200a 27440f 426a1b 648c2d 8cab4c",
                "second": "4a4a18 7c7a34 a39d55 bfb97c",
                "soil": "1c150c 2f2416 443621",
            },
            {
                "main": "14220d 2b4a18 46742a 6b9a40 93b964",
                "second": "4d5220 76803a 9aa256 b7bd80",
                "soil": "1a140c 2c2416 40351f",
            },
        ),
        1.0,
    ),
    "dirt": Family(
        dirt,
        (
            {"main": "2b1e13 4a3522 695036 8a6d4d", "stone": _STONE},
            {"main": "33271c 54412e 735c43 93795b", "stone": _STONE},
        ),
        1.5,
        {
            "desert": "b08a5a",
            "dry": "8d6f4f",
            "clay": "93583a",
            "mars": "a5532f",
            "ash": "6f6b67",
            "forest": "4a3826",
        },
    ),
    "mud": Family(
        mud, ({"main": "1d140c 35261a 4f3b29 6d543c"}, {"main": "221a13 3d3023 5a4836 796350"}), 1.5
    ),
    "sand": Family(
        sand, ({"main": "93744a b89866 d0b583 e3cfa3"}, {"main": "9c8460 bfa67e d6c19b e8d9ba"}), 1.5
    ),
    "gravel": Family(
        gravel,
        (
            {"main": "45433f 6c6963 8f8b83 b3aea4", "second": "4a4238 70665a 8f8475 aca191"},
            {"main": "4c453c 756b5e 9a8f7f bcb1a0", "second": "3d3e40 5f6062 808182 a2a2a0"},
        ),
        1.0,
        {"coal": "262627", "charcoal": "2c2b2b"},
    ),
    "snow": Family(
        snow, ({"main": "a9bccf cfdce8 e8eff5 fafcfd"}, {"main": "b3c1d0 d5dee8 ecf0f4 fafbfc"}), 2.0
    ),
    "ice": Family(ice, ({"main": "3f7590 6fa3ba a3cbd8 d2e8ee", "frost": "b5d2dd d9eaf0 f3f9fb"},), 2.0),
    "lava": Family(
        lava, ({"main": "5c0d02 b32405 e8530a ff9a1f ffdf6b", "crust": "0d0a09 1c1715 2f2825 463d39"},), 2.0
    ),
}
