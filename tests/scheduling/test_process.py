"""A supervised child becomes ready, comes back, and never stays behind; with real processes."""

import asyncio
import contextlib
import logging
import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from vrbridge.scheduling.backoff import Backoff
from vrbridge.scheduling.process import ProcessFailed, Serve, SupervisedProcess

READY = "import os, sys, time; print('{\"port\": 7}', flush=True); "
UNTIL_EOF = READY + "sys.stdin.read()"
DEAF = "import signal; signal.signal(15, signal.SIG_IGN); " + READY + "time.sleep(600)"


def quick() -> Backoff:
    return Backoff(first_s=0.01, longest_s=0.05)


@asynccontextmanager
async def supervised(
    code: str,
    *,
    serve: Serve | None = None,
    start_timeout_s: float = 20.0,
    environment: dict[str, str] | None = None,
    stop_s: float = 10.0,
) -> AsyncIterator[tuple[SupervisedProcess, asyncio.Queue[dict[str, Any]]]]:
    """Run code under supervision; ready lines come through the queue."""
    ready: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    async with SupervisedProcess(
        [sys.executable, "-I", "-S", "-c", code],
        name="child",
        environment=environment,
        start_timeout_s=start_timeout_s,
        serve=serve,
        on_ready=ready.put_nowait,
        backoff=quick(),
        stop_s=stop_s,
    ) as process:
        yield process, ready


def is_alive(pid: int) -> bool:
    """Whether a process lives; a zombie does not."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text("ascii")
    except OSError:
        return False
    return status.rpartition(")")[2].split()[0] != "Z"


def gone(pid: int) -> bool:
    """Wait for the end of a process that need not be a child of ours."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        ended, _, _ = select.select([descriptor], [], [], 10)
    finally:
        os.close(descriptor)
    return bool(ended)


async def test_a_child_is_ready_after_its_json_line_and_noise_before_it_is_passed_over() -> None:
    code = "import sys; print('loading'); print('[1]'); print('{\"port\": 7}', flush=True); sys.stdin.read()"
    async with supervised(code) as (process, ready):
        async with asyncio.timeout(20):
            assert await process.wait_ready() == {"port": 7}
        assert ready.get_nowait() == {"port": 7}
        assert process.is_ready
        assert process.info == {"port": 7}
        assert process.pid is not None
        assert is_alive(process.pid)
        assert process.delay_left_s == 0.0


async def test_the_environment_is_ours_and_what_was_added() -> None:
    code = (
        "import json, os, sys; e = os.environ;"
        "print(json.dumps({'key': e['KEY'], 'path': e['PATH']}), flush=True); sys.stdin.read()"
    )
    async with supervised(code, environment={"KEY": "secret"}) as (process, _), asyncio.timeout(20):
        assert await process.wait_ready() == {"key": "secret", "path": os.environ["PATH"]}


async def test_a_killed_child_is_replaced_and_announced_again() -> None:
    async with supervised(UNTIL_EOF) as (process, ready), asyncio.timeout(20):
        await ready.get()
        first = process.pid
        assert first is not None
        os.kill(first, signal.SIGKILL)
        await ready.get()
        assert process.pid != first
        assert process.n_restarts == 1
        assert not is_alive(first)


async def test_a_child_that_is_of_no_use_any_more_is_replaced_even_if_it_stands_still(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with supervised(UNTIL_EOF) as (process, ready), asyncio.timeout(20):
        await ready.get()
        first = process.pid
        assert first is not None
        os.kill(first, signal.SIGSTOP)
        process.replace("It fell silent.")
        assert not process.is_ready
        process.replace("It was said already.")
        await ready.get()
        assert process.pid != first
        assert process.n_restarts == 1
        assert not is_alive(first)
    assert "child ended: It fell silent." in caplog.text


async def test_a_child_that_leaves_others_behind_takes_them_along() -> None:
    code = (
        "import subprocess, sys;"
        "p = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']);"
        "print('{\"other\": %d}' % p.pid, flush=True); sys.stdin.read()"
    )
    async with supervised(code) as (process, ready), asyncio.timeout(20):
        other = (await ready.get())["other"]
        assert process.pid is not None
        os.kill(process.pid, signal.SIGKILL)
        await ready.get()
        assert gone(other)
        assert process.info is not None
        last = process.info["other"]
        assert is_alive(last)
    assert gone(last)


async def test_closing_ends_a_child_that_ignores_the_polite_signal() -> None:
    async with supervised(DEAF, stop_s=0.1) as (process, ready):
        async with asyncio.timeout(20):
            await ready.get()
        pid = process.pid
        assert pid is not None
    assert not is_alive(pid)
    assert not process.is_ready
    assert process.pid is None


async def test_closing_during_the_start_leaves_nothing(tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    code = f"import os, time; open({str(fifo)!r}, 'w').write(str(os.getpid())); time.sleep(600)"
    async with supervised(code) as (process, _):
        pid = int(await asyncio.to_thread(fifo.read_text))
        assert process.pid == pid
        assert not process.is_ready
    assert not is_alive(pid)


async def test_a_child_that_never_starts_is_tried_again_and_then_reported(
    caplog: pytest.LogCaptureFixture,
) -> None:
    code = "import sys; sys.stderr.write('the reason'); sys.exit(3)"
    async with supervised(code) as (process, ready):
        with pytest.raises(ProcessFailed, match="child does not start"):
            async with asyncio.timeout(20):
                await process.wait_ready(max_failures=3)
        assert process.n_failures >= 3
        assert ready.empty()
    assert "child ended: It ended before it was ready. Its last words: the reason" in caplog.text


async def test_a_child_that_takes_too_long_to_be_ready_is_replaced(caplog: pytest.LogCaptureFixture) -> None:
    async with supervised("import time; time.sleep(600)", start_timeout_s=0.3) as (process, _):
        with pytest.raises(ProcessFailed):
            async with asyncio.timeout(20):
                await process.wait_ready(max_failures=1)
    assert "not ready after 0.3 s" in caplog.text


async def test_a_program_that_does_not_exist_is_reported() -> None:
    async with SupervisedProcess(["/nonexistent/program"], name="ghost", backoff=quick()) as process:
        with pytest.raises(ProcessFailed, match="ghost does not start"):
            async with asyncio.timeout(20):
                await process.wait_ready(max_failures=2)


async def test_the_delay_until_the_next_start_is_known() -> None:
    down: asyncio.Queue[None] = asyncio.Queue()
    async with SupervisedProcess(
        [sys.executable, "-I", "-S", "-c", "pass"],
        name="child",
        on_down=lambda: down.put_nowait(None),
        backoff=Backoff(first_s=30.0, longest_s=40.0),
    ) as process:
        async with asyncio.timeout(20):
            await down.get()
        assert 20 < process.delay_left_s <= 30
        assert process.pid is None


async def test_standard_error_is_logged_and_long_lines_are_cut(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "vrbridge.scheduling.process")
    words = "import sys; sys.stderr.write('short\\n' + 'x' * 100000 + '\\nlast'); sys.stderr.flush(); "
    async with supervised(words + UNTIL_EOF) as (_, ready), asyncio.timeout(20):
        await ready.get()
    lines = [message.removeprefix("child: ") for message in caplog.messages if message.startswith("child: ")]
    assert (lines[0], lines[-1]) == ("short", "last")
    assert max(len(line) for line in lines) <= 4096
    assert "x" * 1000 in lines[1]


async def test_a_child_that_prints_on_and_on_is_not_blocked() -> None:
    done: asyncio.Queue[bytes] = asyncio.Queue()

    async def serve(channel: socket.socket) -> None:
        channel.setblocking(False)
        loop = asyncio.get_running_loop()
        done.put_nowait(await loop.sock_recv(channel, 10))
        await loop.sock_recv(channel, 10)

    code = (
        READY
        + "sys.stdout.write('x' * 1000000); sys.stdout.flush(); import socket;"
        + "socket.socket(fileno=int(os.environ['VRBRIDGE_CHANNEL'])).send(b'done'); sys.stdin.read()"
    )
    async with supervised(code, serve=serve), asyncio.timeout(20):
        assert await done.get() == b"done"


async def test_a_child_whose_conversation_fails_is_replaced(caplog: pytest.LogCaptureFixture) -> None:
    async def serve(_: socket.socket) -> None:
        raise ProcessFailed("It said something odd.")

    async with supervised(UNTIL_EOF, serve=serve) as (process, ready), asyncio.timeout(20):
        await ready.get()
        await ready.get()
        assert process.n_restarts >= 1
    assert "child ended: It said something odd." in caplog.text


async def test_a_child_that_has_settled_counts_as_a_success() -> None:
    async with supervised(UNTIL_EOF) as (process, ready), asyncio.timeout(20):
        for n_failures in (1, 2):
            await ready.get()
            assert process.pid is not None
            os.kill(process.pid, signal.SIGKILL)
            await ready.get()
            assert process.n_failures == n_failures
            ready.put_nowait({})
        process.settle()
        assert process.n_failures == 0


@pytest.mark.skipif(sys.platform != "linux", reason="needs PR_SET_PDEATHSIG")
@pytest.mark.parametrize("code", [UNTIL_EOF, DEAF], ids=["listens", "is deaf"])
def test_a_child_does_not_outlive_a_killed_parent(code: str) -> None:
    parent_code = f"""
import asyncio, sys
from vrbridge.scheduling.process import SupervisedProcess
async def main():
    process = SupervisedProcess([sys.executable, "-I", "-S", "-c", {code!r}], name="child")
    await process.start()
    await process.wait_ready()
    print(process.pid, flush=True)
    await asyncio.sleep(600)
asyncio.run(main())
"""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    with subprocess.Popen(
        [sys.executable, "-c", parent_code], stdout=subprocess.PIPE, env=environment
    ) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        assert is_alive(pid)
        parent.kill()
    assert gone(pid)
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
