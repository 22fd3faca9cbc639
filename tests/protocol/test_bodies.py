"""Which assets are held, and when their bytes are let go."""

import pytest

from vrbridge.protocol.bodies import Bodies


class Holder:
    """Counts what is held."""

    def __init__(self) -> None:
        self.held: list[str] = []
        self.bodies = Bodies(on_hold=self.held.append, on_release=self.held.remove)


def test_an_asset_is_held_until_nobody_can_want_it_again() -> None:
    holder = Holder()
    first = holder.bodies.add(1, digest="a", view=memoryview(b"12345"))
    second = holder.bodies.add(1, digest="a", view=memoryview(b"12345"))
    assert (holder.held, holder.bodies.held_bytes) == (["a", "a"], 10)
    holder.bodies.release(first)
    holder.bodies.release(first)
    holder.bodies.forget(first)
    assert (holder.held, holder.bodies.held_bytes) == (["a"], 5)
    assert holder.bodies.find(first.asset) is None
    assert holder.bodies.find(second.asset) is second
    holder.bodies.release_all()
    assert (holder.held, holder.bodies.held_bytes) == ([], 0)


def test_the_bytes_are_let_go_after_the_last_ones_left() -> None:
    body = Holder().bodies.add(1, digest="a", view=memoryview(b"12345"))
    assert (bytes(body.take(3)), body.left_bytes) == (b"123", 2)
    assert body.view is not None
    assert (bytes(body.take(2)), body.left_bytes) == (b"45", 0)
    assert body.view is None


def test_without_a_connection_no_bytes_are_at_hand() -> None:
    holder = Holder()
    body = holder.bodies.add(1, digest="a", view=memoryview(b"12345"))
    body.take(2)
    holder.bodies.park()
    assert body.view is None
    body.rewind(4)
    assert body.left_bytes == 1


@pytest.mark.parametrize(
    ("received", "offsets", "can_go_on"),
    [
        (3, {}, True),
        (3, {1: 0}, True),
        (3, {1: 5}, True),
        (3, {1: 6}, False),
        (2, {1: 0}, False),
        (3, {2: 0}, False),
        (3, {9: 0}, False),
        (3, {3: 5}, True),
        (3, {3: 6}, False),
        (3, {4: 5}, True),
        (3, {4: 4}, False),
        (2, {4: 4}, True),
    ],
)
def test_a_client_can_go_on_only_from_where_it_can_be(
    received: int, offsets: dict[int, int], can_go_on: bool
) -> None:
    bodies = Holder().bodies
    bodies.add(1, digest="announced", view=memoryview(b"12345")).header_seq = 3
    bodies.add(1, digest="not announced", view=memoryview(b"12345"))
    released = bodies.add(1, digest="released", view=memoryview(b"12345"))
    released.header_seq = 1
    bodies.release(released)
    ended = bodies.add(2, digest="ended", view=memoryview(b"12345"))
    ended.header_seq, ended.end_seq = 2, 3
    assert bodies.can_go_on(received, offsets) is can_go_on
