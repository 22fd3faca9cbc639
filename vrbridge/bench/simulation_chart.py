"""The picture of a simulation: what waits, what comes smaller, and who gets what, by load."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from PIL import Image

from vrbridge.bench.axis import Axis, LinearAxis, LogAxis
from vrbridge.bench.canvas import BAND, BLUE, GREEN, GRID, INK, ORANGE, RED, SKY, SOFT, Canvas, Color
from vrbridge.bench.simulation import TIERS, Plan, Point

_LEFT, _TOP, _BOTTOM, _RIGHT = 72, 122, 52, 28
_PANEL_W, _PANEL_H, _GAP_X, _GAP_Y = 480, 210, 74, 84
_TIER_COLORS: Final = (BLUE, GREEN, ORANGE)
_SHORTEST_S, _LONGEST_S = 0.1, 100.0
_FULL: Final = 1.0

Value = Callable[[Point], float | None]


@dataclass(frozen=True)
class _Line:
    """One line of a panel, over the load."""

    name: str
    value: Value
    color: Color


@dataclass(frozen=True)
class _Panel:
    """One measure."""

    title: str
    lines: tuple[_Line, ...]
    axis: Axis


def simulation_chart(plan: Plan, points: Sequence[Point]) -> Image.Image:
    """Return the picture of a simulation.

    Args:
        plan: What was simulated.
        points: At least two, by rising load.
    """
    panels = _panels()
    n_rows = (len(panels) + 1) // 2
    width = _LEFT + 2 * _PANEL_W + _GAP_X + _RIGHT
    canvas = Canvas(width, _TOP + n_rows * _PANEL_H + (n_rows - 1) * _GAP_Y + _BOTTOM)
    canvas.text(_LEFT, 18, "How vrbridge shares its workers out", size=24, color=INK)
    facts = (
        f"{plan.n_sessions:,} players, {plan.n_workers} workers, {plan.seconds:g} s of virtual time for each "
        f"load, the server's own scheduling code, seed {plan.seed}"
    )
    canvas.text(_LEFT, 52, facts, size=12, color=SOFT)
    for number, panel in enumerate(panels):
        left = _LEFT + number % 2 * (_PANEL_W + _GAP_X)
        _draw(canvas, left, _TOP + number // 2 * (_PANEL_H + _GAP_Y), panel, points)
    return canvas.finished()


def _panels() -> list[_Panel]:
    seconds = LogAxis(_SHORTEST_S, _LONGEST_S)
    percent = LinearAxis([100.0])
    return [
        _Panel("seconds to a material, p50 (log)", _by_tier(lambda p, tier: p.alone[tier].p50_s), seconds),
        _Panel("seconds to a material, p95 (log)", _by_tier(lambda p, tier: p.alone[tier].p95_s), seconds),
        _Panel(
            "let in smaller than it was asked for, %",
            _by_tier(lambda p, tier: 100 * p.alone[tier].smaller),
            percent,
        ),
        _Panel("refused to the last, %", _by_tier(lambda p, tier: 100 * p.alone[tier].given_up), percent),
        _Panel(
            "seconds to an interactive material, p95 (log)",
            (
                _Line("among themselves", lambda p: p.alone[TIERS[0]].p95_s, BLUE),
                _Line("beside greedy players", lambda p: p.beside[TIERS[0]].p95_s, RED),
            ),
            seconds,
        ),
        _Panel(
            "shared out, %",
            (
                _Line("workers busy", lambda p: 100 * p.busy, SKY),
                _Line("fairness among greedy players (Jain)", lambda p: _percent(p.greedy_jain), GREEN),
            ),
            percent,
        ),
    ]


def _by_tier(value: Callable[[Point, str], float | None]) -> tuple[_Line, ...]:
    def line(tier: str, color: Color) -> _Line:
        return _Line(tier, lambda point: value(point, tier), color)

    return tuple(line(tier, color) for tier, color in zip(TIERS, _TIER_COLORS, strict=True))


def _percent(share: float | None) -> float | None:
    return None if share is None else 100 * share


def _draw(canvas: Canvas, left: int, top: int, panel: _Panel, points: Sequence[Point]) -> None:
    right, bottom = left + _PANEL_W, top + _PANEL_H
    most = points[-1].load

    def x_of(load: float) -> float:
        return left + _PANEL_W * load / most

    canvas.rectangle((left, top, right, bottom), BAND)
    for value, label in panel.axis.ticks:
        y = bottom - _PANEL_H * panel.axis.place(value)
        canvas.hairline(left, right, y, GRID)
        canvas.text(left - 8, y - 7, label, size=11, color=SOFT, anchor="ra")
    for load in (number / 4 for number in range(1, round(most * 4) + 1)):
        if load * 2 == round(load * 2):
            canvas.text(x_of(load), bottom + 5, f"{load:g}", size=11, color=SOFT, anchor="ma")
    canvas.line([(x_of(_FULL), top), (x_of(_FULL), bottom)], SOFT, width=1)
    canvas.text(left, top - 38, panel.title, size=12, color=INK)
    canvas.text(right, bottom + 22, "asked for / what workers can do", size=11, color=SOFT, anchor="ra")
    _legend(canvas, left, top - 18, panel.lines)
    for line in panel.lines:
        for stroke in _strokes([(point.load, line.value(point)) for point in points]):
            places = [(x_of(load), bottom - _PANEL_H * panel.axis.place(value)) for load, value in stroke]
            canvas.line(places, line.color, width=2)


def _legend(canvas: Canvas, left: float, top: float, lines: Sequence[_Line]) -> None:
    for line in lines:
        canvas.line([(left, top + 7), (left + 12, top + 7)], line.color, width=3)
        left += 17 + canvas.text(left + 17, top, line.name, size=11, color=INK) + 18


def _strokes(values: Sequence[tuple[float, float | None]]) -> list[list[tuple[float, float]]]:
    """Return runs of loads that have a value."""
    strokes: list[list[tuple[float, float]]] = [[]]
    for load, value in values:
        if value is None:
            strokes.append([])
        else:
            strokes[-1].append((load, value))
    return [stroke for stroke in strokes if stroke]
