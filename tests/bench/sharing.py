"""What a shared bucket adds to a texture request, and what a texture of another server takes."""

import asyncio
import re
import tempfile
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import httpx

from tests.bench.figures import Figure
from tests.bench.latency import SURFACES
from tests.chaos.relay import relay
from tests.integration.serving import Serving, serving
from tests.s3_server import CREDENTIALS, s3_server
from vrbridge.client import Client
from vrbridge.client.events import Asset

_N_ROUNDS = 2
_PATIENCE_S = 60
_FORMATS = ("bc1", "bc5")
# To a bucket of the same region and back.
_DISTANCE_S = 0.02
_ALONE, _NEAR, _FAR = "no bucket", "bucket here", "bucket 20 ms away"
_LOOKS = re.compile(r'vrbridge_shared_read_seconds_(sum|count)\{what="result"\} (\S+)')
_PAIRS = "same surface, in turn"
# Each server makes its own: otherwise the second would have what the first made.
_FIRST_SEED = {_ALONE: 0, _NEAR: 1000, _FAR: 2000}


async def figures() -> list[Figure]:
    """Measure the same textures on servers without a bucket, with one at hand, and with one further away."""
    previews: dict[str, list[float]] = defaultdict(list)
    totals: dict[str, list[float]] = defaultdict(list)
    async with _servers() as servers:
        clients = {name: server.url for name, server in servers.items()}
        for seed in range(_N_ROUNDS + 1):
            for surface in SURFACES:
                # One after the other, so that what disturbs the machine disturbs all of them.
                for name, url in clients.items():
                    preview_ms, total_ms, _ = await _texture(url, surface, seed=_FIRST_SEED[name] + seed)
                    if seed:  # the first round warms up
                        previews[name].append(preview_ms)
                        totals[name].append(total_ms)
        looks = [
            Figure(
                f"of that waiting for the bucket, {name}", [await _look_ms(servers[name])], "ms", note="mean"
            )
            for name in (_NEAR, _FAR)
        ]
        await _uploaded(servers[_NEAR])
        repeats = [
            await _texture(clients[_FAR], surface, seed=_FIRST_SEED[_NEAR] + 1) for surface in SURFACES
        ]
        assert all(is_cached for _, _, is_cached in repeats), "the servers share nothing"
    made = [
        *(Figure(f"texture → preview, {name}", values, "ms") for name, values in previews.items()),
        *(Figure(f"texture → 512² set, {name}", values, "ms") for name, values in totals.items()),
    ]
    added = [
        Figure(f"added to the {what}, {name}", _differences(values[name], values[_ALONE]), "ms", note=_PAIRS)
        for what, values in (("preview", previews), ("set", totals))
        for name in (_NEAR, _FAR)
    ]
    brought = [total_ms for _, total_ms, _ in repeats]
    return [*made, *added, *looks, Figure("another server's texture → 512² set", brought, "ms", note=_FAR)]


def _differences(values: Sequence[float], others: Sequence[float]) -> list[float]:
    return [value - other for value, other in zip(values, others, strict=True)]


@asynccontextmanager
async def _servers() -> AsyncIterator[Mapping[str, Serving]]:
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        s3 = stack.enter_context(s3_server(folder))
        way = await stack.enter_async_context(relay(s3.port))
        way.down.delay_s = _DISTANCE_S
        url = f"s3://{s3.new_bucket()}/bench"
        ports = {_ALONE: None, _NEAR: s3.port, _FAR: int(way.url.split(":")[2].split("/")[0])}
        servers = {}
        for name, port in ports.items():
            data = folder / str(_FIRST_SEED[name])
            data.mkdir()
            shares = {"VRBRIDGE_ASSETS__URL": url, "VRBRIDGE_ASSETS__ENDPOINT": f"http://127.0.0.1:{port}"}
            environment = {} if port is None else shares | CREDENTIALS
            # On a thread, since the way to the bucket is on this one.
            servers[name] = await asyncio.to_thread(stack.enter_context, serving(data, **environment))
        yield servers


async def _texture(url: str, surface: str, *, seed: int) -> tuple[float, float, bool]:
    """Return the milliseconds to the preview and to the end, and whether it was made before."""
    arrived: list[float] = []

    def on_preview(_: Asset) -> None:
        arrived.append(time.perf_counter())

    async with Client.connect(url, device="bench", texture_formats=_FORMATS) as client:
        started = time.perf_counter()
        material = await client.texture(surface, size_px=512, seed=seed, on_preview=on_preview)
        ended = time.perf_counter()
    is_cached = bool(material.result.get("cached"))
    return (arrived[0] - started) * 1e3, (ended - started) * 1e3, is_cached


async def _look_ms(server: Serving) -> float:
    """Return how long the server has waited for the bucket's word on one request, in the mean."""
    async with httpx.AsyncClient(timeout=_PATIENCE_S) as web:
        found = dict(_LOOKS.findall((await web.get(f"{server.http_url}/metrics")).text))
    return float(found["sum"]) / float(found["count"]) * 1e3


async def _uploaded(server: Serving) -> None:
    """Wait until nothing waits to be uploaded."""
    async with httpx.AsyncClient(timeout=_PATIENCE_S) as web, asyncio.timeout(_PATIENCE_S):
        while "vrbridge_shared_waiting_bytes 0.0" not in (await web.get(f"{server.http_url}/metrics")).text:
            pass
