"""Things that stand outside: gravestones, walls, bridges, flowers, cacti."""

import numpy as np

from vrbridge.generators.mesh.sketch import Sketch
from vrbridge.generators.mesh.traits import Traits


def gravestone(s: Sketch, t: Traits) -> None:
    """A headstone with a rounded top on a plinth, sunk a little to one side; or a stone cross."""
    rng = t.rng()
    w, h, tilt = 0.6 * t.width, 0.9 * t.height, float(rng.normal() * 0.035)
    s.box("base", (w * 1.35, 0.14, 0.34), (0, 0.07, 0), bevel=0.025)
    if t.has("cross"):
        s.box("body", (w * 0.28, h, 0.13), (0, 0.13 + h / 2, 0), turn=(0, 0, tilt), bevel=0.018)
        s.box(
            "body",
            (w, w * 0.27, 0.125),
            (-tilt * h * 0.66, 0.13 + h * 0.68, 0),
            turn=(0, 0, tilt),
            bevel=0.018,
        )
        return
    arc = [(np.cos(a) * w / 2, h - w * 0.32 + np.sin(a) * w * 0.32) for a in np.linspace(0, np.pi, 9)]
    outline = [(-w / 2, 0), (w / 2, 0), *arc]
    small = [(x * 0.78, 0.1 + y * 0.82) for x, y in outline]
    s.plate("body", outline, 0.14, at=(0, 0.12, 0), turn=(0, 0, tilt), bevel=0.014)
    s.plate("base", small, 0.012, at=(0, 0.12, 0.07), turn=(0, 0, tilt), least=1)
    for i, share in enumerate((0.9, 0.7, 0.8)):
        s.box(
            "body",
            (w * 0.5 * share, 0.03, 0.016),
            (-tilt * 0.5, 0.12 + h * (0.66 - i * 0.11), 0.077),
            bevel=0,
            turn=(0, 0, tilt),
            least=2,
        )


def wall(s: Sketch, t: Traits) -> None:
    """A run of wall with coping stones; a ruined one is broken off in steps."""
    rng = t.rng()
    w, h, d = 3.0 * t.width, 2.0 * t.height, 0.36
    if t.has("ruined", "broken", "crumbling", "ruin", "destroyed"):
        n = 6
        for i in range(n):
            tall = h * (1.0 - 0.62 * abs(i - 1.5) / n * rng.uniform(0.8, 1.6))
            s.box("body", (w / n, tall, d), ((i + 0.5) * w / n - w / 2, tall / 2, 0), bevel=0, vary=0.05)
        for i in range(4):
            size = rng.uniform(0.08, 0.16)
            s.blob(
                "cap",
                (size * 1.4, size, size),
                (rng.uniform(-0.4, 0.5) * w, size * 0.7, d * rng.uniform(0.8, 1.4)),
                bumps=0.1,
                seed=t.seed + i,
                cuts=8,
                least=1,
            )
        return
    s.box("body", (w, h, d), (0, h / 2, 0), bevel=0)
    s.box("cap", (w + 0.02, 0.13, d + 0.14), (0, h + 0.06, 0), bevel=0.02, most=1)
    n = max(3, round(w / 0.5))
    for i in range(n):
        block = (w / n - 0.012, 0.13 + rng.uniform(-0.008, 0.008), d + 0.14 + rng.uniform(-0.02, 0.02))
        s.box("cap", block, ((i + 0.5) * w / n - w / 2, h + 0.06, 0), bevel=0.02, least=2, vary=0.2)
    s.box("cap", (w + 0.01, 0.22, d + 0.1), (0, 0.11, 0), bevel=0.02, least=1)


def bridge(s: Sketch, t: Traits) -> None:
    """A footbridge of planks that arches a little, with rails, from front to back."""
    length, w = 3.6 * t.height, 1.3 * t.width
    is_stone = t.has("stone", "marble", "brick", "concrete")
    n = 18

    def rise(along: float) -> float:
        return float(0.5 + 0.42 * (1 - (2 * along / length) ** 2))

    zs = np.linspace(-length / 2, length / 2, 9)
    if is_stone:
        under = [(z, max(0.0, rise(z) - 0.34 - 0.5 * (abs(z) / length * 2) ** 4)) for z in zs[1:-1]]
        over = [(z, rise(z)) for z in zs[::-1]]
        outline = [(-length / 2, 0), *((z, max(y, 0.02)) for z, y in under), (length / 2, 0), *over]
        s.plate("body", outline, w, turn=(0, -np.pi / 2, 0), vary=0.05)
        for x in (-1.0, 1.0):
            parapet = [(z, rise(z) - 0.02) for z in zs] + [(z, rise(z) + 0.5) for z in zs[::-1]]
            s.plate("body", parapet, 0.2, at=(x * (w / 2 - 0.1), 0, 0), turn=(0, -np.pi / 2, 0), vary=0.05)
        return
    for x in (-1.0, 1.0):
        beam = [(z, rise(z) - 0.2) for z in zs] + [(z, rise(z) - 0.04) for z in zs[::-1]]
        s.plate("frame", beam, 0.12, at=(x * w * 0.38, 0, 0), turn=(0, -np.pi / 2, 0), least=1)
        for z in (-0.48, -0.16, 0.16, 0.48):
            foot = np.array([x * w / 2, rise(z * length) - 0.2, z * length])
            s.beam("frame", foot, np.add(foot, (0, 1.05, 0)), 0.09, least=0 if abs(z) > 0.4 else 1)
        rail = [(x * w / 2, rise(z) + 0.8, z) for z in zs[::2]]
        s.rod("frame", rail, 0.045, sides=6)
        low = [(x * w / 2, rise(z) + 0.42, z) for z in zs[::2]]
        s.rod("frame", low, 0.03, sides=5, least=1)
    deck = [(z, rise(z) - 0.05) for z in zs[::2]] + [(z, rise(z)) for z in zs[::-2]]
    s.plate("body", deck, w, turn=(0, -np.pi / 2, 0), most=0)
    for i in range(n):
        z = (i + 0.5) / n * length - length / 2
        lean = float(np.arctan(0.42 * 8 * z / length**2))
        s.box(
            "body",
            (w, 0.05, length / n - 0.014),
            (0, rise(z) - 0.02, z),
            turn=(lean, 0, 0),
            bevel=0.008,
            least=1,
            vary=0.3,
        )


def flower(s: Sketch, t: Traits) -> None:
    """A flower with petals around its heart, and two leaves; a bunch has five."""
    rng = t.rng()
    n = t.n(5 if t.has("flowers", "bunch", "bouquet") else 1, 1, 8)
    for k in range(n):
        a, out = k * 2.4, 0.0 if k == 0 else 0.07
        h = 0.34 * t.height * (1 if k == 0 else rng.uniform(0.7, 1.0))
        foot = np.array([np.sin(a) * out * 0.6, 0, np.cos(a) * out * 0.6])
        top = np.array([np.sin(a) * out * 1.8, h, np.cos(a) * out * 1.8])
        s.rod(
            "stem",
            [foot, (foot + top) / 2 + (0.012, 0.02, 0), top],
            [0.006, 0.005, 0.004],
            sides=5,
            least=min(k, 1),
        )
        for side in (-1.0, 1.0):
            start = foot + (top - foot) * (0.3 + 0.08 * side)
            reach = np.array([np.sin(a + side) * 0.08, 0.06, np.cos(a + side) * 0.08]) * t.width
            s.rod(
                "stem",
                [start, start + reach * 0.55, start + reach],
                [0.003, 0.018, 0],
                sides=4,
                least=1,
                vary=0.3,
            )
        petals = 8
        for i in range(petals):
            b = 2 * np.pi * i / petals + k
            reach = np.array([np.sin(b), 0.25, np.cos(b)]) * 0.065 * t.width
            s.rod(
                "petals",
                [top, top + reach * 0.6, top + reach * 1.1 - (0, 0.012, 0)],
                [0.006, 0.024, 0],
                sides=4,
                least=0 if k == 0 and i % 2 == 0 else 1,
                vary=0.2,
            )
        s.blob(
            "heart",
            (0.018, 0.014, 0.018),
            np.add(top, (0, 0.008, 0)),
            bumps=0.05,
            fineness=1,
            least=min(k, 1),
        )


def cactus(s: Sketch, t: Traits) -> None:
    """A ribbed column with arms."""
    rng = t.rng()
    h, r = 1.7 * t.height, 0.17 * t.width
    trunk = [(0.85, 0), (1.0, 0.12), (1.0, 0.82), (0.86, 0.93), (0.5, 0.99), (0, 1.0)]
    s.lathe("body", [(x * r, y * h) for x, y in trunk], segments=14)
    arms = [] if t.has("small", "tiny") else [(1.0, rng.uniform(0.36, 0.44)), (-1.0, rng.uniform(0.46, 0.56))]
    for side, share in arms:
        y, out = h * share, r * 2.5
        path = [
            (side * r * 0.5, y, 0),
            (side * out * 0.8, y + 0.02, 0),
            (side * out, y + r * 0.9, 0),
            (side * out, y + h * 0.26, 0),
            (side * out, y + h * 0.3, 0),
        ]
        s.rod("body", path, [r * 0.56, r * 0.6, r * 0.6, r * 0.52, r * 0.2], sides=10)
    for i in range(10):
        a = 2 * np.pi * i / 10
        foot = np.array([np.sin(a), 0, np.cos(a)]) * r
        rib = [foot * 0.97 + (0, h * 0.1, 0), foot * 1.07 + (0, h * 0.5, 0), foot * 0.95 + (0, h * 0.85, 0)]
        s.rod("body", rib, [0.008, 0.016, 0.006], sides=4, least=2, vary=0.05)
    s.blob(
        "blossom", (0.05, 0.035, 0.05), (0, h + 0.01, 0), bumps=0.2, seed=t.seed, pitch=5, fineness=1, least=1
    )
