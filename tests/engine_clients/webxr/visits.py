"""Visits of the page that the server shows at `/`, in headless Chromium."""

import json
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tests.engine_clients.browser import ROOT

_ARTEFACTS: Final = ROOT / "out" / "webxr"
_SCRIPT: Final = Path(__file__).with_name("visit.mjs")
_WITHIN_S: Final = 500.0


@dataclass(frozen=True, slots=True)
class Visit:
    """What a visitor saw.

    Args:
        facts: What was looked for → what was there.
        complaints: What the page's console said, its errors, and requests to other hosts.
        folder: Where pictures and downloads lie.
    """

    facts: Mapping[str, Any]
    complaints: Sequence[str]
    folder: Path

    def picture(self, name: str) -> Path:
        """Return a picture, which also stays where a person finds it."""
        _ARTEFACTS.mkdir(parents=True, exist_ok=True)
        return Path(shutil.copy(self.folder / f"{name}.png", _ARTEFACTS / f"page_{name}.png"))


def visit_page(name: str, url: str, folder: Path) -> Visit:
    """Go through one of the visits of `visit.mjs`.

    Raises:
        AssertionError: If it did not come to its end.
    """
    command = ["node", str(_SCRIPT), name, url, str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=_WITHIN_S, check=False)
    said = [json.loads(line) for line in done.stdout.splitlines()]
    facts = {entry["key"]: entry["value"] for entry in said if entry["kind"] == "fact"}
    wrong = [entry["text"] for entry in said if entry["kind"] != "fact"]
    assert done.returncode == 0, (done.stderr[-2000:], facts, wrong)
    return Visit(facts, wrong, folder)
