"""What processes cost the machine, read from /proc."""

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

_PSS = re.compile(r"^Pss:\s+(\d+) kB", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Cost:
    """What some processes have cost together.

    Args:
        cpu_s: Seconds of processor time.
        waited_s: Seconds in which their main threads could have run, had there been a free core.
    """

    cpu_s: float
    waited_s: float

    def __sub__(self, earlier: Self) -> "Cost":
        return Cost(self.cpu_s - earlier.cpu_s, self.waited_s - earlier.waited_s)


def cost(pids: Sequence[int]) -> Cost | None:
    """Return what processes have cost so far; None if there are none, or one can't be read."""
    try:
        return Cost(sum(map(_cpu_s, pids)), sum(map(_waited_s, pids))) if pids else None
    except OSError:
        return None


def memory_bytes(pid: int) -> int | None:
    """Return the memory that is a process's own, pages shared with others in proportion; None: unknown."""
    try:
        found = _PSS.search(Path(f"/proc/{pid}/smaps_rollup").read_text())
    except OSError:
        return None
    return int(found[1]) * 1024 if found else None


def children(pid: int) -> list[int]:
    """Return the processes that a process has started; none where that can't be read."""
    found: list[int] = []
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            found += [int(child) for child in path.read_text().split()]
        except OSError:
            continue
    return found


def _cpu_s(pid: int) -> float:
    # The name, in parentheses, may hold anything; what follows it is numbers.
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _waited_s(pid: int) -> float:
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[1]) / 1e9
