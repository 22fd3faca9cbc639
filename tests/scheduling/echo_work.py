"""Tiny handlers for workers under test; also what such a worker imports."""

import gc
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from vrbridge.errors import InvalidParams, Overloaded
from vrbridge.interruption import Interrupted, step

WorkOutput = tuple[str, dict[str, Any], bytes | memoryview]
Handler = Callable[[dict[str, Any]], Iterator[WorkOutput]]


def create(config: dict[str, Any]) -> Mapping[str, Handler]:
    """Return the handlers; `config` may ask for a start that fails."""
    if config.get("fail_start"):
        raise RuntimeError("no start")
    # What looks like the worker's own ready line.
    print('{"calls": []}', flush=True)

    def about(_: dict[str, Any]) -> Iterator[WorkOutput]:
        known = {"pid": os.getpid(), "config": config, "omp": os.environ["OMP_NUM_THREADS"]}
        yield "result", known, b""

    return {
        "about": about,
        "big": big,
        "choir": Choir(),
        "crash": crash,
        "echo": echo,
        "fail": fail,
        "gated": gated,
        "hang": hang,
        "many": many,
        "nap": nap,
        "noise": noise,
        "process": process,
        "refuse": refuse,
        "stepping": stepping,
        "swell": swell,
        "tensor": tensor,
        "unpackable": unpackable,
    }


def echo(arguments: dict[str, Any]) -> Iterator[WorkOutput]:
    """Yield the arguments as the header and, as the payload, `data`."""
    data = arguments.pop("data", b"")
    yield "result", arguments, data


class Choir:
    """Says how many sang together; three are worth a pass, and one that is told to fails by itself."""

    def __call__(self, arguments: dict[str, Any]) -> Iterator[WorkOutput]:
        """Sing alone."""
        yield from self._sing(arguments, 1)

    def batch(
        self, orders: Sequence[dict[str, Any]], *, is_stopped: Callable[[int], bool]
    ) -> Iterator[tuple[int, WorkOutput | BaseException | None]]:
        """Sing together."""
        for number, arguments in enumerate(orders):
            if arguments.get("fails"):
                yield number, InvalidParams("`voice` is missing.", field="params.voice")
                continue
            for output in self._sing(arguments, len(orders)):
                yield number, output
            yield number, Interrupted() if is_stopped(number) else None

    def batch_size(self, _: dict[str, Any]) -> int:
        """Return how many are worth a pass."""
        return 3

    def _sing(self, arguments: dict[str, Any], n_voices: int) -> Iterator[WorkOutput]:
        yield "result", {"n_voices": n_voices, "name": arguments["name"]}, b""


def gated(arguments: dict[str, Any]) -> Iterator[WorkOutput]:
    """Say `begun`, wait until the file `gate` exists, then count further steps into the file `log`."""
    yield "begun", {"pid": os.getpid()}, b""
    gate, log = Path(arguments["gate"]), Path(arguments["log"])
    while not gate.exists():
        time.sleep(0.002)
    for number in range(arguments.get("n_steps", 1)):
        with log.open("a") as file:
            file.write(f"{arguments.get('name', number)}\n")
        yield "step", {"step": number}, b""


def many(arguments: dict[str, Any]) -> Iterator[WorkOutput]:
    """Yield `n` outputs as fast as they are taken, and note each in the file `log` once it was taken."""
    log = Path(arguments["log"])
    for number in range(arguments["n"]):
        yield "part", {"number": number}, bytes(arguments["n_bytes"])
        with log.open("a") as file:
            file.write(f"{number}\n")


def big(arguments: dict[str, Any]) -> Iterator[WorkOutput]:
    """Yield a large payload with a pattern."""
    yield "result", {}, memoryview(bytes(range(256)) * (arguments["n_bytes"] // 256))


def refuse(arguments: dict[str, Any]) -> Iterator[WorkOutput]:
    """Raise the error named in the arguments, after one output."""
    yield "begun", {}, b""
    if arguments["error"] == "invalid_params":
        raise InvalidParams("`size` must be small.", field="params.size")
    raise Overloaded("Too much.", retry_after_s=2.5)


def stepping(_: dict[str, Any]) -> Iterator[WorkOutput]:
    """Say `begun`, then make steps for ever without another word."""
    yield "begun", {}, b""
    while True:
        step()


def fail(arguments: dict[str, Any]) -> Iterator[WorkOutput]:
    """Raise something unforeseen that quotes the player."""
    yield "begun", {}, b""
    raise ValueError(f"can't read {arguments['prompt']}")


def swell(_: dict[str, Any]) -> Iterator[WorkOutput]:
    """End as the kernel ends whoever takes its last memory: while allocating, without a word."""
    yield "begun", {}, b""
    taken = []
    for size in range(8):
        taken.append(bytearray(size << 20))  # noqa: PERF401 - one after another
    os.kill(os.getpid(), signal.SIGKILL)


def tensor(arguments: dict[str, Any]) -> Iterator[WorkOutput]:
    """Allocate as networks do."""
    import torch

    yield "result", {"n": len(torch.zeros(arguments["n_bytes"], dtype=torch.uint8))}, b""


def unpackable(_: dict[str, Any]) -> Iterator[WorkOutput]:
    """Yield a header that can't cross."""
    yield "result", {"value": object()}, b""


def crash(_: dict[str, Any]) -> Iterator[WorkOutput]:
    """End the process in the middle of a job."""
    yield "begun", {}, b""
    os._exit(3)


def hang(_: dict[str, Any]) -> Iterator[WorkOutput]:
    """Say `begun`, then nothing for ever."""
    yield "begun", {"pid": os.getpid()}, b""
    while True:
        time.sleep(60)


def nap(arguments: dict[str, Any]) -> Iterator[WorkOutput]:
    """Take as long as it is told."""
    time.sleep(arguments["seconds"])
    yield "result", {}, b""


def process(_: dict[str, Any]) -> Iterator[WorkOutput]:
    """Yield what is set for the whole process."""
    known = {"nice": os.nice(0), "looks_for_garbage": gc.isenabled(), "n_frozen": gc.get_freeze_count()}
    yield "result", known, b""


def noise(arguments: dict[str, Any]) -> Iterator[WorkOutput]:
    """Print on every path to standard output between two outputs."""
    yield "first", {}, b"1"
    print("noise" * 1000)
    sys.stdout.flush()
    os.write(1, b"\x00\x00\x00\x05raw noise" * 1000)
    os.system("echo noise of a child")
    yield "second", arguments, b"2"
