"""WebSocket frames that no library sends, and what the server makes of them."""

from dataclasses import dataclass
from typing import Final

import msgpack

from tests.integration.bare import BINARY, CLOSE, CONTINUED, PING, PONG, TEXT, frame

HELLO: Final = bytes(
    msgpack.packb({"type": "hello", "version": 1, "client": {"name": "bad", "device": "bad"}})
)
_OPEN: Final = 0x00
_PING_MESSAGE: Final = bytes(msgpack.packb({"type": "ping", "t": 1}))
_BIG: Final = bytes(msgpack.packb({"type": "ping", "t": 1, "filler": bytes(1 << 20)}))


@dataclass(frozen=True)
class BadFrames:
    """Bytes on an upgraded connection.

    Args:
        name: What is wrong.
        data: They.
        answer: A close code, or the type of the message that comes back.
        is_first: Whether they are sent instead of `hello`, not after `welcome`.
    """

    name: str
    data: bytes
    answer: int | str
    is_first: bool = True


def _claim(length: int, *, mask: int = 0x80) -> bytes:
    """The head of a binary frame of so many bytes."""
    return bytes([0x80 | BINARY, mask | 127]) + length.to_bytes(8, "big") + bytes(4)


def _in_fragments(message: bytes, size: int, between: bytes = b"") -> bytes:
    parts = [message[start : start + size] for start in range(0, len(message), size)]
    frames = [frame(CONTINUED, part, first=_OPEN) for part in parts]
    frames[0] = frame(BINARY, parts[0], first=_OPEN)
    frames[-1] = frame(CONTINUED, parts[-1])
    return between.join(frames)


FRAMES: Final = [
    BadFrames("unmasked", frame(BINARY, HELLO, is_masked=False), 1002),
    BadFrames("reserved_bit_1", frame(BINARY, HELLO, first=0xC0), 1002),
    BadFrames("reserved_bit_2", frame(BINARY, HELLO, first=0xA0), 1002),
    BadFrames("reserved_bit_3", frame(BINARY, HELLO, first=0x90), 1002),
    *(
        BadFrames(f"opcode_{opcode:x}", frame(opcode, b""), 1002)
        for opcode in (3, 4, 5, 6, 7, 0xB, 0xC, 0xD, 0xE, 0xF)
    ),
    BadFrames("continued_nothing", frame(CONTINUED, HELLO), 1002),
    BadFrames("begun_twice", frame(BINARY, HELLO[:9], first=_OPEN) + frame(BINARY, HELLO[9:]), 1002),
    BadFrames("ping.long", frame(PING, bytes(126)), 1002),
    BadFrames("ping.in_fragments", frame(PING, b"a", first=_OPEN) + frame(CONTINUED, b"b"), 1002),
    BadFrames("pong.long", frame(PONG, bytes(126)), 1002),
    BadFrames("pong.unasked", frame(PONG, b"never sent") + frame(BINARY, HELLO), "welcome"),
    BadFrames("close.one_byte", frame(CLOSE, b"\x03"), 1002),
    BadFrames("close.long", frame(CLOSE, b"\x03\xe8" + bytes(124)), 1002),
    BadFrames("close.not_utf8", frame(CLOSE, b"\x03\xe8\xff"), 1007),
    *(
        BadFrames(f"close.{code}", frame(CLOSE, code.to_bytes(2, "big")), 1002)
        for code in (0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65535)
    ),
    BadFrames("close.4010", frame(CLOSE, (4010).to_bytes(2, "big")), 4010),
    BadFrames("close.empty", frame(CLOSE, b""), 1005),
    BadFrames("text.not_utf8", frame(TEXT, b"\xff"), 1007),
    BadFrames("text.in_fragments", frame(TEXT, b"{", first=_OPEN) + frame(CONTINUED, b"}"), 1003),
    BadFrames("text.empty", frame(TEXT, b""), 1003, is_first=False),
    BadFrames("length.8193", _claim(8193), 1009),
    BadFrames("length.4_gib", _claim(1 << 32), 1009),
    BadFrames("length.2^63-1", _claim((1 << 63) - 1), 1009),
    BadFrames("length.2^64-1", _claim((1 << 64) - 1), 1009),
    BadFrames("length.2^63-1_unmasked", _claim((1 << 63) - 1, mask=0), 1002),
    BadFrames("length.after_welcome", _claim((1 << 20) + 1), 1009, is_first=False),
    BadFrames("fragments.of_one_byte", _in_fragments(HELLO, 1), "welcome"),
    BadFrames("fragments.with_pings_between", _in_fragments(HELLO, 4, frame(PING, b"x")), "welcome"),
    BadFrames("fragments.with_text_between", _in_fragments(HELLO, 9, frame(TEXT, b"x")), 1002),
    BadFrames("fragments.empty_ones", _in_fragments(HELLO, 9, frame(CONTINUED, b"", first=_OPEN)), "welcome"),
    BadFrames("fragments.too_long_together", _in_fragments(_BIG[:9000], 1000), 1009),
    BadFrames("fragments.too_long_after_welcome", _in_fragments(_BIG, 60_000), 1009, is_first=False),
    BadFrames(
        "fragments.too_many",
        frame(BINARY, b"", first=_OPEN) + frame(CONTINUED, b"", first=_OPEN) * 200_000,
        1009,
    ),
    BadFrames("fragments.after_welcome", _in_fragments(_PING_MESSAGE, 1), "pong", is_first=False),
    BadFrames("message.empty", frame(BINARY, b""), 1007),
    BadFrames("message.empty_after_welcome", frame(BINARY, b""), 1007, is_first=False),
    BadFrames("message.behind_close", frame(CLOSE, b"\x03\xe8") + frame(BINARY, HELLO), 1000),
]
