"""Workers that make nothing but bytes, in a stated time; the pool around them is the product's."""

import random
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from vrbridge.jobs.outputs import WorkOutput, asset, progress, result

FACTORY = "vrbridge.bench.fake_work:create"
_PREVIEW_BYTES = 4096
_STEP_S = 0.25
"""A job that takes longer can be stopped so often."""
_LOD_BYTES = {"lod2": 6_000, "lod1": 20_000, "lod0": 60_000, "collider": 4_000}


def create(config: dict[str, Any]) -> Mapping[str, Callable[[dict[str, Any]], Iterator[WorkOutput]]]:
    """Return the handlers.

    Args:
        config: `service_s`: seconds by call.
    """
    service_s: Mapping[str, float] = config["service_s"]

    def texture(arguments: dict[str, Any]) -> Iterator[WorkOutput]:
        chosen, size_px = random.Random(arguments["seed"]), arguments["size_px"]  # noqa: S311
        yield asset("preview", "image/jpeg", chosen.randbytes(_PREVIEW_BYTES), {})
        yield from _working(service_s["texture"])
        for role in arguments["maps"]:
            # As many as a block format with its levels has for colours.
            yield asset(role, "image/ktx2", chosen.randbytes(size_px * size_px * 2 // 3), {})
        yield result({}, generate_s=service_s["texture"], encode_s=0.0)

    def mesh(arguments: dict[str, Any]) -> Iterator[WorkOutput]:
        chosen = random.Random(arguments["seed"])  # noqa: S311
        yield from _working(service_s["mesh"])
        for role, n_bytes in _LOD_BYTES.items():
            yield asset(role, "model/gltf-binary", chosen.randbytes(n_bytes), {})
        yield result({}, generate_s=service_s["mesh"], encode_s=0.0)

    return {"texture": texture, "mesh": mesh}


def _working(seconds: float) -> Iterator[WorkOutput]:
    """Take so long, and say how far it is after each step but the last."""
    left_s = seconds
    while left_s > _STEP_S:
        time.sleep(_STEP_S)
        left_s -= _STEP_S
        yield progress("work", 1 - left_s / seconds)
    time.sleep(left_s)
