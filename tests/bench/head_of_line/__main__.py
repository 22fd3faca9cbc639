"""`make head-of-line`: how long words wait while an asset streams over a slow link."""

import argparse
import dataclasses
import json
import signal
import sys
from collections.abc import Iterator
from pathlib import Path as FilePath

from rich.console import Console

from tests.bench.head_of_line.cells import Cell, Outcome, Run, measure
from tests.bench.head_of_line.network import is_permitted
from tests.bench.head_of_line.table import insert, tables
from tests.bench.head_of_line.variants import VARIANTS
from tests.bench.head_of_line.wire import Path

_ROOT = FilePath(__file__).parents[3]
PAGE = _ROOT / "tests" / "integration" / "README.md"
FIGURES = _ROOT / "out" / "head_of_line.json"
_FAR_CREDIT_BYTES = 2 << 20
"""A far client must let more be on its way, or its credit is what bounds the rate."""


def variants() -> Iterator[Cell]:
    """Every way to serve, at three rates."""
    for mbit_s in (50, 10, 2):
        cell = Cell(f"{mbit_s} Mbit/s, 10 ms", Path(mbit_s))
        yield cell.without_asset
        for variant in VARIANTS:
            yield dataclasses.replace(cell, variant=variant)
        yield dataclasses.replace(cell, has_words=False)


def links() -> Iterator[Cell]:
    """The product on other links."""
    for round_trip_ms in (50, 100):
        path = Path(50, round_trip_ms=round_trip_ms)
        cell = Cell(f"50 Mbit/s, {round_trip_ms} ms", path, credit_bytes=_FAR_CREDIT_BYTES)
        yield from (cell.without_asset, cell)
    wifi = Cell("50 Mbit/s, 20 to 40 ms, uneven", Path(50, round_trip_ms=20, jitter_ms=10))
    yield from (wifi.without_asset, wifi)
    worse = Cell("50, then 2 Mbit/s, 10 ms", Path(50, drop_to_mbit_s=2))
    yield from (worse.without_asset, worse)


def loopback() -> Iterator[Cell]:
    """The product on one machine."""
    cell = Cell("loopback", None)
    yield from (cell.without_asset, cell)


PARTS = {"variants": variants, "links": links, "loopback": loopback}


def main() -> None:
    """Measure, print, and write the table into the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("part", nargs="*", choices=[*PARTS, []], help="all, unless named")
    parser.add_argument("--seconds", type=float, default=25, help="length of each measurement")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--congestion", default="cubic", help="TCP's congestion control")
    parser.add_argument("--asset-mib", type=int, default=64)
    parser.add_argument("--relay", action="store_true", help="a relay on loopback instead of links")
    given = parser.parse_args()
    has_link = not given.relay and is_permitted()
    run = Run(given.seconds, given.seed, given.congestion, given.asset_mib << 20, has_link)
    if not given.relay and not has_link:
        print("Links need root, for network namespaces and /dev/net/tun; a relay stands in.", file=sys.stderr)
    # What was made for a measurement is removed, whoever ends it.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    cells = [cell for part in given.part or PARTS for cell in PARTS[part]()]
    text = tables(_measure_all(cells, run), run)
    print(text)
    if not given.part and has_link:
        insert(PAGE, text)


def _measure_all(cells: list[Cell], run: Run) -> dict[Cell, Outcome]:
    console = Console(stderr=True)
    outcomes: dict[Cell, Outcome] = {}
    for number, cell in enumerate(cells, 1):
        # The rate changes in the middle; one second passes before the asset begins.
        middle = _changing_at(cell, run.seconds / 2 + 1)
        console.print(f"{number}/{len(cells)} {cell.link}: {cell.variant}", highlight=False)
        outcomes[cell] = measure(middle, run)
        FIGURES.parent.mkdir(exist_ok=True)
        figures = [dataclasses.asdict(c) | dataclasses.asdict(o) for c, o in outcomes.items()]
        FIGURES.write_text(json.dumps({"run": dataclasses.asdict(run), "cells": figures}))
    return outcomes


def _changing_at(cell: Cell, after_s: float) -> Cell:
    if cell.path is None or cell.path.drop_to_mbit_s is None:
        return cell
    return dataclasses.replace(cell, path=dataclasses.replace(cell.path, drop_after_s=after_s))


if __name__ == "__main__":
    main()
