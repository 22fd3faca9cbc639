"""Everything that a load test found, for programs: `load.json`."""

import importlib.metadata
import os
import platform
import re
from collections.abc import Sequence
from pathlib import Path

import msgspec

from vrbridge import __version__
from vrbridge.bench.conduct import Run
from vrbridge.bench.figures import Figure, figures
from vrbridge.bench.scenario import Phase
from vrbridge.bench.timeline import Timeline, timeline

_LIBRARIES = ("websockets", "uvloop", "msgspec", "msgpack", "prometheus-client")
_CPU_NAME = re.compile(r"^model name\s*:\s*(.+)$", re.MULTILINE)


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """What one scenario found.

    Args:
        name: Of the scenario.
        title: In words.
        n_players: In all groups.
        phases: With the rates that players had.
        figures: All of them.
        timeline: Second by second.
    """

    name: str
    title: str
    n_players: int
    phases: list[Phase]
    figures: list[Figure]
    timeline: Timeline


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What a load test found, and where.

    Args:
        machine: Facts about the machine.
        versions: Of what took part.
        server: `scripted`, `product`, or the address of a running one.
        seed: That decided who asked for what and when.
        n_processes: In which the players were.
        results: By scenario.
    """

    machine: dict[str, str | int]
    versions: dict[str, str]
    server: str
    seed: int
    n_processes: int
    results: list[Result]

    @property
    def missed(self) -> list[tuple[str, Figure]]:
        """Scenarios and figures whose target is not met."""
        return [
            (result.name, figure)
            for result in self.results
            for figure in result.figures
            if figure.is_met is False
        ]


def result_of(run: Run) -> Result:
    """Return what a run found."""
    return Result(
        name=run.scenario.name,
        title=run.scenario.title,
        n_players=run.scenario.n_players,
        phases=[span.phase for span in run.spans],
        figures=figures(run),
        timeline=timeline(run),
    )


def report(results: Sequence[Result], *, server: str, seed: int, n_processes: int) -> Report:
    """Return the report of several scenarios on this machine."""
    return Report(
        machine=machine(),
        versions={"vrbridge": __version__, "python": platform.python_version()}
        | {name: importlib.metadata.version(name) for name in _LIBRARIES if _is_installed(name)},
        server=server,
        seed=seed,
        n_processes=n_processes,
        results=list(results),
    )


def machine() -> dict[str, str | int]:
    """Return what decides how fast this machine is."""
    facts: dict[str, str | int] = {"system": f"{platform.system()} {platform.release()}"}
    facts["processor"] = _processor()
    try:
        facts["cores"] = len(os.sched_getaffinity(0))
        facts["memory_mb"] = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") >> 20
    except (AttributeError, ValueError, OSError):  # not on every system
        facts["cores"] = os.cpu_count() or 1
    return facts


def write(report: Report, path: Path) -> None:
    """Write a report as JSON, one value a line, so that two can be compared line by line."""
    path.write_bytes(msgspec.json.format(msgspec.json.encode(report), indent=1) + b"\n")


def _processor() -> str:
    try:
        found = _CPU_NAME.search(Path("/proc/cpuinfo").read_text())
    except OSError:
        found = None
    return found[1] if found else platform.processor() or platform.machine()


def _is_installed(name: str) -> bool:
    try:
        importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return False
    return True
