"""`make chaos`: what breaks in the field, played against the server; ends non-zero if a promise is broken.

Everything stays on the loopback interface and has an end. A seed plays the same choices again; what the
machine does in between is its own.
"""

import argparse
import asyncio
import contextlib
import json
import os
import secrets
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from tests.chaos.catalogue import SCENARIOS, Scenario
from tests.chaos.verdict import Verdict, write

_N_LAST_LINES = 40


async def _play(scenario: Scenario, seed: int, minutes: float) -> Verdict:
    started = time.monotonic()
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.chaos.act",
        scenario.name,
        str(seed),
        str(minutes),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        # A group of its own, so that nothing it has started outlives it.
        start_new_session=True,
    )
    said, log, hung = b"", b"", ""
    try:
        said, log = await asyncio.wait_for(process.communicate(), scenario.limit_s + minutes * 60)
    except TimeoutError:
        hung = f"it did not end in {scenario.limit_s + minutes * 60:.0f} s"
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
    is_passed = process.returncode == 0 and not hung
    fault = "\n".join([hung, *log.decode(errors="replace").splitlines()[-_N_LAST_LINES:]]).strip()
    return Verdict(
        scenario.name,
        seed,
        is_passed,
        time.monotonic() - started,
        json.loads(said) if is_passed else {},
        "" if is_passed else fault,
    )


async def _play_all(scenarios: Sequence[Scenario], seed: int, minutes: float) -> list[Verdict]:
    """Play the patient ones all at once, and the others one after the other beside them."""

    async def show(scenario: Scenario) -> Verdict:
        verdict = await _play(scenario, seed, minutes)
        print(verdict.line(), flush=True)
        return verdict

    async with asyncio.TaskGroup() as tasks:
        patient = [tasks.create_task(show(one)) for one in scenarios if one.is_patient]
        busy = [await show(one) for one in scenarios if not one.is_patient]
    return [task.result() for task in patient] + busy


def main() -> int:
    """Play what the command line says and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(1 << 31), help="of all choices")
    parser.add_argument("--minutes", type=float, default=2.0, help="how long the random mix goes on")
    parser.add_argument("--only", action="append", metavar="NAME", help="may be given several times")
    parser.add_argument("--out", type=Path, default=Path("out/chaos.json"), help="where the report goes")
    options = parser.parse_args()
    chosen = [one for one in SCENARIOS if options.only is None or one.name in options.only]
    unknown = set(options.only or ()) - {one.name for one in SCENARIOS}
    if unknown:
        parser.error(f"unknown: {', '.join(unknown)}; known: {', '.join(one.name for one in SCENARIOS)}")
    # What is asked to end takes its scenarios along.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    print(f"seed {options.seed}; again: python -m tests.chaos --seed {options.seed}", flush=True)
    verdicts = asyncio.run(_play_all(chosen, options.seed, options.minutes))
    write(options.out, options.seed, verdicts)
    n_failed = sum(not verdict.is_passed for verdict in verdicts)
    print(f"{len(verdicts) - n_failed} passed, {n_failed} failed; {options.out}")
    return 1 if n_failed else 0


if __name__ == "__main__":
    sys.exit(main())
