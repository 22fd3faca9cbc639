"""Things that are built: houses, fences, stairs, columns, wells, doors, signs, ladders."""

import numpy as np

from vrbridge.generators.mesh.sketch import Sketch
from vrbridge.generators.mesh.traits import Traits


def house(s: Sketch, t: Traits) -> None:
    """A timber-framed cottage with gable roof, door, windows and chimney."""
    w, h, d, rise = 4.4 * t.width, 2.5 * t.height, 3.6, 1.7 * t.height
    s.box("base", (w + 0.2, 0.3, d + 0.2), (0, 0.15, 0), bevel=0.04)
    gable = [(-d / 2, 0.2), (d / 2, 0.2), (d / 2, h), (0, h + rise), (-d / 2, h)]
    s.plate("body", gable, w, turn=(0, np.pi / 2, 0))
    slope, lean = float(np.hypot(d / 2, rise)) + 0.4, float(np.arctan2(rise, d / 2))
    for z in (-1.0, 1.0):
        centre = (0, h + rise / 2 - 0.05, z * (d / 4 + 0.1))
        s.box("roof", (w + 0.6, 0.14, slope), centre, turn=(z * lean, 0, 0), bevel=0.03, most=1)
        for i in range(5):
            share = (i + 0.5) / 5
            at = (0, h + rise * 1.03 - share * slope * np.sin(lean), z * share * slope * np.cos(lean))
            s.box(
                "roof",
                (w + 0.6, 0.12, slope / 5 + 0.1),
                at,
                turn=(z * (lean - 0.07), 0, 0),
                bevel=0.03,
                least=2,
                vary=0.2,
            )
    s.box("timber", (w + 0.66, 0.16, 0.2), (0, h + rise + 0.1, 0), bevel=0.04, least=1)
    for x in (-1.0, 1.0):
        for z in (-1.0, 1.0):
            s.box(
                "timber",
                (0.2, h, 0.2),
                (x * (w / 2 - 0.05), h / 2 + 0.1, z * (d / 2 - 0.05)),
                bevel=0.02,
                least=1,
            )
        s.box("timber", (0.14, 0.16, d + 0.06), (x * w / 2, h - 0.02, 0), bevel=0.02, least=1)
        s.box("timber", (0.1, rise * 0.85, 0.14), (x * w / 2, h + rise * 0.45, 0), bevel=0, least=2)
        s.beam("timber", (x * w / 2, 0.35, -d * 0.42), (x * w / 2, h - 0.1, -d * 0.05), 0.12, 0.12, least=2)
    s.box("timber", (w + 0.06, 0.16, 0.14), (0, h - 0.06, d / 2), bevel=0.02, least=1)
    s.box("door", (0.95, 1.9, 0.12), (-w * 0.2, 1.22, d / 2), bevel=0.02)
    for x in (-1.0, 1.0):
        s.box("timber", (0.12, 2.05, 0.16), (-w * 0.2 + x * 0.52, 1.3, d / 2 + 0.01), bevel=0.02, least=1)
    s.box("timber", (1.3, 0.14, 0.18), (-w * 0.2, 2.27, d / 2 + 0.01), bevel=0.02, least=1)
    s.blob("metal", (0.05, 0.05, 0.05), (-w * 0.2 + 0.33, 1.2, d / 2 + 0.09), bumps=0, fineness=1, least=3)
    s.box("base", (1.3, 0.16, 0.5), (-w * 0.2, 0.08, d / 2 + 0.3), bevel=0.03, least=1)
    for x, z, turn in ((w * 0.22, d / 2, 0.0), (w / 2, 0.3, np.pi / 2), (-w / 2, 0.1, np.pi / 2)):
        _window(s, (x, 1.55, z), turn)
    s.box("base", (0.55, rise + 0.9, 0.55), (w * 0.3, h + rise * 0.5 + 0.55, -d * 0.16), bevel=0.03)
    s.box("base", (0.68, 0.14, 0.68), (w * 0.3, h + rise + 1.0, -d * 0.16), bevel=0.03, least=1)


def _window(s: Sketch, at: tuple[float, float, float], turn: float) -> None:
    spin = (0.0, turn, 0.0)
    across = np.array([np.cos(turn), 0, -np.sin(turn)])
    s.box("pane", (0.8, 0.8, 0.1), at, turn=spin, bevel=0, least=1)
    for y in (-0.44, 0.44):
        s.box("timber", (1.0, 0.1, 0.18), np.add(at, (0, y, 0)), turn=spin, bevel=0.015, least=2)
    for x in (-0.44, 0.0, 0.44):
        s.box("timber", (0.1 if x else 0.05, 0.8, 0.16), at + across * x, turn=spin, bevel=0, least=2)


def tower(s: Sketch, t: Traits) -> None:
    """A round tower with battlements, door and slit windows."""
    h, r = 7.0 * t.height, 1.7 * t.width
    s.lathe(
        "body",
        [(r * 1.18, 0), (r * 1.15, 0.4), (r, 0.8), (r * 0.94, h - 1.0), (r * 1.16, h - 0.7), (r * 1.16, h)],
        segments=20,
    )
    for y in (0.35, 0.66):
        s.lathe(
            "trim",
            [(r * 0.9, y * h), (r * 1.03, y * h), (r * 1.03, y * h + 0.16), (r * 0.9, y * h + 0.16)],
            segments=20,
            is_ring=True,
            least=1,
        )
    n = 10
    for i in range(n):
        a = 2 * np.pi * i / n
        s.box(
            "trim",
            (r * 0.42, 0.6, 0.3),
            (np.sin(a) * r * 1.04, h + 0.28, np.cos(a) * r * 1.04),
            turn=(0, a, 0),
            bevel=0.03,
            least=1,
        )
    s.box("door", (0.95, 1.9, 0.2), (0, 0.95, r * 1.1), bevel=0.03)
    for i, y in enumerate((0.3, 0.5, 0.72)):
        s.box(
            "slit",
            (0.16, 0.8, 0.1),
            (np.sin(i * 1.3) * r * 0.97, y * h + 0.4, np.cos(i * 1.3) * r * 0.97),
            turn=(0, i * 1.3, 0),
            bevel=0,
            least=1,
        )


def fence(s: Sketch, t: Traits) -> None:
    """A run of fence: pickets on rails between posts; a rail fence has no pickets."""
    rng = t.rng()
    w, h = 2.0 * t.width, 1.0 * t.height
    for x in (-1.0, 0.0, 1.0):
        s.box("body", (0.1, h, 0.1), (x * w / 2, h / 2, 0), bevel=0.014, vary=0.25)
        s.lathe("body", [(0.085, 0), (0.075, 0.03), (0, 0.1)], at=(x * w / 2, h, 0), segments=4, least=1)
    for y in (0.28, 0.75):
        s.box("body", (w, 0.09, 0.04), (0, h * y, 0), bevel=0.01)
    if t.has("rail", "ranch", "rails"):
        s.box("body", (w, 0.09, 0.04), (0, h * 0.52, 0), bevel=0.01, least=1)
        return
    s.box("body", (w, h * 0.8, 0.024), (0, h * 0.5, 0.034), most=0)
    n = round(w / 0.155)
    for i in range(n):
        x, tall = (i + 0.5) * w / n - w / 2, h * (0.9 + rng.uniform(-0.03, 0.03))
        outline = [(-0.045, 0), (0.045, 0), (0.045, tall - 0.06), (0, tall), (-0.045, tall - 0.06)]
        s.plate(
            "body", outline, 0.024, at=(x, 0.05, 0.034), turn=(0, 0, rng.normal() * 0.012), least=1, vary=0.25
        )


def stairs(s: Sketch, t: Traits) -> None:
    """Straight stairs rising away from the front."""
    n, w = t.n(6, 2, 16), 1.1 * t.width
    rise, run = 0.18, 0.28
    is_wood = t.has("wood", "dark wood", "pale wood")
    steps = [(i * run, (i + k) * rise) for i in range(n) for k in (0, 1)]
    s.plate("body", [*steps, (n * run, n * rise), (n * run, 0)][::-1], w, turn=(0, np.pi / 2, 0), most=0)
    for i in range(n):
        z, y = -(i + 0.5) * run, (i + 1) * rise
        if is_wood:
            s.box("body", (w, 0.045, run + 0.04), (0, y - 0.022, z + 0.02), bevel=0.012, least=1, vary=0.2)
            s.box(
                "body",
                (w - 0.1, rise - 0.02, 0.025),
                (0, y - rise / 2 - 0.02, z + run / 2 - 0.02),
                bevel=0,
                least=1,
            )
        else:
            s.box("body", (w, y - 0.05, run), (0, (y - 0.05) / 2, z), bevel=0, least=1, vary=0.2)
            s.box("body", (w + 0.06, 0.06, run + 0.05), (0, y - 0.03, z + 0.025), bevel=0.015, least=1)
    if is_wood:
        for x in (-1.0, 1.0):
            outline = [(0, 0), (n * run, n * rise - 0.25), (n * run, n * rise), (0, 0.17)]
            s.plate("body", outline, 0.05, at=(x * w / 2, 0, 0), turn=(0, np.pi / 2, 0), bevel=0.008, least=1)
    if t.has("railing", "handrail", "banister"):
        for i in range(n):
            foot = np.array([w / 2 - 0.05, (i + 1) * rise, -(i + 0.5) * run])
            s.beam("rail", foot, np.add(foot, (0, 0.85, 0)), 0.035, least=1)
        s.beam(
            "rail",
            (w / 2 - 0.05, rise + 0.87, -0.5 * run + 0.1),
            (w / 2 - 0.05, n * rise + 0.87, -(n - 0.5) * run),
            0.06,
        )


def ladder(s: Sketch, t: Traits) -> None:
    """A ladder of round rungs between two rails."""
    h, w = 2.6 * t.height, 0.42 * t.width
    n = t.n(round(h / 0.29), 3, 20)
    for x in (-1.0, 1.0):
        s.beam("body", (x * w * 0.56, 0, 0), (x * w * 0.48, h, 0), 0.05, 0.065)
    for i in range(n):
        y = (i + 0.6) * h / n
        s.rod("body", [(-w * 0.55, y, 0), (w * 0.55, y, 0)], 0.02, sides=7, least=i % 2, vary=0.25)


def column(s: Sketch, t: Traits) -> None:
    """A classical column on a plinth; a broken one ends in a jagged shaft."""
    h, r = 3.0 * t.height, 0.26 * t.width
    s.box("body", (r * 3.1, 0.16, r * 3.1), (0, 0.08, 0), bevel=0.02)
    s.lathe(
        "body",
        [
            (r * 1.35, 0.16),
            (r * 1.42, 0.22),
            (r * 1.35, 0.29),
            (r * 1.12, 0.32),
            (r * 1.15, 0.38),
            (r * 1.02, 0.42),
        ],
        segments=20,
        least=1,
    )
    top = h * 0.62 if t.has("broken", "ruined") else h - 0.36
    fluted = [(r, 0.3), (r * 0.98, h * 0.35), (r * 0.86, top)]
    if t.has("broken", "ruined"):
        fluted.append((r * 0.5, top + 0.16))
    s.lathe("body", fluted, segments=20, vary=0.02)
    for i in range(10):
        a = 2 * np.pi * i / 10
        foot = np.array([np.sin(a) * r * 0.95, 0.42, np.cos(a) * r * 0.95])
        s.rod(
            "body",
            [foot, foot * (0.86, 1, 0.86) + (0, top - 0.44, 0)],
            [r * 0.14, r * 0.12],
            sides=6,
            least=2,
            vary=0.04,
        )
    if not t.has("broken", "ruined"):
        s.lathe(
            "body",
            [(r * 0.84, h - 0.4), (r * 1.0, h - 0.36), (r * 0.9, h - 0.32), (r * 1.35, h - 0.14)],
            segments=20,
        )
        s.box("body", (r * 3.0, 0.14, r * 3.0), (0, h - 0.07, 0), bevel=0.02)


def well(s: Sketch, t: Traits) -> None:
    """A stone well under a small roof, with windlass and bucket."""
    r, h = 0.75 * t.width, 0.8
    s.lathe("body", [(r, 0), (r, h)], segments=16, most=0)
    s.lathe("body", [(r, 0), (r, h), (r * 0.74, h), (r * 0.74, 0.1)], segments=16, least=1, vary=0.3)
    rng = t.rng()
    for row in range(4):
        for i in range(12):
            a = 2 * np.pi * (i + row % 2 / 2) / 12
            out = r + rng.uniform(-0.015, 0.02)
            size = (r * 0.5, h / 4 - 0.025, 0.1)
            s.box(
                "body",
                size,
                (np.sin(a) * out, (row + 0.5) * h / 4, np.cos(a) * out),
                turn=(0, a, 0),
                bevel=0.02 if s.detail > 2 else 0,
                least=2,
                vary=0.35,
            )
    s.lathe(
        "body",
        [(r * 1.1, h), (r * 1.1, h + 0.09), (r * 0.72, h + 0.09), (r * 0.72, h)],
        segments=16,
        is_ring=True,
        least=1,
    )
    s.lathe("water", [(r * 0.76, 0.3), (r * 0.76, 0.32)], segments=12, least=1)
    top = 2.1 * t.height
    for x in (-1.0, 1.0):
        s.beam("timber", (x * r * 0.95, h * 0.5, 0), (x * r * 0.95, top, 0), 0.11)
    s.rod("timber", [(-r * 1.15, 1.45, 0), (r * 1.15, 1.45, 0)], 0.065, sides=10, least=1)
    s.rod(
        "metal",
        [(r * 1.15, 1.45, 0), (r * 1.3, 1.45, 0), (r * 1.3, 1.25, 0), (r * 1.45, 1.25, 0)],
        0.02,
        sides=6,
        least=2,
    )
    s.rod("rope", [(0.1, 1.45, 0.05), (0.1, 1.15, 0.05)], 0.015, sides=5, least=2)
    s.lathe(
        "timber",
        [(0.11, 0.88), (0.14, 1.15), (0.12, 1.15), (0.1, 0.92)],
        at=(0.1, 0, 0.05),
        segments=10,
        least=1,
    )
    for z in (-1.0, 1.0):
        s.box("roof", (r * 2.7, 0.07, 0.95), (0, top + 0.12, z * 0.36), turn=(z * 0.62, 0, 0), bevel=0.02)
        s.box(
            "roof",
            (r * 2.74, 0.06, 0.4),
            (0, top - 0.05, z * 0.63),
            turn=(z * 0.58, 0, 0),
            bevel=0.02,
            least=2,
        )
    s.box("timber", (r * 2.75, 0.09, 0.12), (0, top + 0.39, 0), bevel=0.02, least=1)


def door(s: Sketch, t: Traits) -> None:
    """A plank door in its frame, with straps and a ring."""
    w, h = 1.0 * t.width, 2.1 * t.height
    for x in (-1.0, 1.0):
        s.box("frame", (0.13, h + 0.1, 0.2), (x * (w / 2 + 0.065), (h + 0.1) / 2, 0), bevel=0.018)
    s.box("frame", (w + 0.4, 0.16, 0.22), (0, h + 0.1, 0), bevel=0.02)
    n = 6
    s.box("body", (w, h, 0.07), (0, h / 2 + 0.01, 0), bevel=0, most=1)
    for i in range(n):
        s.box(
            "body",
            (w / n - 0.008, h, 0.07),
            ((i - (n - 1) / 2) * w / n, h / 2 + 0.01, 0),
            bevel=0.009,
            least=2,
            vary=0.25,
        )
    for y in (0.2, 0.8):
        s.box("metal", (w * 0.82, 0.075, 0.09), (-w * 0.07, h * y, 0), bevel=0.006, least=1)
        for i in range(4):
            s.blob(
                "metal",
                (0.022, 0.022, 0.014),
                (-w * 0.42 + i * w * 0.23, h * y, 0.048),
                bumps=0,
                fineness=1,
                least=3,
            )
    a = np.linspace(0, 2 * np.pi, 11)[:-1]
    ring = np.stack([0.055 + 0.011 * np.cos(a[::2]), 0.011 * np.sin(a[::2])], axis=1)
    s.lathe(
        "metal",
        ring,
        at=(w * 0.36, h * 0.46, 0.06),
        turn=(np.pi / 2, 0, 0),
        segments=12,
        is_ring=True,
        least=2,
    )
    s.box("metal", (0.07, 0.14, 0.085), (w * 0.36, h * 0.48, 0), bevel=0.01, least=1)


def sign(s: Sketch, t: Traits) -> None:
    """A signpost with arrow boards, or a hanging tavern sign."""
    h = 2.2 * t.height
    s.beam("post", (0, 0, 0), (0, h, 0), 0.11, bevel=0.015)
    s.lathe("post", [(0.09, h), (0.08, h + 0.03), (0, h + 0.11)], segments=4, least=1)
    if t.has("tavern", "hanging", "shop", "inn"):
        s.beam("post", (-0.05, h - 0.2, 0), (0.95, h - 0.2, 0), 0.08)
        s.beam("post", (0.04, h - 0.6, 0), (0.38, h - 0.22, 0), 0.06, least=1)
        for x in (0.32, 0.78):
            s.rod("metal", [(x, h - 0.34, 0), (x, h - 0.22, 0)], 0.012, sides=5, least=1)
        s.box("body", (0.7, 0.48, 0.045), (0.55, h - 0.58, 0), bevel=0.012)
        s.box("post", (0.78, 0.06, 0.06), (0.55, h - 0.35, 0), bevel=0.012, least=1)
        s.box("post", (0.78, 0.06, 0.06), (0.55, h - 0.82, 0), bevel=0.012, least=1)
        return
    rng = t.rng()
    for i in range(t.n(2, 1, 5)):
        side, length = (1 if i % 2 == 0 else -1), rng.uniform(0.75, 0.95)
        outline = np.array(
            [(-0.2, -0.1), (length - 0.15, -0.1), (length, 0), (length - 0.15, 0.1), (-0.2, 0.1), (-0.15, 0)]
        )
        turn = (0, (0 if side > 0 else np.pi) + rng.uniform(-0.25, 0.25), rng.normal() * 0.04)
        s.plate(
            "body",
            outline,
            0.045,
            at=(0, h - 0.2 - 0.27 * i, 0.075 if side > 0 else -0.075),
            turn=turn,
            bevel=0.01,
            vary=0.25,
        )
    for i in range(4):
        s.blob(
            "stones",
            (0.11, 0.08, 0.1),
            (np.sin(i * 1.6) * 0.13, 0.05, np.cos(i * 1.6) * 0.13),
            bumps=0.25,
            seed=t.seed + i,
            least=2,
        )
