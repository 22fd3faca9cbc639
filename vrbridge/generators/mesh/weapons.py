"""Weapons and tools, standing upright as if on a rack: swords, axes, hammers, shields, an anvil."""

from dataclasses import replace

import numpy as np

from vrbridge.generators.mesh.grain import Floats
from vrbridge.generators.mesh.sketch import Sketch
from vrbridge.generators.mesh.solids import Solid, extrude, lathe
from vrbridge.generators.mesh.traits import Traits


def sword(s: Sketch, t: Traits) -> None:
    """A sword or dagger, point up: ridged blade, crossguard, wrapped grip, pommel."""
    is_short = t.has("dagger", "knife", "dirk")
    k = 0.42 if is_short else 1.0
    length, half = 0.78 * t.height * k, 0.027 * t.width * (0.75 if is_short else 1)
    grip = 0.11 if is_short else 0.17
    y = 0.05 + grip
    # A lozenge section, swept to the point.
    profile = [(half, y), (half * 0.92, y + length * 0.5), (half * 0.75, y + length * 0.88), (0, y + length)]
    blade = lathe(profile, 4).turned((0, np.pi / 4, 0))
    if t.has("curved", "scimitar", "sabre", "katana"):
        rise = np.clip((blade.vertices[:, 1] - y) / length, 0, 1)
        blade = replace(blade, vertices=blade.vertices + np.outer(rise**2 * 0.13, [1, 0, 0]))
    s.add("body", blade.scaled((1, 1, 0.22)), vary=0.03)
    guard = 0.1 * (0.6 if is_short else 1)
    s.box("guard", (guard * 0.7, 0.026, 0.034), (0, y, 0), bevel=0.007)
    for x in (-1.0, 1.0):
        s.beam("guard", (x * guard * 0.3, y, 0), (x * guard, y + 0.018, 0), 0.02, 0.028, taper=1.25, least=1)
    s.rod("grip", [(0, 0.045, 0), (0, 0.05 + grip * 0.5, 0), (0, y, 0)], [0.013, 0.016, 0.014], sides=8)
    for i in range(6):
        yy = 0.06 + (i + 0.5) * (grip - 0.02) / 6
        s.lathe(
            "grip",
            [(0.013, yy - 0.008), (0.0185, yy), (0.013, yy + 0.008), (0.01, yy)],
            segments=8,
            is_ring=True,
            least=3,
        )
    s.lathe("guard", [(0.012, 0), (0.026, 0.012), (0.028, 0.028), (0.014, 0.052)], segments=10)


def axe(s: Sketch, t: Traits) -> None:
    """An axe with a flared blade; two of them on a battle axe."""
    h = 0.85 * t.height
    s.rod(
        "handle",
        [(0.02, 0, 0), (0.0, h * 0.3, 0), (0.012, h * 0.7, 0), (0, h, 0)],
        [0.022, 0.018, 0.018, 0.021],
        sides=8,
    )
    k = 0.16 * t.width
    curve = np.linspace(-1, 1, 7)
    edge = [(k * (1.12 - 0.2 * c * c), c * k * 0.95) for c in curve]
    outline = np.array(
        [(0.0, -k * 0.28), (k * 0.45, -k * 0.38), *edge, (k * 0.45, k * 0.38), (0.0, k * 0.28)]
    )
    for side in (-1.0, 1.0) if t.has("battle", "double", "great") else (1,):
        blade = _sharpened(outline, 0.045)
        s.add("body", blade, at=(0, h * 0.87, 0), turn=(0, 0 if side > 0 else np.pi, 0), vary=0.04)
    s.box("body", (0.06, k * 0.62, 0.055), (0, h * 0.87, 0), bevel=0.01)
    if not t.has("battle", "double", "great"):
        s.box("body", (0.06, k * 0.5, 0.045), (-0.05, h * 0.87, 0), bevel=0.01)
    for y in (0.04, 0.1, 0.16):
        s.lathe(
            "wrap",
            [(0.018, y), (0.026, y + 0.02), (0.018, y + 0.04), (0.01, y + 0.02)],
            at=(0.014, 0, 0),
            segments=8,
            is_ring=True,
            least=2,
        )


def _sharpened(outline: Floats, depth: float) -> Solid:
    """Return an extruded outline whose thickness shrinks to an edge along +x."""
    solid = extrude(outline, depth)
    thin = 1 - 0.94 * np.clip(solid.vertices[:, 0] / outline[:, 0].max(), 0, 1) ** 1.5
    return solid.scaled(np.stack([thin * 0 + 1, thin * 0 + 1, thin], axis=1))


def hammer(s: Sketch, t: Traits) -> None:
    """A hammer; a war hammer has a longer handle and a spike."""
    is_war = t.has("war", "warhammer", "sledge", "sledgehammer", "mace")
    h, k = (0.9 if is_war else 0.36) * t.height, (0.1 if is_war else 0.055) * t.width
    s.rod("handle", [(0, 0, 0), (0, h * 0.3, 0), (0, h * 0.93, 0)], [k * 0.3, k * 0.24, k * 0.22], sides=8)
    s.lathe("trim", [(k * 0.34, 0), (k * 0.34, k * 0.4)], segments=8, least=1)
    y = h - k * 0.55
    s.box("body", (k * 1.5, k * 0.85, k * 0.85), (0, y, 0), bevel=k * 0.1, vary=0.04)
    for x in (-1.0, 1.0):
        s.box("body", (k * 0.55, k * 1.1, k * 1.1), (x * k * 0.98, y, 0), bevel=k * 0.14, vary=0.04)
    s.box("trim", (k * 0.32, k * 0.95, k * 0.95), (0, y, 0), bevel=k * 0.05, least=2)
    if is_war:
        s.lathe("body", [(k * 0.2, 0), (0, k * 0.9)], at=(0, y + k * 0.4, 0), segments=6, least=1)


def shield(s: Sketch, t: Traits) -> None:
    """A round or heater shield with rim and boss, standing on its edge."""
    rng = t.rng()
    if t.has("round", "viking", "buckler"):
        r = 0.42 * t.width
        for i in range(7):
            x0, x1 = (i - 3.5) * 2 * r / 7, (i - 2.5) * 2 * r / 7 - 0.004
            xs = np.linspace(x0, x1, 3) * 0.98
            tops = np.sqrt(np.maximum(r * r - xs**2, (0.2 * r) ** 2)) * 0.985
            outline = [(x, -y) for x, y in zip(xs, tops, strict=True)] + [
                (x, y) for x, y in zip(xs[::-1], tops[::-1], strict=True)
            ]
            s.plate("body", outline, 0.03, at=(0, r, 0), least=1, vary=0.25)
        flat = (np.pi / 2, 0, 0)
        s.lathe("body", [(r * 0.97, -0.01), (r * 0.97, 0.01)], at=(0, r, 0), turn=flat, segments=24, most=0)
        s.lathe(
            "trim",
            [(r * 0.94, -0.022), (r, -0.02), (r, 0.02), (r * 0.94, 0.026)],
            at=(0, r, 0),
            turn=flat,
            segments=24,
            is_ring=True,
            least=1,
        )
        s.lathe(
            "trim",
            [(0.14, 0.01), (0.13, 0.025), (0.09, 0.06), (0.04, 0.08), (0, 0.085)],
            at=(0, r, 0),
            turn=flat,
            segments=14,
        )
        return
    w, h = 0.3 * t.width, 0.78 * t.height
    ys = np.linspace(0, 1, 7)
    right = [(w * (1 - y**2.2) ** 0.8, h * (0.92 - 0.92 * y)) for y in ys]
    outline = [(x, y) for x, y in reversed(right)] + [(w * 0.5, h * 0.97), (0, h)]
    outline += [(-w * 0.5, h * 0.97)] + [(-x, y) for x, y in right[:-1]]
    centre = np.array([0, h * 0.55])
    inner = (np.array(outline) - centre) * 0.88 + centre
    s.plate("trim", outline, 0.035, bevel=0.008)
    s.plate("body", inner, 0.03, at=(0, 0, 0.012), bevel=0.006)
    if rng.random() < 0.5:
        s.box("emblem", (0.07, h * 0.72, 0.02), (0, h * 0.57, 0.024), bevel=0.005, least=1)
        s.box("emblem", (w * 1.45, 0.07, 0.02), (0, h * 0.66, 0.024), bevel=0.005, least=1)
    else:
        s.lathe(
            "emblem",
            [(0.11, 0), (0.1, 0.02), (0.05, 0.05), (0, 0.055)],
            at=(0, h * 0.6, 0.02),
            turn=(np.pi / 2, 0, 0),
            segments=14,
            least=1,
        )


def anvil(s: Sketch, t: Traits) -> None:
    """An anvil with horn and waist on a block of wood."""
    s.lathe("block", [(0.28, 0), (0.26, 0.42 * t.height)], segments=12)
    s.lathe(
        "band", [(0.275, 0.06), (0.275, 0.11), (0.25, 0.11), (0.25, 0.06)], segments=12, is_ring=True, least=2
    )
    y = 0.42 * t.height
    s.box("body", (0.36, 0.06, 0.24), (0, y + 0.03, 0), bevel=0.015, taper=(0.85, 0.85), vary=0.04)
    s.box("body", (0.28, 0.12, 0.18), (0, y + 0.11, 0), bevel=0.012, taper=(0.75, 0.7), vary=0.04)
    s.box("body", (0.24, 0.06, 0.15), (0, y + 0.18, 0), bevel=0.0, taper=(1.5, 1.2), vary=0.04, least=1)
    s.box("body", (0.42, 0.085, 0.18), (-0.02, y + 0.245, 0), bevel=0.012, vary=0.04)
    s.rod(
        "body",
        [(0.17, y + 0.24, 0), (0.28, y + 0.255, 0), (0.42, y + 0.285, 0)],
        [0.065, 0.048, 0],
        sides=10,
        vary=0.04,
    )
    s.box("body", (0.09, 0.05, 0.14), (-0.26, y + 0.26, 0), bevel=0.01, vary=0.04, least=1)


def spear(s: Sketch, t: Traits) -> None:
    """A spear with a leaf-shaped head; a staff has a knob instead."""
    h = 1.8 * t.height
    if t.has("staff", "wand", "quarterstaff"):
        h = (0.4 if t.has("wand") else 1.6) * t.height
        thick = 0.009 if t.has("wand") else 0.022
        s.rod(
            "handle", [(0, 0, 0), (0.01, h * 0.5, 0), (0, h, 0)], [thick, thick * 1.1, thick * 0.9], sides=8
        )
        s.rod("wrap", [(0.008, h * 0.42, 0), (0.01, h * 0.56, 0)], thick * 1.3, sides=8, least=1)
        s.blob("body", (thick * 2.4,) * 3, (0, h + thick * 1.6, 0), bumps=0.08, seed=t.seed)
        return
    s.rod("handle", [(0, 0, 0), (0, h * 0.5, 0), (0, h, 0)], [0.015, 0.018, 0.014], sides=8)
    s.lathe("body", [(0.022, -0.14), (0.026, -0.02), (0.012, 0.03)], at=(0, h, 0), segments=10)
    head = [(0.012, 0), (0.045, 0.09), (0.032, 0.2), (0, 0.34), (-0.032, 0.2), (-0.045, 0.09), (-0.012, 0)]
    s.plate("body", head, 0.018, at=(0, h - 0.01, 0), bevel=0.007)
    for y in (0.46, 0.5, 0.54):
        s.rod("wrap", [(0, h * y, 0), (0, h * (y + 0.03), 0)], 0.0205, sides=8, least=1)
