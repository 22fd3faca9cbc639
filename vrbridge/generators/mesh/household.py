"""Smaller things and vehicles' parts: lanterns, candles, books, wheels, carts."""

import numpy as np

from vrbridge.generators.mesh.sketch import Sketch
from vrbridge.generators.mesh.solids import rotation
from vrbridge.generators.mesh.traits import Traits


def lantern(s: Sketch, t: Traits) -> None:
    """A lantern: four posts around a glowing core, a cap and a carrying ring."""
    h, r = 0.26 * t.height, 0.075 * t.width
    s.box("body", (r * 2.3, 0.025, r * 2.3), (0, 0.0125, 0), bevel=0.006)
    s.box("body", (r * 1.9, 0.02, r * 1.9), (0, 0.035, 0), bevel=0.005, least=2)
    s.box("glow", (r * 1.55, h - 0.05, r * 1.55), (0, h / 2 + 0.02, 0), bevel=0.006, vary=0.02)
    for x in (-1.0, 1.0):
        for z in (-1.0, 1.0):
            s.box(
                "body",
                (0.014, h - 0.03, 0.014),
                (x * r * 0.86, h / 2 + 0.02, z * r * 0.86),
                bevel=0.003,
                least=1,
            )
        s.box("body", (0.008, h - 0.03, r * 0.09), (x * r * 0.8, h / 2 + 0.02, 0), bevel=0, least=2)
        s.box("body", (r * 0.09, h - 0.03, 0.008), (0, h / 2 + 0.02, x * r * 0.8), bevel=0, least=2)
    roof = [
        (r * 1.55, h),
        (r * 1.5, h + 0.015),
        (r * 0.7, h + 0.055),
        (r * 0.55, h + 0.08),
        (0.01, h + 0.095),
    ]
    s.lathe("body", roof, segments=4, turn=(0, 0, 0))
    a = np.linspace(0, 2 * np.pi, 6)[:-1]
    ring = np.stack([0.034 + 0.005 * np.cos(a), 0.005 * np.sin(a)], axis=1)
    s.lathe("body", ring, at=(0, h + 0.125, 0), turn=(np.pi / 2, 0, 0), segments=14, is_ring=True, least=1)


def candle(s: Sketch, t: Traits) -> None:
    """Candles in a holder: one on a dish, or several on arms."""
    n = t.n(3 if t.has("candelabra", "candlestick", "chandelier") else 1, 1, 7)
    s.lathe("body", [(0.075, 0), (0.08, 0.012), (0.065, 0.02), (0.02, 0.035)], segments=16)
    stem = 0.07 if n == 1 else 0.22 * t.height
    s.lathe(
        "body",
        [(0.02, 0.02), (0.014, stem * 0.4), (0.022, stem * 0.5), (0.013, stem * 0.6), (0.018, stem)],
        segments=10,
    )
    xs = np.linspace(-0.13, 0.13, n) if n > 1 else np.zeros(1)
    for x in xs:
        y = stem + (0.02 * (1 - abs(x) / 0.13) if abs(x) > 0.01 else -0.004)
        if abs(x) > 0.01:
            s.rod(
                "body",
                [(0, stem * 0.7, 0), (x * 0.6, stem * 0.62, 0), (x, stem * 0.78, 0), (x, y, 0)],
                0.009,
                sides=6,
            )
        s.lathe(
            "body", [(0.012, y), (0.034, y + 0.012), (0.034, y + 0.018)], at=(x, 0, 0), segments=10, least=1
        )
        s.lathe("wax", [(0.017, y + 0.01), (0.016, y + 0.12), (0.008, y + 0.125)], at=(x, 0, 0), segments=8)
        s.lathe(
            "flame", [(0.003, y + 0.123), (0.01, y + 0.14), (0, y + 0.172)], at=(x, 0, 0), segments=6, least=1
        )


def book(s: Sketch, t: Traits) -> None:
    """A closed book lying flat, or a stack of them."""
    rng = t.rng()
    n = t.n(4 if t.has("stack", "pile", "books") else 1, 1, 8)
    y = 0.0
    for i in range(n):
        w, d, h = (
            0.17 * rng.uniform(0.88, 1.1),
            0.24 * rng.uniform(0.88, 1.1),
            0.045 * rng.uniform(0.75, 1.25) * t.height,
        )
        spin = 0.0 if n == 1 else float(rng.normal() * 0.25)
        role = ("cover", "cover 2", "cover 3")[i % 3]
        for dy in (0.004, h - 0.004):
            s.box(role, (w, 0.008, d), (0, y + dy, 0), turn=(0, spin, 0), bevel=0.003, vary=0.05)
        back = np.array([np.cos(spin), 0, -np.sin(spin)]) * (-w / 2 + 0.003)
        s.box(
            role,
            (0.012, h - 0.001, d),
            np.add(back, (0, y + h / 2, 0)),
            turn=(0, spin, 0),
            bevel=0.004,
            least=1,
            vary=0.05,
        )
        s.box(
            "pages",
            (w - 0.014, h - 0.018, d - 0.014),
            (0, y + h / 2, 0),
            turn=(0, spin, 0),
            bevel=0,
            vary=0.05,
        )
        for z in (-0.3, 0.3):
            band = back * 1.06 + (np.sin(spin) * z * d, y + h / 2, np.cos(spin) * z * d)
            s.box("trim", (0.012, h + 0.003, 0.012), band, turn=(0, spin, 0), bevel=0, least=2)
        if n == 1:
            s.lathe("trim", [(0.035, h), (0.03, h + 0.004)], segments=8, least=1)
        y += h


def _wheel(
    s: Sketch, at: tuple[float, float, float], r: float, turn: tuple[float, float, float], n: int, least: int
) -> None:
    rim = [(r * 0.86, -0.035), (r, -0.035), (r, 0.035), (r * 0.86, 0.035)]
    s.lathe("body", rim, at=at, turn=turn, segments=18, is_ring=True, least=least)
    tyre = [(r * 0.99, -0.028), (r * 1.025, -0.028), (r * 1.025, 0.028), (r * 0.99, 0.028)]
    s.lathe("metal", tyre, at=at, turn=turn, segments=18, is_ring=True, least=max(2, least))
    s.lathe(
        "body",
        [(0.06, -0.09), (0.085, -0.05), (0.085, 0.05), (0.06, 0.09)],
        at=at,
        turn=turn,
        segments=10,
        least=2,
    )
    s.lathe("metal", [(0.045, 0.085), (0.03, 0.115)], at=at, turn=turn, segments=8, least=2)
    is_coarse = s.detail < 2
    if is_coarse:  # bars right across stand for the spokes
        n = 2 if s.detail == 0 else n // 2
    for i in range(n):
        a = np.pi * i / n if is_coarse else 2 * np.pi * i / n
        local = np.array([np.cos(a), 0, np.sin(a)])
        out = rotation(turn) @ local
        inner = -0.9 * r if is_coarse else 0.06
        s.beam("body", out * inner + at, out * r * 0.9 + at, 0.042, bevel=0, taper=0.8, least=least, vary=0.2)


def wheel(s: Sketch, t: Traits) -> None:
    """A cart wheel standing upright."""
    r = 0.5 * t.height
    _wheel(s, (0, r * 1.025, 0), r, (np.pi / 2, 0, 0), t.n(8, 4, 14), 0)


def cart(s: Sketch, t: Traits) -> None:
    """A two-wheeled cart with plank sides and shafts towards the front."""
    w, length, r = 1.05 * t.width, 1.7, 0.48
    y = r + 0.12
    for i in range(5):
        s.box("body", (w / 5 - 0.012, 0.05, length), ((i - 2) * w / 5, y, 0), bevel=0.01, least=2, vary=0.25)
    s.box("body", (w, 0.05, length), (0, y, 0), least=1, most=1)
    s.box("body", (w, 0.38, length), (0, y + 0.17, 0), most=0)
    for x in (-1.0, 1.0):
        for row in range(2):
            s.box(
                "body",
                (0.04, 0.17, length),
                (x * w / 2, y + 0.13 + 0.19 * row, 0),
                bevel=0.01,
                least=1,
                vary=0.25,
            )
        for z in (-0.42, 0.0, 0.42):
            s.box(
                "frame",
                (0.06, 0.46, 0.07),
                (x * (w / 2 + 0.04), y + 0.16, z * length * 1.1),
                bevel=0.01,
                least=2,
            )
        s.beam(
            "frame", (x * w * 0.36, y - 0.05, -length / 2), (x * w * 0.36, y - 0.12, length / 2 + 1.05), 0.075
        )
        _wheel(s, (x * (w / 2 + 0.17), r * 1.02, -0.1), r, (0, 0, -x * np.pi / 2), 8, 1)
        disc = [(r, -0.035), (r, 0.035)]
        s.lathe(
            "body", disc, at=(x * (w / 2 + 0.17), r * 1.02, -0.1), turn=(0, 0, np.pi / 2), segments=14, most=0
        )
    s.box("body", (w, 0.36, 0.04), (0, y + 0.2, -length / 2), bevel=0.01, least=1)
    s.rod("frame", [(-w / 2 - 0.17, r * 1.02, -0.1), (w / 2 + 0.17, r * 1.02, -0.1)], 0.045, sides=8, least=1)
    if t.has("hay", "straw", "loaded", "full"):
        s.blob("straw", (w * 0.48, 0.36, length * 0.46), (0, y + 0.36, 0), bumps=0.18, seed=t.seed)
