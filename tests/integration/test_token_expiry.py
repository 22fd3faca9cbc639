"""A token may expire while something is on its way."""

from pathlib import Path

from tests.chaos.expiry import expires_in_mid_asset
from tests.chaos.short import play_short


async def test_an_asset_outlives_its_token_but_no_new_request_does(tmp_path: Path) -> None:
    await play_short(expires_in_mid_asset, tmp_path)
