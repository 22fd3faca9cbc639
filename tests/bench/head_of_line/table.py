"""The outcomes as tables, and their place in a page."""

import math
import os
import platform
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from tests.bench.head_of_line.cells import Cell, Outcome, Run, quantile

_BEGIN, _END = "<!-- head of line: begin -->", "<!-- head of line: end -->"
_HEADINGS = (
    "link",
    "served by",
    "words",
    "p50 ms",
    "p99 ms",
    "max ms",
    "added p50",
    "added p99",
    "ping p50",
    "asset Mbit/s",
    "of link",
)
_ALONE = "the product, no asset"
_SILENT = ", no dialogue"


def tables(outcomes: Mapping[Cell, Outcome], run: Run) -> str:
    """Return the conditions and a table of all outcomes."""
    rows = [_HEADINGS, ("---", "---", *["---:"] * (len(_HEADINGS) - 2))]
    rows += [_row(cell, outcome, outcomes.get(cell.without_asset)) for cell, outcome in outcomes.items()]
    return f"{_conditions(run)}\n\n{_lines(rows)}"


def insert(page: Path, text: str) -> None:
    """Put a text between the marks of a page.

    Raises:
        ValueError: If it has none.
    """
    before, begin, rest = page.read_text().partition(_BEGIN)
    _, end, after = rest.partition(_END)
    if not begin or not end:
        raise ValueError(f"{page} has no place for the table")
    page.write_text(f"{before}{begin}\n{text}\n{end}{after}")


def _conditions(run: Run) -> str:
    asset = f"{run.asset_bytes >> 20} MiB"
    kernel = ".".join(platform.release().split(".")[:2])
    return (
        f"`--seconds {run.seconds:g} --seed {run.seed} --congestion {run.congestion} "
        f"--asset-mib {run.asset_bytes >> 20}` on {os.cpu_count()} cores, Linux {kernel}, "
        f"Python {platform.python_version()}. The asset of {asset} is asked for again once it is there, and "
        f"each measurement ends after {run.seconds:g} s."
        f"{'' if run.has_link else ' **Through a relay, not over links: TCP ends on the way.**'}"
    )


def _row(cell: Cell, outcome: Outcome, alone: Outcome | None) -> tuple[str, ...]:
    served = cell.variant if cell.has_asset else _ALONE
    if not cell.has_words:
        served += _SILENT
    is_compared = alone is not None and alone is not outcome and cell.has_words
    return (
        cell.link,
        served,
        str(len(outcome.delays_s) or ""),
        *(_delay(outcome, share) for share in (0.5, 0.99, 1.0)),
        *(_added(outcome, alone, share) if alone and is_compared else "" for share in (0.5, 0.99)),
        _ms(quantile(outcome.pings_s, 0.5)) or "none came",
        f"{outcome.asset_bytes_s * 8 / 1e6:.2f}" if cell.has_asset else "",
        _share(cell, outcome) if cell.has_asset else "",
    )


def _delay(outcome: Outcome, share: float) -> str:
    return ("> " if outcome.is_bound(share) else "") + _ms(outcome.delay_s(share))


def _added(outcome: Outcome, alone: Outcome, share: float) -> str:
    bound = "> " if outcome.is_bound(share) else ""
    return bound + _ms(outcome.delay_s(share) - alone.delay_s(share))


def _ms(seconds: float) -> str:
    return "" if math.isnan(seconds) else f"{seconds * 1e3:.0f}" if seconds >= 0.1 else f"{seconds * 1e3:.1f}"


def _share(cell: Cell, outcome: Outcome) -> str:
    if cell.path is None or cell.path.drop_to_mbit_s is not None:
        return ""
    return f"{outcome.asset_bytes_s * 8e-6 / cell.path.mbit_s:.0%}"


def _lines(rows: Iterable[Sequence[str]]) -> str:
    return "\n".join(f"| {' | '.join(cells)} |" for cells in rows)
