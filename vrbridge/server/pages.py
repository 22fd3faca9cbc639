"""What the port answers to plain HTTP: health, metrics, assets, and pages for people."""

import json
import time
from collections.abc import Awaitable, Callable, Mapping
from email.utils import formatdate
from functools import partial
from http import HTTPStatus
from typing import Protocol, TypeVar
from urllib.parse import unquote, urlsplit

from websockets.datastructures import Headers, MultipleValuesError
from websockets.http11 import Request, Response

from vrbridge import metrics as exposition
from vrbridge.errors import Unauthorized, Unavailable
from vrbridge.jobs.kind import AssetSource
from vrbridge.metrics import Metrics
from vrbridge.server.access import Access
from vrbridge.server.byte_range import byte_range
from vrbridge.server.static_site import StaticSite

SOCKET_PATH = "/ws"
_ASSETS = "/assets/"
_IMMUTABLE = "private, max-age=31536000, immutable"
_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'wasm-unsafe-eval'; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; connect-src 'self'; "
    "worker-src 'self' blob:; frame-ancestors 'self'"
)

T = TypeVar("T")


class Disk(Protocol):
    """Runs a function off the event loop."""

    def run(self, function: Callable[..., T], /, *arguments: object) -> Awaitable[T]:
        """Return what the function returns, or raise what it raises."""
        ...


class Pages:
    """Answers HTTP requests; the WebSocket path is left to the caller.

    Args:
        access: Tokens, hosts and origins.
        assets: Where assets are found by digest.
        metrics: Counters.
        parts: Name → whether it can be answered now; `/readyz` is 503 unless all can.
        site: Static files.
        disk: Reads them.
        name: Of this server among several; shown by `/readyz`.
    """

    def __init__(
        self,
        *,
        access: Access,
        assets: AssetSource,
        metrics: Metrics,
        parts: Callable[[], Mapping[str, bool]],
        site: StaticSite,
        disk: Disk,
        name: str = "",
    ) -> None:
        self._access = access
        self._assets = assets
        self._metrics = metrics
        self._parts = parts
        self._site = site
        self._disk = disk
        self._name = name

    async def answer(self, request: Request) -> Response | None:
        """Return the answer, or None if the request may become a WebSocket."""
        try:
            return await self._answer(request)
        except (ValueError, MultipleValuesError):
            return text(HTTPStatus.BAD_REQUEST, "This request can't be read.\n")

    async def _answer(self, request: Request) -> Response | None:
        path = _path(request.path)
        if not self._access.allows_host(request.headers.get("Host")):
            return text(HTTPStatus.FORBIDDEN, "This server is for its own machine only.\n")
        if path == SOCKET_PATH:
            return self._check_origin(request)
        if request.method not in {"GET", "HEAD"}:
            return text(HTTPStatus.METHOD_NOT_ALLOWED, "Only GET is answered.\n", {"Allow": "GET, HEAD"})
        response = await self._get(path, request)
        if request.method == "HEAD":
            response.body = b""
        return response

    async def _get(self, path: str, request: Request) -> Response:
        if path == "/healthz":
            return text(HTTPStatus.OK, "ok\n")
        if path == "/readyz":
            return self._readiness()
        if path == "/metrics":
            return body(HTTPStatus.OK, self._metrics.exposition(), exposition.MEDIA_TYPE)
        if path.startswith(_ASSETS):
            return await self._asset(path.removeprefix(_ASSETS), request)
        return await self._static(path, request)

    def _check_origin(self, request: Request) -> Response | None:
        origins = request.headers.get_all("Origin")
        if self._access.allows_origin(origins, request.headers.get("Host")):
            return None
        reason = "This page's origin may not connect; add it to `server.origins` of the settings.\n"
        return text(HTTPStatus.FORBIDDEN, reason)

    def _readiness(self) -> Response:
        parts = dict(self._parts())
        is_ready = all(parts.values())
        status = HTTPStatus.OK if is_ready else HTTPStatus.SERVICE_UNAVAILABLE
        content = {"ready": is_ready, "parts": parts} | ({"name": self._name} if self._name else {})
        return body(status, json.dumps(content).encode(), "application/json")

    async def _asset(self, digest: str, request: Request) -> Response:
        try:
            self._access.grant_bearer(request.headers.get("Authorization"), now=time.time())
        except Unauthorized as error:
            return text(HTTPStatus.UNAUTHORIZED, f"{error.message}\n", {"WWW-Authenticate": "Bearer"})
        if request.headers.get("If-None-Match") == f'"{digest}"':
            return body(HTTPStatus.NOT_MODIFIED, b"", "text/plain", {"ETag": f'"{digest}"'})
        try:
            found = await self._assets.fetch(digest)
        except Unavailable as error:
            return text(HTTPStatus.SERVICE_UNAVAILABLE, f"{error.message}\n", {"Retry-After": "1"})
        if found is None:
            return text(HTTPStatus.NOT_FOUND, "No asset with this digest is kept.\n")
        media_type, data = found
        return _part(request, data, media_type, etag=f'"{digest}"')

    async def _static(self, path: str, request: Request) -> Response:
        if self._site.is_folder_without_slash(path):
            return text(HTTPStatus.MOVED_PERMANENTLY, "", {"Location": f"{path}/"})
        takes_gzip = "gzip" in request.headers.get("Accept-Encoding", "")
        found = await self._disk.run(partial(self._site.read, path, takes_gzip=takes_gzip))
        if found is None:
            return text(HTTPStatus.NOT_FOUND, "There is no such page.\n")
        headers = {"Cache-Control": "no-cache", "Content-Security-Policy": _POLICY, "ETag": found.etag}
        if request.headers.get("If-None-Match") == found.etag:
            return body(HTTPStatus.NOT_MODIFIED, b"", found.media_type, headers)
        if found.encoding is not None:
            headers["Content-Encoding"] = found.encoding
        return body(HTTPStatus.OK, found.data, found.media_type, headers)


def _path(target: str) -> str:
    """Return the path that is asked for; what begins with two slashes names no host, as proxies see it."""
    return unquote(target.partition("?")[0] if target.startswith("/") else urlsplit(target).path)


def _part(request: Request, data: memoryview | bytes, media_type: str, *, etag: str) -> Response:
    """Return an asset, or the part that is missing of it, so that a download that broke off can go on."""
    headers = {"Cache-Control": _IMMUTABLE, "ETag": etag, "Accept-Ranges": "bytes"}
    # A range of another version of the file would be of no use; without a condition there is only one.
    is_same = request.headers.get("If-Range", etag) == etag
    wanted = byte_range(request.headers.get("Range"), len(data)) if is_same else None
    if wanted is None or request.method == "HEAD":
        return body(HTTPStatus.OK, bytes(data), media_type, headers)
    if not wanted:
        unsatisfied = {"Content-Range": f"bytes */{len(data)}"}
        return text(HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, "It has fewer bytes.\n", unsatisfied)
    headers["Content-Range"] = f"bytes {wanted.start}-{wanted.stop - 1}/{len(data)}"
    return body(HTTPStatus.PARTIAL_CONTENT, bytes(data[wanted.start : wanted.stop]), media_type, headers)


def text(status: HTTPStatus, content: str, headers: Mapping[str, str] | None = None) -> Response:
    """Return an answer in plain text."""
    return body(status, content.encode(), "text/plain; charset=utf-8", headers)


def body(
    status: HTTPStatus, content: bytes, media_type: str, headers: Mapping[str, str] | None = None
) -> Response:
    """Return an answer; the connection closes after it."""
    fields = Headers()
    fields["Date"] = formatdate(usegmt=True)
    fields["Connection"] = "close"
    fields["Content-Length"] = str(len(content))
    fields["Content-Type"] = media_type
    fields["X-Content-Type-Options"] = "nosniff"
    for name, value in (headers or {}).items():
        fields[name] = value
    return Response(status.value, status.phrase, fields, content)
