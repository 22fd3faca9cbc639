"""What the pool and its workers say to each other: 4-byte length, MessagePack header, raw payload."""

import struct
from typing import Any

import msgspec

from vrbridge.errors import GeneratorFailed, RequestError

CHANNEL_VARIABLE = "VRBRIDGE_CHANNEL"
"""Environment variable that tells a child the number of its socket."""
PREFIX = struct.Struct(">I")
"""Length of the header in bytes."""
MAX_HEADER_BYTES = 16 << 20
MAX_PAYLOAD_BYTES = 1 << 30


class Run(msgspec.Struct, frozen=True, tag=True):
    """Carry out a job: call the handler named `call` with `arguments`."""

    job: int
    call: str
    arguments: dict[str, Any]


class Together(msgspec.Struct, frozen=True, tag=True):
    """The next so many `Run`s, of one call, are to be carried out in one pass where that can be done."""

    n_jobs: int


class Stop(msgspec.Struct, frozen=True, tag=True):
    """Give the job up at the next step or yield, if it still runs."""

    job: int


class Output(msgspec.Struct, frozen=True, tag=True):
    """The job made something; `size_bytes` of payload follow the header."""

    job: int
    name: str
    header: dict[str, Any]
    size_bytes: int


class Failure(msgspec.Struct, frozen=True):
    """An error that crosses the process boundary; fields as in RequestError."""

    code: str
    message: str
    field: str | None = None
    retry_after_s: float | None = None


class Ended(msgspec.Struct, frozen=True, tag=True):
    """The job is over.

    Args:
        job: Its number.
        seconds: Spent in the handler, without waiting for the pool to take outputs; in a pass with others,
            since the last of them ended.
        failure: None: it ran to its end, or was stopped.
        is_stopped: Whether it was given up because of `Stop`.
        batch_size: How many jobs like it are worth one pass, as known where it ran; 1: none are.
    """

    job: int
    seconds: float
    failure: Failure | None = None
    is_stopped: bool = False
    batch_size: int = 1


class Capacity(msgspec.Struct, frozen=True, tag=True):
    """So many jobs can be carried out at once from now on; said only by who does not do it itself.

    Args:
        n_ready: Workers that take jobs.
        n_lanes: Jobs that may be handed over at once; more than are ready where more would then be started.
    """

    n_ready: int
    n_lanes: int


ToWorker = Run | Together | Stop
FromWorker = Output | Ended | Capacity

to_worker = msgspec.msgpack.Decoder(ToWorker)
from_worker = msgspec.msgpack.Decoder(FromWorker)
_encoder = msgspec.msgpack.Encoder()
_ERRORS: dict[str, type[RequestError]] = {error.code: error for error in RequestError.__subclasses__()}


def pack(message: ToWorker | FromWorker) -> bytes:
    """Return length and header; a payload is sent after it as it is.

    Raises:
        TypeError: If an argument or header value is not plain data.
        ValueError: If it is too large.
    """
    header = _encoder.encode(message)
    if len(header) > MAX_HEADER_BYTES:
        raise ValueError(f"A worker message of {len(header)} bytes is over {MAX_HEADER_BYTES}.")
    return PREFIX.pack(len(header)) + header


def failure_of(error: RequestError) -> Failure:
    """Return an error in the form that crosses."""
    return Failure(error.code, error.message, error.field, error.retry_after_s)


def error_of(failure: Failure) -> RequestError:
    """Return what crossed as an error again."""
    kind = _ERRORS.get(failure.code, GeneratorFailed)
    return kind(failure.message, field=failure.field, retry_after_s=failure.retry_after_s)
