"""The product's server in a process of its own, in front of scripted kinds."""

import asyncio
import json
import signal
import sys
import tempfile
import time
from pathlib import Path

import msgspec
import uvloop

from tests.bench.head_of_line.kinds import Forgetful, Kept, Props, Words, asset
from tests.bench.head_of_line.variants import VARIANTS
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

_TOKEN_S = 3600


async def serve(host: str, variant: str, asset_bytes: int, folder: Path) -> list[float]:
    """Print port and token, serve until SIGTERM, and return when each word was said."""
    # The variants let words wait for longer than a client that takes nothing may.
    limits = msgspec.structs.replace(LimitSettings(), stall_s=60.0)
    settings = ServerSettings(host=host, port=0)
    metrics, tokens, assets, words = Metrics(), Tokens(b"k" * 32), Kept(), Words()
    asset(asset_bytes)
    access = Access(settings, tokens)
    sessions = Sessions(limits, metrics, assets, new_outbox=VARIANTS[variant].new_outbox)
    dispatch = Dispatch({"dialogue": words, "mesh": Props(assets)}, Forgetful(), limits, metrics)
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    async with Threads(1) as disk:
        pages = Pages(
            access=access, assets=assets, metrics=metrics, parts=dict, site=StaticSite(folder), disk=disk
        )
        listener = Listener(
            settings,
            limits=limits,
            access=access,
            sessions=sessions,
            dispatch=dispatch,
            pages=pages,
            metrics=metrics,
        )
        async with listener:
            token = tokens.create("bench", ttl_s=_TOKEN_S, now=time.time())
            print(json.dumps({"port": listener.port, "token": token}), flush=True)
            await stop.wait()
        await sessions.close()
    return words.said


def main() -> None:
    """Serve what the first argument, JSON, describes; print when each word was said at the end."""
    given = json.loads(sys.argv[1])
    with (
        tempfile.TemporaryDirectory() as folder,
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
    ):
        said = runner.run(serve(given["host"], given["variant"], given["asset_bytes"], Path(folder)))
    print(json.dumps(said), flush=True)


if __name__ == "__main__":
    main()
