"""A worker process by itself, at the other end of a plain socket."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from tests.scheduling.fakes import FACTORY
from vrbridge.scheduling.frames import (
    CHANNEL_VARIABLE,
    PREFIX,
    Capacity,
    Ended,
    Output,
    Run,
    Stop,
    from_worker,
    pack,
)
from vrbridge.scheduling.worker_command import worker_command, worker_environment


@dataclass
class Conversation:
    """A worker and both directions to it."""

    process: subprocess.Popen[bytes]
    endpoint: socket.socket
    stream: BinaryIO

    def say(self, message: Run | Stop) -> None:
        self.endpoint.sendall(pack(message))

    def hear(self) -> tuple[Output | Ended, bytes]:
        (n_bytes,) = PREFIX.unpack(self.stream.read(PREFIX.size))
        message = from_worker.decode(self.stream.read(n_bytes))
        assert not isinstance(message, Capacity)
        payload = self.stream.read(message.size_bytes) if isinstance(message, Output) else b""
        return message, payload

    def end(self) -> None:
        self.stream.close()
        self.endpoint.close()


@contextmanager
def worker(**config: Any) -> Iterator[Conversation]:
    """Start a worker and wait for its ready line."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        process = subprocess.Popen(
            worker_command(FACTORY, config),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=os.environ | worker_environment(1) | {CHANNEL_VARIABLE: str(theirs.fileno())},
            pass_fds=[theirs.fileno()],
        )
        theirs.close()
        with process, ours.makefile("rb") as stream:
            assert process.stdout is not None
            assert process.stdout.readline().startswith(b'{"calls": ["about"')
            try:
                yield Conversation(process, ours, stream)
            finally:
                process.kill()


def test_a_job_is_answered_by_its_outputs_and_its_end() -> None:
    with worker() as conversation:
        conversation.say(Run(5, "echo", {"prompt": "wall", "data": b"xyz"}))
        assert conversation.hear() == (Output(5, "result", {"prompt": "wall"}, 3), b"xyz")
        end, _ = conversation.hear()
        assert isinstance(end, Ended)
        assert (end.job, end.failure, end.is_stopped) == (5, None, False)
        assert 0 <= end.seconds < 5


def test_jobs_are_carried_out_one_after_the_other() -> None:
    with worker() as conversation:
        for job in range(20):
            conversation.say(Run(job, "echo", {}))
        heard = [conversation.hear()[0] for _ in range(40)]
        assert [message.job for message in heard] == [job for job in range(20) for _ in range(2)]


def test_a_stop_ends_the_job_it_names_and_no_other(tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    arguments = {"gate": str(gate), "log": str(tmp_path / "log"), "n_steps": 2}
    with worker() as conversation:
        conversation.say(Run(1, "gated", arguments))
        assert conversation.hear() == (Output(1, "begun", {"pid": conversation.process.pid}, 0), b"")
        conversation.say(Stop(0))
        gate.touch()
        assert conversation.hear()[0] == Output(1, "step", {"step": 0}, 0)
        assert conversation.hear()[0] == Output(1, "step", {"step": 1}, 0)
        end, _ = conversation.hear()
        assert isinstance(end, Ended)
        assert not end.is_stopped


def test_a_stop_ends_a_job_that_waits_behind_another(tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    arguments = {"gate": str(gate), "log": str(tmp_path / "log")}
    with worker() as conversation:
        conversation.say(Run(1, "gated", arguments))
        conversation.hear()
        conversation.say(Run(2, "gated", arguments | {"n_steps": 1_000_000}))
        conversation.say(Stop(2))
        gate.touch()
        assert conversation.hear()[0] == Output(1, "step", {"step": 0}, 0)
        first, _ = conversation.hear()
        assert isinstance(first, Ended)
        assert (first.job, first.is_stopped) == (1, False)
        while isinstance(second := conversation.hear()[0], Output):
            assert second.job == 2
        assert (second.job, second.failure, second.is_stopped) == (2, None, True)


@pytest.mark.parametrize("call", ["hang", None], ids=["in a hung job", "idle"])
def test_a_worker_ends_when_the_pool_goes_away(call: str | None) -> None:
    with worker() as conversation:
        if call is not None:
            conversation.say(Run(1, call, {}))
            conversation.hear()
        conversation.end()
        assert conversation.process.wait(10) == 0


def test_an_interrupt_at_the_terminal_does_not_end_a_worker() -> None:
    with worker() as conversation:
        conversation.process.send_signal(signal.SIGINT)
        conversation.say(Run(1, "echo", {}))
        assert conversation.hear()[0] == Output(1, "result", {}, 0)


def test_a_worker_gives_way_and_does_not_look_for_garbage_in_what_it_loaded() -> None:
    with worker() as conversation:
        conversation.say(Run(1, "process", {}))
        message, _ = conversation.hear()
    assert isinstance(message, Output)
    assert message.header["nice"] == os.nice(0) + 10
    assert message.header["looks_for_garbage"]
    assert message.header["n_frozen"] > 1000


def test_the_library_for_networks_is_not_loaded_by_the_worker_itself() -> None:
    code = "import sys, vrbridge.scheduling.worker; sys.exit('torch' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, env=os.environ | worker_environment(1))
