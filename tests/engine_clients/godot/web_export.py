"""Exports the demo project for the web, with the official template and without the editor.

`python -m tests.engine_clients.godot.web_export FOLDER`, then `vrbridge serve --mount godot=FOLDER`.
"""

import gzip
import shutil
import sys
from pathlib import Path
from typing import Final

from tests.engine_clients.browser import ROOT
from tests.engine_clients.godot.engine import ENGINE
from tests.engine_clients.godot.pck import project_files, write_pck

PROJECT: Final = ROOT / "engine_clients" / "godot"
_PAGE: Final = Path(__file__).with_name("demo_page.html")
_ENGINE_FILES: Final = ("index.js", "index.wasm", "index.audio.worklet.js", "index.audio.position.worklet.js")
# Compressed once here, and not for every player.
_PACKED: Final = {".js", ".wasm", ".pck"}
_LEFT_OUT: Final = ("res://tests/", "res://pictures/")


def export_demo(folder: Path) -> None:
    """Write a page that runs the demo project.

    Args:
        folder: Where it goes; made if it is not there.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name in _ENGINE_FILES:
        shutil.copyfile(ENGINE / name, folder / name)
    files = project_files(PROJECT)
    kept = {path: data for path, data in files.items() if not path.startswith(_LEFT_OUT)}
    (folder / "demo.pck").write_bytes(write_pck(kept))
    shutil.copyfile(_PAGE, folder / "index.html")
    for file in sorted(folder.iterdir()):
        if file.suffix in _PACKED:
            file.with_name(f"{file.name}.gz").write_bytes(gzip.compress(file.read_bytes(), 6, mtime=0))


if __name__ == "__main__":
    export_demo(Path(sys.argv[1]))
    sys.stdout.write(f"vrbridge serve --mount godot={sys.argv[1]}   →   http://127.0.0.1:8765/godot/\n")
