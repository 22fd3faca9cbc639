"""`vrbridge say`, `vrbridge texture` and `vrbridge mesh`: one request from the command line."""

import asyncio
import json
import re
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.markup import escape

from vrbridge.cli.private_server import some_server
from vrbridge.cli.terminal import notes, out, work_bar
from vrbridge.client.client import Client
from vrbridge.client.events import ActionEvent, AnswerDone, Progressed, TextPiece
from vrbridge.errors import SettingsError

# Lower case letters and digits make a file name on every system.
_NOT_IN_NAMES: Final = re.compile(r"[^a-z0-9]+")

# Lossless, and heights keep 16 bits.
_PICTURE_FORMAT: Final = "png"
# Somebody waits at a terminal.
_PATIENCE_S: Final = 15.0

Url = Annotated[
    str | None,
    typer.Option(help="Server, such as ws://127.0.0.1:8765/ws; none: the usual one, or a private one."),
]
Token = Annotated[str | None, typer.Option(help="Made by `vrbridge token create`.", envvar="VRBRIDGE_TOKEN")]
Seed = Annotated[int | None, typer.Option(help="For the same result again.")]


def say(
    npc: Annotated[str, typer.Argument(help="Who is spoken to, such as blacksmith, merchant, museum_guide.")],
    text: Annotated[str, typer.Argument(help="What the player says.")],
    actions: Annotated[
        Path | None,
        typer.Option(help="JSON file: a list of {name, description, parameters} that the character can do."),
    ] = None,
    seed: Seed = None,
    url: Url = None,
    token: Token = None,
) -> None:
    """Say something to a character and print the answer as it is spoken.

    Actions that the character chooses are printed as lines that start with `→`.
    """
    offered = _offered(actions)

    async def ask(address: str) -> None:
        async with connected(address, token) as client:
            async for event in client.dialogue(npc, text, actions=offered, seed=seed):
                match event:
                    case TextPiece(text=piece):
                        out.print(piece, end="", markup=False)
                    case ActionEvent(name=name, arguments=arguments):
                        out.print(f"\n→ {name} {json.dumps(dict(arguments))}", markup=False, end="")
                    case AnswerDone():
                        out.print()
                        notes.print(f"[dim]{escape(_answer_facts(event))}[/dim]")

    with some_server(url) as address:
        asyncio.run(ask(address))


def texture(
    prompt: Annotated[str, typer.Argument(help='What it looks like, such as "mossy stone wall".')],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Folder for the PNG files; named by the prompt.")
    ] = None,
    size: Annotated[int, typer.Option(help="Edge in pixels: a power of two, 64–2048.")] = 512,
    style: Annotated[
        str | None, typer.Option(help='A texture network that the server has, or words: "dark and mossy".')
    ] = None,
    seed: Seed = None,
    url: Url = None,
    token: Token = None,
) -> None:
    """Make a seamless material.

    Writes base_color.png, normal.png (+Y up), orm.png (occlusion, roughness, metallic), height.png, and
    tiled.png to look at: the colour repeated three by three.
    """
    folder = output if output is not None else Path(file_name(prompt))

    async def ask(address: str) -> None:
        with work_bar(prompt) as show:
            async with connected(address, token) as client:
                material = await client.texture(
                    prompt,
                    size_px=size,
                    style=style,
                    maps=["base_color", "normal", "orm", "height"],
                    seed=seed,
                    on_progress=lambda event: show(event.stage, event.fraction),
                )
        # Here and not on top: the other commands start faster without numpy.
        from vrbridge.cli.export import write_material

        for path in written(write_material, material, folder):
            out.print(str(path), markup=False)
        report(material.result, material.timing)

    with some_server(url) as address:
        asyncio.run(ask(address))


def mesh(
    prompt: Annotated[str, typer.Argument(help='What it is, such as "wooden chair".')],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="The .glb file; named by the prompt.")
    ] = None,
    faces: Annotated[int, typer.Option(help="Most triangles, 50–20000.")] = 1500,
    size: Annotated[
        float | None, typer.Option(help="Longest side in metres; none: as large as such things are.")
    ] = None,
    texture_px: Annotated[int, typer.Option(help="Edge of its textures; 0: colours only.")] = 512,
    style: Annotated[
        str | None, typer.Option(help="generated, library, procedural, or a mesh network of the server.")
    ] = None,
    seed: Seed = None,
    url: Url = None,
    token: Token = None,
) -> None:
    """Make a prop: one GLB file with textures inside, in metres, standing on the floor."""
    target = output if output is not None else Path(f"{file_name(prompt)}.glb")

    async def ask(address: str) -> None:
        with work_bar(prompt) as show:

            def on_progress(event: Progressed) -> None:
                show(event.stage, event.fraction)

            async with connected(address, token) as client:
                made = await client.mesh(
                    prompt,
                    max_faces=faces,
                    lods=1,
                    collider=False,
                    size_m=size,
                    texture_px=texture_px,
                    style=style,
                    seed=seed,
                    on_progress=on_progress,
                )
        # Here and not on top: the other commands start faster without numpy.
        from vrbridge.cli.export import write_mesh

        written(lambda thing, file: write_mesh(thing, file, name=prompt), made, target)
        out.print(str(target), markup=False)
        report(made.result, made.timing)

    with some_server(url) as address:
        asyncio.run(ask(address))


def connected(address: str, token: str | None) -> AbstractAsyncContextManager[Client]:
    """Return a client of a server that answers lossless pictures."""
    return Client.connect(
        address,
        token=token,
        name="vrbridge-cli",
        device="terminal",
        texture_formats=[_PICTURE_FORMAT],
        give_up_s=_PATIENCE_S,
    )


def file_name(prompt: str) -> str:
    """Return a prompt as a name that every file system takes."""
    return _NOT_IN_NAMES.sub("-", prompt.casefold()).strip("-") or "unnamed"


def _offered(file: Path | None) -> list[Mapping[str, Any]] | None:
    if file is None:
        return None
    try:
        offered = json.loads(file.read_text("utf-8"))
    except OSError as error:
        raise SettingsError(f"Can't read {file.name}: {error.strerror}.") from error
    except ValueError as error:
        raise SettingsError(f"{file.name} is not JSON: {error}.") from error
    if not isinstance(offered, list):
        raise SettingsError(f"{file.name} must hold a list of actions.")
    return offered


def written(write: Any, thing: object, path: Path) -> Any:
    """Return what writing gives.

    Raises:
        SettingsError: If there is no room, or no right to write.
    """
    try:
        return write(thing, path)
    except OSError as error:
        raise SettingsError(f"Can't write {path}: {error.strerror}.") from error


def report(result: Mapping[str, Any], timing: Mapping[str, float]) -> None:
    """Say what was made, how long it took, and what is less than was asked for."""
    facts = [f"{name} {result[name]}" for name in ("family", "origin", "seed") if name in result]
    if "confidence" in result:
        facts.append(f"confidence {result['confidence']:.2f}")
    facts.append(f"{timing.get('total_ms', 0):.0f} ms")
    notes.print(f"[dim]{escape(', '.join(facts))}[/dim]")
    for name, (asked, made) in result.get("degraded", {}).items():
        text = (
            f"The server has much to do: {name} is {made} instead of {asked}. Ask again later for all of it."
        )
        notes.print(f"[yellow]{escape(text)}[/yellow]")


def _answer_facts(done: AnswerDone) -> str:
    facts = [str(done.emotion["name"])] if "name" in done.emotion else []
    facts += [done.finish, f"first word after {done.timing.get('first_ms', 0):.0f} ms"]
    return ", ".join(facts)
