"""How a worker process is called."""

import os
import sys
from collections.abc import Mapping
from typing import Any

import msgspec

_THREAD_VARIABLES = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")
# Threads that wait in loops take the core from those they wait for. With this, two workers of as many threads
# as there are cores are no slower than two of half as many, and one alone is nearly twice as fast.
_PATIENCE = {"OMP_WAIT_POLICY": "passive"}
# What Apple's GPUs can't do yet, torch does on the CPU then; read when torch is loaded.
_FALLBACK = {"PYTORCH_ENABLE_MPS_FALLBACK": "1"}


def threads_of_worker(n_workers: int) -> int:
    """Return the threads of one worker: twice its share of the cores, for workers are seldom all busy."""
    try:
        n_cores = len(os.sched_getaffinity(0))
    except AttributeError:  # not on every system
        n_cores = os.cpu_count() or 1
    return max(1, min(n_cores, 2 * n_cores // max(1, n_workers)))


def worker_command(factory: str, config: Mapping[str, Any]) -> list[str]:
    """Return program and arguments.

    Args:
        factory: `package.module:function`.
        config: Plain data; others on the machine can read it, so that no secret belongs here.
    """
    config_json = msgspec.json.encode(config).decode()
    # -P: a module in the working directory must not stand in for an installed one.
    return [sys.executable, "-P", "-m", "vrbridge.scheduling.worker", factory, config_json]


def worker_environment(n_threads: int) -> dict[str, str]:
    """Return variables that make a worker import what this process would, and bound its native threads."""
    paths = os.pathsep.join(path for path in sys.path if path)
    return {"PYTHONPATH": paths, **_PATIENCE, **_FALLBACK, **dict.fromkeys(_THREAD_VARIABLES, str(n_threads))}
