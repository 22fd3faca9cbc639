"""Metals: riveted plates, corrugated sheet, cast and brushed metal, rust."""

import numpy as np

from vrbridge.generators.texture.noise import Canvas, Field, smooth
from vrbridge.generators.texture.patterns import courses, scattered
from vrbridge.generators.texture.surface import Family, Palette, Surface, flat, mixed, ramp, shade


def _scratches(canvas: Canvas, name: str, count: int) -> Field:
    """Return thin straight scratches in [0, 1]."""
    size = canvas.size_px
    numbers = canvas.table(name, count, 5)
    steps = int(size * 0.4)
    along = np.linspace(-0.5, 0.5, steps, dtype=np.float32)[None, :]
    angle, reach = numbers[:, 2:3] * np.float32(np.pi), (numbers[:, 3:4] ** 3 * np.float32(0.28)) * along
    x = np.floor((numbers[:, 0:1] + np.cos(angle) * reach) * size).astype(np.int32) % size
    y = np.floor((numbers[:, 1:2] + np.sin(angle) * reach) * size).astype(np.int32) % size
    field = np.zeros(size * size, np.float32)
    depth = np.broadcast_to(numbers[:, 4:5] * min(1.0, size / 512), x.shape)
    np.maximum.at(field, (y * size + x).ravel(), depth.ravel())
    return field.reshape(size, size)


def metal_plate(canvas: Canvas, palette: Palette) -> Surface:
    """Bolted panels: seams, rivets, worn edges and grime."""
    pieces = courses(canvas, rows=2, columns=2, shift=0.5, rounding=0.01)
    tone = pieces.each(canvas, "tone")
    broad, fine = canvas.fbm("broad", 4, octaves=6, gain=0.58), canvas.fbm("fine", 40, octaves=4)
    plate = smooth(pieces.edge, 0.002, 0.0055)
    # Rivets sit on a lattice that divides the panels, and only along their borders.
    rx, ry = (canvas.x * 16) % 1 - 0.5, (canvas.y * 16) % 1 - 0.5
    reach = np.sqrt(rx * rx + ry * ry) / np.float32(16)
    at_border = (pieces.edge < 0.052) & (pieces.edge > 0.012)
    rivet = np.where(at_border, np.sqrt(np.clip(1 - (reach / np.float32(0.0105)) ** 2, 0, 1)), 0).astype(
        np.float32
    )
    ring = np.where(at_border, smooth(reach, 0.02, 0.009), 0).astype(np.float32)
    scratch = _scratches(canvas, "scratch", 160)
    height = plate * 0.008 + rivet * 0.007 + broad * 0.0012 + fine * 0.0002 - scratch * 0.0004
    bevel = smooth(pieces.edge, 0.018, 0.004) * plate
    wear = np.clip(
        smooth(bevel + fine * 0.5 + broad * 0.4, 0.62, 1.0) + (rivet > 0.75) * 0.35 + scratch * 0.5, 0, 1
    )
    grime = np.clip(smooth(broad + fine * 0.3, 0.0, 0.9) * 0.5 + (ring * (1 - rivet)) * 0.6, 0, 1)
    t = 0.42 + (tone - 0.5) * 0.2 + broad * 0.2 + fine * 0.08
    color = mixed(ramp(t, palette["main"]), ramp(0.6 + fine * 0.3, palette["bare"]), wear * 0.75)
    color = shade(color, (1 - grime * 0.42) * (0.35 + 0.65 * plate))
    roughness = np.clip(0.42 + broad * 0.13 + fine * 0.08 + grime * 0.32 - wear * 0.14, 0.08, 1)
    return Surface(height, color, roughness, np.clip(0.95 - grime * 0.5, 0, 1))


def brushed_metal(canvas: Canvas, palette: Palette) -> Surface:
    """Sheet metal ground in one direction."""
    lines = canvas.fbm("lines", 128, 2, octaves=2, gain=0.8) + canvas.fbm(
        "hairs", 256, 5, octaves=1
    ) * np.float32(0.8)
    rows = canvas.table("rows", 256)[(canvas.y[:, 0] * 256).astype(np.int32) % 256][:, None] - np.float32(0.5)
    broad, smear = canvas.fbm("broad", 3, octaves=5), canvas.fbm("smear", 20, 3, octaves=3)
    scratch = _scratches(canvas, "scratch", 60)
    t = 0.5 + lines * 0.12 + rows * 0.12 + broad * 0.14 + smear * 0.12 + scratch * 0.14
    height = lines * 0.00035 + rows * 0.0002 + broad * 0.0006 - scratch * 0.0004
    roughness = np.clip(0.3 + lines * 0.06 + broad * 0.09 + smear * 0.05, 0.08, 1)
    return Surface(height.astype(np.float32), ramp(t, palette["main"]), roughness, flat(broad, 1))


def cast_metal(canvas: Canvas, palette: Palette) -> Surface:
    """Cast or forged metal: hammer dents, dark pits, rubbed high spots."""
    dents = scattered(canvas, "dents", rows=13, jitter=0.9, wobble=0.008, has_edge=False)
    dent = np.clip(1 - (dents.u**2 + dents.v**2) * np.float32(13 * 13 * 2.2), 0, 1)
    broad, cloud = canvas.fbm("broad", 3, octaves=5), canvas.fbm("cloud", 10, octaves=5, gain=0.6)
    fine = canvas.fbm("fine", 64, octaves=3, gain=0.8)
    pits = smooth(canvas.fbm("pits", 36, octaves=3), 0.36, 0.62)
    height = broad * 0.002 - dent * 0.0016 + cloud * 0.0008 + fine * 0.00025 - pits * 0.0007
    rubbed = smooth(cloud + broad * 0.5 - dent * 0.3, 0.05, 0.65)
    t = 0.42 + broad * 0.14 + cloud * 0.14 + fine * 0.05 + rubbed * 0.18 - pits * 0.2
    roughness = np.clip(0.44 - rubbed * 0.14 + cloud * 0.08 + pits * 0.25, 0.08, 1)
    return Surface(height, ramp(t, palette["main"]), roughness, np.clip(0.95 - pits * 0.35, 0, 1))


def corrugated_metal(canvas: Canvas, palette: Palette) -> Surface:
    """Corrugated sheet with lapped joints, nails and streaks of weather."""
    wave = np.sin(canvas.x * np.float32(2 * np.pi * 12))
    sheet = courses(canvas, rows=2, columns=2, shift=0.0)
    lap = 1 - smooth(np.abs(sheet.v - np.float32(0.24)), 0.002, 0.005)
    broad, fine = canvas.fbm("broad", 3, octaves=5), canvas.fbm("fine", 56, octaves=3)
    streak = smooth(canvas.fbm("streak", 2, 28, octaves=4) + broad * 0.5, 0.05, 0.8)
    nail_x, nail_y = (canvas.x * 6 + 0.125) % 1 - 0.5, (canvas.y * 4 + 0.375) % 1 - 0.5
    reach = np.sqrt((nail_x / 6) ** 2 + (nail_y / 4) ** 2)
    nail, stain = smooth(reach, 0.0055, 0.003), smooth(reach, 0.022, 0.006)
    height = wave * 0.011 + sheet.v * 0.01 + broad * 0.0012 + fine * 0.0002 + nail * 0.004
    t = 0.5 + (sheet.each(canvas, "tone") - 0.5) * 0.14 + broad * 0.18 + fine * 0.07 + wave * 0.05
    color = shade(ramp(t, palette["main"]), (1 - lap * 0.45) * (1 - streak * 0.14))
    color = mixed(color, ramp(0.5 + fine * 0.5, palette["stain"]), np.clip(streak * 0.3 + stain * 0.5, 0, 1))
    roughness = np.clip(0.46 + broad * 0.1 + streak * 0.26 + stain * 0.2, 0.1, 1)
    return Surface(
        height.astype(np.float32), color, roughness, np.clip(0.92 - streak * 0.4 - stain * 0.5, 0, 1)
    )


def rust_layer(canvas: Canvas, amount: float) -> tuple[Field, Field]:
    """Return where rust lies in [0, 1] and its tone; amount 0 is none, 1 is everywhere."""
    blot = canvas.warped("rust/eat", canvas.fbm("rust/blot", 6, octaves=6, gain=0.62), cells=8, amount=0.03)
    fine = canvas.fbm("rust/fine", 32, octaves=4, gain=0.7)
    low = 1.0 - amount * 1.8
    mask = smooth(blot + fine * np.float32(0.35), low - 0.1, low + 0.16)
    return mask, blot * np.float32(0.32) + fine * np.float32(0.3) + np.float32(0.48)


def rust(canvas: Canvas, palette: Palette) -> Surface:
    """Iron eaten by rust, with scales, pits and a few bare patches."""
    mask, tone = rust_layer(canvas, 0.72)
    scale = canvas.warped("scale", canvas.fbm("scale", 9, octaves=5, gain=0.62), cells=8, amount=0.03)
    flake = smooth(scale, 0.08, 0.18)
    pits = smooth(canvas.fbm("pits", 40, octaves=3), 0.3, 0.6)
    bare = ramp(0.45 + scale * 0.3, palette["bare"])
    oxide = shade(ramp(tone + (flake - 0.5) * 0.18, palette["main"]), 1 - pits * 0.4)
    height = mask * 0.003 + flake * mask * 0.003 + scale * 0.003 - pits * 0.003 + tone * 0.004
    roughness = mixed(np.clip(0.48 + scale * 0.1, 0, 1), np.clip(0.9 + scale * 0.06, 0, 1), mask)
    return Surface(height, mixed(bare, oxide, mask), roughness, np.clip(0.85 - mask * 0.8, 0, 1))


FAMILIES = {
    "metal plate": Family(
        metal_plate,
        (
            {"main": "3b3e42 595d62 787c80 979a9c", "bare": "8d8f90 b3b4b3 d0d0ce"},
            {"main": "35393a 505557 6c7172 8a8e8d", "bare": "88898a adaeae cbcbc9"},
        ),
        1.5,
    ),
    "brushed metal": Family(
        brushed_metal, ({"main": "6d6f72 98999b bbbcbc dadad9"}, {"main": "76736e 9f9b95 bfbab3 dbd7d1"}), 0.5
    ),
    "cast metal": Family(
        cast_metal,
        ({"main": "2c2d2f 454749 616365 87898a"}, {"main": "33312e 4f4c48 6d6a65 918d86"}),
        0.6,
        {"iron": "55575a", "steel": "8d9093", "pewter": "83868a", "lead": "5f6368"},
    ),
    "corrugated metal": Family(
        corrugated_metal,
        (
            {"main": "5d6163 84888a a5a8a8 c2c4c3", "stain": "4a2a16 7a4a28 96673f"},
            {"main": "55595a 7a7d7c 9a9c9a b9bab7", "stain": "503520 7d5836 a17c50"},
        ),
        1.0,
    ),
    "rust": Family(
        rust, ({"main": "2a120a 54240f 7d3a17 a5561f c27b39", "bare": "2f2c2a 4d4946 6b6763"},), 1.0
    ),
}
