"""Runs a target for a number of executions, and keeps what it fails on."""

import hashlib
import logging
import random
import resource
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final, Protocol

from tests.fuzz import conversing, decoding, resuming


class Target(Protocol):
    """What is fuzzed."""

    def cases(self, rng: random.Random, /) -> Iterator[list[bytes]]:
        """Yield cases without end: one message, or a number that decides the rest and then messages."""
        ...

    async def check(self, case: list[bytes], /) -> None:
        """Raise whatever is wrong."""
        ...


TARGETS: Final[dict[str, Target]] = {"decoding": decoding, "resuming": resuming, "conversing": conversing}
SHARES: Final = {"decoding": 0.7, "resuming": 0.2, "conversing": 0.1}
"""Of the executions, since a message to decode takes a fraction of a message to a session."""
MAX_GROWTH_BYTES: Final = 64 << 20
"""How much memory a run may come to need after its beginning."""
_WARM_CASES: Final = 500
_TELL_S: Final = 5.0


class Grown(Exception):
    """A run needs more and more memory."""


@dataclass(frozen=True)
class Result:
    """What a run found.

    Args:
        n_executions: Messages that were tried.
        wall_s: How long that took.
        failure: The case that failed, made short; None: none did.
        error: Why.
    """

    n_executions: int
    wall_s: float
    failure: list[bytes] | None = None
    error: Exception | None = None


async def run(
    name: str,
    *,
    seed: str,
    n_executions: int,
    max_s: float = float("inf"),
    target: Target | None = None,
    tell: Callable[[str], None] = lambda line: None,
) -> Result:
    """Try so many messages, and stop at the first failure.

    Args:
        name: The target's.
        seed: Decides all cases.
        n_executions: At least so many, if there is time.
        max_s: After so many seconds no further case begins.
        target: None: the one of that name.
        tell: Called with a line about the progress every some seconds.
    """
    target = target or TARGETS[name]
    logging.disable(logging.CRITICAL)
    begun = told = time.monotonic()
    n_done = n_cases = n_bytes = 0
    try:
        for case in target.cases(random.Random(f"{seed}/{name}")):
            if n_done >= n_executions or time.monotonic() - begun > max_s:
                break
            if n_cases == _WARM_CASES:
                n_bytes = _most_bytes()
            try:
                await target.check(case)
                if n_cases > _WARM_CASES and _most_bytes() - n_bytes > MAX_GROWTH_BYTES:
                    raise Grown(f"more than {MAX_GROWTH_BYTES >> 20} MiB")
            except Exception as error:  # noqa: BLE001 - whatever it is, it is a finding
                shortest = await _shortened(target, case)
                return Result(n_done, time.monotonic() - begun, shortest, error)
            n_cases += 1
            n_done += max(1, len(case) - 1)
            if time.monotonic() - told > _TELL_S:
                told = time.monotonic()
                tell(f"{name}: {n_done:,} of {n_executions:,}, {n_done / (told - begun):,.0f} a second")
    finally:
        logging.disable(logging.NOTSET)
    return Result(n_done, time.monotonic() - begun)


async def _shortened(target: Target, case: list[bytes]) -> list[bytes]:
    """Return the case without the messages that it fails without."""
    for place in range(len(case) - 1, 0, -1):
        shorter = case[:place] + case[place + 1 :]
        if not await _passes(target, shorter):
            case = shorter
    return case


async def _passes(target: Target, case: list[bytes]) -> bool:
    try:
        await target.check(case)
    except Exception:  # noqa: BLE001 - whatever it is, it is a finding
        return False
    return True


def _most_bytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10


def save(folder: Path, name: str, case: list[bytes]) -> Path:
    """Write a case: the target's name, then its parts in hexadecimal, a line each."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = [name, *(part.hex() for part in case)]
    digest = hashlib.sha256("\n".join(lines).encode()).hexdigest()
    file = folder / f"{name}-{digest[:12]}.hex"
    file.write_text("\n".join(lines) + "\n")
    return file


def load(file: Path) -> tuple[str, list[bytes]]:
    """Return the target's name and the case of a file that `save` has written."""
    name, *parts = file.read_text().splitlines()
    return name, [bytes.fromhex(part) for part in parts]


def first_cases(name: str, seed: str, n_cases: int) -> list[list[bytes]]:
    """Return the cases that a run begins with."""
    return list(islice(TARGETS[name].cases(random.Random(f"{seed}/{name}")), n_cases))
