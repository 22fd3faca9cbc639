"""Things around a camp and a yard: torches, sacks, logs, hay bales, tents, banners, rugs, mugs."""

import numpy as np

from vrbridge.generators.mesh.sketch import Sketch
from vrbridge.generators.mesh.traits import Traits


def torch(s: Sketch, t: Traits) -> None:
    """A torch of wrapped wood with a flame; a wall torch leans from an iron plate."""
    h = 0.5 * t.height
    lean = 0.45 if t.has("wall", "sconce") else 0.0
    top = np.array([0, h * np.cos(lean), h * np.sin(lean)])
    along = top / np.linalg.norm(top)
    s.rod("body", np.outer([0, 0.6, 1], top), [0.016, 0.02, 0.026], sides=8)
    s.rod("wrap", [top * 0.78, top * 0.9, top * 1.04], [0.03, 0.04, 0.036], sides=9)
    for share in (0.8, 0.98):
        s.rod("metal", [top * share, top * share + along * 0.018], 0.044, sides=9, least=1)
    flame = top * 1.02
    for i, (out, size) in enumerate(((0.0, 0.2), (0.022, 0.13), (0.022, 0.15))):
        a = i * 2.3
        foot = flame + np.array([np.sin(a) * out, 0, np.cos(a) * out])
        bend = np.array([np.sin(a + 1) * 0.015, size * 0.55, np.cos(a + 1) * 0.015])
        tip = np.add(foot, (0, size, 0))
        s.rod(
            "flame",
            [foot, foot + bend * 0.5, foot + bend, tip],
            [0.022, 0.036, 0.02, 0],
            sides=6,
            least=min(i, 1),
        )
    if lean:
        s.box("metal", (0.09, 0.22, 0.016), (0, h * 0.42, -0.02), bevel=0.004)
        s.rod("metal", [np.array([0, h * 0.45, -0.02]), top * 0.55], 0.012, sides=6, least=1)


def sack(s: Sketch, t: Traits) -> None:
    """A full sack, tied at the neck; an open one shows what is in it."""
    w, h = 0.26 * t.width, 0.62 * t.height
    profile = [(0.7, 0), (0.98, 0.06), (1.08, 0.26), (1.0, 0.5), (0.72, 0.7), (0.3, 0.8)]
    if t.has("open"):
        s.lathe("body", [(x * w, y * h) for x, y in [*profile[:4], (0.9, 0.62), (0.8, 0.6)]], segments=14)
        s.blob("filling", (w * 0.8, h * 0.14, w * 0.8), (0, h * 0.6, 0), bumps=0.2, seed=t.seed, pitch=5)
        return
    neck = [(0.2, 0.83), (0.3, 0.9), (0.42, 0.99), (0.3, 0.97)]
    s.lathe("body", [(x * w, y * h) for x, y in [*profile, *neck]], segments=14)
    ring = [(0.19, 0.8), (0.29, 0.81), (0.29, 0.85), (0.19, 0.86)]
    s.lathe("rope", [(x * w, y * h) for x, y in ring], segments=12, is_ring=True, least=1)
    for side in (-1.0, 1.0):
        start = np.array([side * w * 0.24, h * 0.83, w * 0.12])
        s.rod(
            "rope",
            [start, np.add(start, (side * 0.03, -0.03, 0.03)), np.add(start, (side * 0.035, -0.09, 0.04))],
            0.008,
            sides=5,
            least=2,
        )


def log(s: Sketch, t: Traits) -> None:
    """A felled log; a pile has six."""
    rng = t.rng()
    length, r = 1.2 * t.width, 0.15 * t.height
    rows = (3, 2, 1) if t.has("pile", "stack", "logs", "firewood") else (1,)
    for level, n in enumerate(rows):
        for i in range(n):
            size = r * rng.uniform(0.88, 1.0)
            z = (i - (n - 1) / 2) * r * 2.02
            at = (rng.normal() * 0.03, r + level * r * 1.72, z)
            half = length / 2 * rng.uniform(0.94, 1.0)
            least = 0 if level == 0 or len(rows) == 1 or n == 1 else 1
            turn = (rng.uniform(0, 6), 0, np.pi / 2)
            bark = [
                (size * 0.9, -half),
                (size, -half + 0.01),
                (size * 1.02, 0),
                (size, half - 0.01),
                (size * 0.9, half),
            ]
            s.lathe("bark", bark, at=at, turn=turn, segments=12, vary=0.3, least=least)
            cut = [(size * 0.86, -half - 0.004), (size * 0.86, half + 0.004)]
            s.lathe("cut", cut, at=at, turn=turn, segments=12, vary=0.2, least=max(least, 1))
    if len(rows) == 1:
        s.rod(
            "bark",
            [(length * 0.2, r, 0), (length * 0.26, r * 2.2, r * 0.8)],
            [r * 0.3, r * 0.2],
            sides=7,
            least=1,
        )


def hay_bale(s: Sketch, t: Traits) -> None:
    """A square bale with twine; a round one is rolled up."""
    if t.has("round", "rolled"):
        r, w = 0.6 * t.height, 1.1 * t.width
        profile = [(r * 0.9, -w / 2), (r, -w / 2 + 0.06), (r, w / 2 - 0.06), (r * 0.9, w / 2)]
        s.lathe("body", profile, at=(0, r, 0), turn=(0, 0, np.pi / 2), segments=20)
        for x in (-0.25, 0.25):
            ring = [
                (r * 0.98, x * w),
                (r * 1.012, x * w),
                (r * 1.012, x * w + 0.02),
                (r * 0.98, x * w + 0.02),
            ]
            s.lathe("twine", ring, at=(0, r, 0), turn=(0, 0, np.pi / 2), segments=20, is_ring=True, least=1)
        return
    w, h, d = 0.95 * t.width, 0.42 * t.height, 0.46
    rng = t.rng()
    s.box("body", (w, h, d), (0, h / 2, 0), bevel=0.035, vary=0.1)
    for x in (-0.26, 0.26):
        s.box("twine", (0.016, h + 0.012, d + 0.012), (x * w, h / 2, 0), bevel=0.004, least=1)
    for _ in range(14):
        side = 1.0 if rng.random() < 0.5 else -1.0
        start = np.array([rng.uniform(-0.46, 0.46) * w, rng.uniform(0.1, 0.95) * h, side * d * 0.48])
        tip = np.add(start, (rng.normal() * 0.05, rng.normal() * 0.03, side * rng.uniform(0.03, 0.07)))
        s.rod("body", [start, tip], [0.005, 0], sides=3, least=3, vary=0.35)


def tent(s: Sketch, t: Traits) -> None:
    """A ridge tent with an open front, poles and pegs."""
    w, h, d = 2.0 * t.width, 1.5 * t.height, 2.4
    slope, lean = float(np.hypot(w / 2, h)), float(np.arctan2(h, w / 2))
    for side in (-1.0, 1.0):
        s.box(
            "body", (slope, 0.025, d), (side * w / 4, h / 2, 0), turn=(0, 0, -side * lean), bevel=0, vary=0.08
        )
        flap = [(0, 0), (w * 0.24, 0), (w * 0.49, h * 0.97)]
        outline = flap if side < 0 else [(-x, y) for x, y in flap][::-1]
        s.plate("body", outline, 0.02, at=(side * w * 0.49, 0.01, d / 2 - 0.03), least=1)
        s.rod("pole", [(0, 0, side * d * 0.47), (0, h + 0.1, side * d * 0.47)], 0.03, sides=7, least=1)
        for z in (-0.5, 0.0, 0.5):
            peg = np.array([side * (w / 2 + 0.16), 0.0, z * d * 0.92])
            s.rod("pole", [peg, np.add(peg, (side * 0.04, 0.12, 0))], 0.014, sides=5, least=2)
            s.rod(
                "rope",
                [np.add(peg, (side * 0.03, 0.1, 0)), np.array([side * w * 0.46, h * 0.1, z * d * 0.92])],
                0.007,
                sides=4,
                least=2,
            )
    s.plate("body", [(-w * 0.49, 0), (w * 0.49, 0), (0, h * 0.98)], 0.02, at=(0, 0.01, -d / 2 + 0.04))
    s.rod("pole", [(0, h + 0.02, -d * 0.53), (0, h + 0.02, d * 0.53)], 0.028, sides=7, least=0)


def banner(s: Sketch, t: Traits) -> None:
    """A hanging banner on a pole; a flag flies to the side."""
    h = 2.6 * t.height
    s.lathe("pole", [(0.17, 0), (0.16, 0.04), (0.05, 0.08)], segments=10)
    s.rod("pole", [(0, 0.05, 0), (0, h, 0)], [0.03, 0.024], sides=8)
    s.lathe("trim", [(0.024, 0), (0.045, 0.04), (0, 0.14)], at=(0, h, 0), segments=8)
    if t.has("flag"):
        w, tall = 1.0 * t.width, 0.62
        for i in range(4):
            x, swing = w * (i + 0.5) / 4, np.sin(i * 1.7) * 0.35
            z = 0.05 * np.sin(i * 1.7 + 0.8)
            s.box(
                "body",
                (w / 4 * 1.06, tall, 0.014),
                (0.02 + x, h - 0.1 - tall / 2 - 0.02 * i, z),
                turn=(0, swing, 0),
                bevel=0,
                vary=0.12,
            )
        return
    w, tall = 0.7 * t.width, 1.35
    s.rod("pole", [(-w * 0.58, h - 0.12, 0.04), (w * 0.58, h - 0.12, 0.04)], 0.018, sides=7)
    cloth = [(-w / 2, 0), (0, -tall * 0.16), (w / 2, 0), (w / 2, tall), (-w / 2, tall)]
    s.plate("body", cloth, 0.016, at=(0, h - 0.12 - tall, 0.05), vary=0.06)
    for x in (-0.44, 0.44):
        s.box("trim", (w * 0.07, tall, 0.022), (x * w, h - 0.12 - tall / 2, 0.05), bevel=0, least=1)
    star = [
        (0.16 * np.sin(a) * r, 0.16 * np.cos(a) * r)
        for a, r in ((-i * np.pi / 4, 1.0 if i % 2 == 0 else 0.45) for i in range(8))
    ]
    s.plate("trim", star, 0.03, at=(0, h - 0.12 - tall * 0.45, 0.05), least=1)


def rug(s: Sketch, t: Traits) -> None:
    """A rug with a border and fringes; a round one has rings."""
    w, d = 1.9 * t.width, 1.2 * t.height
    if t.has("round"):
        for i, (role, share) in enumerate((("trim", 1.0), ("body", 0.9), ("trim", 0.5), ("body", 0.42))):
            top = 0.012 + i * 0.002
            s.lathe(role, [(d * 0.6 * share, 0), (d * 0.6 * share, top)], segments=28, least=min(i, 1))
        return
    s.box("trim", (w, 0.012, d), (0, 0.006, 0), bevel=0)
    s.box("body", (w * 0.92, 0.014, d * 0.88), (0, 0.007, 0), bevel=0)
    s.box("trim", (w * 0.82, 0.0155, d * 0.74), (0, 0.00775, 0), bevel=0, least=1)
    s.box("body", (w * 0.79, 0.017, d * 0.7), (0, 0.0085, 0), bevel=0, least=1)
    diamond = [(-w * 0.2, 0), (0, -d * 0.26), (w * 0.2, 0), (0, d * 0.26)]
    s.plate("trim", diamond, 0.0185, at=(0, 0.00925, 0), turn=(np.pi / 2, 0, 0), least=1)
    for side in (-1.0, 1.0):
        for i in range(16):
            z = (i + 0.5) / 16 * d - d / 2
            s.box(
                "fringe", (0.06, 0.008, 0.02), (side * (w / 2 + 0.028), 0.004, z), bevel=0, least=2, vary=0.2
            )


def mug(s: Sketch, t: Traits) -> None:
    """A tankard with hoops and foam; a cup is plain, a goblet has a foot."""
    r, h = 0.05 * t.width, 0.14 * t.height
    if t.has("goblet", "chalice"):
        cup = [
            (0.8, 0),
            (0.75, 0.05),
            (0.16, 0.14),
            (0.14, 0.42),
            (0.6, 0.54),
            (0.9, 0.78),
            (0.88, 1.0),
            (0.8, 1.0),
            (0.74, 0.72),
            (0, 0.6),
        ]
        s.lathe("body", [(x * r, y * h * 1.25) for x, y in cup], segments=16)
        s.lathe("drink", [(r * 0.76, h * 1.04), (r * 0.78, h * 1.06)], segments=14, least=1)
        return
    is_plain = t.has("cup", "coffee", "tea")
    wall = [
        (1.0, 0),
        (1.0 if is_plain else 0.94, 1.0),
        (0.86 if is_plain else 0.8, 1.0),
        (0.84, 0.12),
        (0, 0.1),
    ]
    s.lathe("body", [(x * r, y * h * (0.68 if is_plain else 1.0)) for x, y in wall], segments=16)
    tall = h * (0.68 if is_plain else 1.0)
    grip = [
        (0.94 * r, tall * 0.8, 0),
        (r * 1.62, tall * 0.82, 0),
        (r * 1.75, tall * 0.5, 0),
        (r * 1.5, tall * 0.22, 0),
        (0.96 * r, tall * 0.2, 0),
    ]
    s.rod("body", grip, r * 0.15, sides=7)
    if is_plain:
        s.lathe("drink", [(r * 0.85, tall * 0.82), (r * 0.85, tall * 0.84)], segments=14, least=1)
        return
    for y in (0.12, 0.78):
        hoop = [(0.9 * r, y * h), (1.05 * r, y * h), (1.04 * r, y * h + 0.013), (0.9 * r, y * h + 0.013)]
        s.lathe("trim", hoop, segments=16, is_ring=True, least=1)
    s.blob("foam", (r * 0.84, h * 0.13, r * 0.84), (0, h * 0.98, 0), bumps=0.12, seed=t.seed, pitch=4)
