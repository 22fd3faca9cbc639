"""Are all meshes good for an engine? Makes things of 500 prompts, and looks at each.

`python -m tests.bench.props --data MODELS --weights FILE`
"""

import argparse
import json
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.progress import track
from rich.table import Table

from vrbridge.cli.model_setup import catalogue_of, pull_model
from vrbridge.generators.mesh.collider import COLLIDER_FACES, collider
from vrbridge.generators.mesh.levels import ladder
from vrbridge.generators.mesh.library import MeshLibrary
from vrbridge.generators.mesh.prop import Prop, is_closed
from vrbridge.generators.text_encoder import TextEncoder
from vrbridge.jobs.mesh_work import packed_mesh
from vrbridge.settings import load
from vrbridge.training.mesh_folder import read_shapes

_N_PROMPTS = 500
_TESTS = Path(__file__).resolve().parents[1]
_ENCODER = "minilm-l6-v2"


def prompts_of(folder: Path) -> list[str]:
    """Return 500 captions, evenly out of all of a data folder."""
    captions = sorted({shape.colored_caption for shape in read_shapes(folder)})
    return [captions[i] for i in np.linspace(0, len(captions) - 1, _N_PROMPTS).astype(int)]


def main() -> None:
    """Make, check and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--data", type=Path, required=True, help="folder of models whose captions are asked for"
    )
    parser.add_argument("--weights", type=Path, required=True, help="a network, or a set of props")
    parser.add_argument("--max-faces", type=int, default=1500)
    given = parser.parse_args()
    catalogue = catalogue_of(load(None))
    pull_model(catalogue, _ENCODER)
    generator = MeshLibrary({"own": given.weights}, TextEncoder(catalogue.pull(_ENCODER))).generator("own")
    budgets = ladder(given.max_faces, 3)
    closed = on_budget = meshes = 0
    seconds = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for number, prompt in enumerate(
            track(prompts_of(given.data), "Making", console=Console(stderr=True))
        ):
            began = time.perf_counter()
            levels = dict(generator.draft(prompt, seed=number).levels(budgets))
            hull = Prop((collider(levels[0]),))
            seconds.append(time.perf_counter() - began)
            meshes += len(levels) + 1
            closed += sum(map(is_closed, [*levels.values(), hull]))
            on_budget += sum(prop.n_faces <= budgets[level] for level, prop in levels.items())
            on_budget += hull.n_faces <= COLLIDER_FACES
            for role, prop in [*levels.items(), ("collider", hull)]:
                (folder / f"{number:03}-{role}.glb").write_bytes(packed_mesh(prop, "glb", "thing"))
        command = ["node", str(_TESTS / "encoding" / "validate_folder.mjs"), name]
        report = subprocess.run(command, check=True, capture_output=True, text=True, cwd=_TESTS).stdout
    issues: dict[str, int] = json.loads(report)
    clean = sum(count == 0 for count in issues.values())
    table = Table("500 prompts", "share", title=generator.model)
    table.add_row("meshes: three levels and a collider each", f"{meshes}")
    table.add_row("watertight", f"{100 * closed / meshes:.1f} %")
    table.add_row("on budget", f"{100 * on_budget / meshes:.1f} %")
    table.add_row("without error or warning of the Khronos validator", f"{100 * clean / meshes:.1f} %")
    table.add_row("median time, before packing", f"{1000 * float(np.median(seconds)):.0f} ms")
    Console().print(table)


if __name__ == "__main__":
    main()
