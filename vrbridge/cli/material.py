"""`vrbridge material`: a photograph of a surface as a seamless material."""

import asyncio
import io
from pathlib import Path
from typing import Annotated, Final

import typer

from vrbridge.cli.ask import Token, Url, connected, file_name, report, written
from vrbridge.cli.private_server import some_server
from vrbridge.cli.terminal import out, work_bar
from vrbridge.errors import SettingsError
from vrbridge.protocol.params import MAX_IMAGE_BYTES

_MIN_SIDE_PX: Final = 32
# Larger photographs are made smaller before they are sent: about what a 2048 px material is cut from.
_MAX_SIDE_PX: Final = 3200
_QUALITIES: Final = (95, 88, 80, 70)
_SENT_AS_THEY_ARE: Final = (".jpg", ".jpeg", ".png", ".webp")


def material(
    photo: Annotated[Path, typer.Argument(help="A picture of a surface, seen straight on.")],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Folder for the PNG files; named by the photo.")
    ] = None,
    size: Annotated[int, typer.Option(help="Edge in pixels: a power of two, 64–2048.")] = 1024,
    metres: Annotated[
        float | None, typer.Option(help="How many metres of the surface one tile shows; 1 by default.")
    ] = None,
    url: Url = None,
    token: Token = None,
) -> None:
    """Make a seamless material out of a photograph.

    Its middle square is lit evenly and made to tile; the other maps are read off it. Writes base_color.png,
    normal.png (+Y up), orm.png (occlusion, roughness, metallic), height.png, and tiled.png to look at.
    """
    folder = output if output is not None else Path(file_name(photo.stem))
    image = fitting(photo)

    async def ask(address: str) -> None:
        with work_bar(photo.name) as show:
            async with connected(address, token) as client:
                made = await client.material(
                    image,
                    size_px=size,
                    maps=["base_color", "normal", "orm", "height"],
                    metres_per_tile=metres,
                    on_progress=lambda event: show(event.stage, event.fraction),
                )
        # Here and not on top: the other commands start faster without numpy.
        from vrbridge.cli.export import write_material

        for path in written(write_material, made, folder):
            out.print(str(path), markup=False)
        report(made.result, made.timing)

    with some_server(url) as address:
        asyncio.run(ask(address))


def fitting(photo: Path) -> bytes:
    """Return a picture file as it may be sent: as it is if it fits, else smaller and as a JPEG.

    Raises:
        SettingsError: If it can't be read, or is no picture.
    """
    try:
        data = photo.read_bytes()
    except OSError as error:
        raise SettingsError(f"Can't read {photo.name}: {error.strerror}.") from error
    if len(data) <= MAX_IMAGE_BYTES and photo.suffix.casefold() in _SENT_AS_THEY_ARE:
        return data
    # Here and not on top: the other commands start faster without them.
    from vrbridge.encoding.photo import UnreadablePicture, opaque, open_photo

    try:
        picture = opaque(open_photo(io.BytesIO(data), min_side_px=_MIN_SIDE_PX, enough_px=_MAX_SIDE_PX))
    except UnreadablePicture as error:
        raise SettingsError(f"{photo.name}: {error}") from error
    while True:
        for quality in _QUALITIES:
            buffer = io.BytesIO()
            picture.save(buffer, "JPEG", quality=quality)
            if buffer.tell() <= MAX_IMAGE_BYTES and max(picture.size) <= _MAX_SIDE_PX:
                return buffer.getvalue()
        width, height = (max(_MIN_SIDE_PX, round(edge * 0.8)) for edge in picture.size)
        picture = picture.resize((width, height), reducing_gap=3.0)
