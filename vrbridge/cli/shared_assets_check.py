"""What `vrbridge doctor` says about the bucket of shared assets."""

import asyncio

from vrbridge.cli.finding import Finding
from vrbridge.errors import SettingsError
from vrbridge.memory.bucket_address import open_bucket
from vrbridge.settings import AssetSettings
from vrbridge.sharing import check

_NAME = "shared assets"


def check_shared_assets(settings: AssetSettings) -> Finding:
    """Return whether the bucket that the settings name can be used."""
    if settings.url is None:
        return Finding(_NAME, True, "none, this server has its own folder")
    try:
        asyncio.run(_look(settings))
    except SettingsError as error:
        fix = "Without `assets.url` the server works with its own folder."
        return Finding(_NAME, False, error.message, fix)
    return Finding(_NAME, True, f"{settings.url} can be listed, read and written")


async def _look(settings: AssetSettings) -> None:
    await check(open_bucket(settings), within_s=settings.start_timeout_s)
