"""The picture of a load test: a column for each scenario, a row for each measure."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from PIL import Image

from vrbridge.bench.axis import Axis, LinearAxis, LogAxis
from vrbridge.bench.canvas import BAND, BLUE, GREEN, GRID, INK, LIGHT, ORANGE, RED, SKY, SOFT, Canvas, Color
from vrbridge.bench.figures import MAX_LAG_MS
from vrbridge.bench.report import Report, Result
from vrbridge.bench.timeline import Series, Stretch

_LEFT, _RIGHT, _TOP, _BOTTOM = 72, 28, 148, 48
_PANEL_H = 168
_PANEL_W = {1: 680, 2: 470}
"""By the number of columns; from three on they are as narrow as can be read."""
_NARROW_W = 330
_GAP_X, _GAP_Y = 62, 52
_STRIP_H = 20
"""Above the values of a panel, for the names of the phases."""
_NONE_Y: Final = 68
"""Between two lines of the grid."""
_SHORTEST_MS, _LEAST_TOP_MS = 0.1, 100.0


@dataclass(frozen=True)
class _Line:
    """One line of a panel."""

    name: str
    values: Series
    color: Color


@dataclass(frozen=True)
class _Row:
    """One measure of one scenario."""

    title: str
    unit: str
    lines: tuple[_Line, ...]
    is_log: bool
    top_ms: float = _LEAST_TOP_MS
    target: float | None = None

    def axis(self) -> Axis:
        if self.is_log:
            return LogAxis(_SHORTEST_MS, self.top_ms)
        return LinearAxis([v for line in self.lines for v in line.values if v is not None])


def chart(report: Report) -> Image.Image:
    """Return the picture of a report."""
    results = report.results
    panel_w = _PANEL_W.get(len(results), _NARROW_W)
    width = _LEFT + len(results) * panel_w + (len(results) - 1) * _GAP_X + _RIGHT
    top_ms = _top_ms(results)
    n_rows = len(_rows(results[0], top_ms))
    height = _TOP + n_rows * _PANEL_H + (n_rows - 1) * _GAP_Y + _BOTTOM
    canvas = Canvas(width, height)
    _head(canvas, report)
    for column, result in enumerate(results):
        left = _LEFT + column * (panel_w + _GAP_X)
        canvas.text(left, _TOP - 68, result.name, size=17, color=INK)
        canvas.text(left, _TOP - 46, f"{result.n_players} players", size=12, color=SOFT)
        for number, row in enumerate(_rows(result, top_ms)):
            top = _TOP + number * (_PANEL_H + _GAP_Y)
            _panel(canvas, _Box(left, top, panel_w), row, result)
    return canvas.finished()


def _top_ms(results: Sequence[Result]) -> float:
    """Return the power of ten above all delays, so that all scenarios share one scale."""
    lines = [line for result in results for line in (result.timeline.word_p99_ms, result.timeline.lag_p99_ms)]
    longest = max((value for line in lines for value in line if value is not None), default=0.0)
    return float(10 ** math.ceil(math.log10(max(longest, _LEAST_TOP_MS))))


def _rows(result: Result, top_ms: float) -> tuple[_Row, ...]:
    line = result.timeline
    lag_target = MAX_LAG_MS if result.name == "wide" else None
    return (
        _Row(
            "word delay",
            "ms",
            (_Line("p99", line.word_p99_ms, BLUE), _Line("p50", line.word_p50_ms, SKY)),
            is_log=True,
            top_ms=top_ms,
        ),
        _Row(
            "server loop lag",
            "ms",
            (_Line("p99", line.lag_p99_ms, BLUE), _Line("p50", line.lag_p50_ms, SKY)),
            is_log=True,
            top_ms=top_ms,
            target=lag_target,
        ),
        _Row("requests done", "a second", (_Line("done", line.done_hz, GREEN),), is_log=False),
        _Row("requests refused", "a second", (_Line("refused", line.refused_hz, ORANGE),), is_log=False),
    )


def _head(canvas: Canvas, report: Report) -> None:
    canvas.text(_LEFT, 18, "vrbridge under load", size=24, color=INK)
    machine = report.machine
    facts = (
        f"{report.server} generators, {machine['cores']} cores of {machine['processor']}, "
        f"vrbridge {report.versions['vrbridge']}, seed {report.seed}"
    )
    canvas.text(_LEFT, 50, facts, size=12, color=SOFT)


def _panel(canvas: Canvas, box: "_Box", row: _Row, result: Result) -> None:
    axis = row.axis()
    seconds = result.timeline.stretches[-1].end_s

    def y_of(value: float) -> float:
        return box.bottom - (_PANEL_H - _STRIP_H) * axis.place(value)

    _bands(canvas, box, result.timeline.stretches)
    for value, label in axis.ticks:
        canvas.hairline(box.left, box.right, y_of(value), GRID)
        canvas.text(box.left - 8, y_of(value) - 7, label, size=11, color=SOFT, anchor="ra")
    for at_s in _time_ticks(seconds):
        x = box.x_of(at_s / seconds)
        canvas.text(x, box.bottom + 5, f"{at_s:g} s", size=11, color=SOFT, anchor="ma")
    if row.target is not None:
        canvas.hairline(box.left, box.right, y_of(row.target), RED)
    title = f"{row.title}, {row.unit}" + (" (log)" if row.is_log else "")
    canvas.text(box.left, box.top - 20, title, size=12, color=INK)
    if not any(value for line in row.lines for value in line.values):
        canvas.text(box.x_of(0.5), box.top + _NONE_Y, "none", size=12, color=SOFT, anchor="ma")
        return
    marks = [(line.name, line.color) for line in row.lines]
    if row.target is not None:
        marks.append((f"target {row.target:g}", RED))
    _legend(canvas, box.right, box.top - 20, marks)
    for line in row.lines:
        for stroke in _strokes(line.values):
            points = [(box.x_of(min(1.0, (at + 0.5) / seconds)), y_of(value)) for at, value in stroke]
            canvas.line(points, line.color, width=2)


def _bands(canvas: Canvas, box: "_Box", stretches: Sequence[Stretch]) -> None:
    """Shade every other phase, and name them where there are several."""
    seconds = stretches[-1].end_s
    for number, stretch in enumerate(stretches):
        left, right = (box.x_of(at_s / seconds) for at_s in (stretch.start_s, stretch.end_s))
        canvas.rectangle((left, box.top, right, box.bottom), LIGHT if number % 2 else BAND)
    for stretch in stretches if len(stretches) > 1 else []:
        middle = box.x_of((stretch.start_s + stretch.end_s) / 2 / seconds)
        canvas.text(middle, box.top + 4, stretch.name, size=10, color=SOFT, anchor="ma")


def _legend(canvas: Canvas, right: float, top: float, marks: Sequence[tuple[str, Color]]) -> None:
    if len(marks) < 2:
        return
    for name, color in reversed(marks):
        width = canvas.text(right, top, name, size=11, color=INK, anchor="ra")
        canvas.line([(right - width - 17, top + 7), (right - width - 5, top + 7)], color, width=3)
        right -= width + 26


def _strokes(values: Series) -> Iterator[list[tuple[int, float]]]:
    """Yield runs of seconds that have a value."""
    stroke: list[tuple[int, float]] = []
    for second, value in enumerate([*values, None]):
        if value is not None:
            stroke.append((second, value))
        elif stroke:
            yield stroke
            stroke = []


def _time_ticks(seconds: float) -> list[float]:
    step = next((step for step in (1, 2, 5, 10, 20, 30, 60, 120, 300, 600) if seconds / step <= 6), 1200)
    return [float(number * step) for number in range(int(seconds / step) + 1)]


@dataclass(frozen=True)
class _Box:
    """Where a panel is."""

    left: int
    top: int
    width: int

    @property
    def right(self) -> int:
        return self.left + self.width

    @property
    def bottom(self) -> int:
        return self.top + _PANEL_H

    def x_of(self, share: float) -> float:
        return self.left + self.width * share
