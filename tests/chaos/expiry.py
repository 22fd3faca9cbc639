"""A token whose time ends in the middle of an asset."""

import asyncio
import time

from tests.chaos.stage import Stage
from tests.chaos.waiting import until
from tests.integration.scene import Message, RawScene, scene

_TTL_S = 3.0
_ASSET_BYTES = 2_000_000


async def expires_in_mid_asset(stage: Stage) -> None:
    """The asset goes on, new requests do not; the session is taken up with a fresh token only."""
    async with stage.site(server={"authentication": True}) as site:
        made_at = time.time()
        expiring = site.tokens.create("ann", ttl_s=_TTL_S, now=made_at)
        async with scene(site.url, grants=False, token=expiring) as raw:
            steps = [["asset", _ASSET_BYTES], ["wait", "afterwards"], ["say", "and more"]]
            await raw.request(1, "mesh", {"steps": steps})
            await raw.until(lambda m: m["type"] == "chunk")
            await asyncio.sleep(made_at + _TTL_S + 0.1 - time.time())
            await raw.send({"type": "credit", "limit": _ASSET_BYTES})
            await until(lambda: raw.bytes_taken == _ASSET_BYTES, what="the rest of the asset")
            await raw.request(2, "mesh", {"steps": [["say", "more"]]})
            refused = await raw.end(2)
            assert (refused["code"], refused["retryable"]) == ("unauthorized", False)
            await raw.cut()
        async with scene(site.url, greet=False) as late:
            await late.send(_hello(raw, expiring))
            assert await late.closed() == 4501
        site.make.gate("afterwards").set()
        fresh = site.tokens.create("ann", ttl_s=60, now=time.time())
        async with scene(site.url, greet=False) as again:
            again.received = raw.received
            await again.hello(**_hello(raw, fresh))
            assert again.welcome["resumed"] is True
            assert (await again.end(1))["type"] == "done"
            await again.request(3, "mesh", {"steps": [["say", "more"]]})
            assert (await again.end(3))["type"] == "done"
        assert len(raw.body("lod0", 1)) == _ASSET_BYTES
        assert site.make.n_runs == 2


def _hello(raw: RawScene, token: str) -> Message:
    welcome = raw.welcome
    known = {"session": welcome["session"], "secret": welcome["secret"], "received": raw.received}
    return {"type": "hello", "version": 1, "client": {"name": "test"}, "token": token, "resume": known}
