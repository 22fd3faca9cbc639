"""Fuzz the server's end of the wire: `python -m tests.fuzz`, or `python -m tests.fuzz replay FILE`."""

import argparse
import asyncio
import random
import sys
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path
from typing import Final

from tests.fuzz.runner import SHARES, TARGETS, Result, load, run, save

FAILURES: Final = Path("out/fuzz")


def main() -> int:
    """Run the command line; return its exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("replay", nargs="*", help="`replay` and the files of failures")
    parser.add_argument(
        "--seed", type=int, default=None, help="decides everything; default: another each time"
    )
    parser.add_argument("--executions", type=int, default=10_000_000, help="messages to try")
    parser.add_argument("--minutes", type=float, default=30.0, help="stop after so long")
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    options = parser.parse_args()
    if options.replay:
        return _replay([Path(name) for name in options.replay if name != "replay"])
    seed = options.seed if options.seed is not None else random.SystemRandom().randrange(1 << 32)
    return _fuzz(seed, options.executions, options.jobs, max_s=60 * options.minutes)


def _fuzz(seed: int, n_executions: int, n_jobs: int, *, max_s: float) -> int:
    at_most = f"at most {max_s / 60:g} minutes"
    print(f"seed {seed}: {n_executions:,} executions in {n_jobs} processes, {at_most}", flush=True)
    begun, n_done, n_failures = time.monotonic(), 0, 0
    with ProcessPoolExecutor(n_jobs) as pool:
        work = {
            pool.submit(
                _part, name, f"{seed}/{job}", int(n_executions * share / n_jobs) + 1, max_s * share
            ): name
            for name, share in SHARES.items()
            for job in range(n_jobs)
        }
        for done in as_completed(work):
            result = done.result()
            n_done += result.n_executions
            n_failures += _told(work[done], result, seed)
    wall_s = time.monotonic() - begun
    print(f"{n_done:,} executions in {wall_s:.0f} s, {n_done / wall_s:,.0f} a second, {n_failures} failures")
    return 1 if n_failures else 0


def _part(name: str, seed: str, n_executions: int, max_s: float) -> Result:
    def tell(line: str) -> None:
        print(f"  {line}", flush=True)

    return asyncio.run(run(name, seed=seed, n_executions=n_executions, max_s=max_s, tell=tell))


def _told(name: str, result: Result, seed: int) -> bool:
    """Print what a part has found; return whether it has failed."""
    rate = result.n_executions / max(1e-9, result.wall_s)
    print(f"{name}: {result.n_executions:,} executions, {rate:,.0f} a second", flush=True)
    if result.failure is None:
        return False
    file = save(FAILURES, name, result.failure)
    print(f"FAILED {name}: {result.error!r}; again with `make fuzz FUZZ_SEED={seed}`,")
    print(f"  or this case alone with `python -m tests.fuzz replay {file}`", flush=True)
    return True


def _replay(files: list[Path]) -> int:
    for file in files:
        name, case = load(file)
        print(f"{file}: {name}, {len(case)} parts", flush=True)
        asyncio.run(TARGETS[name].check(case))
        print("  passes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
