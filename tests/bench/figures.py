"""Figures with their targets, as a table."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True)
class Figure:
    """One measured quantity.

    Args:
        what: In words.
        values: Measurements in `unit`.
        unit: Of the values.
        target: Bound that the median should keep; None: none.
        is_floor: Whether the bound is a least value.
        note: How it was measured.
    """

    what: str
    values: Sequence[float]
    unit: str
    target: float | None = None
    is_floor: bool = False
    note: str = ""

    @property
    def median(self) -> float:
        """The middle measurement."""
        return statistics.median(self.values)

    @property
    def p95(self) -> float:
        """What all but the worst twentieth keep."""
        return sorted(self.values)[min(len(self.values) - 1, round(0.95 * (len(self.values) - 1)))]

    @property
    def is_kept(self) -> bool:
        """Whether the median keeps the target."""
        if self.target is None:
            return True
        return self.median >= self.target if self.is_floor else self.median <= self.target


def show(
    figures: Sequence[Figure], console: Console, *, title: str = "vrbridge, measured through a real client"
) -> None:
    """Print all figures."""
    table = Table(title=title, title_justify="left")
    for heading in ("what", "median", "p95", "target", "", "n", "how"):
        is_number = heading in {"median", "p95", "target", "n"}
        table.add_column(heading, justify="right" if is_number else "left")
    for figure in figures:
        sign = "≥" if figure.is_floor else "≤"
        target = "" if figure.target is None else f"{sign} {_number(figure.target)} {figure.unit}"
        mark = "" if figure.target is None else "[green]kept[/]" if figure.is_kept else "[red]missed[/]"
        table.add_row(
            figure.what,
            f"{_number(figure.median)} {figure.unit}",
            _number(figure.p95),
            target,
            mark,
            str(len(figure.values)),
            figure.note,
        )
    console.print(table)


def _number(value: float) -> str:
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"
