"""What grows and lies around: trees, bushes, rocks, mushrooms, campfires."""

import numpy as np

from vrbridge.generators.mesh.sketch import Sketch
from vrbridge.generators.mesh.solids import rotation
from vrbridge.generators.mesh.traits import Traits


def conifer(s: Sketch, t: Traits) -> None:
    """A fir of ragged skirts around a trunk."""
    rng = t.rng()
    h, r, n = 5.5 * t.height, 1.35 * t.width, 5
    s.rod("bark", [(0, 0, 0), (0, h * 0.1, 0), (0, h * 0.8, 0)], [0.24, 0.17, 0.05], sides=8)
    for i in range(n):
        share = i / n
        low, high = h * (0.14 + 0.72 * share), h * (0.14 + 0.72 * share + 0.34 - 0.12 * share)
        radius = r * (1 - 0.78 * share) * rng.uniform(0.92, 1.08)
        profile = [
            (radius * 0.35, low + 0.12 * radius),
            (radius, low - 0.1 * radius),
            (radius * 0.52, low + (high - low) * 0.42),
            (0, min(high, h)),
        ]
        shift = (rng.normal() * 0.03, 0, rng.normal() * 0.03)
        turn = (rng.normal() * 0.03, rng.uniform(0, 6), rng.normal() * 0.03)
        s.lathe(
            "needles", profile, at=shift, turn=turn, segments=11, vary=0.25, least=i % 2 if i < n - 1 else 0
        )


def broadleaf(s: Sketch, t: Traits) -> None:
    """A broad-leaved tree: branching trunk, clumps of leaves."""
    rng = t.rng()
    h, r = 4.6 * t.height, 1.5 * t.width
    is_bare = t.has("dead", "bare", "withered")
    bend = rng.normal(size=2) * 0.12
    fork = np.array([bend[0], h * 0.45, bend[1]])
    s.rod(
        "bark",
        np.vstack([(0, 0, 0), (bend[0] * 0.2, h * 0.06, bend[1] * 0.2), fork * (0.6, 0.55, 0.6), fork]),
        [0.33, 0.22, 0.17, 0.13],
        sides=9,
    )
    start = rng.uniform(0, 2 * np.pi)
    for i in range(5):
        a, lift = start + i * 2.4, rng.uniform(0.5, 0.72)
        tip = np.array([np.sin(a) * r * 0.6, h * (lift + 0.12), np.cos(a) * r * 0.6])
        s.rod(
            "bark",
            [fork * (1, 0.85, 1), (fork + tip) / 2 + (0, 0.08, 0), tip],
            [0.11, 0.075, 0.02],
            sides=6,
            least=0 if is_bare else 1,
        )
        if is_bare:
            twig = np.add(tip, (np.sin(a + 0.9) * 0.5, 0.45, np.cos(a + 0.9) * 0.5))
            s.rod("bark", [(fork + tip) / 2 + (0, 0.08, 0), twig], [0.05, 0], sides=5, least=1)
            continue
        size = r * rng.uniform(0.44, 0.58)
        s.blob(
            "leaves",
            (size, size * 0.82, size),
            np.add(tip, (0, 0.1, 0)),
            bumps=0.2,
            seed=t.seed + i,
            fineness=2,
            least=0 if i < 1 else 1,
            vary=0.25,
        )
    if is_bare:
        s.rod(
            "bark", np.add(fork, [(0, 0, 0), (0.1, h * 0.25, 0), (0, h * 0.5, 0.1)]), [0.12, 0.07, 0], sides=6
        )
        return
    s.rod("bark", np.vstack([fork * (1, 0.9, 1), (bend[0], h * 0.8, bend[1])]), [0.13, 0.06], sides=3, most=0)
    s.blob(
        "leaves",
        (r * 0.72, r * 0.66, r * 0.72),
        (bend[0], h * 0.82, bend[1]),
        bumps=0.2,
        seed=t.seed + 9,
        fineness=2,
    )


def palm(s: Sketch, t: Traits) -> None:
    """A palm: ringed leaning trunk, drooping fronds."""
    rng = t.rng()
    h, n = 4.8 * t.height, 9
    lean = rng.uniform(0.4, 0.9)
    ys = np.linspace(0, 1, 7)
    path = np.stack([lean * ys**2, h * ys, 0 * ys], axis=1)
    s.rod("bark", path, np.linspace(0.2, 0.11, 7), sides=8)
    crown = path[-1]
    for i in range(n):
        a = 2 * np.pi * i / n + rng.normal() * 0.1
        out = np.array([np.sin(a), 0, np.cos(a)])
        length, lift = 1.7 * t.width, rng.uniform(0.2, 0.5)
        points = [
            crown,
            crown + out * length * 0.45 + (0, lift, 0),
            crown + out * length * 0.85 + (0, lift * 0.3, 0),
            crown + out * length + (0, -0.35, 0),
        ]
        s.rod("leaves", points, [0.05, 0.2, 0.15, 0], sides=4, vary=0.3, least=0 if i % 2 == 0 else 1)
    for i in range(3):
        s.blob(
            "nut",
            (0.11, 0.12, 0.11),
            np.add(crown, (np.sin(i * 2.1) * 0.16, -0.13, np.cos(i * 2.1) * 0.16)),
            bumps=0,
            fineness=1,
            least=2,
        )


def bush(s: Sketch, t: Traits) -> None:
    """A bush of leafy clumps, with berries or flowers where asked."""
    rng = t.rng()
    for i in range(6):
        a, out = i * 2.4, 0.0 if i == 0 else 0.36
        size = 0.42 if i == 0 else rng.uniform(0.24, 0.36)
        at = (np.sin(a) * out * t.width, size * 0.85 * t.height, np.cos(a) * out * t.width)
        s.blob(
            "leaves",
            (size, size * 0.9 * t.height, size),
            at,
            bumps=0.2,
            seed=t.seed + i,
            least=0 if i < 3 else 1,
            vary=0.3,
        )
    for _ in range(14):
        a, y = rng.uniform(0, 2 * np.pi), rng.uniform(0.3, 0.75) * t.height
        if t.has("berry", "berries", "flower", "flowers", "flowering", "rose"):
            s.blob(
                "fruit",
                (0.04, 0.04, 0.04),
                (np.sin(a) * 0.45, y, np.cos(a) * 0.45),
                bumps=0,
                fineness=1,
                least=2,
            )


def rock(s: Sketch, t: Traits) -> None:
    """A boulder with a few stones at its foot, or a cluster of crystals."""
    rng = t.rng()
    if t.has("crystal", "crystals", "gem", "amethyst"):
        for i in range(t.n(7, 3, 12)):
            a, lean, h = (
                i * 2.4,
                (0 if i == 0 else rng.uniform(0.25, 0.6)),
                rng.uniform(0.35, 0.6) * (1.7 if i == 0 else 1) * t.height,
            )
            r = h * rng.uniform(0.13, 0.18)
            s.lathe(
                "body",
                [(r * 0.7, -0.05), (r, h * 0.7), (0, h)],
                at=(np.sin(a) * 0.1, 0.08, np.cos(a) * 0.1),
                turn=(lean, a, 0),
                segments=6,
                least=0 if i < 3 else 1,
                vary=0.3,
            )
        s.blob("base", (0.34, 0.14, 0.32), (0, 0.08, 0), bumps=0.25, seed=t.seed)
        return
    radii = np.array([0.62 * t.width, 0.46 * t.height, 0.52]) * rng.uniform(0.85, 1.15, 3)
    s.blob("body", radii, (0, radii[1] * 0.72, 0), bumps=0.16, seed=t.seed, pitch=1.6, fineness=3, cuts=11)
    s.blob(
        "body",
        radii * 0.62,
        (radii[0] * 0.5, radii[1] * 0.45, radii[2] * 0.3),
        bumps=0.16,
        seed=t.seed + 1,
        pitch=1.6,
        fineness=2,
        cuts=8,
        turn=(0, 1, 0),
    )
    for i in range(3):
        a, size = rng.uniform(0, 2 * np.pi), rng.uniform(0.08, 0.15)
        s.blob(
            "body",
            (size, size * 0.7, size),
            (np.sin(a) * radii[0] * 1.1, size * 0.5, np.cos(a) * radii[2] * 1.15),
            bumps=0.3,
            seed=t.seed + 2 + i,
            least=2,
        )


def mushroom(s: Sketch, t: Traits) -> None:
    """Mushrooms: one large, and small ones beside it."""
    rng = t.rng()
    n = t.n(3, 1, 6)
    for i in range(n):
        k = 1.0 if i == 0 else rng.uniform(0.35, 0.6)
        a = rng.uniform(0, 2 * np.pi)
        h, r = 0.26 * k * t.height, 0.12 * k * t.width
        at = (0, 0, 0) if i == 0 else (np.sin(a) * 0.13, 0, np.cos(a) * 0.13)
        turn = (rng.normal() * 0.09, a, rng.normal() * 0.09)
        least = 0 if i == 0 else 1
        s.lathe(
            "stem",
            [(r * 0.42, 0), (r * 0.3, h * 0.25), (r * 0.24, h * 0.75)],
            at=at,
            turn=turn,
            segments=10,
            least=least,
        )
        s.lathe(
            "stem",
            [(r * 0.25, h * 0.58), (r * 0.45, h * 0.53), (r * 0.26, h * 0.66)],
            at=at,
            turn=turn,
            segments=12,
            is_ring=True,
            least=2,
        )
        cap = [
            (r * 0.25, h * 0.72),
            (r * 0.88, h * 0.66),
            (r, h * 0.7),
            (r * 0.93, h * 0.82),
            (r * 0.68, h * 0.95),
            (r * 0.32, h * 1.02),
            (0, h * 1.04),
        ]
        s.lathe("cap", cap, at=at, turn=turn, segments=16, least=least)
        for j in range(7):
            b, lift = j * 2.4, (0.95, 0.84, 0.95)[j % 3]
            out = r * (0.66 if lift > 0.9 else 0.9)
            place = rotation(turn) @ np.array([np.sin(b) * out, h * lift, np.cos(b) * out])
            size = (r * 0.13, r * 0.07, r * 0.13)
            s.blob("spots", size, place + at, bumps=0, fineness=1, least=2 if i == 0 else 3)


def campfire(s: Sketch, t: Traits) -> None:
    """A ring of stones around leaning logs and flames."""
    rng = t.rng()
    n = 9
    for i in range(n):
        a, size = 2 * np.pi * i / n, rng.uniform(0.1, 0.14)
        s.blob(
            "stones",
            (size, size * 0.75, size),
            (np.sin(a) * 0.48, size * 0.55, np.cos(a) * 0.48),
            bumps=0.25,
            seed=t.seed + i,
            fineness=1,
            least=1,
            vary=0.3,
        )
    s.lathe("ash", [(0.5, 0), (0.46, 0.03), (0.1, 0.06)], segments=14)
    for i in range(6):
        a = 2 * np.pi * i / 6 + rng.normal() * 0.1
        out = np.array([np.sin(a), 0, np.cos(a)])
        s.rod(
            "logs",
            [out * 0.36 + (0, 0.05, 0), -out * 0.03 + (0, 0.42, 0)],
            [0.055, 0.045],
            sides=6,
            vary=0.3,
            least=0 if i % 2 == 0 else 1,
        )
    if not t.has("unlit", "extinguished"):
        for i in range(4):
            a, k = i * 1.7, 1.0 if i == 0 else rng.uniform(0.45, 0.7)
            at = (0, 0.1, 0) if i == 0 else (np.sin(a) * 0.12, 0.08, np.cos(a) * 0.12)
            s.lathe(
                "flame",
                [(0.06 * k, 0), (0.14 * k, 0.14 * k), (0.09 * k, 0.36 * k), (0, 0.62 * k)],
                at=at,
                segments=7,
                least=0 if i == 0 else 1,
            )


def stump(s: Sketch, t: Traits) -> None:
    """A tree stump with roots."""
    h, r = 0.45 * t.height, 0.32 * t.width
    s.lathe("bark", [(r * 1.35, 0), (r * 1.02, h * 0.3), (r, h)], segments=12)
    s.lathe("cut", [(r * 0.93, h - 0.02), (r * 0.9, h + 0.015)], segments=12)
    for i in range(5):
        a = i * 2 * np.pi / 5 + 0.3
        out = np.array([np.sin(a), 0, np.cos(a)])
        s.rod(
            "bark",
            [out * r * 0.7 + (0, h * 0.4, 0), out * r * 1.25 + (0, h * 0.12, 0), out * r * 1.8],
            [0.1, 0.08, 0.015],
            sides=6,
            least=1,
        )
