"""What weather and time do to a material: moss, rust, water, cracks, wear, snow, frost, fire, dirt."""

from collections.abc import Callable, Mapping

import numpy as np

from vrbridge.generators.texture.metal import rust_layer
from vrbridge.generators.texture.noise import Canvas, Field, blurred, smooth
from vrbridge.generators.texture.palette import parse_hex
from vrbridge.generators.texture.patterns import scattered
from vrbridge.generators.texture.surface import Surface, flat, mixed, ramp, shade
from vrbridge.interruption import step

_MOSS = parse_hex("18230a 2f4313 4e6420 768a3a")
_RUST = parse_hex("33150a 5c2a10 884218 ad6025")
_SNOW = parse_hex("b3c4d5 dbe5ee f1f5f9 fcfdfe")
_SOOT = parse_hex("0d0c0b 1d1a18 332e2a")
_DIRT = parse_hex("2c2115 4b3a27 6a553c")


def _hollows(height: Field, radius: float = 0.02) -> Field:
    """Return how deep a place lies under its surroundings: about -1 on ridges to 1 in joints."""
    hollow = blurred(height, radius) - height
    return hollow / np.float32(2 * float(hollow.std()) + 1e-6)


def mossy(canvas: Canvas, surface: Surface) -> None:
    """Moss that starts in the joints and spreads in patches."""
    patch, fine = (
        canvas.fbm("moss/patch", 4, octaves=5, gain=0.55),
        canvas.fbm("moss/fine", 56, octaves=3, gain=0.8),
    )
    mask = smooth(patch + _hollows(surface.height) * 0.42 + fine * 0.22, 0.05, 0.42)
    cushion = canvas.fbm("moss/cushion", 30, octaves=3)
    moss = ramp(0.42 + fine * 0.34 + cushion * 0.26 + patch * 0.1, _MOSS)
    surface.color = mixed(surface.color, moss, mask)
    surface.height = surface.height + mask * (0.004 + cushion * 0.0035 + fine * 0.002)
    surface.roughness = mixed(surface.roughness, flat(mask, 0.96), mask)
    surface.metallic = surface.metallic * (1 - mask)


def rusty(canvas: Canvas, surface: Surface) -> None:
    """Rust in blots that eat into the surface."""
    mask, tone = rust_layer(canvas, 0.5)
    halo = smooth(blurred(mask, 0.015), 0.05, 0.7) * np.float32(0.4)
    surface.color = mixed(surface.color, ramp(tone, _RUST), np.maximum(mask, halo))
    surface.height = surface.height + mask * ((tone - 0.5) * 0.004)
    surface.roughness = mixed(surface.roughness, np.clip(0.78 + tone * 0.2, 0, 1), mask)
    surface.metallic = surface.metallic * (1 - mask * 0.92)


def wet(canvas: Canvas, surface: Surface) -> None:
    """A film of water, standing in hollows."""
    damp = smooth(canvas.fbm("wet/patch", 3, octaves=4) + _hollows(surface.height, 0.03) * 0.35, -0.5, 0.35)
    pool = smooth(damp, 0.75, 1.0)
    surface.color = shade(surface.color, 1 - damp * 0.42)
    surface.roughness = mixed(surface.roughness, surface.roughness * 0.3, damp) * (1 - pool * 0.7)
    surface.height = mixed(surface.height, blurred(surface.height, 0.012), pool * 0.7)


def cracked(canvas: Canvas, surface: Surface) -> None:
    """Branching cracks, wide ones and hairlines."""
    broad = canvas.fbm("crack/where", 3, octaves=3)
    total = np.zeros_like(surface.height)
    for name, rows, width in (("crack/wide", 4, 0.0035), ("crack/thin", 9, 0.0018)):
        cells = scattered(canvas, name, rows=rows, jitter=1.0, wobble=0.14 / rows, wobble_cells=3 * rows)
        opened = np.clip(broad * 0.9 + 0.55, 0.0, 1.2) * np.float32(width)
        total = np.maximum(total, 1 - smooth(cells.edge - opened, 0.0, 0.0025))
    surface.color = shade(surface.color, 1 - total * 0.72)
    surface.height = surface.height - total * np.float32(0.009)
    surface.roughness = mixed(surface.roughness, flat(total, 0.95), total)


def worn(canvas: Canvas, surface: Surface) -> None:
    """Edges rubbed light, faces faded and scuffed."""
    ridge = smooth(-_hollows(surface.height, 0.008) + canvas.fbm("worn/fine", 24, octaves=4) * 0.6, 0.45, 1.1)
    fade = smooth(canvas.fbm("worn/fade", 4, octaves=5), -0.2, 0.7)
    step()
    grey = surface.color.mean(2, keepdims=True) * np.float32(0.9) + np.float32(0.09)
    step()
    surface.color = mixed(surface.color, np.broadcast_to(grey, surface.color.shape), fade * np.float32(0.42))
    scuff = smooth(canvas.fbm("worn/scuff", 9, octaves=5, gain=0.62), -0.1, 0.6)
    surface.color = shade(surface.color, 1 - scuff * 0.16)
    surface.color = surface.color + (ridge * np.float32(0.13))[:, :, None]
    surface.roughness = np.clip(surface.roughness + fade * 0.12 * (1 - surface.roughness), 0, 1)


def snowy(canvas: Canvas, surface: Surface) -> None:
    """Snow blown into the hollows and over the flats."""
    patch, fine = canvas.fbm("snow/patch", 7, octaves=5, gain=0.55), canvas.fbm("snow/fine", 64, octaves=2)
    mask = smooth(patch * 0.55 + _hollows(surface.height, 0.025) * 0.42 + fine * 0.1, -0.16, 0.26)
    level = blurred(surface.height, 0.02) + np.float32(0.006) + patch * np.float32(0.004)
    surface.height = mixed(surface.height, np.maximum(surface.height, level), mask)
    surface.color = mixed(surface.color, ramp(0.66 + patch * 0.2 + fine * 0.16, _SNOW), mask)
    surface.roughness = mixed(surface.roughness, flat(mask, 0.74), mask)
    surface.metallic = surface.metallic * (1 - mask)


def frozen(canvas: Canvas, surface: Surface) -> None:
    """A glaze of ice, white with hoar frost in feathers and along the joints."""
    patch = canvas.fbm("frost/patch", 6, octaves=5, gain=0.55)
    feather = np.abs(
        canvas.warped("frost/grow", canvas.fbm("frost/fern", 20, octaves=4), cells=9, amount=0.03)
    )
    fine = canvas.fbm("frost/fine", 80, octaves=2)
    hoar = smooth(
        patch * 0.4 + _hollows(surface.height, 0.015) * 0.34 - feather * 0.7 + fine * 0.14, -0.3, 0.25
    )
    glaze = smooth(patch, -0.7, 0.1)
    cold = surface.color.mean(2, keepdims=True) * np.array([0.8, 0.95, 1.06], np.float32)
    cold = cold + np.array([0.03, 0.06, 0.09], np.float32)
    surface.color = mixed(surface.color, cold, glaze * 0.55)
    surface.color = mixed(surface.color, ramp(0.55 + fine * 0.3 + hoar * 0.25, _SNOW), hoar * 0.72)
    level = blurred(surface.height, 0.008)
    surface.height = mixed(surface.height, np.maximum(surface.height, level), glaze * 0.7)
    surface.height = surface.height + hoar * (0.0012 - feather * 0.002 + fine * 0.0004)
    surface.roughness = mixed(mixed(surface.roughness, flat(glaze, 0.16), glaze * 0.8), flat(hoar, 0.7), hoar)
    surface.metallic = surface.metallic * (1 - hoar * 0.9)


def burnt(canvas: Canvas, surface: Surface) -> None:
    """Charred patches with ash at their rims."""
    blot = canvas.fbm("burnt/blot", 3, octaves=6, gain=0.56)
    fine = canvas.fbm("burnt/fine", 40, octaves=3)
    mask = smooth(blot + fine * 0.15, -0.3, 0.25)
    ash = smooth(mask, 0.1, 0.5) * (1 - smooth(mask, 0.5, 0.95))
    surface.color = mixed(surface.color, ramp(0.4 + fine * 0.5 + ash * 0.5, _SOOT), mask * 0.93)
    surface.roughness = mixed(surface.roughness, np.clip(0.9 + fine * 0.06, 0, 1), mask)
    surface.metallic = surface.metallic * (1 - mask * 0.7)


def dirty(canvas: Canvas, surface: Surface) -> None:
    """Grime in the joints and streaks below them."""
    patch, streak = canvas.fbm("dirt/patch", 4, octaves=5), canvas.fbm("dirt/streak", 3, 26, octaves=4)
    mask = smooth(patch * 0.6 + streak * 0.45 + _hollows(surface.height) * 0.4, 0.0, 0.75) * np.float32(0.78)
    surface.color = mixed(surface.color, ramp(0.4 + streak * 0.4 + patch * 0.3, _DIRT), mask)
    surface.roughness = mixed(surface.roughness, flat(mask, 0.93), mask)
    surface.metallic = surface.metallic * (1 - mask * 0.6)


OVERLAYS: Mapping[str, Callable[[Canvas, Surface], None]] = {
    "cracked": cracked,
    "worn": worn,
    "rusty": rusty,
    "burnt": burnt,
    "dirty": dirty,
    "mossy": mossy,
    "wet": wet,
    "snowy": snowy,
    "frozen": frozen,
}
