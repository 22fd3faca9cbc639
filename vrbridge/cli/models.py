"""`vrbridge models`."""

from pathlib import Path
from typing import Annotated

import typer
from rich import box
from rich.markup import escape
from rich.table import Column, Table

from vrbridge import settings as configuration
from vrbridge.cli.model_setup import catalogue_of, needed_models, pull_model
from vrbridge.cli.terminal import notes, out
from vrbridge.errors import ModelError

models = typer.Typer(help="List, pull, check, add and remove models.", no_args_is_help=True)

Config = Annotated[Path | None, typer.Option(help="Settings file; vrbridge.toml by default.")]
_KINDS = ("language", "text-encoder", "texture", "mesh", "props")


@models.command("list")
def list_models(config: Config = None) -> None:
    """Show every model, what it is for, its licence, and whether it is here."""
    settings = configuration.load(config)
    catalogue = catalogue_of(settings)
    needed = needed_models(settings, catalogue)
    fixed = [Column(name, no_wrap=True) for name in ("kind", "licence", "size", "state")]
    table = Table(Column("model", ratio=1), *fixed, box=box.SIMPLE_HEAD, expand=True)
    for model in catalogue.entries:
        is_here = catalogue.path(model.name) is not None
        state = "here" if is_here else "needed" if model.name in needed else "-"
        size = f"{model.bytes / 1e6:.0f} MB"
        text = f"[bold]{escape(model.name)}[/bold]\n[dim]{escape(model.description)}[/dim]"
        table.add_row(text, model.kind, model.license, size, state)
    out.print(table)


@models.command()
def pull(
    names: Annotated[
        list[str] | None, typer.Argument(help="Models; none: all that the server needs.")
    ] = None,
    config: Config = None,
) -> None:
    """Fetch models and check their SHA-256."""
    settings = configuration.load(config)
    catalogue = catalogue_of(settings)
    for name in names or needed_models(settings, catalogue):
        pull_model(catalogue, name)
        notes.print(f"{name} is here.")


@models.command()
def verify(
    names: Annotated[list[str] | None, typer.Argument(help="Models; none: all that are here.")] = None,
    config: Config = None,
) -> None:
    """Check that the files are the ones that the catalogue names."""
    catalogue = catalogue_of(configuration.load(config))
    chosen = names or [model.name for model in catalogue.entries if catalogue.path(model.name) is not None]
    damaged = []
    for name in chosen:
        is_right = catalogue.verify(name)
        out.print(f"{name}: {'right' if is_right else 'missing or damaged'}")
        damaged += [] if is_right else [name]
    if damaged:
        again = (
            f"`vrbridge models remove {damaged[0]}` and `vrbridge models pull {damaged[0]}` bring it anew."
        )
        raise ModelError(f"{', '.join(damaged)}: missing or damaged. {again}")


@models.command()
def add(
    name: Annotated[str, typer.Argument(help="How settings and commands will call it.")],
    file: Annotated[Path, typer.Argument(help="Its file, such as a .gguf; it is copied when pulled.")],
    kind: Annotated[
        str, typer.Option(help="One of language, text-encoder, texture, mesh, props.")
    ] = "language",
    license: Annotated[str, typer.Option(help="SPDX expression.")] = "NOASSERTION",
    description: Annotated[str, typer.Option(help="One sentence.")] = "",
    config: Config = None,
) -> None:
    """Enter a model file of your own; then set `dialogue.model` to its name."""
    if kind not in _KINDS:
        raise ModelError(f"--kind is one of {', '.join(_KINDS)}, not {kind!r}.")
    catalogue = catalogue_of(configuration.load(config))
    model = catalogue.add(name, file, kind=kind, license=license, description=description)
    pull_model(catalogue, name)
    notes.print(f"Added {model.name} ({model.bytes / 1e6:.0f} MB).")


@models.command()
def remove(name: Annotated[str, typer.Argument(help="The model.")], config: Config = None) -> None:
    """Delete a model's files, and its entry if it is your own."""
    freed = catalogue_of(configuration.load(config)).remove(name)
    notes.print(f"Removed {name}: {freed / 1e6:.0f} MB are free again.")
