"""Messages between pool and worker keep what they say, and errors their facts."""

import msgspec
import pytest

from vrbridge.errors import BadMessage, GeneratorFailed, Overloaded, Refused, RequestError
from vrbridge.scheduling.frames import (
    PREFIX,
    Ended,
    Failure,
    Output,
    Run,
    Stop,
    error_of,
    failure_of,
    from_worker,
    pack,
    to_worker,
)


def test_a_frame_is_a_length_and_a_map() -> None:
    frame = pack(Stop(7))
    assert frame == b"\x00\x00\x00\x10" + b"\x82\xa4type\xa4Stop\xa3job\x07"


@pytest.mark.parametrize("message", [Run(1, "mesh", {"seed": 1, "data": b"\x00"}), Stop(2)])
def test_what_goes_to_a_worker_arrives(message: Run | Stop) -> None:
    assert to_worker.decode(pack(message)[PREFIX.size :]) == message


@pytest.mark.parametrize(
    "message", [Output(1, "asset", {"role": "x"}, 5), Ended(1, 0.5, Failure("refused", "No.")), Ended(2, 0.1)]
)
def test_what_a_worker_says_arrives(message: Output | Ended) -> None:
    assert from_worker.decode(pack(message)[PREFIX.size :]) == message


@pytest.mark.parametrize("kind", RequestError.__subclasses__())
def test_every_error_crosses_with_its_facts(kind: type[RequestError]) -> None:
    error = kind("A sentence.", field="params.size_px", retry_after_s=1.5)
    crossed = error_of(failure_of(error))
    assert type(crossed) is kind
    assert (crossed.message, crossed.field, crossed.retry_after_s) == ("A sentence.", "params.size_px", 1.5)


def test_an_unknown_code_is_a_failure_of_the_generator() -> None:
    assert type(error_of(Failure("odd", "Hm."))) is GeneratorFailed
    assert {Overloaded.code, Refused.code, BadMessage.code}.isdisjoint({"odd"})


def test_what_is_no_plain_data_does_not_cross() -> None:
    with pytest.raises(TypeError):
        pack(Run(1, "mesh", {"value": object()}))
    with pytest.raises(msgspec.DecodeError):
        to_worker.decode(b"\x93\x01\x02\x03")
