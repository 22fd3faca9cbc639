"""Workers are called so that they find what this process finds."""

import json
import os
import sys
from pathlib import Path

from vrbridge.scheduling.worker_command import threads_of_worker, worker_command, worker_environment


def test_a_worker_is_called_with_its_factory_and_configuration() -> None:
    command = worker_command("package.module:create", {"threads": 2, "path": ("a", "b")})
    assert command[0] == sys.executable
    assert command[1:5] == ["-P", "-m", "vrbridge.scheduling.worker", "package.module:create"]
    assert json.loads(command[5]) == {"threads": 2, "path": ["a", "b"]}


def test_a_worker_imports_from_where_this_process_does_and_bounds_its_threads() -> None:
    environment = worker_environment(3)
    assert str(Path(__file__).parents[2]) in environment["PYTHONPATH"].split(os.pathsep)
    assert {environment[name] for name in environment if name.endswith("NUM_THREADS")} == {"3"}
    assert "OMP_NUM_THREADS" in environment


def test_workers_take_twice_their_share_of_the_cores_and_each_at_least_one() -> None:
    n_cores = threads_of_worker(1)
    assert n_cores >= 1
    assert threads_of_worker(2) == n_cores
    assert threads_of_worker(4) == max(1, n_cores // 2)
    assert threads_of_worker(1000 * n_cores) == 1
    assert worker_environment(2)["OMP_WAIT_POLICY"] == "passive"
