"""Main-thread time of Godot frames while 20 MB arrive: the addon, and a client that takes all as it comes.

`python -m tests.bench.godot_frames` prints the table of the Godot client's README.
"""

import json
import statistics
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.engine_clients.browser import ROOT
from tests.engine_clients.godot.engine import run_page, serving_page
from tests.engine_clients.godot.pck import project_files, with_settings, write_pck
from tests.integration.serving import serving

_WITHIN_S = 500.0
_COLUMNS = ("p50_ms", "p99_ms", "max_ms")


def run() -> str:
    """Return the figures as a table in Markdown.

    Raises:
        RuntimeError: If the engine did not get to its end.
    """
    project = project_files(ROOT / "engine_clients" / "godot")
    files = with_settings(project, "res://tests/runner.tscn", connects=False)
    with TemporaryDirectory() as folder, serving_page({"bench": write_pck(files)}) as origin:
        data = Path(folder)
        with serving(data, VRBRIDGE_SERVER__ORIGINS=origin) as server:
            config = json.dumps({"token": "", "server": server.url})
            done = run_page(
                origin,
                "bench",
                pictures=data,
                arguments=["folder=res://tests/bench", f"config={config}"],
                timeout_s=_WITHIN_S,
            )
    if done.exit_code != 0:
        raise RuntimeError(f"The engine ended with {done.exit_code}: {done.tagged('RESULT')} {done.faults}")
    rounds = done.tagged("FRAMES")
    rows = [_row(name, [line for line in rounds if line["client"] == name]) for name in ("addon", "naive")]
    head = "| client | arrived | main thread a frame: median | p99 | longest |\n|---|---|---|---|---|\n"
    return head + "\n".join(rows)


def _row(name: str, rounds: list[dict[str, Any]]) -> str:
    megabytes = statistics.mean(line["bytes"] for line in rounds) / 1e6
    figures = [f"{max(line[column] for line in rounds):.1f} ms" for column in _COLUMNS]
    return f"| {name} | {megabytes:.0f} MB | {' | '.join(figures)} |"


if __name__ == "__main__":
    sys.stdout.write(run() + "\n")
