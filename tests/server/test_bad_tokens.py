"""Tokens that somebody made up, altered or dug out, over a real socket."""

import base64
import json
import time
from collections.abc import AsyncIterator
from typing import Any, Final

import jwt
import pytest

from tests.integration.scene import scene
from tests.server.conftest import OpenSite, Site

KEY: Final = b"k" * 32
"""The key of the sites in tests."""
CLAIMS: Final = {"aud": "vrbridge", "sub": "ann", "iat": 0, "exp": 2e10, "scope": "*"}


def signed(key: bytes = KEY, algorithm: str = "HS256", **claims: Any) -> str:
    """A token with other claims; None leaves one out."""
    kept = {name: value for name, value in (CLAIMS | claims).items() if value is not None}
    return jwt.encode(kept, key, algorithm=algorithm)


def part(value: object) -> str:
    """A part of a token."""
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def forged(header: object, claims: object, signature: bytes = b"") -> str:
    """A token that nobody has signed."""
    return f"{part(header)}.{part(claims)}.{part(signature)}"


GOOD: Final = signed()
HEADER, BODY, SIGNATURE = GOOD.split(".")
BAD: Final[dict[str, str | None]] = {
    "nil": None,
    "empty": "",
    "blank": " ",
    "word": "token",
    "zero": "\0",
    "not_ascii": "\u00e4.\u4e16.\U0001f469",
    "dots": "...",
    "many_dots": "." * 4096,
    "long": "x" * 4096,
    "bearer": f"Bearer {GOOD}",
    "blank_before": f" {GOOD}",
    "no_signature": f"{HEADER}.{BODY}.",
    "two_parts": f"{HEADER}.{BODY}",
    "four_parts": f"{GOOD}.{SIGNATURE}",
    "cut": GOOD[:-4],
    "signature_of_another": f"{HEADER}.{BODY}.{signed(sub='bob').split('.')[2]}",
    "body_of_another": f"{HEADER}.{part(CLAIMS | {'sub': 'bob'})}.{SIGNATURE}",
    "other_key": signed(b"x" * 32),
    "other_algorithm": signed(b"k" * 64, algorithm="HS512"),
    "algorithm_none": forged({"alg": "none", "typ": "JWT"}, CLAIMS),
    "algorithm_none_in_capitals": forged({"alg": "NONE", "typ": "JWT"}, CLAIMS),
    "algorithm_missing": forged({"typ": "JWT"}, CLAIMS),
    "algorithm_is_a_list": forged({"alg": ["HS256"]}, CLAIMS),
    "algorithm_rs256": forged({"alg": "RS256"}, CLAIMS, b"x" * 256),
    "critical_header": forged({"alg": "HS256", "crit": ["b64"], "b64": False}, CLAIMS),
    "header_no_map": forged([1], CLAIMS),
    "header_no_json": forged(b"{", CLAIMS),
    "header_not_utf8": forged(b"\xff", CLAIMS),
    "header_deep": forged(b"[" * 2000, CLAIMS),
    "header_with_a_huge_number": forged(b'{"alg":' + b"9" * 2900 + b"}", {}),
    "claims_no_map": forged({"alg": "HS256"}, [1]),
    "claims_deep": forged({"alg": "HS256"}, b'{"a":' * 500),
    "audience_missing": signed(aud=None),
    "audience_other": signed(aud="another"),
    "audience_number": signed(aud=5),
    "player_missing": signed(sub=None),
    "end_missing": signed(exp=None),
    "end_word": signed(exp="never"),
    "end_long_ago": signed(exp=0),
    "end_negative": signed(exp=-1e9),
    "end_is_a_list": signed(exp=[2e10]),
    "scope_missing": signed(scope=None),
    "just_expired": signed(exp=time.time() - 1),
}


@pytest.fixture
async def guarded(open_site: OpenSite) -> AsyncIterator[Site]:
    """A server that asks for tokens."""
    async with open_site(server={"authentication": True}) as site:
        yield site


@pytest.mark.parametrize("name", BAD)
async def test_a_bad_token_closes_with_4501_and_a_good_one_goes_on(guarded: Site, name: str) -> None:
    async with scene(guarded.url, token=GOOD) as healthy:
        async with scene(guarded.url, greet=False) as raw:
            await raw.send({"type": "hello", "version": 1, "token": BAD[name]})
            assert await raw.closed() == 4501
            assert raw.messages == []
            assert len((raw.close_reason or "").encode()) <= 123
        await healthy.request(1, "mesh", {"steps": [["asset", 10_000]]})
        assert (await healthy.end(1))["type"] == "done"
        assert len(healthy.body("lod0", 1)) == 10_000


@pytest.mark.parametrize("scope", ["", "Mesh", "meshes", "mesh,dialogue", "**", "mesh\0", "*mesh"])
async def test_a_scope_is_a_word_of_its_own(guarded: Site, scope: str) -> None:
    async with scene(guarded.url, token=signed(scope=scope)) as raw:
        assert raw.welcome["capabilities"] == {}
        await raw.request(1, "mesh", {"steps": []})
        assert (await raw.end(1))["code"] == "forbidden"
    assert guarded.make.n_runs == 0


async def test_a_session_is_of_no_use_with_the_token_of_another_player(guarded: Site) -> None:
    async with scene(guarded.url, token=GOOD) as raw:
        known = {"session": raw.welcome["session"], "secret": raw.welcome["secret"], "received": 0}
        async with scene(guarded.url, greet=False) as other:
            await other.hello(token=signed(sub="bob"), resume=known)
            assert other.welcome["resumed"] is False
        await raw.request(1, "mesh", {"steps": []})
        assert (await raw.end(1))["type"] == "done"
