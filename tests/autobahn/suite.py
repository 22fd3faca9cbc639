"""The Autobahn test suite, which runs on Python 2.7: found, installed into a folder of its own, and run."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
INSTALLED = Path(sys.prefix) / "autobahn"
REPORTS = ROOT / "out" / "autobahn"
EXCLUDED = ("12.*", "13.*")
"""Cases of compression, which the product never negotiates."""
MAX_FRAGMENTS = 1 << 17
"""The suite sends 4 MiB in frames of 64 bytes; the product keeps the library's bound of 4,096 frames."""
_AGENT = "vrbridge"
_SUITE_S = 900


@dataclass(frozen=True)
class Outcome:
    """How one case ended.

    Args:
        case: Its number in the suite, such as `7.1.5`.
        behaviour: `OK`, `NON-STRICT`, `INFORMATIONAL`, `UNIMPLEMENTED` or `FAILED`.
        closing: The same for how the connection was closed, or `WRONG CODE` or `UNCLEAN`.
        what: What the case does.
        result: What the suite saw.
        close_code: What the server closed with; None: nothing.
    """

    case: str
    behaviour: str
    closing: str
    what: str
    result: str
    close_code: int | None

    @property
    def is_ok(self) -> bool:
        """Whether nothing is to be said about it."""
        return self.behaviour == self.closing == "OK"

    @property
    def order(self) -> tuple[int, ...]:
        """The case's number, to sort by."""
        return tuple(int(part) for part in self.case.split("."))


def interpreter() -> Path:
    """Return a Python 2.7 that works, or end with a sentence that says how to get one."""
    candidates = [Path(found) for name in ("PYTHON2", "PATH") if (found := _named(name))]
    candidates += sorted((Path.home() / ".pyenv" / "versions").glob("2.7*/bin/python2.7"))
    for candidate in candidates:
        command = [str(candidate), "-c", "import sys, ssl; assert sys.version_info[:2] == (2, 7)"]
        if subprocess.run(command, capture_output=True).returncode == 0:
            return candidate
    sys.exit(
        "The Autobahn suite needs Python 2.7 (`pyenv install 2.7.18`, or Debian 11's `python2.7`). "
        "PYTHON2=/path/to/python2.7 names one that is elsewhere."
    )


def install(python: Path) -> None:
    """Install the pinned suite, once."""
    if (INSTALLED / "bin" / "wstest").exists():
        return
    subprocess.run(
        [str(python), "-m", "ensurepip", "--user"], env=_environment(), check=True, capture_output=True
    )
    command = [str(python), "-m", "pip", "install", "--user", "-qq", "--no-warn-script-location"]
    subprocess.run([*command, "-r", str(HERE / "requirements.txt")], env=_environment(), check=True)


def run(python: Path) -> list[Outcome]:
    """Run all cases against the echo server and return their outcomes in order."""
    shutil.rmtree(REPORTS, ignore_errors=True)
    REPORTS.mkdir(parents=True)
    with _echo_server() as url:
        spec = {
            "outdir": str(REPORTS),
            "options": {"failByDrop": False},
            "servers": [{"agent": _AGENT, "url": url}],
            "cases": ["*"],
            "exclude-cases": list(EXCLUDED),
            "exclude-agent-cases": {},
        }
        path = REPORTS / "spec.json"
        path.write_text(json.dumps(spec))
        command = [str(python), str(INSTALLED / "bin" / "wstest"), "-m", "fuzzingclient", "-s", str(path)]
        with (REPORTS / "wstest.log").open("w") as log:
            subprocess.run(
                command, env=_environment(), stdout=log, stderr=log, timeout=_SUITE_S, check=True, cwd=REPORTS
            )
    return _outcomes()


@contextmanager
def _echo_server() -> Iterator[str]:
    command = [sys.executable, "-m", "tests.autobahn.echo"]
    environment = os.environ | {"WEBSOCKETS_MAX_FRAGMENTS": str(MAX_FRAGMENTS)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=environment) as process:
        assert process.stdout is not None
        try:
            yield f"ws://127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.terminate()


def _outcomes() -> list[Outcome]:
    index = json.loads((REPORTS / "index.json").read_text())[_AGENT]
    return sorted((_outcome(case, entry) for case, entry in index.items()), key=lambda found: found.order)


def _outcome(case: str, entry: dict[str, Any]) -> Outcome:
    report = json.loads((REPORTS / entry["reportfile"]).read_text(encoding="utf-8", errors="replace"))
    return Outcome(
        case,
        entry["behavior"],
        entry["behaviorClose"],
        report["description"],
        report["result"],
        entry["remoteCloseCode"],
    )


def _named(source: str) -> str | None:
    return os.environ.get(source) if source == "PYTHON2" else shutil.which("python2.7")


def _environment() -> dict[str, str]:
    # A user base of its own is an environment that needs no `virtualenv` for Python 2.7.
    return os.environ | {"PYTHONUSERBASE": str(INSTALLED)}
