"""Losing the connection at the right moment."""

from typing import Any

from vrbridge.client.demo.breakage import Breakage

SIZE = 100_000


class Clock:
    """Time that a test sets."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def chunk(offset: int, n_bytes: int, asset: int = 2) -> dict[str, Any]:
    return {"type": "chunk", "asset": asset, "offset": offset, "data": bytes(n_bytes)}


def test_the_first_large_asset_of_the_request_is_interrupted_once() -> None:
    lost: list[str] = []
    clock = Clock()
    breakage = Breakage(clock)
    breakage.prepare(7, "brick", lambda: lost.append("now"))
    breakage.take("sent", {"type": "request", "id": 7})
    breakage.take("received", {"type": "welcome", "resumed": False})
    breakage.take("received", {"type": "asset", "id": 6, "asset": 1, "role": "normal", "bytes": SIZE})
    breakage.take("received", {"type": "asset", "id": 7, "asset": 3, "role": "preview", "bytes": 900})
    breakage.take("received", {"type": "asset", "id": 7, "asset": 2, "role": "base_color", "bytes": SIZE})
    breakage.take("received", chunk(0, 90_000, asset=1))
    breakage.take("received", chunk(0, 20_000))
    assert lost == []
    assert breakage.result() is None
    breakage.take("received", chunk(20_000, 20_000))
    assert lost == ["now"]
    clock.now = 0.25
    breakage.take("received", {"type": "welcome", "resumed": True})
    breakage.take("received", chunk(40_000, 60_000))
    assert lost == ["now"]
    drop = breakage.result()
    assert drop is not None
    assert (drop.prompt, drop.role, drop.at_bytes, drop.in_all_bytes) == ("brick", "base_color", 40_000, SIZE)
    assert (drop.resumed, drop.back_ms, drop.n_repeated_bytes, drop.n_asked_again) == (True, 250.0, 0, 0)


def test_bytes_and_requests_that_come_twice_are_counted() -> None:
    breakage = Breakage(Clock())
    breakage.prepare(7, "brick", lambda: None)
    breakage.take("sent", {"type": "request", "id": 7})
    breakage.take("received", {"type": "asset", "id": 7, "asset": 2, "role": "orm", "bytes": SIZE})
    breakage.take("received", chunk(0, 50_000))
    breakage.take("received", {"type": "welcome", "resumed": False})
    breakage.take("sent", {"type": "request", "id": 7})
    breakage.take("received", chunk(0, SIZE))
    drop = breakage.result()
    assert drop is not None
    assert (drop.resumed, drop.n_repeated_bytes, drop.n_asked_again) == (False, 50_000, 1)
