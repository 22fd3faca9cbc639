"""What the port answers to plain HTTP."""

import contextlib
import hashlib
import json
import time
from urllib.parse import urlsplit

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.typing import Origin

from tests.chaos.relay import relay
from tests.server.conftest import OpenSite, Site

BODY = bytes(range(251)) * 2000


async def _get(url: str, **headers: str) -> httpx.Response:
    async with httpx.AsyncClient() as client:
        return await client.get(url, headers=headers)


async def test_health_readiness_and_metrics(site: Site) -> None:
    assert (await _get(f"{site.http_url}/healthz")).text == "ok\n"
    ready = await _get(f"{site.http_url}/readyz")
    assert (ready.status_code, ready.json()) == (
        200,
        {"ready": True, "parts": {"dialogue": True, "mesh": True, "server": True}},
    )
    site.parts["mesh"] = False
    down = await _get(f"{site.http_url}/readyz")
    assert down.status_code == 503
    assert json.loads(down.text)["parts"]["mesh"] is False
    metrics = await _get(f"{site.http_url}/metrics")
    assert "vrbridge_connections 0.0" in metrics.text
    assert "vrbridge_server{" not in metrics.text


async def test_one_of_several_servers_says_which_it_is(open_site: OpenSite) -> None:
    async with open_site(server={"name": "eu1"}) as site:
        assert (await _get(f"{site.http_url}/readyz")).json()["name"] == "eu1"
        site.metrics.named("eu1")
        assert 'vrbridge_server{name="eu1"} 1.0' in (await _get(f"{site.http_url}/metrics")).text


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/", 200),
        ("/index.html", 200),
        ("/deep/", 200),
        ("/missing", 404),
        ("/../outside.txt", 404),
        ("/%2e%2e/outside.txt", 404),
        ("/deep/..%2f..%2foutside.txt", 404),
        ("/%00", 400),
        ("/" + "x" * 400, 404),
    ],
)
async def test_static_files_stay_in_their_folder(site: Site, path: str, status: int) -> None:
    answer = await _get(site.http_url + path)
    assert answer.status_code == status
    assert "secret" not in answer.text
    if status == 200:
        assert answer.headers["Content-Type"] == "text/html"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


async def test_a_file_that_has_not_changed_is_not_sent_again(site: Site) -> None:
    first = await _get(site.http_url + "/")
    again = await _get(site.http_url + "/", **{"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
    other = await _get(site.http_url + "/", **{"If-None-Match": '"other"'})
    assert other.content == first.content


@pytest.mark.parametrize("path", ["//other/metrics", "//metrics"])
async def test_a_path_that_a_proxy_takes_for_another_is_another(site: Site, path: str) -> None:
    assert (await _get(site.http_url + path)).status_code == 404
    assert (await _get(f"{site.http_url}/metrics?//x")).status_code == 200


async def test_head_has_no_body_and_post_is_not_allowed(site: Site) -> None:
    async with httpx.AsyncClient() as client:
        assert (await client.head(site.http_url + "/")).content == b""
        assert (await client.post(site.http_url + "/")).status_code == 405


async def test_assets_are_found_by_digest_with_a_token(open_site: OpenSite) -> None:
    async with open_site(server={"authentication": True}) as site:
        digest = "sha256:" + "a" * 64
        site.assets.kept[digest] = ("image/ktx2", b"pixels")
        url = f"{site.http_url}/assets/{digest}"
        assert (await _get(url)).status_code == 401
        token = site.tokens.create("ann", ttl_s=60, now=time.time())
        authorization = f"Bearer {token}"
        found = await _get(url, Authorization=authorization)
        assert (found.status_code, found.content) == (200, b"pixels")
        assert found.headers["Content-Type"] == "image/ktx2"
        assert "immutable" in found.headers["Cache-Control"]
        again = await _get(url, Authorization=authorization, **{"If-None-Match": found.headers["ETag"]})
        assert (again.status_code, again.content) == (304, b"")
        missing = await _get(url[:-1] + "b", Authorization=authorization)
        assert missing.status_code == 404


@pytest.fixture
def download(site: Site) -> str:
    """Where a large asset can be had."""
    digest = "sha256:" + hashlib.sha256(BODY).hexdigest()
    site.assets.kept[digest] = ("model/gltf-binary", BODY)
    return f"{site.http_url}/assets/{digest}"


async def test_a_download_that_broke_off_goes_on(download: str) -> None:
    whole = await _get(download)
    assert (whole.status_code, whole.headers["Accept-Ranges"]) == (200, "bytes")
    rest = await _get(download, Range="bytes=100000-", **{"If-Range": whole.headers["ETag"]})
    assert (rest.status_code, rest.content) == (206, BODY[100_000:])
    assert rest.headers["Content-Range"] == f"bytes 100000-{len(BODY) - 1}/{len(BODY)}"
    for name in ("ETag", "Cache-Control", "Content-Type"):
        assert rest.headers[name] == whole.headers[name]
    end = await _get(download, Range="bytes=-7")
    assert (end.status_code, end.content) == (206, BODY[-7:])


async def test_a_range_of_another_version_gets_the_whole(download: str) -> None:
    answer = await _get(download, Range="bytes=5-9", **{"If-Range": '"sha256:other"'})
    assert (answer.status_code, answer.content) == (200, BODY)
    dated = await _get(download, Range="bytes=5-9", **{"If-Range": "Sun, 06 Nov 1994 08:49:37 GMT"})
    assert dated.status_code == 200
    several = await _get(download, Range="bytes=0-1,5-6")
    assert (several.status_code, several.content) == (200, BODY)


async def test_bytes_beyond_the_end_are_not_there(download: str) -> None:
    answer = await _get(download, Range=f"bytes={len(BODY)}-")
    assert (answer.status_code, answer.headers["Content-Range"]) == (416, f"bytes */{len(BODY)}")


async def test_head_tells_of_the_whole_file_whatever_its_range(download: str) -> None:
    async with httpx.AsyncClient() as client:
        answer = await client.head(download, headers={"Range": "bytes=5-9"})
    assert (answer.status_code, answer.headers["Content-Length"]) == (200, str(len(BODY)))


async def test_a_download_over_a_link_that_breaks_comes_together_whole(site: Site, download: str) -> None:
    got = b""
    async with relay(site.listener.port) as link:
        link.down.bytes_per_s = 2_000_000
        while len(got) < len(BODY):
            address = download.replace(f":{site.listener.port}", f":{urlsplit(link.url).port}")
            n_before = len(got)
            with contextlib.suppress(httpx.RemoteProtocolError, httpx.ReadError):
                async with (
                    httpx.AsyncClient() as client,
                    client.stream("GET", address, headers={"Range": f"bytes={n_before}-"}) as answer,
                ):
                    assert answer.status_code == 206
                    async for piece in answer.aiter_raw():
                        got += piece
                        if len(got) - n_before > 150_000:
                            link.cut()
    assert got == BODY


async def test_a_foreign_origin_or_host_is_refused_before_the_upgrade(site: Site) -> None:
    upgrade = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    }
    url = f"{site.http_url}/ws"
    assert (await _get(url, **upgrade, Origin="https://evil.example")).status_code == 403
    host = f"evil.example:{site.listener.port}"
    assert (await _get(url, **upgrade, Host=host, Origin=f"http://{host}")).status_code == 403
    assert (await _get(site.http_url + "/", Host=host)).status_code == 403
    assert (await _get(url, **upgrade, Origin="http://[x")).status_code == 400


async def test_a_page_of_ours_may_connect(site: Site) -> None:
    async with connect(site.url, origin=Origin(site.http_url)) as socket:
        assert socket.response is not None
        assert socket.response.status_code == 101
