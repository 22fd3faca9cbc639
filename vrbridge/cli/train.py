"""`vrbridge train`."""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from vrbridge import settings as configuration
from vrbridge.cli.model_setup import catalogue_of, pull_model
from vrbridge.cli.terminal import notes, work_bar
from vrbridge.errors import DataError, ModelError
from vrbridge.memory.catalogue import Catalogue

_BACKBONE = "yolov3-tiny"
_TEXT_ENCODER = "minilm-l6-v2"
_BUNDLED = "bundled"

train = typer.Typer(
    name="train",
    help="Train networks on pictures and models of your own.",
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@train.callback()
def _train() -> None:
    """Train networks on pictures and models of your own."""


Init = Annotated[
    str | None,
    typer.Option(help="Start from a model by name, `bundled` or a file: minutes, not hours."),
]
Hours = Annotated[
    float | None, typer.Option(min=0.001, help="How long to learn; 6, or 0.3 with --init, by default.")
]
Steps = Annotated[int | None, typer.Option(min=1, help="Steps of each stage, instead of hours.")]
Device = Annotated[str, typer.Option(help="auto, cpu or cuda.")]
Stages = Annotated[list[str] | None, typer.Option(help="Only these stages; repeat for more.")]
Minutes = Annotated[
    float | None, typer.Option(min=0.1, help="End this run after so long; the same command goes on.")
]
Licenses = Annotated[str | None, typer.Option(help="Learn only from permissive, share-alike (both) or all.")]
Threads = Annotated[int, typer.Option(min=0, help="Of the CPU; 0 takes all.")]
Name = Annotated[str | None, typer.Option(help="Of the network; the file's name by default.")]
Config = Annotated[Path | None, typer.Option(help="Settings file; vrbridge.toml by default.")]


@train.command()
def texture(
    data: Annotated[Path, typer.Option(help="Folder of pictures, or made by `vrbridge data textures`.")],
    out: Annotated[Path, typer.Option(help="The network's file, such as my-style.safetensors.")],
    init: Init = None,
    hours: Hours = None,
    steps: Steps = None,
    device: Device = "auto",
    stage: Stages = None,
    minutes: Minutes = None,
    licenses: Licenses = None,
    threads: Threads = 0,
    name: Name = None,
    config: Config = None,
) -> None:
    """Train a texture network. Stop it whenever you like: the same command goes on at the same step."""
    from vrbridge.generators.text_encoder import TextEncoder
    from vrbridge.training.dataset import TextureData
    from vrbridge.training.run import TrainingOptions
    from vrbridge.training.texture_training import train as run

    _check_out(out)
    catalogue = catalogue_of(configuration.load(config))
    with work_bar("Reading pictures") as show:
        pictures = TextureData.open(
            data,
            licenses=licenses,
            progress=lambda done, in_all: show(f"{done} of {in_all}", done / in_all),
        )
    # What is wrong with the pictures is said before anything is fetched.
    for model in (_BACKBONE, _TEXT_ENCODER):
        pull_model(catalogue, model)
    options = TrainingOptions(
        out=out,
        name=name or out.stem,
        hours=_hours(hours, init),
        steps=steps,
        stages=tuple(stage or ()),
        slice_s=minutes * 60 if minutes is not None else None,
        init=_network(init, catalogue, "texture") if init is not None else None,
        device=device,
        threads=threads,
    )
    backbone, words = catalogue.path(_BACKBONE), catalogue.path(_TEXT_ENCODER)
    assert backbone is not None
    assert words is not None
    with _Watch() as watch:
        is_done = run(pictures, options, backbone=backbone, encoder=TextEncoder(words), on_step=watch)
    _report(is_done, options.name, out, options.folder, "texture")


@train.command()
def mesh(
    data: Annotated[Path, typer.Option(help="Folder of models: GLB, glTF, OBJ, PLY or STL.")],
    out: Annotated[Path, typer.Option(help="The network's file, such as my-props.safetensors.")],
    init: Init = None,
    hours: Hours = None,
    steps: Steps = None,
    device: Device = "auto",
    stage: Stages = None,
    minutes: Minutes = None,
    licenses: Licenses = None,
    threads: Threads = 0,
    name: Name = None,
    config: Config = None,
) -> None:
    """Train a shape network. Stop it whenever you like: the same command goes on at the same step."""
    from vrbridge.generators.text_encoder import TextEncoder
    from vrbridge.training.mesh_data import MeshData
    from vrbridge.training.mesh_training import train as run
    from vrbridge.training.run import TrainingOptions

    _check_out(out)
    catalogue = catalogue_of(configuration.load(config))
    with work_bar("Cutting models into cells") as show:
        models = MeshData.open(
            data,
            licenses=licenses,
            progress=lambda done, in_all: show(f"{done} of {in_all}", done / in_all),
        )
    pull_model(catalogue, _TEXT_ENCODER)
    options = TrainingOptions(
        out=out,
        name=name or out.stem,
        hours=_hours(hours, init),
        steps=steps,
        stages=tuple(stage or ()),
        slice_s=minutes * 60 if minutes is not None else None,
        init=_network(init, catalogue, "mesh") if init is not None else None,
        device=device,
        threads=threads,
    )
    words = catalogue.path(_TEXT_ENCODER)
    assert words is not None
    with _Watch() as watch:
        is_done = run(models, options, encoder=TextEncoder(words), on_step=watch)
    _report(is_done, options.name, out, options.folder, "mesh")


def _check_out(out: Path) -> None:
    if out.suffix != ".safetensors":
        raise DataError(f"--out is a .safetensors file, not {out.name!r}.")


def _hours(hours: float | None, init: str | None) -> float:
    return hours if hours is not None else 6.0 if init is None else 0.3


def _report(is_done: bool, name: str, out: Path, folder: Path, kind: str) -> None:
    if is_done:
        command = f"vrbridge models add {name} {out} --kind {kind}"
        notes.print(f"Wrote {escape(str(out))}. To serve it: `{escape(command)}`")
    else:
        notes.print(f"Stopped; the same command goes on. Samples: {escape(str(folder))}")


def _network(init: str, catalogue: Catalogue, kind: str) -> Path:
    """Return the file of a network: one of the catalogue's by name, the bundled one, or any file."""
    known = {model.name: model for model in catalogue.entries if model.kind == kind}
    if init == _BUNDLED:
        init = next((name for name, model in known.items() if model.is_bundled), init)
    if init not in known:
        return Path(init)
    path = catalogue.path(init)
    if path is None:
        raise ModelError(f"The model {init} is not here; `vrbridge models pull {init}` brings it.")
    return path


class _Watch:
    """Shows every stage as a bar with its losses; where nobody watches, a line now and then."""

    def __init__(self) -> None:
        columns = (
            TextColumn("{task.description:<12}"), BarColumn(), TextColumn("{task.fields[losses]}"),
            TimeElapsedColumn(), TimeRemainingColumn(),
        )  # fmt: skip
        self._progress = Progress(*columns, console=notes, disable=not notes.is_terminal)
        self._bars: dict[str, int] = {}
        self._said_at = 0.0

    def __enter__(self) -> "_Watch":
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def __call__(self, stage: str, step: int, progress: float, losses: Mapping[str, float]) -> None:
        text = f"step {step:,}  " + "  ".join(f"{name} {value:.3f}" for name, value in losses.items())
        if stage not in self._bars:
            self._bars[stage] = self._progress.add_task(stage, total=1.0, losses="")
        self._progress.update(self._bars[stage], completed=progress, losses=text)  # type: ignore[arg-type]
        if not notes.is_terminal and time.monotonic() - self._said_at > 60:
            self._said_at = time.monotonic()
            notes.print(f"{stage} {progress:.1%}  {text}")
