"""Furniture: things to sit on, lie on, eat at and keep things in."""

import numpy as np

from vrbridge.generators.mesh.sketch import Sketch
from vrbridge.generators.mesh.traits import Traits


def table(s: Sketch, t: Traits) -> None:
    """A table: boards on legs with an apron, or a round top on a pedestal."""
    h, w, d = 0.75 * t.height, 1.4 * t.width, 0.8
    if t.has("round"):
        r = 0.55 * t.width
        s.lathe("body", [(r - 0.03, h - 0.05), (r, h - 0.035), (r, h - 0.012), (r - 0.015, h)], segments=24)
        profile = [
            (0.1, 0.07),
            (0.055, 0.14),
            (0.05, h * 0.4),
            (0.085, h * 0.55),
            (0.05, h * 0.7),
            (0.14, h - 0.05),
        ]
        s.lathe("body", profile, segments=12)
        for angle in np.arange(3) * 2 * np.pi / 3:
            x, z = np.sin(angle), np.cos(angle)
            s.beam("body", (x * 0.04, 0.16, z * 0.04), (x * r * 0.7, 0.03, z * r * 0.7), 0.06, 0.08)
        return
    s.box("body", (w, 0.05, d), (0, h - 0.025, 0), most=1)
    for i in range(4):
        s.box("body", (w, 0.05, d / 4 - 0.008), (0, h - 0.025, (i - 1.5) * d / 4), bevel=0.01, least=2)
    for x in (-1.0, 1.0):
        for z in (-1.0, 1.0):
            foot = (x * (w / 2 - 0.09), 0, z * (d / 2 - 0.09))
            s.beam("body", foot, (foot[0], h - 0.05, foot[2]), 0.065, taper=1.25)
        s.box("body", (0.03, 0.09, d - 0.2), (x * (w / 2 - 0.09), h - 0.1, 0), bevel=0, least=1)
        s.box("body", (w - 0.2, 0.09, 0.03), (0, h - 0.1, x * (d / 2 - 0.09)), bevel=0, least=1)


def chair(s: Sketch, t: Traits) -> None:
    """A chair with a raked back of slats or rails, or an armchair with cushions."""
    w, seat, top = 0.44 * t.width, 0.45, 0.95 * t.height
    if t.has("armchair", "throne", "sofa", "couch"):
        _armchair(s, t)
        return
    rake = 0.09
    s.box("body", (w, 0.04, 0.44), (0, seat, 0), bevel=0.014)
    for x in (-1.0, 1.0):
        px = x * (w / 2 - 0.03)
        s.beam("body", (px * 1.05, 0, 0.2), (px, seat, 0.18), 0.042, taper=1.25)
        s.beam("body", (px * 1.05, 0, -0.24), (px, seat, -0.19), 0.042)
        s.beam("body", (px, seat, -0.19), (px, top, -0.19 - rake), 0.042, taper=0.85)
        s.beam("body", (px, 0.17, 0.19), (px, 0.17, -0.22), 0.025, bevel=0, least=1)
    s.beam("body", (-w / 2 + 0.03, 0.24, 0.19), (w / 2 - 0.03, 0.24, 0.19), 0.025, bevel=0, least=2)
    back = np.array([0, top - 0.06, -0.19 - rake * 0.9])
    s.box("body", (w - 0.03, 0.13, 0.026), back, turn=(-0.17, 0, 0), bevel=0.009)
    if t.rng().random() < 0.5:
        for x in (-1.0, 0.0, 1.0):
            s.beam(
                "body",
                (x * w * 0.22, seat + 0.02, -0.2),
                (x * w * 0.22, top - 0.1, -0.27),
                0.035,
                0.016,
                least=1,
            )
    else:
        s.box(
            "body",
            (w - 0.06, 0.07, 0.022),
            (0, seat + 0.17, -0.225),
            turn=(-0.17, 0, 0),
            bevel=0.007,
            least=1,
        )
        s.box(
            "body", (w - 0.06, 0.07, 0.022), (0, seat + 0.29, -0.25), turn=(-0.17, 0, 0), bevel=0.007, least=1
        )
    if t.has("cushioned", "upholstered", "cushion"):
        s.box("fabric", (w - 0.03, 0.05, 0.4), (0, seat + 0.045, 0.01), bevel=0.02)


def _armchair(s: Sketch, t: Traits) -> None:
    w = (1.7 if t.has("sofa", "couch") else 0.75) * t.width
    back = (1.5 if t.has("throne") else 0.85) * t.height
    s.box("body" if t.has("throne") else "fabric", (w, 0.24, 0.72), (0, 0.24, 0), bevel=0.04)
    s.box(
        "body" if t.has("throne") else "fabric",
        (w, back - 0.2, 0.18),
        (0, back / 2 + 0.1, -0.31),
        turn=(-0.1, 0, 0),
        bevel=0.05,
    )
    n = 2 if w > 1.2 else 1
    for i in range(n):
        s.box(
            "fabric",
            ((w - 0.32) / n - 0.01, 0.13, 0.56),
            ((i - (n - 1) / 2) * (w - 0.32) / n, 0.42, 0.06),
            bevel=0.04,
            least=1,
        )
    for x in (-1.0, 1.0):
        s.box(
            "body" if t.has("throne") else "fabric",
            (0.15, 0.46, 0.7),
            (x * (w / 2 - 0.04), 0.36, 0.03),
            bevel=0.05,
        )
        if t.has("throne"):
            s.lathe(
                "trim",
                [(0.0, 0), (0.07, 0.07), (0.05, 0.12), (0, 0.16)],
                at=(x * w * 0.44, back - 0.04, -0.31 - back * 0.045),
                segments=8,
                least=1,
            )
        for z in (-0.28, 0.28):
            s.beam(
                "body", (x * (w / 2 - 0.06), 0, z), (x * (w / 2 - 0.08), 0.13, z), 0.05, taper=1.3, least=1
            )


def stool(s: Sketch, t: Traits) -> None:
    """A stool: a round seat on splayed legs."""
    h, r, n = 0.48 * t.height, 0.18 * t.width, t.n(3, 3, 6)
    s.lathe("body", [(r * 0.93, h - 0.045), (r, h - 0.03), (r, h - 0.01), (r * 0.94, h)], segments=18)
    for angle in np.arange(n) * 2 * np.pi / n:
        x, z = np.sin(angle), np.cos(angle)
        s.rod(
            "body",
            [(x * r, 0, z * r), (x * r * 0.8, h * 0.45, z * r * 0.8), (x * r * 0.6, h - 0.03, z * r * 0.6)],
            [0.016, 0.024, 0.018],
        )
        after = angle + 2 * np.pi / n
        a, b = np.array([x, 0, z]) * r * 0.86, np.array([np.sin(after), 0, np.cos(after)]) * r * 0.86
        s.rod("body", np.add([a, b], (0, h * 0.3, 0)), 0.01, sides=6, least=1)


def bench(s: Sketch, t: Traits) -> None:
    """A garden or tavern bench of planks."""
    w, h = 1.5 * t.width, 0.45
    for i in range(3):
        s.box("body", (w, 0.04, 0.125), (0, h, (i - 1) * 0.135 + 0.02), bevel=0.01, least=1)
    s.box("body", (w, 0.04, 0.39), (0, h, 0.02), most=0)
    for x in (-1.0, 1.0):
        for z in (-0.14, 0.17):
            s.beam("trim", (x * w * 0.41, 0, z * 1.15), (x * w * 0.41, h - 0.02, z), 0.06)
        s.box("trim", (0.05, 0.06, 0.36), (x * w * 0.41, h - 0.05, 0.015), least=1)
        if not t.has("simple", "backless"):
            s.beam(
                "trim", (x * w * 0.41, h, -0.17), (x * w * 0.41, h + 0.42 * t.height, -0.26), 0.05, least=1
            )
    if not t.has("simple", "backless"):
        for i in range(2):
            y = h + 0.19 + 0.15 * i
            s.box("body", (w, 0.11, 0.03), (0, y, -0.18 - 0.032 * i), turn=(-0.2, 0, 0), bevel=0.01)


def bed(s: Sketch, t: Traits) -> None:
    """A bed with posts, headboard, mattress, blanket and pillows."""
    w, length, h = (1.5 if t.has("double") else 0.95) * min(t.width, 1.3), 2.0, 0.42
    for x in (-1.0, 1.0):
        for z, top in ((-1.0, 1.0 * t.height), (1.0, 0.62)):
            foot = (x * w / 2, 0, z * length / 2)
            s.beam("body", foot, (foot[0], top, foot[2]), 0.08, bevel=0.012)
            s.blob(
                "body", (0.055, 0.055, 0.055), (foot[0], top + 0.03, foot[2]), bumps=0, fineness=1, least=2
            )
        s.box("body", (0.04, 0.16, length - 0.06), (x * w / 2, 0.3, 0))
    s.box("body", (w - 0.06, 0.46, 0.04), (0, 0.72 * t.height, -length / 2))
    s.box("body", (w - 0.06, 0.1, 0.07), (0, 0.95 * t.height, -length / 2), least=2)
    s.box("body", (w - 0.06, 0.28, 0.04), (0, 0.42, length / 2))
    s.box("linen", (w - 0.06, 0.2, length - 0.08), (0, h, 0), bevel=0.04)
    s.box("fabric", (w + 0.02, 0.17, length * 0.62), (0, h + 0.05, length * 0.18), bevel=0.05)
    s.box("fabric", (w + 0.03, 0.05, 0.22), (0, h + 0.135, -length * 0.1), bevel=0.02, least=1)
    n = 2 if w > 1.2 else 1
    for i in range(n):
        s.box(
            "linen",
            (w / n * 0.75, 0.12, 0.36),
            ((i - (n - 1) / 2) * w * 0.47, h + 0.15, -0.72),
            bevel=0.05,
            turn=(0.18, 0, 0),
            least=1,
        )


def shelf(s: Sketch, t: Traits) -> None:
    """A bookcase, with rows of books unless it is empty."""
    rng = t.rng()
    w, h, d, n = 0.9 * t.width, 1.8 * t.height, 0.32, t.n(4, 2, 7)
    for x in (-1.0, 1.0):
        s.box("body", (0.035, h, d), (x * w / 2, h / 2, 0), bevel=0.006)
    s.box("body", (w + 0.09, 0.05, d + 0.04), (0, h + 0.02, 0.01), bevel=0.014)
    s.box("body", (w, h - 0.04, 0.015), (0, h / 2, -d / 2 + 0.01), bevel=0)
    if not t.has("empty"):
        for role, share in (("cover", 0.27), ("cover 3", 0.74)):
            s.box(role, (w * 0.86, h * 0.36, 0.2), (0, h * share, 0), most=0)
    pitch = (h - 0.1) / n
    for row in range(n):
        y = 0.09 + row * pitch
        s.box("body", (w - 0.03, 0.028, d - 0.02), (0, y, 0.005), bevel=0, least=1)
        x = -w / 2 + 0.04
        roles = ("cover", "cover 2", "cover 3")
        while x < w / 2 - 0.1 and not t.has("empty"):
            thick, tall, deep = (
                rng.uniform(0.03, 0.06),
                pitch * rng.uniform(0.55, 0.8),
                rng.uniform(0.17, 0.22),
            )
            gap, role = rng.random(), roles[int(rng.integers(3))]
            if gap < 0.85:
                place = (x + thick / 2, y + 0.014 + tall / 2, 0.0)
                s.box(role, (thick * 0.94, tall, deep), place, bevel=0, least=2, vary=0.3)
            x += thick if gap < 0.95 else 0.12
        if not t.has("empty"):
            s.box(
                roles[row % 3],
                (w * 0.7, pitch * 0.66, 0.18),
                (-w * 0.08, y + pitch * 0.34, 0),
                least=1,
                most=1,
            )
    s.box("body", (w, 0.07, 0.02), (0, 0.04, d / 2 - 0.02), bevel=0, least=2)


def cupboard(s: Sketch, t: Traits) -> None:
    """A cupboard with two panelled doors on short feet; a dresser has drawers."""
    w, h, d = 0.95 * t.width, 1.7 * t.height, 0.48
    if t.has("drawer", "drawers", "dresser", "nightstand"):
        h = 0.9 * t.height
    s.box("body", (w, h - 0.14, d), (0, h / 2 + 0.03, 0), bevel=0.012)
    s.box("body", (w + 0.08, 0.05, d + 0.06), (0, h, 0.01), bevel=0.016)
    s.box("body", (w + 0.05, 0.06, d + 0.04), (0, 0.11, 0.01), bevel=0.014, least=1)
    for x in (-1.0, 1.0):
        for z in (-1.0, 1.0):
            s.beam(
                "body",
                (x * (w / 2 - 0.05), 0, z * (d / 2 - 0.05)),
                (x * (w / 2 - 0.04), 0.09, z * (d / 2 - 0.04)),
                0.06,
                least=1,
            )
    front = d / 2 + 0.008
    if t.has("drawer", "drawers", "dresser", "nightstand"):
        n = t.n(3, 1, 5)
        for i in range(n):
            y = 0.17 + (i + 0.5) * (h - 0.22) / n
            s.box("body", (w - 0.08, (h - 0.22) / n - 0.03, 0.03), (0, y, front), bevel=0.01, least=1)
            for x in (-0.22, 0.22):
                s.blob("trim", (0.02, 0.02, 0.02), (x * w, y, front + 0.03), bumps=0, fineness=1, least=2)
        return
    for x in (-1.0, 1.0):
        cx, dw, dh = x * w / 4, w / 2 - 0.03, h - 0.26
        s.box("body", (dw, dh, 0.025), (cx, h / 2 + 0.03, front), bevel=0.007, least=1)
        for y in (-1.0, 1.0):
            s.box(
                "body",
                (dw - 0.11, dh / 2 - 0.11, 0.022),
                (cx, h / 2 + 0.03 + y * dh / 4, front + 0.014),
                bevel=0.009,
                least=2,
            )
        s.blob("trim", (0.018, 0.018, 0.018), (x * 0.045, h / 2, front + 0.035), bumps=0, fineness=1, least=2)


def lamp(s: Sketch, t: Traits) -> None:
    """A table lamp, a floor lamp or a street lamp."""
    if t.has("street", "post", "streetlight", "lamppost"):
        h = 3.2 * t.height
        s.lathe(
            "trim",
            [
                (0.17, 0),
                (0.17, 0.1),
                (0.1, 0.2),
                (0.09, 0.5),
                (0.055, 0.6),
                (0.04, h * 0.6),
                (0.035, h - 0.5),
                (0.08, h - 0.46),
                (0.05, h - 0.42),
            ],
            segments=12,
        )
        s.lathe("glow", [(0.09, h - 0.42), (0.15, h - 0.1)], segments=6)
        s.lathe(
            "trim",
            [(0.2, h - 0.1), (0.2, h - 0.08), (0.05, h + 0.06), (0.02, h + 0.1), (0, h + 0.17)],
            segments=6,
        )
        s.beam("trim", (-0.3, h - 0.62, 0), (0.3, h - 0.62, 0), 0.025, least=1)
        return
    h = (1.55 if t.has("floor", "standing") else 0.5) * t.height
    r = 0.17 if h < 0.8 else 0.24
    y = h - r * 1.25
    s.lathe("trim", [(r * 0.6, 0), (r * 0.6, 0.02), (r * 0.5, 0.035), (0.03, 0.06)], segments=16, least=1)
    if h < 0.8:
        s.lathe("trim", [(r * 0.6, 0), (r * 0.55, 0.04)], segments=8, most=0)
        s.lathe(
            "base",
            [(0.03, 0.03), (0.085, 0.12), (0.1, 0.19), (0.07, 0.26), (0.025, 0.3), (0.02, y + 0.01)],
            segments=16,
        )
    s.lathe("trim", [(0.014, 0.05), (0.012, y + 0.05)], segments=8, least=1 if h < 0.8 else 0)
    wall = [(r, y), (r * 0.62, h), (r * 0.6, h), (r * 0.97, y + 0.002)]
    s.lathe("shade", wall[:2], segments=18, most=0)
    s.lathe("shade", wall, segments=20, is_ring=True, least=1)
    s.blob("glow", (0.045, 0.06, 0.045), (0, y + 0.08, 0), bumps=0, fineness=1, least=1)
