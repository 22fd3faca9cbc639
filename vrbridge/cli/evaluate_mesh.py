"""`vrbridge evaluate mesh`."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Column
from rich.table import Table as Printed

from vrbridge import settings as configuration
from vrbridge.cli.model_setup import catalogue_of, pull_model
from vrbridge.cli.step_bars import step_bars
from vrbridge.cli.terminal import out
from vrbridge.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from vrbridge.generators.mesh.draft import MeshGenerator
    from vrbridge.generators.mesh.neural import NeuralMeshes
    from vrbridge.generators.text_encoder import SentenceEncoder
    from vrbridge.training.mesh_evaluation.evaluation import Row, Table

_TEXT_ENCODER = "minilm-l6-v2"
_QUICK_EVERY = 8


def mesh(
    data: Annotated[
        Path | None, typer.Option(help="Folder of models to hold against, as for `vrbridge train mesh`.")
    ] = None,
    weights: Annotated[
        list[Path] | None, typer.Option(help="File of a trained network to judge; repeat for more.")
    ] = None,
    sheet: Annotated[
        Path | None,
        typer.Option(
            help="Draw the contact sheet of the first network, or else of the rules: .png, .jpg or .webp. "
            "Without --data, nothing else is done."
        ),
    ] = None,
    report: Annotated[Path, typer.Option("--out", "-o", help="File for the figures.")] = Path(
        "out/evaluation/mesh.json"
    ),
    prompts: Annotated[
        Path | None, typer.Option(help="Prompts of your own, TOML like assets/datasets/mesh_prompts.toml.")
    ] = None,
    quick: Annotated[bool, typer.Option("--quick", help="Few models: a look, not a measurement.")] = False,
    config: Annotated[Path | None, typer.Option(help="Settings file; vrbridge.toml by default.")] = None,
) -> None:
    """Judge shapes: what a lattice keeps, closeness to real ones, kinds understood, watertight, on budget."""
    from vrbridge.generators.mesh.neural import NeuralMeshes
    from vrbridge.generators.mesh.procedural import ProceduralMeshes
    from vrbridge.generators.text_encoder import TextEncoder
    from vrbridge.training.evaluation.prompts import read_prompts
    from vrbridge.training.evaluation.sheet import save_sheet, sheet_format
    from vrbridge.training.mesh_evaluation.prop_sheet import SHEET_SEEDS, prop_sheet

    if data is None and sheet is None:
        raise SettingsError("Say --data FOLDER for a report, --sheet FILE for the contact sheet, or both.")
    if sheet is not None:
        sheet_format(sheet)
    texts = read_prompts(prompts, bundled="mesh_prompts.toml")
    catalogue = catalogue_of(configuration.load(config))
    pull_model(catalogue, _TEXT_ENCODER)
    encoder = TextEncoder(catalogue.pull(_TEXT_ENCODER))
    networks = [NeuralMeshes(file, encoder) for file in weights or []]
    rules = ProceduralMeshes(encoder)
    if data is not None:
        _print(_measured(data, weights or [], networks, rules, encoder, report, quick=quick))
        out.print(str(report), markup=False)
    if sheet is not None:
        with step_bars() as show:
            in_all = len(texts) * len(SHEET_SEEDS)
            page = prop_sheet(
                networks[0] if networks else rules, texts, lambda done: show("contact sheet", done, in_all)
            )
        save_sheet(page, sheet)
        out.print(str(sheet), markup=False)


def _measured(
    data: Path,
    weights: "Sequence[Path]",
    networks: "Sequence[NeuralMeshes]",
    rules: "MeshGenerator",
    encoder: "SentenceEncoder",
    report: Path,
    *,
    quick: bool,
) -> "Table":
    from vrbridge.generators.mesh import shape_file
    from vrbridge.training.mesh_data import MeshData
    from vrbridge.training.mesh_evaluation.evaluation import Reference, evaluate, write_table
    from vrbridge.training.mesh_evaluation.sources import (
        Generated,
        HeldOutModels,
        NearestLattice,
        NearestModels,
        Shapes,
    )

    with step_bars() as show:
        models = MeshData.open(data, progress=lambda done, in_all: show("cutting models", done, in_all))
        reference = Reference.of(models, show, every=_QUICK_EVERY if quick else 1)
        sources: list[Shapes] = [Generated(network) for network in networks]
        sources += [NearestLattice(network) for network in networks[:1]]
        sources += [Generated(rules), NearestModels(models, encoder), HeldOutModels(models)]
        table = evaluate(sources, [shape_file.read(file) for file in weights], reference, show)
    write_table(table, report)
    return table


def _print(table: "Table") -> None:
    """Print one line a measure, one column a source."""
    if table.reconstructions:
        kept = Printed("reconstruction of held-out", *(row.model for row in table.reconstructions))
        kept.add_row("Chamfer-L1, % of the size", *(f"{100 * r.chamfer:.2f}" for r in table.reconstructions))
        kept.add_row("F-score at 1 %", *(f"{r.f_1:.2f}" for r in table.reconstructions))
        kept.add_row("F-score at 2 %", *(f"{r.f_2:.2f}" for r in table.reconstructions))
        kept.add_row("intersection over union", *(f"{r.overlap:.2f}" for r in table.reconstructions))
        out.print(kept)
    printed = Printed(
        Column("measure", no_wrap=True), *(Column(row.model, justify="right") for row in table.rows)
    )
    for name, value in _MEASURES.items():
        printed.add_row(name, *(value(row) for row in table.rows))
    out.print(printed)


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.0f} %"


_MEASURES: Mapping[str, "Callable[[Row], str]"] = {
    "1-NNA (50 % is best)": lambda row: _percent(row.nearest_neighbour),
    "coverage": lambda row: _percent(row.coverage),
    "MMD, % of the size": lambda row: f"{100 * row.distance:.2f}",
    "right kind": lambda row: _percent(row.right_kinds),
    "rank of what was asked for": lambda row: _percent(row.rank),
    "watertight": lambda row: _percent(row.watertight),
    "on budget": lambda row: _percent(row.on_budget),
    "ms a thing": lambda row: f"{1000 * row.seconds:.0f}",
}
