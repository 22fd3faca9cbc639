"""Workers are called so that they find what this process finds."""

import json
import os
import sys
from pathlib import Path

from vrbridge.scheduling.worker_command import share_of_cores, worker_command, worker_environment


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


def test_workers_share_the_cores_and_each_has_at_least_one() -> None:
    n_cores = share_of_cores(1)
    assert n_cores >= 1
    assert share_of_cores(2) == max(1, n_cores // 2)
    assert share_of_cores(1000 * n_cores) == 1
