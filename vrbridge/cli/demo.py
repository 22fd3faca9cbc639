"""`vrbridge demo`."""

import asyncio
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from vrbridge.cli.ask import file_name
from vrbridge.cli.private_server import private_server
from vrbridge.cli.terminal import count_bar, notes, out
from vrbridge.client.demo.player import walk
from vrbridge.client.demo.scene import Scene, load_scene
from vrbridge.client.demo.visit import Visit
from vrbridge.errors import SettingsError
from vrbridge.settings import assets_dir

_SCENES = assets_dir() / "scenes"


def demo(
    folder: Annotated[Path, typer.Option("--out", "-o", help="Folder for the report.")] = Path("out/demo"),
    script: Annotated[
        Path | None, typer.Option("--scene", help="A walk of your own, as a TOML file like the village's.")
    ] = None,
    url: Annotated[
        str | None, typer.Option(help="Use a running server instead of starting a private one.")
    ] = None,
    token: Annotated[
        str | None, typer.Option(help="Made by `vrbridge token create`.", envvar="VRBRIDGE_TOKEN")
    ] = None,
) -> None:
    """Walk a headless player through a village and show what it got.

    Writes OUT/index.html, a page that needs nothing besides itself: the conversations, every material tiled
    and lit, every prop from two sides, and how long all of it took. The materials and props lie beside it.
    """
    scene = load_scene(script if script is not None else _SCENES / "village.toml")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        log = folder / "server.log"
        log.touch()
    except OSError as error:
        raise SettingsError(f"Can't write to {folder}: {error.strerror}.") from error
    with _server(url, log) as address:
        visit = _walked(address, token, scene)
    try:
        page = write_report(visit, folder)
    except OSError as error:
        raise SettingsError(f"Can't write to {folder}: {error.strerror}.") from error
    out.print(str(page), markup=False)
    notes.print(f"[green]Done.[/green] Open {escape(page.resolve().as_uri())} in a browser.")


@contextmanager
def _server(url: str | None, log: Path) -> Iterator[str]:
    if url is not None:
        yield url
        return
    # Results that an earlier run left in the cache would make the figures look better than they are.
    with (
        tempfile.TemporaryDirectory(prefix="vrbridge-demo-") as data,
        private_server(log=log, data=Path(data)) as own_url,
    ):
        yield own_url


def _walked(address: str, token: str | None, scene: Scene) -> Visit:
    with count_bar("Walking", len(scene.asks) + len(scene.lines)) as show:
        return asyncio.run(walk(address, scene, token=token, on_step=show))


def write_report(visit: Visit, folder: Path) -> Path:
    """Draw everything, write it into a folder, and return the page."""
    # Here and not on top: the other commands start faster without drawing.
    from vrbridge.cli.export import write_material, write_mesh
    from vrbridge.client.demo.exhibits import exhibits_of
    from vrbridge.client.demo.gallery import page

    with count_bar("Drawing", len(visit.materials) + len(visit.props)) as show:
        materials, props = exhibits_of(visit, on_exhibit=lambda done: show("", done))
    files: dict[str, str] = {}
    for arrival, material in visit.materials:
        name = files[arrival.ask.prompt] = f"materials/{file_name(arrival.ask.prompt)}/"
        write_material(material, folder / name)
    for arrival, mesh in visit.props:
        name = files[arrival.ask.prompt] = f"props/{file_name(arrival.ask.prompt)}.glb"
        write_mesh(mesh, folder / name, name=arrival.ask.prompt)
    style = (_SCENES / "gallery.css").read_text("utf-8")
    text = page(visit, materials, props, style=style, file_of=lambda arrival: files[arrival.ask.prompt])
    written = folder / "index.html"
    written.write_text(text, "utf-8")
    return written
