"""What every golden message means, in plain values."""

from dataclasses import dataclass
from typing import Any

import msgpack

MAX_INT = 2**53 - 1
HEAD = {"position": [0.5, 1.625, -2.0], "orientation": [0.0, 0.7071067811865476, 0.0, 0.7071067811865476]}
# Composed, decomposed, joined, and one that turns the direction of writing.
UNICODE = "Gr\u00fc\u00dfe, \u4e16\u754c! e\u0301 \U0001f469\u200d\U0001f680 \u202e."
ASSET = {
    "role": "base_color",
    "media_type": "image/ktx2",
    "digest": "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "meta": {
        "width_px": 512,
        "height_px": 512,
        "format": "bc1",
        "color_space": "srgb",
        "levels": 10,
        "metres_per_tile": 1.5,
        "origin": "procedural",
        "model": "materials-1",
        "seed": 7,
    },
}


@dataclass(frozen=True)
class Golden:
    """A message that everybody understands.

    Args:
        name: `type.variant`.
        message: What it means.
        data: Its bytes, where they are not the shortest ones.
        is_ignored: A client passes over it.
    """

    name: str
    message: dict[str, Any]
    data: bytes | None = None
    is_ignored: bool = False


def _single(message: dict[str, Any]) -> bytes:
    return bytes(msgpack.packb(message, use_single_float=True))


_FLOAT32_HEAD = {"position": [0.5, 1.625, -2.25], "orientation": [0.0, 0.5, 0.0, 0.5]}
_FLOAT32_CONTEXT = {"type": "context", "head": _FLOAT32_HEAD, "gaze": [0.0, -0.25, -1.0]}

CLIENT = [
    Golden("hello.minimal", {"type": "hello", "version": 1, "client": {}, "receive": {}}),
    Golden(
        "hello.full",
        {
            "type": "hello",
            "version": 1,
            "token": "eyJhbGciOiJIUzI1NiJ9.e30.c2lnbmVk",
            "client": {"name": "village", "version": "2.1", "engine": "godot", "device": "quest-3"},
            "receive": {
                "chunk_bytes": 32768,
                "window_bytes": 1048576,
                "texture_formats": ["astc4x4", "etc2", "rgba8"],
                "mesh_formats": ["arrays", "glb"],
                "max_texture_px": 1024,
                "max_faces": 5000,
            },
            "resume": {
                "session": "s-5f2c",
                "secret": "k-91d0",
                "received": 4711,
                "assets": [{"asset": 12, "offset": 16384}, {"asset": 13, "offset": 0}],
            },
        },
    ),
    Golden(
        "hello.unknown_fields",
        {
            "type": "hello",
            "version": 1,
            "client": {"engine": "unity", "render_pipeline": "urp"},
            "receive": {"texture_formats": ["bc9", "bc1"], "max_splats": 100000},
            "mood": {"is": [1, None, True]},
        },
    ),
    Golden("request.minimal", {"type": "request", "id": 0, "kind": "texture", "params": {"prompt": "moss"}}),
    Golden(
        "request.full",
        {
            "type": "request",
            "id": 17,
            "kind": "dialogue",
            "params": {
                "npc": "blacksmith",
                "text": "Can you open the gate?",
                "actions": [
                    {
                        "name": "open_gate",
                        "description": "Open the village gate.",
                        "parameters": {
                            "type": "object",
                            "properties": {"speed": {"type": "number", "minimum": 0}},
                            "required": ["speed"],
                        },
                    }
                ],
                "max_tokens": 64,
                "temperature": 0.75,
                "seed": 7,
                "language": "en",
                "persona": {
                    "name": "Ada",
                    "description": "A smith.",
                    "style": "Short.",
                    "knowledge": "Iron.",
                },
            },
            "priority": "background",
            "deadline_s": 2.5,
            "slot": "talk",
            "anchor": {"position": [1.0, 0.0, -2.0], "facing": "player"},
        },
    ),
    Golden(
        "request.material",
        {
            "type": "request",
            "id": 19,
            "kind": "material",
            "params": {
                "image": bytes.fromhex("89504e470d0a1a0a"),
                "size_px": 1024,
                "maps": ["base_color", "normal"],
                "metres_per_tile": 2.5,
                "format": "png",
            },
        },
    ),
    Golden(
        "request.mesh",
        {
            "type": "request",
            "id": 18,
            "kind": "mesh",
            "params": {
                "prompt": "wooden chair",
                "max_faces": 1500,
                "lods": 3,
                "seed": 1,
                "size_m": 0.9,
                "texture_px": 256,
                "collider": True,
            },
            "priority": "normal",
            "anchor": {"object": 4711},
        },
    ),
    Golden(
        "request.texture",
        {
            "type": "request",
            "id": 19,
            "kind": "texture",
            "params": {
                "prompt": "mossy stone",
                "size_px": 512,
                "maps": ["base_color", "normal", "orm", "height"],
                "seed": MAX_INT,
                "style": "painted",
                "format": "etc2",
            },
            "anchor": {"head": [0.0, 0.0, -1.0]},
        },
    ),
    Golden(
        "request.numbers",
        {
            "type": "request",
            "id": MAX_INT,
            "kind": "test",
            "params": {
                "ints": [0, 127, 128, 255, 256, 65535, 65536, 2**32 - 1, 2**32, MAX_INT],
                "negative": [-1, -32, -33, -128, -129, -32768, -32769, -(2**31), -(2**31) - 1, -MAX_INT],
                "floats": [0.1, -0.5, 1e-300, 1.7976931348623157e308, 5e-324],
                "others": [None, True, False, "", {}, []],
            },
        },
    ),
    Golden(
        "request.unicode",
        {"type": "request", "id": 1, "kind": "dialogue", "params": {"npc": "smith", "text": UNICODE}},
    ),
    Golden(
        "request.long",
        {
            "type": "request",
            "id": 2,
            "kind": "test",
            "params": {
                "str8": "x" * 32,
                "str16": "y" * 256,
                "bin8": b"\x00\xff" * 16,
                "bin16": bytes(range(256)) * 2,
                "array16": list(range(16)),
                "map16": {f"key{number}": number for number in range(16)},
                "deep": {"a": {"b": {"c": [[[{"d": 1}]]]}}},
            },
        },
    ),
    Golden(
        "request.wide",
        {"type": "request", "id": 5, "kind": "k", "params": {}, "deadline_s": 3},
        b"\xde\x00\x05"  # map16 of 5
        b"\xd9\x04type\xda\x00\x07request"  # str8, str16
        b"\xa2id\xcf\x00\x00\x00\x00\x00\x00\x00\x05"  # uint64
        b"\xa4kind\xdb\x00\x00\x00\x01k"  # str32
        b"\xa6params\xdf\x00\x00\x00\x00"  # map32
        b"\xaadeadline_s\xd3\x00\x00\x00\x00\x00\x00\x00\x03",  # int64 where a float is meant
    ),
    Golden("cancel.minimal", {"type": "cancel", "id": 300}),
    Golden(
        "context.minimal", {"type": "context", "head": {"position": [0, 1.6, 0], "orientation": [0, 0, 0, 1]}}
    ),
    Golden(
        "context.full",
        {
            "type": "context",
            "head": HEAD,
            "hands": {"left": HEAD, "right": None},
            "gaze": [0.0, -0.6, -0.8],
            "focus": "gate",
            "place": "village square",
            "nearby": [
                {"id": "gate", "name": "oak gate", "position": [0.0, 0.0, -4.0]},
                {"id": -4711, "name": "anvil", "position": [2.0, 0.5, 1.0]},
            ],
            "state": {"gold": 12, "wounded": False, "quests": ["find the hammer"]},
        },
    ),
    Golden("context.float32", _FLOAT32_CONTEXT, _single(_FLOAT32_CONTEXT)),
    Golden("credit.minimal", {"type": "credit", "limit": 5_000_000_000}),
    Golden("ack.minimal", {"type": "ack", "received": 4711}),
    Golden("skip.minimal", {"type": "skip", "asset": 12}),
    Golden("heard.minimal", {"type": "heard", "id": 17, "characters": 120}),
    Golden("forget.session", {"type": "forget", "scope": "session"}),
    Golden("forget.player", {"type": "forget", "scope": "player"}),
    Golden("ping.minimal", {"type": "ping", "t": 12.25}),
    Golden("ping.int", {"type": "ping", "t": 0}),
    Golden("ping.float32", {"type": "ping", "t": 12.25}, _single({"type": "ping", "t": 12.25})),
]

SERVER = [
    Golden(
        "welcome.minimal",
        {
            "type": "welcome",
            "version": 1,
            "session": "s-5f2c",
            "secret": "k-91d0",
            "resumed": False,
            "capabilities": {},
            "limits": {
                "max_message_bytes": 1048576,
                "max_open_requests": 32,
                "context_hz": 20,
                "resume_window_s": 120,
                "replay_messages": 4096,
            },
            "server": {"name": "vrbridge", "version": "0.1.0"},
        },
    ),
    Golden(
        "welcome.full",
        {
            "type": "welcome",
            "version": 1,
            "session": "s-5f2c",
            "secret": "k-91d1",
            "resumed": True,
            "capabilities": {
                "dialogue": {"model": "small-1", "origin": "Apache-2.0", "max_text": 2000},
                "texture": {"model": "materials-1", "origin": "Apache-2.0", "size_px": [64, 2048]},
            },
            "limits": {
                "max_message_bytes": 1048576,
                "max_open_requests": 32,
                "context_hz": 20.5,
                "resume_window_s": 120.5,
                "replay_messages": 4096,
            },
            "server": {"name": "vrbridge", "version": "0.1.0"},
        },
    ),
    Golden("accepted.minimal", {"type": "accepted", "seq": 1, "id": 17, "position": 0}),
    Golden(
        "accepted.full",
        {
            "type": "accepted",
            "seq": 2,
            "id": 18,
            "position": 3,
            "eta_s": 0.75,
            "anchor": {"position": [1.0, 0.0, -2.0], "facing": [0.0, 0.0, 0.0, 1.0]},
        },
    ),
    Golden("progress.full", {"type": "progress", "seq": 3, "id": 18, "stage": "generate", "fraction": 0.25}),
    Golden("progress.int", {"type": "progress", "seq": 4, "id": 18, "stage": "encode", "fraction": 1}),
    Golden("text.full", {"type": "text", "seq": 5, "id": 17, "text": "Well met.", "offset": 0}),
    Golden("text.unicode", {"type": "text", "seq": 6, "id": 17, "text": UNICODE, "offset": 9}),
    Golden("text.long", {"type": "text", "seq": 7, "id": 17, "text": "\u00df" * 300, "offset": 40}),
    Golden("action.minimal", {"type": "action", "seq": 8, "id": 17, "name": "wave", "arguments": {}}),
    Golden(
        "action.full",
        {
            "type": "action",
            "seq": 9,
            "id": 17,
            "name": "open_gate",
            "arguments": {"speed": 0.5, "doors": ["left", "right"], "loud": True, "by": None},
        },
    ),
    Golden(
        "asset.minimal",
        {
            "type": "asset",
            "seq": 10,
            "id": 18,
            "asset": 1,
            "role": "lod2",
            "media_type": "model/gltf-binary",
            "bytes": 0,
            "digest": "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            "meta": {},
        },
    ),
    Golden("asset.full", {"type": "asset", "seq": 11, "id": 19, "asset": 2, "bytes": 174776} | ASSET),
    Golden("chunk.minimal", {"type": "chunk", "asset": 2, "offset": 0, "data": b"\xca\xfe"}),
    Golden("chunk.bin8", {"type": "chunk", "asset": 2, "offset": 2, "data": bytes(range(255))}),
    Golden("chunk.bin16", {"type": "chunk", "asset": 2, "offset": 257, "data": bytes(range(256)) * 2}),
    Golden("chunk.bin32", {"type": "chunk", "asset": 300, "offset": 2**32, "data": b"\x5a" * 65536}),
    Golden("done.minimal", {"type": "done", "seq": 12, "id": 18, "result": {}, "timing": {}}),
    Golden(
        "done.full",
        {
            "type": "done",
            "seq": 70000,
            "id": 17,
            "result": {
                "text": "Well met.",
                "emotion": {"name": "joy", "score": 0.875},
                "finish": "stop",
                "tokens": 4,
            },
            "timing": {
                "queued_ms": 0.5,
                "first_ms": 120.25,
                "generate_ms": 300,
                "encode_ms": 0,
                "total_ms": 301.5,
            },
        },
    ),
    Golden(
        "error.minimal",
        {"type": "error", "seq": 13, "code": "unknown_type", "message": "No such type.", "retryable": False},
    ),
    Golden(
        "error.full",
        {
            "type": "error",
            "seq": 14,
            "id": 20,
            "code": "rate_limited",
            "message": "Too many open requests.",
            "retryable": True,
            "retry_after_s": 1.5,
            "field": "params.prompt",
        },
    ),
    Golden("forgotten.full", {"type": "forgotten", "seq": 15, "scope": "player", "items": 3}),
    Golden("goaway.full", {"type": "goaway", "reconnect_after_s": 2.5, "reason": "The server restarts."}),
    Golden("pong.full", {"type": "pong", "t": 12.25, "server_s": 1024.5}),
    Golden(
        "accepted.unknown_fields",
        {"type": "accepted", "seq": 16, "id": 17, "position": 0, "queue": "gpu0", "hints": {"a": [1]}},
    ),
    Golden(
        "accepted.nil",
        {"type": "accepted", "seq": 17, "id": 17, "position": 0, "eta_s": None, "anchor": None},
    ),
    Golden("weather.unknown_type", {"type": "weather", "seq": 18, "rain": 0.5}, is_ignored=True),
]
