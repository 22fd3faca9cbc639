"""A real server whose generators run on a Ray cluster, joined as `vrbridge workers` joins it."""

import contextlib
import os
import signal
from pathlib import Path

import pytest

from tests.integration.scene import scene
from tests.integration.serving import PATIENT, serving
from tests.scheduling import ray_head

pytestmark = [pytest.mark.models, pytest.mark.xdist_group("ray"), pytest.mark.timeout(400)]

_RAY = PATIENT | {
    "VRBRIDGE_RAY__MAX_REPLICAS": "1",
    # Only machines that joined by `vrbridge workers` have it.
    "VRBRIDGE_RAY__RESOURCES__VRBRIDGE": "1",
}


async def test_players_are_served_by_a_cluster_and_lose_one_request_with_a_replica(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    variables = ray_head.environment()
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with (
        ray_head.workers(variables) as address,
        serving(tmp_path, "--executor", "ray", "--address", address, **_RAY) as server,
    ):
        async with scene(server.url) as raw:
            await raw.request(1, "texture", {"prompt": "oak planks", "size_px": 128})
            assert (await raw.end(1))["type"] == "done"
            await raw.request(2, "dialogue", {"npc": "blacksmith", "text": "Hello!", "max_tokens": 8})
            assert (await raw.end(2))["type"] == "done"
            await raw.request(3, "texture", {"prompt": "brick wall", "size_px": 2048, "format": "astc4x4"})
            await raw.until(lambda m: m["type"] == "asset" and m["id"] == 3)
            os.kill(_pid_of_a_replica(variables["RAY_AUTH_TOKEN"]), signal.SIGKILL)
            end = await raw.end(3)
            assert (end["code"], end["retryable"]) == ("generator_failed", True)
            for id in range(4, 100):
                await raw.request(id, "mesh", {"prompt": "oak barrel", "max_faces": 500})
                end = await raw.end(id)
                if end["type"] == "done":
                    break
                assert end["retryable"], end
            assert end["type"] == "done"


def _pid_of_a_replica(token: str) -> int:
    """Return the process id of a replica of the cluster that has this token."""
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if (
                entry.name.isdigit()
                and b"ServeReplica:vrbridge:generators" in (entry / "cmdline").read_bytes()
                and token.encode() in (entry / "environ").read_bytes()
            ):
                return int(entry.name)
    raise AssertionError("no replica runs")
