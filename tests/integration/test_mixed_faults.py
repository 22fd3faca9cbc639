"""Random faults on every link, and peers that talk nonsense: the promise holds."""

from pathlib import Path

from tests.chaos.mix import mixed
from tests.chaos.short import play_short


async def test_every_request_ends_once_whatever_happens_to_its_link(tmp_path: Path) -> None:
    await play_short(mixed, tmp_path)
