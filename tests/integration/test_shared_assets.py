"""Two servers over one bucket: what the first made answers a repeat on the second, and either forgets it."""

import asyncio
import hashlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.integration.scene import RawScene, scene
from tests.integration.serving import PATIENT, Serving, serving
from tests.s3_server import CREDENTIALS, S3Server

pytestmark = pytest.mark.models

WALL = {"prompt": "red brick wall", "size_px": 64, "seed": 7}
PATIENCE_S = 60
# What is slow beside other tests is not away.
UNHURRIED = {
    "VRBRIDGE_ASSETS__LOOKUP_TIMEOUT_S": "60",
    "VRBRIDGE_ASSETS__FETCH_TIMEOUT_S": "60",
}


@pytest.fixture
def bucket(s3: S3Server) -> str:
    """An empty bucket."""
    return s3.new_bucket()


@pytest.fixture
def servers(s3: S3Server, bucket: str, tmp_path: Path) -> Iterator[tuple[Serving, Serving]]:
    """Two servers with folders of their own, that share one bucket."""
    shares = {"VRBRIDGE_ASSETS__URL": f"s3://{bucket}/village", "VRBRIDGE_ASSETS__ENDPOINT": s3.endpoint}
    environment = PATIENT | UNHURRIED | CREDENTIALS | shares
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    with (
        serving(tmp_path / "one", **environment) as one,
        serving(tmp_path / "two", **environment) as two,
    ):
        yield one, two


async def _texture(world: RawScene, id: int) -> dict[str, bytes]:
    """Have a wall made and return its assets by role."""
    await world.request(id, "texture", WALL)
    end = await world.end(id)
    assert end["type"] == "done", end
    return {asset["role"]: world.body(asset["role"], id) for asset in world.of(id, "asset")}


async def test_a_texture_of_one_server_is_answered_by_the_other_from_what_they_share(
    servers: tuple[Serving, Serving], s3: S3Server, bucket: str
) -> None:
    one, two = servers
    async with scene(one.url) as first, scene(two.url) as second:
        made = await _texture(first, 1)
        assert "cached" not in (await first.end(1))["result"]
        await _uploaded(one, 1)
        repeated = await _texture(second, 1)
        assert (await second.end(1))["result"]["cached"] is True
        assert repeated == made
        # A page of the second has what only the first made, too.
        await first.request(2, "texture", WALL | {"seed": 8})
        await first.end(2)
        await _uploaded(one, 2)
        digest = first.of(2, "asset")[0]["digest"]
        async with httpx.AsyncClient(timeout=PATIENCE_S) as web:
            page = await web.get(f"{two.http_url}/assets/{digest}")
        assert page.status_code == 200
        assert "sha256:" + hashlib.sha256(page.content).hexdigest() == digest
        # Who is the same player everywhere, without tokens, is forgotten everywhere.
        await second.send({"type": "forget", "scope": "player"})
        forgotten = await second.until(lambda message: message["type"] == "forgotten")
        assert forgotten["items"] > len(made)
    kept = ("village/assets/", "village/results/", "village/owners/", "village/claims/", "village/uses/")
    assert [key for key in s3.keys(bucket) if key.startswith(kept)] == []


async def _uploaded(server: Serving, n_results: int) -> None:
    """Ask the server until it has uploaded so many results."""
    line = f'vrbridge_shared_uploads_total{{outcome="done"}} {n_results}.0'
    async with httpx.AsyncClient(timeout=PATIENCE_S) as web:
        async with asyncio.timeout(PATIENCE_S):
            while line not in (await web.get(f"{server.http_url}/metrics")).text:
                pass


def test_a_server_says_at_once_what_is_wrong_with_its_bucket(
    s3: S3Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = {"VRBRIDGE_ASSETS__URL": "s3://no-such-bucket", "VRBRIDGE_ASSETS__ENDPOINT": s3.endpoint}
    for name, value in (CREDENTIALS | settings).items():
        monkeypatch.setenv(name, value)
    command = [sys.executable, "-m", "vrbridge", "serve", "--port", "0", "--data", str(tmp_path)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S)
    assert ended.returncode != 0
    said = " ".join((ended.stdout + ended.stderr).split())
    assert "`assets.url` can't be used: there is no such bucket." in said
    assert "Traceback" not in said
    assert "not-a-secret" not in said
