"""Main-thread time of a WebXR page while 20 MB arrive: the client, and a page that takes all as it comes.

`python -m tests.bench.webxr_frames` prints the table of the WebXR client's README.
"""

import statistics
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.engine_clients.webxr.page import run_tests, serving_client
from tests.integration.serving import serving

_WITHIN_S = 600.0
_COLUMNS = ("p50_ms", "p99_ms", "max_ms", "gap_ms", "own_ms")


def run() -> str:
    """Return the figures as a table in Markdown.

    Raises:
        RuntimeError: If the page did not get to its end.
    """
    with TemporaryDirectory() as folder, serving_client({}) as origin:
        data = Path(folder)
        with serving(data, VRBRIDGE_SERVER__ORIGINS=origin) as server:
            config = {"token": "", "server": server.url}
            done = run_tests(origin, ["bench_frames"], config, pictures=data, timeout_s=_WITHIN_S)
    if done.exit_code != 0:
        raise RuntimeError(f"The page ended with {done.exit_code}: {done.results} {done.faults}")
    rounds = done.tagged("FRAMES")
    names = ("client", "naive", "nothing")
    rows = [_row(name, [line for line in rounds if line["client"] == name]) for name in names]
    head = (
        "| page | arrived | main thread a frame: median | p99 | longest | longest between two frames "
        "| longest of the client itself |\n|---|---|---|---|---|---|---|\n"
    )
    return head + "\n".join(rows)


def _row(name: str, rounds: list[dict[str, Any]]) -> str:
    megabytes = statistics.mean(line["bytes"] for line in rounds) / 1e6
    longest = {column: max(line[column] for line in rounds) for column in _COLUMNS}
    figures = [f"{value:.1f} ms" if value else "" for value in longest.values()]
    return f"| {name} | {megabytes:.0f} MB | {' | '.join(figures)} |"


if __name__ == "__main__":
    sys.stdout.write(run() + "\n")
