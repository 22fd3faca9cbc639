"""Containers: crates, barrels, chests, pots, bottles, baskets, buckets."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from vrbridge.generators.mesh.sketch import Sketch
from vrbridge.generators.mesh.solids import extrude
from vrbridge.generators.mesh.traits import Traits


def crate(s: Sketch, t: Traits) -> None:
    """A crate of boards in a frame with diagonal braces."""
    w, h, d = 0.8 * t.width, 0.8 * t.height, 0.8
    s.box("body", (w - 0.06, h - 0.06, d - 0.06), (0, h / 2, 0), bevel=0, most=3, vary=0.3)
    n = 5
    for side in (-1.0, 1.0):
        for i in range(n):
            x = (i - (n - 1) / 2) * (w - 0.14) / n
            s.box(
                "body",
                ((w - 0.14) / n - 0.012, h - 0.16, 0.02),
                (x, h / 2, side * (d / 2 - 0.028)),
                bevel=0,
                least=2,
                vary=0.25,
            )
            z = (i - (n - 1) / 2) * (d - 0.14) / n
            s.box(
                "body",
                (0.02, h - 0.16, (d - 0.14) / n - 0.012),
                (side * (w / 2 - 0.028), h / 2, z),
                bevel=0,
                least=2,
                vary=0.25,
            )
        for end in (-1.0, 1.0):
            s.box(
                "frame",
                (0.09, h, 0.09),
                (side * (w / 2 - 0.045), h / 2, end * (d / 2 - 0.045)),
                bevel=0.012,
                least=1,
            )
            s.box(
                "frame",
                (w - 0.18, 0.09, 0.05),
                (0, h / 2 + side * (h / 2 - 0.045), end * (d / 2 - 0.025)),
                bevel=0.01,
                least=1,
            )
            s.box(
                "frame",
                (0.05, 0.09, d - 0.18),
                (end * (w / 2 - 0.025), h / 2 + side * (h / 2 - 0.045), 0),
                bevel=0.01,
                least=1,
            )
        lean = np.arctan2(w - 0.18, h - 0.18)
        length = float(np.hypot(w - 0.2, h - 0.2))
        s.box(
            "frame",
            (0.085, length, 0.03),
            (0, h / 2, side * (d / 2 - 0.02)),
            turn=(0, 0, side * lean),
            bevel=0,
            least=1,
        )
        s.box(
            "frame",
            (0.03, length, 0.085),
            (side * (w / 2 - 0.02), h / 2, 0),
            turn=(side * lean, 0, 0),
            bevel=0,
            least=1,
        )
    for i in range(4):
        s.box(
            "body",
            (w - 0.2, 0.02, (d - 0.2) / 4 - 0.01),
            (0, h - 0.028, (i - 1.5) * (d - 0.2) / 4),
            bevel=0,
            least=2,
            vary=0.25,
        )


def barrel(s: Sketch, t: Traits) -> None:
    """A barrel of staves with hoops."""
    h, r = 0.92 * t.height, 0.27 * t.width

    def bulge(y: float) -> float:
        return r * (1 + 0.27 * (1 - (2 * y / h - 1) ** 2))

    n = 14
    ys = np.linspace(0.0, h, 6)
    profile = [(r * 0.86, 0.03), *((bulge(y), y) for y in ys), (r * 0.88, h), (r * 0.88, h - 0.035)]
    s.lathe("body", profile[1:-1], segments=20, most=0)
    s.lathe("body", profile, segments=n, least=1, most=1)
    for i in range(n):
        a, half = 2 * np.pi * i / n, np.pi / n * 0.96
        edges = [(bulge(y) * np.sin(half), y) for y in ys[[0, 2, 3, 5]]]
        outline = [(x, y) for x, y in edges] + [(-x, y) for x, y in reversed(edges)]
        _stave(s, outline, a, bulge)
    s.lathe("body", [(r * 0.93, 0.035), (r * 0.95, h - 0.04)], segments=n, least=2, vary=0.3)
    for share in (0.06, 0.28, 0.72, 0.94):
        y0, y1 = h * share - 0.022, h * share + 0.022
        ring = [
            (bulge(y0) + 0.012, y0),
            (bulge(y1) + 0.012, y1),
            (bulge(y1) - 0.02, y1),
            (bulge(y0) - 0.02, y0),
        ]
        s.lathe("hoops", ring, segments=n, is_ring=True, least=1)
    s.lathe(
        "hoops",
        [(0.025, 0), (0.025, 0.02)],
        at=(0, h * 0.5, bulge(h / 2) * 0.975),
        turn=(np.pi / 2, 0, 0),
        segments=8,
        least=3,
    )


def _stave(
    s: Sketch, outline: list[tuple[float, float]], angle: float, bulge: Callable[[float], float]
) -> None:
    flat = extrude(np.array(outline), 0.03)
    out = np.array([bulge(y) * np.cos(np.pi / 14) for y in flat.vertices[:, 1]])
    bent = replace(flat, vertices=flat.vertices + np.stack([0 * out, 0 * out, out - 0.012], axis=1))
    s.add("body", bent, turn=(0, angle, 0), least=2, vary=0.32)


def chest(s: Sketch, t: Traits) -> None:
    """A treasure chest with a rounded lid, bands and a lock."""
    w, h, d = 0.85 * t.width, 0.36 * t.height, 0.5
    s.box("body", (w, h, d), (0, h / 2, 0), bevel=0.015, most=1)
    for i in range(3):
        s.box("body", (w, h / 3 - 0.006, d), (0, (i + 0.5) * h / 3, 0), bevel=0.01, least=2, vary=0.2)
    arc = np.linspace(0, np.pi, {0: 4, 1: 6, 2: 8, 3: 10}[s.detail])
    lid = [(np.cos(a) * d / 2, np.sin(a) * d * 0.42) for a in arc]
    side = (0, np.pi / 2, 0)
    s.plate("body", lid, w, at=(0, h + 0.008, 0), turn=side, bevel=0.01)
    for x in (-0.44, 0.0, 0.44):
        band = [(np.cos(a) * (d / 2 + 0.012), np.sin(a) * (d * 0.42 + 0.012)) for a in arc]
        s.plate("trim", band, 0.07, at=(x * w, h + 0.008, 0), turn=side, bevel=0.006, least=1)
        s.box("trim", (0.07, h + 0.006, d + 0.024), (x * w, h / 2, 0), bevel=0.006, least=1)
    s.box("trim", (w + 0.016, 0.035, d + 0.016), (0, h - 0.015, 0), bevel=0.006, least=1)
    s.box("lock", (0.11, 0.13, 0.03), (0, h - 0.01, d / 2 + 0.022), bevel=0.012, least=1)
    s.box("trim", (0.02, 0.04, 0.012), (0, h - 0.025, d / 2 + 0.036), bevel=0, least=3)
    for x in (-1.0, 1.0):
        s.rod(
            "trim",
            [
                (x * w / 2, h * 0.6, -0.08),
                (x * (w / 2 + 0.04), h * 0.5, -0.06),
                (x * (w / 2 + 0.04), h * 0.5, 0.06),
                (x * w / 2, h * 0.6, 0.08),
            ],
            0.012,
            sides=6,
            least=2,
        )


def pot(s: Sketch, t: Traits) -> None:
    """A pot, vase or urn, open at the top."""
    rng = t.rng()
    h, r = 0.45 * t.height, 0.17 * t.width
    belly, neck, lip = rng.uniform(0.45, 0.65), rng.uniform(0.45, 0.62), rng.uniform(0.62, 0.85)
    if t.has("vase"):
        h, neck, lip, belly = 0.42 * t.height, 0.32, 0.5, 0.4
        r = 0.11 * t.width
    curve = [
        (0.55, 0),
        (0.6, 0.03),
        (0.85, belly * 0.5),
        (1.0, belly),
        (0.92, belly + 0.15),
        (neck, 0.86),
        (neck * 1.02, 0.9),
        (lip, 0.97),
        (lip, 1.0),
    ]
    outer = [(x * r, y * h) for x, y in curve]
    inner = [((x - 0.09) * r, y * h) for x, y in reversed(curve[3:])]
    s.lathe("body", [*outer, *inner, (0, belly * h * 0.9)], segments=20)
    if t.has("plant", "potted", "flower", "flowers"):
        for i in range(9):
            a, lean = i * 2.4, rng.uniform(0.25, 0.8)
            tip = np.array([np.sin(a) * lean, 1.2 - lean * 0.5, np.cos(a) * lean]) * h * 0.9 + (0, h * 0.6, 0)
            s.rod(
                "leaves",
                np.vstack([(0, h * 0.7, 0), tip * (0.6, 0.85, 0.6), tip]),
                [0.012, 0.045, 0],
                sides=4,
                least=i % 2,
                vary=0.35,
            )
    elif t.has("amphora", "handles", "jug", "pitcher", "urn") or rng.random() < 0.4:
        for x in (-1.0, 1.0):
            s.rod(
                "body",
                [
                    (x * neck * r, h * 0.88, 0),
                    (x * r * 1.15, h * 0.86, 0),
                    (x * r * 1.2, h * 0.7, 0),
                    (x * r * 0.93, h * (belly + 0.1), 0),
                ],
                r * 0.09,
                sides=6,
                least=1,
            )
    for y in (belly, belly + 0.06):
        s.lathe(
            "band",
            [(r * 1.012, y * h - 0.006), (r * 1.012, y * h + 0.006), (r * 0.9, y * h)],
            segments=20,
            is_ring=True,
            least=3,
        )


def bottle(s: Sketch, t: Traits) -> None:
    """A bottle or potion flask with a cork."""
    h, r = 0.3 * t.height, 0.042 * t.width
    curve = [
        (0.9, 0),
        (1, 0.04),
        (1, 0.58),
        (0.85, 0.68),
        (0.4, 0.77),
        (0.36, 0.93),
        (0.46, 0.94),
        (0.46, 0.98),
        (0.36, 1.0),
    ]
    if t.has("potion", "flask", "round", "elixir"):
        h, r = 0.17 * t.height, 0.065 * t.width
        curve = [
            (0.5, 0),
            (0.85, 0.1),
            (1, 0.3),
            (0.85, 0.52),
            (0.35, 0.66),
            (0.28, 0.86),
            (0.42, 0.89),
            (0.42, 0.95),
            (0.3, 0.97),
        ]
    s.lathe("body", [(x * r, y * h) for x, y in curve], segments=16)
    s.lathe("cork", [(r * 0.27, h * 0.97), (r * 0.33, h * 1.05), (r * 0.3, h * 1.06)], segments=8, least=0)
    if not t.has("potion", "flask", "round", "elixir"):
        s.lathe(
            "label",
            [(r * 1.015, h * 0.2), (r * 1.015, h * 0.45), (r * 0.9, h * 0.45), (r * 0.9, h * 0.2)],
            segments=16,
            is_ring=True,
            least=1,
        )
    else:
        s.lathe(
            "label",
            [(r * 0.36, h * 0.68), (r * 0.36, h * 0.74), (r * 0.2, h * 0.7)],
            segments=12,
            is_ring=True,
            least=1,
        )


def bucket(s: Sketch, t: Traits) -> None:
    """A bucket with hoops and a handle."""
    h, r = 0.3 * t.height, 0.16 * t.width
    s.lathe("body", [(r * 0.8, 0), (r, h), (r * 0.9, h), (r * 0.75, 0.03)], segments=14)
    for y in (0.18, 0.8):
        x = r * (0.8 + 0.2 * y)
        s.lathe(
            "trim",
            [
                (x + 0.008, y * h - 0.015),
                (x + 0.011, y * h + 0.015),
                (x - 0.01, y * h + 0.015),
                (x - 0.01, y * h - 0.015),
            ],
            segments=14,
            is_ring=True,
            least=1,
        )
    arc = np.linspace(0, np.pi, 9)
    s.rod(
        "trim",
        np.stack([np.cos(arc) * r * 1.02, h * 0.93 + np.sin(arc) * r * 0.9, 0.06 * np.sin(arc)], axis=1),
        0.008,
        sides=6,
    )


def basket(s: Sketch, t: Traits) -> None:
    """A woven basket with a rim and a handle."""
    h, r = 0.26 * t.height, 0.22 * t.width
    s.lathe("body", [(r * 0.78, 0), (r, h), (r * 0.9, h), (r * 0.7, 0.03)], segments=16)
    for i in range(6):
        y = (i + 0.5) / 6.3 * h
        x = r * (0.78 + 0.22 * y / h)
        s.lathe(
            "body",
            [(x, y - 0.016), (x + 0.014, y), (x, y + 0.016), (x - 0.02, y)],
            segments=16,
            is_ring=True,
            least=2,
            vary=0.3,
        )
    s.lathe(
        "body",
        [(r * 0.9, h - 0.01), (r * 1.06, h - 0.01), (r * 1.06, h + 0.02), (r * 0.9, h + 0.02)],
        segments=16,
        is_ring=True,
        least=1,
    )
    arc = np.linspace(0, np.pi, 9)
    s.rod("body", np.stack([np.cos(arc) * r, h + np.sin(arc) * r * 1.1, 0 * arc], axis=1), 0.014, sides=6)
