"""What the core of the Unity client costs, on .NET 8 and on Mono, the family of Unity's own runtime.

`python -m tests.bench.unity_core` prints the table of the package's README.
"""

import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from tests.engine_clients.unity.compiler import PACKAGE, Assembly, built
from tests.engine_clients.unity.core import core
from tests.engine_clients.unity.nunit import program
from tests.integration.serving import serving

_PROGRAM: Final = Path(__file__).parents[1] / "engine_clients" / "unity" / "bench" / "CoreBench.cs"
_SOURCES: Final = [_PROGRAM, PACKAGE / "Tests" / "Core" / "Session" / "LoopSocket.cs"]
_FIGURE: Final = re.compile(r"FIGURE (\w+)\|([\d.]+)\|([\d.]+)")
_WITHIN_S: Final = 600.0
# Larger textures take their time on a busy machine.
_SETTINGS: Final = {"VRBRIDGE_WORKERS__HANG_S": "300"}
_RECEIVE: Final = "receive"
_QUIET: Final = "quiet"
_ROWS: Final = {
    "context": "encode a `context` with both hands and four things near",
    "credit": "encode and queue a `credit`",
    "text": "decode a `text`",
    "chunk": "find a `chunk` of 64 KiB in its message",
    "take": "take a `chunk` of 64 KiB: copy and SHA-256, off the main thread",
    "frame": "a frame with a `context` out and a chunk of 64 KiB in, all on one thread",
}
Figures = Mapping[str, tuple[float, float]]
"""Name → nanoseconds (or MB/s, or percent of frames) and bytes allocated (or frames)."""


def run() -> str:
    """Return the figures as a table in Markdown.

    Raises:
        subprocess.CalledProcessError: If a program did not get to its end.
    """
    with TemporaryDirectory() as folder, serving(Path(folder), **_SETTINGS) as server:
        columns = [_measured(server.url, is_for_mono=is_for_mono) for is_for_mono in (False, True)]
    head = "| | .NET 8 | allocated | Mono | allocated |\n|---|---|---|---|---|"
    rows = [_row(text, [figures[name] for figures in columns]) for name, text in _ROWS.items()]
    speeds = " | ".join(f"{figures[_RECEIVE][0]:.0f} MB/s | " for figures in columns)
    frames = " | ".join(
        f"{figures[_QUIET][0]:.0f} % of {figures[_QUIET][1]:.0f} frames | " for figures in columns
    )
    return "\n".join(
        [
            head,
            *rows,
            f"| a texture of 22 MB over the loopback, from a real server | {speeds}|",
            f"| frames of the main thread without any allocation meanwhile | {frames}|",
        ]
    )


def _measured(url: str, *, is_for_mono: bool) -> Figures:
    library = core(is_for_mono=is_for_mono)
    bench = built(
        Assembly("VRBridge.Core.Bench", _SOURCES, [library], is_program=True, is_for_mono=is_for_mono)
    )
    # Programs look for what they need beside them.
    shutil.copy(library, bench.parent)
    command = [*program(bench, is_for_mono=is_for_mono), url]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=_WITHIN_S)
    return {name: (float(cost), float(n_bytes)) for name, cost, n_bytes in _FIGURE.findall(done.stdout)}


def _row(text: str, figures: list[tuple[float, float]]) -> str:
    return f"| {text} | " + " | ".join(f"{_time(ns)} | {n_bytes:.0f} B" for ns, n_bytes in figures) + " |"


def _time(ns: float) -> str:
    if ns >= 1e6:
        return f"{ns / 1e6:.2f} ms"
    return f"{ns / 1e3:.1f} µs" if ns >= 1e3 else f"{ns:.0f} ns"


if __name__ == "__main__":
    sys.stdout.write(run() + "\n")
