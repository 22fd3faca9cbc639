"""A real listener on a free port, in front of kinds that are scripted."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.server.fakes import FakeAssets, FakeKind, FakeMemory
from vrbridge.metrics import Metrics
from vrbridge.scheduling.threads import Threads
from vrbridge.server.access import Access
from vrbridge.server.dispatch import Dispatch
from vrbridge.server.listener import Listener
from vrbridge.server.pages import Pages
from vrbridge.server.sessions import Sessions
from vrbridge.server.static_site import StaticSite
from vrbridge.server.tokens import Tokens
from vrbridge.settings import LimitSettings, ServerSettings


@dataclass
class Site:
    """A running server and its parts."""

    listener: Listener
    sessions: Sessions
    dispatch: Dispatch
    talk: FakeKind
    make: FakeKind
    memory: FakeMemory
    assets: FakeAssets
    tokens: Tokens
    metrics: Metrics
    parts: dict[str, bool]

    @property
    def url(self) -> str:
        """Where scenes connect."""
        return self.listener.url

    @property
    def http_url(self) -> str:
        """Where pages are."""
        return self.url.replace("ws://", "http://").removesuffix("/ws")


OpenSite = Callable[..., AbstractAsyncContextManager[Site]]


@asynccontextmanager
async def open_site_in(
    folder: Path, *, server: dict[str, Any] | None = None, **limits: Any
) -> AsyncIterator[Site]:
    """Start a server over a folder of pages; keywords change its limits, `server` its other settings."""
    limit_settings = msgspec.structs.replace(LimitSettings(), **limits)
    server_settings = ServerSettings(**({"port": 0} | (server or {})))
    metrics, tokens, memory, assets = Metrics(), Tokens(b"k" * 32), FakeMemory(), FakeAssets()
    access = Access(server_settings, tokens)
    talk, make = FakeKind("dialogue", assets), FakeKind("mesh", assets)
    sessions = Sessions(limit_settings, metrics, assets, server=server_settings.name)
    dispatch = Dispatch({"dialogue": talk, "mesh": make}, memory, limit_settings, metrics)
    parts = {"dialogue": True, "mesh": True}
    async with Threads(1) as disk:
        pages = Pages(
            access=access,
            assets=assets,
            metrics=metrics,
            parts=lambda: parts | {"server": not dispatch.is_draining},
            site=StaticSite(folder),
            disk=disk,
            name=server_settings.name,
        )
        listener = Listener(
            server_settings,
            limits=limit_settings,
            access=access,
            sessions=sessions,
            dispatch=dispatch,
            pages=pages,
            metrics=metrics,
        )
        async with listener:
            yield Site(listener, sessions, dispatch, talk, make, memory, assets, tokens, metrics, parts)
        await sessions.close()


@pytest.fixture
def open_site(tmp_path: Path) -> OpenSite:
    """Return what starts a server; keywords change its limits, `server` its other settings."""
    (tmp_path / "index.html").write_text("<h1>hello</h1>")
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "index.html").write_text("<h1>deep</h1>")
    (tmp_path.parent / "outside.txt").write_text("secret")
    return partial(open_site_in, tmp_path)


@pytest.fixture
async def site(open_site: OpenSite) -> AsyncIterator[Site]:
    """A server with the default limits."""
    async with open_site() as running:
        yield running
