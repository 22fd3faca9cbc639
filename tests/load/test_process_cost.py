"""What processes cost."""

import mmap
import os
import subprocess
import sys
import time

import pytest

from vrbridge.bench.process_cost import Cost, children, cost, memory_bytes

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


def test_work_costs_processor_time() -> None:
    before = cost([os.getpid()])
    began = time.process_time()
    while time.process_time() - began < 0.2:
        pass
    after = cost([os.getpid()])
    assert before is not None
    assert after is not None
    # The kernel counts in hundredths.
    assert (after - before).cpu_s >= 0.17
    assert (after - before).waited_s >= 0


def test_several_processes_are_added_up() -> None:
    assert Cost(3.0, 0.5) - Cost(1.0, 0.25) == Cost(2.0, 0.25)
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        both, own = cost([os.getpid(), child.pid]), cost([os.getpid()])
        child.communicate(b"\n")
    assert both is not None
    assert own is not None
    assert both.cpu_s <= own.cpu_s + 60


def test_memory_that_is_taken_is_counted() -> None:
    before = memory_bytes(os.getpid())
    # Straight from the kernel: what the allocator hands out may be pages that this process has long had.
    with mmap.mmap(-1, 32 << 20) as taken:
        for _ in range(32):
            taken.write(b"\x01" * (1 << 20))
        after = memory_bytes(os.getpid())
        assert before is not None
        assert after is not None
        assert after - before > 0.9 * len(taken)


def test_nothing_is_known_of_a_process_that_is_gone() -> None:
    child = subprocess.Popen([sys.executable, "-c", "pass"])
    child.wait()
    assert cost([child.pid]) is None
    assert cost([]) is None
    assert memory_bytes(child.pid) is None
    assert children(child.pid) == []


def test_children_are_found() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        assert child.pid in children(os.getpid())
        child.communicate(b"\n")
