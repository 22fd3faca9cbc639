"""`vrbridge data compare`."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich import box
from rich.progress import BarColumn, Progress, TextColumn
from rich.table import Column, Table

from vrbridge.cli.terminal import notes, out

_WORST_WIDTH = len("99.999 00000_albedo.webp")


def compare(
    left: Annotated[Path, typer.Argument(help="A data folder.")],
    right: Annotated[Path, typer.Argument(help="Another one.")],
    tolerance: Annotated[
        float,
        typer.Option(
            min=0,
            max=255,
            help="Mean difference of a picture's or model's colours that still counts as the same.",
        ),
    ] = 1.0,
    distance: Annotated[
        float,
        typer.Option(
            min=0, max=1, help="Mean distance of surfaces, of a model's longest side, that counts likewise."
        ),
    ] = 0.001,
) -> None:
    """Say how far two data folders are apart, file by file; exit code 1 if they are not the same."""
    from vrbridge.training.mesh_folder import holds_models

    is_same = (
        _compare_models(left, right, tolerance, distance)
        if holds_models(left)
        else _compare_pictures(left, right, tolerance)
    )
    if not is_same:
        raise typer.Exit(1)


def _compare_pictures(left: Path, right: Path, tolerance: float) -> bool:
    from vrbridge.training.comparison import compare_folders

    with _bar() as told:
        found = compare_folders(left, right, progress=told)
    table = Table(
        "kind",
        "compared",
        "identical",
        "mean",
        Column("worst", no_wrap=True, min_width=_WORST_WIDTH),
        "only left",
        "only right",
        box=box.SIMPLE_HEAD,
    )
    for kind, of_kind in found.kinds.items():
        name, worst = of_kind.worst
        table.add_row(
            kind,
            f"{len(of_kind.differences)}",
            f"{of_kind.n_identical}",
            f"{of_kind.mean:.3f}",
            f"{worst:.3f} {name}" if worst else "-",
            f"{len(of_kind.only_left)}",
            f"{len(of_kind.only_right)}",
        )
    out.print(table)
    out.print(f"Other words, licence or tileability: {len(found.other_words)}.")
    is_same = found.is_same(tolerance)
    out.print(f"{_verdict(is_same)}, up to a mean difference of {tolerance:g} of 255.")
    return is_same


def _compare_models(left: Path, right: Path, tolerance: float, distance: float) -> bool:
    from vrbridge.training.mesh_comparison import compare_meshes

    with _bar() as told:
        found = compare_meshes(left, right, progress=told)
    (far, farthest), (bright, most) = found.farthest, found.most_colored
    table = Table(box=None, show_header=False)
    table.add_row("compared", f"{len(found.differences)}")
    table.add_row("identical", f"{found.n_identical}")
    table.add_row("alike", f"{found.n_alike(distance, tolerance)}")
    table.add_row("farthest", f"{farthest:.3%} of the longest side, {far}" if farthest else "-")
    table.add_row("most coloured", f"{most:.3f} of 255, {bright}" if most else "-")
    table.add_row("only left", f"{len(found.only_left)}")
    table.add_row("only right", f"{len(found.only_right)}")
    out.print(table)
    out.print(f"Other words, licence, author or size: {len(found.other_words)}.")
    is_same = found.is_same(distance, tolerance)
    out.print(
        f"{_verdict(is_same)}, up to a mean distance of {distance:.2%} of the longest side and a mean colour "
        f"difference of {tolerance:g} of 255."
    )
    return is_same


def _verdict(is_same: bool) -> str:
    return "The same" if is_same else "Not the same"


@contextmanager
def _bar() -> Iterator[Callable[[int, int], None]]:
    with Progress(TextColumn("Comparing"), BarColumn(), console=notes, transient=True) as progress:
        bar = progress.add_task("", total=None)
        yield lambda done, in_all: progress.update(bar, completed=done, total=in_all)
