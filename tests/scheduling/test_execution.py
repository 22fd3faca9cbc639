"""One job, carried out in this process."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.scheduling import echo_work
from vrbridge.interruption import watch
from vrbridge.scheduling.execution import Handler, carried_out
from vrbridge.scheduling.frames import PREFIX, Ended, FromWorker, Output, Run, from_worker

_HANDLERS: dict[str, Handler] = {
    "echo": echo_work.echo,
    "fail": echo_work.fail,
    "refuse": echo_work.refuse,
    "stepping": echo_work.stepping,
    "unpackable": echo_work.unpackable,
}


@pytest.fixture(autouse=True)
def _watch_nothing_afterwards() -> Iterator[None]:
    yield
    watch(None)


def play(call: str, arguments: dict[str, Any], *, n_steps: int = 1000) -> list[tuple[FromWorker, bytes]]:
    """Return messages and payloads of a job that nobody wants after so many steps."""
    left = iter(range(n_steps))
    run = Run(3, call, arguments)
    return [
        (from_worker.decode(frame[PREFIX.size :]), bytes(payload))
        for frame, payload in carried_out(run, _HANDLERS, is_stopped=lambda job: next(left, None) is None)
    ]


def the_end(messages: list[tuple[FromWorker, bytes]]) -> Ended:
    end, payload = messages[-1]
    assert isinstance(end, Ended)
    assert payload == b""
    return end


def test_outputs_come_before_the_end() -> None:
    played = play("echo", {"prompt": "wall", "data": b"xyz"})
    assert played[0] == (Output(3, "result", {"prompt": "wall"}, 3), b"xyz")
    end = the_end(played)
    assert (len(played), end.job, end.failure, end.is_stopped) == (2, 3, None, False)


def test_a_job_that_nobody_wants_ends_at_its_next_step() -> None:
    played = play("stepping", {}, n_steps=50)
    assert [type(message) for message, _ in played] == [Output, Ended]
    assert the_end(played).is_stopped


def test_a_job_that_nobody_wants_does_not_begin() -> None:
    played = play("echo", {}, n_steps=0)
    assert len(played) == 1
    assert the_end(played).is_stopped


def test_what_a_handler_raises_crosses_with_its_code_and_field() -> None:
    failure = the_end(play("refuse", {"error": "invalid_params"})).failure
    assert failure is not None
    assert (failure.code, failure.field) == ("invalid_params", "params.size")


@pytest.mark.parametrize("call", ["fail", "unpackable"])
def test_a_fault_says_its_kind_and_nothing_of_what_the_player_said(
    call: str, caplog: pytest.LogCaptureFixture
) -> None:
    failure = the_end(play(call, {"prompt": "my secret"})).failure
    assert failure is not None
    assert failure.code == "generator_failed"
    assert "secret" not in failure.message + caplog.text
    assert f"job 3 ({call}) failed" in caplog.text


def test_an_unknown_call_is_unavailable() -> None:
    failure = the_end(play("sculpture", {})).failure
    assert failure is not None
    assert failure.code == "unavailable"
