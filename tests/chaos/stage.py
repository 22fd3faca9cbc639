"""What every scenario gets: a folder, chance that can be replayed, and limits that fit its length."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from tests.server.conftest import Site, open_site_in

Figure = float | int | str


@dataclass
class Stage:
    """Where one scenario plays.

    Args:
        folder: Empty.
        seed: The same one gives the same choices.
        is_short: Whether limits and numbers are scaled down, for the tests.
        minutes: How long a scenario without an end of its own goes on.
        figures: What it measured, by name.
    """

    folder: Path
    seed: int
    is_short: bool = False
    minutes: float = 1.0
    figures: dict[str, Figure] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.random = Random(self.seed)

    def pick(self, full: Any, *, short: Any) -> Any:
        """Return the one that fits the length."""
        return short if self.is_short else full

    @asynccontextmanager
    async def site(
        self, *, short: dict[str, Any] | None = None, server: dict[str, Any] | None = None, **limits: Any
    ) -> AsyncIterator[Site]:
        """Start a server with the default limits, or these, or (where it is to be short) the short ones."""
        scaled = short if self.is_short and short else {}
        async with open_site_in(self.folder, server=server, **(limits | scaled)) as site:
            yield site


Play = Callable[[Stage], Awaitable[None]]
