"""Fine and even surfaces: clay, plastic, glass, water, paper, velvet."""

import numpy as np

from vrbridge.generators.texture.noise import Canvas, Field, smooth
from vrbridge.generators.texture.surface import Family, Palette, Surface, flat, mixed, ramp


def clay(canvas: Canvas, palette: Palette) -> Surface:
    """Fired, unglazed clay: faint marks of the hand, specks and pores."""
    broad, cloud = canvas.fbm("broad", 3, octaves=5), canvas.fbm("cloud", 12, octaves=5, gain=0.6)
    rings = canvas.warped("hand", canvas.fbm("rings", 40, 2, octaves=2), cells=4, amount=0.012)
    fine, grain = canvas.fbm("fine", 72, octaves=3, gain=0.8), canvas.grain("grain")
    speck = smooth(canvas.fbm("specks", 56, octaves=2), 0.5, 0.66)
    height = broad * 0.0016 + rings * 0.0009 + cloud * 0.0007 + fine * 0.0004 - speck * 0.0009
    t = 0.5 + broad * 0.2 + cloud * 0.16 + rings * 0.08 + fine * 0.09 + grain * 0.03 - speck * 0.18
    return Surface(height, ramp(t, palette["main"]), np.clip(0.84 + cloud * 0.1, 0, 1), flat(broad, 0))


def plastic(canvas: Canvas, palette: Palette) -> Surface:
    """Moulded plastic: the fine skin of a mould, a few scuffs."""
    skin = canvas.fbm("skin", 96, octaves=2, gain=0.7)
    broad, cloud = canvas.fbm("broad", 2, octaves=3), canvas.fbm("cloud", 7, octaves=5)
    scuff = smooth(canvas.fbm("scuff", 5, 24, octaves=4, gain=0.6) + broad * 0.4, 0.42, 0.8)
    t = 0.5 + broad * 0.07 + cloud * 0.05 + skin * 0.035 + scuff * 0.07
    height = skin * 0.0003 + broad * 0.0005
    roughness = np.clip(0.36 + cloud * 0.06 + skin * 0.03 + scuff * 0.24, 0.05, 1)
    return Surface(height, ramp(t, palette["main"]), roughness, flat(broad, 0))


def glass(canvas: Canvas, palette: Palette) -> Surface:
    """Old window glass: a little wavy, with seeds and a breath of dust."""
    wave = canvas.warped("flow", canvas.fbm("wave", 3, 5, octaves=3, gain=0.4), cells=3, amount=0.08)
    dust = smooth(canvas.fbm("dust", 5, octaves=6, gain=0.6), 0.0, 0.9)
    seed = smooth(canvas.fbm("seeds", 40, octaves=2), 0.62, 0.74)
    t = 0.45 + wave * 0.22 + dust * 0.12 + seed * 0.22
    height = wave * 0.0022 - seed * 0.0006
    return Surface(height, ramp(t, palette["main"]), np.clip(0.05 + dust * 0.14, 0, 1), flat(wave, 0))


def water(canvas: Canvas, palette: Palette) -> Surface:
    """Open water: long swells under crossing ripples."""
    swell = canvas.warped("roll", canvas.fbm("swell", 2, 3, octaves=2), cells=3, amount=0.06)
    folds = canvas.warped("drift", canvas.fbm("folds", 6, 4, octaves=3), cells=4, amount=0.05)
    crest = 1 - np.sqrt(np.abs(folds))  # sharp where two slopes meet
    fine = canvas.warped("shiver", canvas.fbm("ripples", 18, 12, octaves=3, gain=0.55), cells=6, amount=0.02)
    height = swell * 0.012 + crest * 0.009 + fine * 0.0026
    t = 0.4 + swell * 0.22 + (crest - 0.45) * 0.42 + fine * 0.14
    foam = smooth(crest + fine * 0.25, 0.92, 1.15) * np.float32(0.5)
    color = mixed(ramp(t, palette["main"]), ramp(0.6 + fine, palette["foam"]), foam)
    return Surface(height, color, np.clip(0.05 + foam * 0.5, 0, 1), flat(swell, 0))


def paper(canvas: Canvas, palette: Palette) -> Surface:
    """Rag paper: fibres, stains and soft creases."""
    fibre = canvas.warped("lie", canvas.fbm("fibre", 60, 24, octaves=3, gain=0.8), cells=14, amount=0.02)
    stain = canvas.warped("soak", canvas.fbm("stain", 3, octaves=6, gain=0.55), cells=4, amount=0.06)
    fold = 1 - smooth(np.abs(canvas.fbm("folds", 4, octaves=2)), 0.0, 0.05)
    fine = canvas.fbm("fine", 100, octaves=2)
    rim = smooth(np.abs(stain - np.float32(0.22)), 0.06, 0.0) * np.float32(0.16)
    t = 0.62 + stain * 0.28 + fibre * 0.1 + fine * 0.05 - rim - fold * 0.07
    height = fibre * 0.0005 + stain * 0.0012 + fold * 0.0012 + fine * 0.0002
    return Surface(height, ramp(t, palette["main"]), np.clip(0.9 + fibre * 0.05, 0, 1), flat(fine, 0))


def velvet(canvas: Canvas, palette: Palette) -> Surface:
    """A dense pile that lies one way here and another there."""
    lie = canvas.warped("stroke", canvas.fbm("lie", 5, 3, octaves=4, gain=0.5), cells=4, amount=0.08)
    tuft = canvas.warped("lean", canvas.fbm("tufts", 64, octaves=3, gain=0.75), cells=16, amount=0.012)
    grain = canvas.grain("grain")
    brushed: Field = smooth(lie, -0.8, 0.8) - np.float32(0.5)
    height = tuft * 0.0022 + grain * 0.0003 + lie * 0.003
    t = 0.42 + brushed * 0.26 + tuft * 0.2 + grain * 0.07
    return Surface(height, ramp(t, palette["main"]), np.clip(0.95 - tuft * 0.06, 0, 1), flat(lie, 0))


FAMILIES = {
    "clay": Family(
        clay,
        ({"main": "6f3a22 9a5836 b97350 d19a78"}, {"main": "7d4a2e a7683f c0865c d7a781"}),
        0.6,
        {"bone": "ddd3b8", "ivory": "e4dac2", "porcelain": "e3e4e1", "stoneware": "8d8478"},
    ),
    "plastic": Family(
        plastic,
        (
            {"main": "9d9c99 bdbcb9 d5d4d1 e6e5e3"},
            {"main": "7a1d19 a83029 bf463c d56a5e"},
            {"main": "173f6b 27619a 3d7cb5 6b9fcb"},
        ),
        0.5,
        {"rubber": "2b2b2c", "vinyl": "343437", "candy": "d8567f", "wax": "e6dcc0"},
    ),
    "glass": Family(
        glass, ({"main": "5f8580 83a8a1 a9c6be cfe0da"}, {"main": "6a8795 8daab6 b1c8d0 d5e3e7"}), 1.0
    ),
    "water": Family(
        water,
        (
            {"main": "0b2b36 14495a 27707f 5ea3aa", "foam": "a9cbcf d9e9ea f3f8f8"},
            {"main": "0d2740 1a4567 2f6a8d 6fa3bb", "foam": "a9c3d0 d5e3ea f3f7f9"},
        ),
        2.0,
        {"swamp": "46502f", "river": "3d5a4c", "toxic": "6da32c", "slime": "77b02c"},
    ),
    "paper": Family(
        paper,
        ({"main": "a9946b c9b78f dfd1ae ece3c8"}, {"main": "bdb6a5 d6d1c4 e6e2d8 f1efe8"}),
        0.4,
        {"cardboard": "a8814f", "kraft": "a8814f", "parchment": "d2bd8c", "newspaper": "cfccc2"},
    ),
    "velvet": Family(
        velvet,
        (
            {"main": "2e0a10 5c1420 8a2231 b5505a"},
            {"main": "12203a 22406b 3a5f94 7490b8"},
            {"main": "14291c 25492f 3d6b46 73976f"},
        ),
        0.5,
        {"fur": "7d5a3c", "wolf": "77716a", "bear": "4f3826", "rug": "8a3a34", "felt": "6d6f72"},
    ),
}
