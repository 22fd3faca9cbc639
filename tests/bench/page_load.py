"""How soon the page at `/` can be used, and is as it begins, in a browser that draws without a graphics card.

`python -m tests.bench.page_load` prints the line of the WebXR client's README.
"""

import statistics
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.engine_clients.webxr.visits import visit_page
from tests.integration.serving import PATIENT, serving

_VISITS = 5


def run() -> str:
    """Return the figures as a sentence; the first visit, to a server that has made nothing yet, by itself."""
    with TemporaryDirectory() as folder, serving(Path(folder), **PATIENT) as server:
        visits = [visit_page("load", f"{server.http_url}/", Path(folder)).facts for _ in range(1 + _VISITS)]
    firsts = [visit["interactive_ms"] / 1000 for visit in visits]
    wholes = [visit["furnished_ms"] / 1000 for visit in visits]
    first = f"{statistics.median(firsts):.1f} s (longest of {len(visits)}: {max(firsts):.1f} s)"
    whole = f"{wholes[0]:.1f} s, from the server's cache {statistics.median(wholes[1:]):.1f} s"
    megabytes, things = visits[0]["megabytes"], visits[0]["things"]
    return (
        f"First frame that can be used: {first}, {megabytes:.1f} MB loaded. "
        f"All {things} materials and props in place: {whole}."
    )


if __name__ == "__main__":
    sys.stdout.write(run() + "\n")
