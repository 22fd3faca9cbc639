"""One measurement: a link, a way to serve, and what goes over it at the same time."""

import dataclasses
import json
import math
import subprocess
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

from tests.bench.head_of_line.network import Network, linked, loopback, python, relayed
from tests.bench.head_of_line.variants import PRODUCT, VARIANTS
from tests.bench.head_of_line.wire import Path

_LAST_S = 5.0
"""Words that were said so shortly before the end are left out: they had no time to be late."""
_PATIENCE_S = 60


@dataclass(frozen=True)
class Cell:
    """What is measured.

    Args:
        link: In words.
        path: Of the link; None: loopback.
        variant: A name in `VARIANTS`.
        has_asset: Whether an asset streams.
        has_words: Whether there is dialogue.
        credit_bytes: What the client lets be on its way.
    """

    link: str
    path: Path | None
    variant: str = PRODUCT.name
    has_asset: bool = True
    has_words: bool = True
    credit_bytes: int = 1 << 18

    @property
    def without_asset(self) -> "Cell":
        """The same dialogue alone, which the others are compared with."""
        return dataclasses.replace(self, variant=PRODUCT.name, has_asset=False)


@dataclass(frozen=True)
class Run:
    """How all cells are measured.

    Args:
        seconds: Length of one measurement.
        seed: Of everything that is random.
        congestion: TCP's congestion control.
        asset_bytes: Size of the asset.
        has_link: Whether there are links; a relay stands in for them otherwise.
    """

    seconds: float
    seed: int
    congestion: str
    asset_bytes: int
    has_link: bool = True


@dataclass(frozen=True)
class Outcome:
    """What was measured.

    Args:
        delays_s: Of words, sorted. One that had not arrived at the end counts with the time it had waited.
        unknown_from_s: The least that a word had waited that had not arrived at the end; None: all had.
        pings_s: Round trips of the client's own pings, sorted.
        asset_bytes_s: Bytes of assets a second, from the first chunk to the end.
        link: What the link has counted.
    """

    delays_s: Sequence[float]
    unknown_from_s: float | None
    pings_s: Sequence[float]
    asset_bytes_s: float
    link: dict[str, Any] = field(default_factory=dict)

    def delay_s(self, share: float) -> float:
        """Return what this share of words keeps below."""
        return quantile(self.delays_s, share)

    def is_bound(self, share: float) -> bool:
        """Whether `delay_s` is only a lower bound, because words had not arrived at the end."""
        return self.unknown_from_s is not None and self.delay_s(share) >= self.unknown_from_s


def measure(cell: Cell, run: Run) -> Outcome:
    """Measure one cell."""
    with _network(cell, run) as network:
        said, heard = _talk(cell, run, network)
    return _outcome(said, heard, network.figures)


def quantile(values: Sequence[float], share: float) -> float:
    """Return the value below which this share of the sorted values is; not a number if there are none."""
    return values[_rank(values, share)] if values else math.nan


def _rank(values: Sequence[float], share: float) -> int:
    return max(0, math.ceil(share * len(values)) - 1)


def _network(cell: Cell, run: Run) -> AbstractContextManager[Network]:
    if cell.path is None:
        return loopback()
    if not run.has_link:
        return relayed(cell.path, seed=run.seed)
    return linked(cell.path, congestion=run.congestion, seed=run.seed)


def _talk(cell: Cell, run: Run, network: Network) -> tuple[list[float], dict[str, Any]]:
    """Return when words were said, and what the client heard."""
    given = {"host": network.host, "variant": cell.variant, "asset_bytes": run.asset_bytes}
    command = [*network.server, *python("server", given)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            address = json.loads(server.stdout.readline())
            plan = {
                "token": address["token"],
                "seconds": run.seconds,
                "asset_bytes": run.asset_bytes if cell.has_asset else 0,
                "has_words": cell.has_words,
                "credit_bytes": VARIANTS[cell.variant].credit_bytes or cell.credit_bytes,
                "seed": run.seed,
            }
            with network.reach(address["port"]) as url:
                heard = subprocess.run(
                    [*network.client, *python("client", plan | {"url": url})],
                    check=True,
                    stdout=subprocess.PIPE,
                    timeout=run.seconds + _PATIENCE_S,
                )
            server.terminate()
            said = json.loads(server.stdout.readline())
            server.wait(_PATIENCE_S)
        finally:
            server.kill()
    return said, json.loads(heard.stdout)


def _outcome(said: Sequence[float], heard: dict[str, Any], figures: dict[str, Any]) -> Outcome:
    began, ended = heard["began"], heard["ended"]
    arrived: dict[float, float] = dict(heard["words"])
    counted = [at for at in said if began <= at < ended - _LAST_S]
    late = [ended - at for at in counted if at not in arrived]
    delays_s = sorted([*(arrived[at] - at for at in counted if at in arrived), *late])
    chunks = {int(tenth): n_bytes for tenth, n_bytes in heard["chunks"].items()}
    asset_s = ended - began - min(chunks, default=0) / 10
    pings_s = sorted(trip for sent_at, trip in heard["pings"] if sent_at >= began)
    return Outcome(delays_s, min(late, default=None), pings_s, sum(chunks.values()) / asset_s, figures)
