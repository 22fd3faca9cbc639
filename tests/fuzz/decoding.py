"""Whatever bytes come, they become a message or an error with a name."""

import random
import time
from collections.abc import Iterator
from typing import Final

import msgpack

from tests.fuzz.mutator import Mutator
from tests.wire.catalogue import CLIENT
from tests.wire.refusals import MALFORMED
from vrbridge.errors import BadMessage, ProtocolError, RequestError, UnknownType
from vrbridge.protocol.codec import decode_client, encode
from vrbridge.protocol.messages import ClientMessage
from vrbridge.server.dispatch import error_message

MAX_CPU_S: Final = 2.0
"""Far more than anything here takes, and little enough to notice what grows out of proportion."""
MAX_ANSWER_BYTES: Final = 4096
_CLOSES_WITH: Final = 1007


def cases(rng: random.Random) -> Iterator[list[bytes]]:
    """Yield messages, one in a case, without end."""
    mutator = Mutator(rng, [golden.message for golden in CLIENT])
    malformed = [bad.data for bad in MALFORMED]
    while True:
        yield [rng.choice(malformed) + mutator.next() if rng.random() < 0.01 else mutator.next()]


async def check(case: list[bytes]) -> None:
    """Make sure that all is well with a message."""
    (data,) = case
    begun = time.process_time()
    message = _outcome(data)
    if isinstance(message, ProtocolError):
        assert message.close_code == _CLOSES_WITH
    elif isinstance(message, RequestError):
        assert isinstance(message, BadMessage | UnknownType)
        answer = encode(error_message(message, id=message.request_id))
        assert len(answer) <= MAX_ANSWER_BYTES
        assert msgpack.unpackb(answer)["code"] == message.code
    else:
        again = encode(message)
        assert decode_client(again) == message
        assert encode(decode_client(again)) == again
    assert time.process_time() - begun < MAX_CPU_S


def _outcome(data: bytes) -> ClientMessage | ProtocolError | RequestError:
    try:
        return decode_client(data)
    except (ProtocolError, RequestError) as error:
        return error
