"""What the commands show a person: messages and progress on standard error, results on standard output."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TransferSpeedColumn,
)

out = Console(highlight=False, soft_wrap=True)
notes = Console(stderr=True, highlight=False, soft_wrap=True)

USER_ERROR = 2


def fail(message: str) -> int:
    """Show what went wrong in one red line and return the exit code for it."""
    one_line = " ".join(message.split())
    notes.print(f"[red]{escape(one_line)}[/red]")
    return USER_ERROR


@contextmanager
def download_bar(title: str) -> Iterator[Callable[[int, int], None]]:
    """Show a progress bar; the block calls what it is given with bytes done and bytes in all."""
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, console=notes, transient=True) as progress:
        bar = progress.add_task(title, total=None)
        yield lambda done, in_all: progress.update(bar, completed=done, total=in_all or None)


@contextmanager
def work_bar(title: str) -> Iterator[Callable[[str, float], None]]:
    """Show a progress bar; the block calls what it is given with a stage and a fraction."""
    with Progress(TextColumn("{task.description}"), BarColumn(), console=notes, transient=True) as progress:
        bar = progress.add_task(title, total=1.0)

        def show(stage: str, fraction: float) -> None:
            progress.update(bar, description=f"{title} ({stage})", completed=fraction)

        yield show


@contextmanager
def count_bar(title: str, in_all: int) -> Iterator[Callable[[str, int], None]]:
    """Show a progress bar; the block calls what it is given with what is done now and how many are done."""
    columns = (TextColumn("{task.description:<32}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=notes, transient=True) as progress:
        bar = progress.add_task(title, total=in_all)

        def show(what: str, done: int) -> None:
            progress.update(bar, description=f"{title}: {what}" if what else title, completed=done)

        yield show
