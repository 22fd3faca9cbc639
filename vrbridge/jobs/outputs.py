"""What the worker's side of a kind yields: (name, header, payload), in the order that the client gets it."""

import math
from collections.abc import Mapping
from typing import Any

from vrbridge.errors import GeneratorFailed

WorkOutput = tuple[str, dict[str, Any], bytes | memoryview]

MemberOutput = tuple[int, WorkOutput | BaseException | None]
"""Of a batch: the number of an order in it, and what that yields, or what it ended with; None: it is done."""

PROGRESS = "progress"
ASSET = "asset"
RESULT = "result"
REFINE_ERROR = "refine_error"
"""In a result: why it is only what was made first. The next request tries again."""


def progress(stage: str, fraction: float) -> WorkOutput:
    """Return a note that part of the work is done; `fraction` in 0–1."""
    return PROGRESS, {"stage": stage, "fraction": fraction}, b""


def asset(role: str, media_type: str, data: bytes, meta: Mapping[str, Any]) -> WorkOutput:
    """Return a finished file.

    Raises:
        GeneratorFailed: If a number in `meta` is not finite.
    """
    check_finite(meta)
    return ASSET, {"role": role, "media_type": media_type, "meta": dict(meta)}, data


def result(values: Mapping[str, Any], *, generate_s: float, encode_s: float) -> WorkOutput:
    """Return the end: what becomes `done.result`, and the seconds that generating and encoding took.

    Raises:
        GeneratorFailed: If a number in `values` is not finite.
    """
    check_finite(values)
    timing_ms = {"generate_ms": generate_s * 1e3, "encode_ms": encode_s * 1e3}
    return RESULT, {"result": dict(values), "timing_ms": timing_ms}, b""


def check_finite(value: object) -> None:
    """Return if plain data holds no number that is infinite or none.

    Raises:
        GeneratorFailed: If it does.
    """
    if isinstance(value, Mapping):
        for part in value.values():
            check_finite(part)
    elif isinstance(value, list | tuple):
        for part in value:
            check_finite(part)
    elif isinstance(value, float) and not math.isfinite(value):
        raise GeneratorFailed("The generator made something that holds no proper numbers; try another seed.")
