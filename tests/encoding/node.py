"""Readers written by others, run in node."""

import json
import subprocess
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).parent


def read_with(script: str, data: bytes) -> dict[str, Any]:
    """Return the JSON that a script of this folder prints about a file.

    Raises:
        AssertionError: If node or its packages are missing, or the script fails.
    """
    try:
        finished = subprocess.run(
            ["node", str(_FOLDER / script)], input=data, capture_output=True, check=False, timeout=60
        )
    except FileNotFoundError:
        raise AssertionError("node is missing; run `bash .ci/tools.sh`.") from None
    assert finished.returncode == 0, finished.stderr.decode()
    report: dict[str, Any] = json.loads(finished.stdout)
    return report
