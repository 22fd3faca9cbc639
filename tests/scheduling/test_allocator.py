"""Freed memory stays with a worker while it works, and goes back when it has nothing to do."""

import json
import platform
import socket
import subprocess
import sys
import threading

import pytest

from vrbridge.scheduling import worker
from vrbridge.scheduling.worker import Worker

_MEASURED = """
import json
from vrbridge.scheduling.allocator import give_freed_memory_back, keep_freed_memory

def resident_mib():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096 >> 20

def used_and_freed():
    blocks = [bytearray(b"x") * (40 << 20) for _ in range(5)]
    most = resident_mib()
    del blocks
    return most - resident_mib()

returned = used_and_freed()
keep_freed_memory()
kept = used_and_freed()
before = resident_mib()
give_freed_memory_back()
print(json.dumps({"without": returned, "kept": kept, "back": before - resident_mib()}))
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other libraries have no such choice")
def test_it_is_kept_until_it_is_given_back() -> None:
    ran = subprocess.run([sys.executable, "-c", _MEASURED], capture_output=True, text=True, check=True)
    freed_mib = json.loads(ran.stdout)
    assert freed_mib["without"] > 190
    assert freed_mib["kept"] < 10
    assert freed_mib["back"] > 190


def test_a_worker_without_a_job_gives_it_back(monkeypatch: pytest.MonkeyPatch) -> None:
    given = threading.Event()
    monkeypatch.setattr(worker, "_IDLE_S", 0.02)
    monkeypatch.setattr(worker, "give_freed_memory_back", given.set)
    near, far = socket.socketpair()
    with near, far:
        threading.Thread(target=Worker(near).work, args=({},), daemon=True).start()
        assert given.wait(10)
