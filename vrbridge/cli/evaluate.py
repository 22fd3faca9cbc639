"""`vrbridge evaluate`."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Column
from rich.table import Table as Printed

from vrbridge import settings as configuration
from vrbridge.cli.evaluate_mesh import mesh
from vrbridge.cli.model_setup import catalogue_of, pull_model
from vrbridge.cli.step_bars import step_bars
from vrbridge.cli.terminal import out
from vrbridge.errors import SettingsError

if TYPE_CHECKING:
    from vrbridge.generators.text_encoder import TextEncoder
    from vrbridge.training.evaluation.table import Row, Table
    from vrbridge.training.evaluation.textures import Textures

_TEXT_ENCODER = "minilm-l6-v2"
_SIZE_PX = 256
_PARAMETRIC, _NEAREST, _HELD_OUT = "parametric", "nearest", "held-out"
_SOURCES = (_PARAMETRIC, _NEAREST, _HELD_OUT)

evaluate = typer.Typer(
    name="evaluate",
    help="Measure how good generated content is, and see it.",
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@evaluate.callback()
def _evaluate() -> None:
    """Measure how good generated content is, and see it."""


evaluate.command()(mesh)


@evaluate.command()
def texture(
    data: Annotated[
        Path | None, typer.Option(help="Folder of pictures to hold against, as for `vrbridge train texture`.")
    ] = None,
    weights: Annotated[
        list[Path] | None, typer.Option(help="File of a trained network to judge; repeat for more.")
    ] = None,
    source: Annotated[
        list[str] | None,
        typer.Option(
            help="Judge beside the networks only these: parametric, nearest (training picture), held-out, "
            "none. All by default; repeat for more."
        ),
    ] = None,
    sheet: Annotated[
        Path | None,
        typer.Option(
            help="Draw the contact sheet of the first network, or else of the first source: .png, .jpg or "
            ".webp. Without --data, nothing else is done."
        ),
    ] = None,
    folder: Annotated[Path, typer.Option("--out", "-o", help="Folder for the report.")] = Path(
        "out/evaluation/texture"
    ),
    prompts: Annotated[
        Path | None, typer.Option(help="Prompts of your own, TOML like assets/datasets/texture_prompts.toml.")
    ] = None,
    quick: Annotated[bool, typer.Option("--quick", help="Few prompts: a look, not a measurement.")] = False,
    config: Annotated[Path | None, typer.Option(help="Settings file; vrbridge.toml by default.")] = None,
) -> None:
    """Judge textures: closeness to real pictures, words understood, novelty, variety, seams, normals.

    Writes OUT/index.html (with pictures, opens offline) and OUT/report.json.
    """
    from vrbridge.generators.text_encoder import TextEncoder
    from vrbridge.training.evaluation.prompts import read_prompts
    from vrbridge.training.evaluation.sheet import sheet_format

    if data is None and sheet is None:
        raise SettingsError("Say --data FOLDER for a report, --sheet FILE for the contact sheet, or both.")
    if sheet is not None:
        sheet_format(sheet)
    wanted = _wanted(source)
    texts = read_prompts(prompts)
    settings = configuration.load(config)
    catalogue = catalogue_of(settings)
    pull_model(catalogue, _TEXT_ENCODER)
    encoder = TextEncoder(catalogue.pull(_TEXT_ENCODER))
    sources = _generators(weights or [], encoder, wanted)
    if data is not None:
        from vrbridge.training.evaluation.features import MODEL

        pull_model(catalogue, MODEL)
        sources = _report(
            data,
            sources,
            wanted,
            encoder,
            catalogue.pull(MODEL),
            settings.cache_dir,
            texts,
            folder,
            quick=quick,
        )
    if sheet is not None:
        _sheet(sources, texts, sheet)


def _wanted(source: list[str] | None) -> tuple[str, ...]:
    chosen = tuple(source or _SOURCES)
    if chosen == ("none",):
        return ()
    unknown = [name for name in chosen if name not in _SOURCES]
    if unknown:
        raise SettingsError(f"--source is one of {', '.join(_SOURCES)}, or none; not {unknown[0]!r}.")
    return chosen


def _generators(weights: list[Path], encoder: "TextEncoder", wanted: tuple[str, ...]) -> "list[Textures]":
    from vrbridge.generators.texture.parametric import ParametricTextures
    from vrbridge.training.evaluation.textures import Generated, Textures

    rules = ParametricTextures(encoder)
    sources: list[Textures] = []
    for file in weights:
        from vrbridge.generators.texture.neural import NeuralTextures
        from vrbridge.generators.texture.ruled import RuledTextures
        from vrbridge.training.evaluation.roll import file_roll_error

        network = NeuralTextures(file, encoder)
        # What a player gets, and the network's own part of it.
        sources.append(Generated(RuledTextures(network, rules), model=f"{network.model} with rules"))
        sources.append(Generated(network, partial(file_roll_error, file)))
    if _PARAMETRIC in wanted:
        sources.append(Generated(rules))
    return sources


def _report(
    data: Path,
    generators: "list[Textures]",
    wanted: tuple[str, ...],
    encoder: "TextEncoder",
    network: Path,
    cache_dir: Path,
    prompts: list[str],
    folder: Path,
    *,
    quick: bool,
) -> "list[Textures]":
    """Write the report and return all sources that were judged."""
    from vrbridge.training.dataset import TextureData
    from vrbridge.training.evaluation.feature_cache import FeatureCache
    from vrbridge.training.evaluation.features import EvaluationFeatures
    from vrbridge.training.evaluation.reference import Reference
    from vrbridge.training.evaluation.texture_evaluation import QUICK, Amount
    from vrbridge.training.evaluation.texture_evaluation import evaluate as run
    from vrbridge.training.evaluation.textures import HeldOutPictures, NearestPictures

    with step_bars() as show:
        pictures = TextureData.open(
            data,
            size_px=_SIZE_PX,
            cache=cache_dir / "training",
            progress=lambda done, in_all: show("reading pictures", done, in_all),
        )
        cache = FeatureCache(EvaluationFeatures(network), cache_dir / "evaluation" / "features.npz")
        reference = Reference.of(
            pictures, cache, encoder, lambda done: show("looking at pictures", done, len(pictures))
        )
        cache.save()
        sources = list(generators)
        if _NEAREST in wanted:
            sources.append(NearestPictures(pictures, encoder))
        if _HELD_OUT in wanted:
            sources.append(HeldOutPictures(pictures))
        if not sources:
            raise SettingsError("There is nothing to judge: name --weights or a --source.")
        table = run(
            sources,
            reference,
            cache,
            encoder,
            prompts=prompts,
            amount=QUICK if quick else Amount(),
            folder=folder,
            on_step=show,
        )
    _print(table)
    out.print(str(folder / "index.html"), markup=False)
    return sources


def _sheet(sources: "list[Textures]", prompts: list[str], file: Path) -> None:
    from vrbridge.training.evaluation.contact_sheet import SHEET_SEEDS, contact_sheet
    from vrbridge.training.evaluation.sheet import save_sheet

    free = [source for source in sources if source.takes_any_prompt]
    if not free:
        raise SettingsError("A contact sheet needs a generator: name --weights, or --source parametric.")
    with step_bars() as show:
        in_all = len(prompts) * len(SHEET_SEEDS)
        page = contact_sheet(free[0], prompts, lambda done: show("contact sheet", done, in_all))
    save_sheet(page, file)
    out.print(str(file), markup=False)


def _print(table: "Table") -> None:
    """Print one line a measure, one column a source: there are more measures than fit beside each other."""
    printed = Printed(
        Column("measure", no_wrap=True), *(Column(row.model, justify="right") for row in table.rows)
    )
    for name, value in _MEASURES.items():
        printed.add_row(name, *(value(row) for row in table.rows))
    out.print(printed)


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.0f} %"


def _worst_seam(row: "Row", *, is_encoded: bool) -> str:
    ratios = [max(of.values()) for form, of in row.seams.items() if (form != "before") == is_encoded]
    return f"{max(ratios):.2f}"


_MEASURES: Mapping[str, "Callable[[Row], str]"] = {
    "distance to held-out (KID)": lambda row: f"{row.kid:.3f} ± {row.kid_error:.3f}",
    "caption found, top 1": lambda row: _percent(row.top_1),
    "caption found, top 5": lambda row: _percent(row.top_5),
    "prompt found, top 1": lambda row: _percent(row.list_top_1),
    "prompt found, top 5": lambda row: _percent(row.list_top_5),
    "new (held-out 1, copy 0)": lambda row: f"{row.novelty:.2f}",
    "variety of seeds": lambda row: "–" if row.diversity is None else f"{row.diversity:.2f}",
    "worst seam ratio, raw": lambda row: _worst_seam(row, is_encoded=False),
    "worst seam ratio, encoded": lambda row: _worst_seam(row, is_encoded=True),
    "roll test": lambda row: "–" if row.roll_error is None else f"{row.roll_error:g}",
    "curl of normals": lambda row: f"{row.normal_curl:.3f}",
    "ms a picture": lambda row: f"{row.render_ms:.0f}",
}
