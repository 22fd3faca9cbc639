"""Bars for work in several steps."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from vrbridge.cli.terminal import notes


@contextmanager
def step_bars() -> Iterator[Callable[[str, int, int], None]]:
    """Show a bar for each step; the block calls what it is given with step, how many are done, and in all."""
    columns = (TextColumn("{task.description:<28}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=notes, transient=True) as progress:
        bars = {}

        def show(step: str, done: int, in_all: int) -> None:
            if step not in bars:
                bars[step] = progress.add_task(step, total=in_all)
            progress.update(bars[step], completed=done)

        yield show
