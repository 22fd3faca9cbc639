"""Turns are taken one after another, over processes too, and end with them."""

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from vrbridge.generators.mesh.turn import turn

HOLDER = """
import sys
from pathlib import Path
from vrbridge.generators.mesh.turn import turn
with turn(Path(sys.argv[1]), lambda: True):
    print("mine", flush=True)
    sys.stdin.read()
"""


def test_who_asks_while_it_is_taken_waits(tmp_path: Path) -> None:
    file = tmp_path / "new" / "folder" / "turn"
    taken, seen = threading.Event(), []

    def second() -> None:
        with turn(file, lambda: True) as is_ours:
            seen.append(is_ours)
            taken.set()

    with turn(file, lambda: True) as is_ours:
        assert is_ours
        thread = threading.Thread(target=second)
        thread.start()
        assert not taken.wait(0.6)
    assert taken.wait(5)
    thread.join()
    assert seen == [True]


def test_who_does_not_want_it_any_more_does_not_get_it(tmp_path: Path) -> None:
    answers = iter([True, True, False])
    with turn(tmp_path / "turn", lambda: True), turn(tmp_path / "turn", lambda: next(answers)) as is_ours:
        assert not is_ours
    with turn(tmp_path / "turn", lambda: False) as is_ours:
        assert not is_ours


def test_a_turn_that_comes_too_late_is_for_the_next_one(tmp_path: Path) -> None:
    answers = iter([True, False])
    with turn(tmp_path / "turn", lambda: next(answers)) as is_ours:
        assert not is_ours
    with turn(tmp_path / "turn", lambda: True) as is_ours:
        assert is_ours


@pytest.mark.parametrize("is_killed", [False, True])
def test_another_processs_turn_ends_with_it(tmp_path: Path, is_killed: bool) -> None:
    command = [sys.executable, "-c", HOLDER, str(tmp_path / "turn")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdin is not None
        assert holder.stdout.readline() == "mine\n"
        answers = iter([True, False])
        with turn(tmp_path / "turn", lambda: next(answers)) as is_ours:
            assert not is_ours
        if is_killed:
            holder.kill()
        else:
            holder.stdin.close()
        with turn(tmp_path / "turn", lambda: True) as is_ours:
            assert is_ours
