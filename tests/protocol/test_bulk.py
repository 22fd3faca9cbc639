"""Which chunk leaves next."""

from collections.abc import Callable

from tests.protocol.outboxes import PLENTY, content
from vrbridge.protocol.bodies import Body
from vrbridge.protocol.bulk import Bulk
from vrbridge.protocol.delivery_window import DeliveryWindow
from vrbridge.protocol.lane import Lane


def lane(number: int, *, tier: int = 0, is_dialogue: bool = False, size: int = 10_000) -> Lane:
    made = Lane(request_id=number, tier=tier, is_dialogue=is_dialogue, number=number)
    made.bodies[number] = Body(number, number, str(size), size, content(str(size)), header_seq=1)
    made.announce(number)
    return made


def bulk(
    window: DeliveryWindow | None = None,
    *,
    credit: int = PLENTY,
    weigh: Callable[[int], float] = lambda request_id: 0.0,
) -> Bulk:
    made = Bulk(window, weigh)
    made.restart(chunk_bytes=1000, window_bytes=credit)
    return made


def order(made: Bulk, lanes: list[Lane], n: int) -> list[int]:
    chunks = [made.next(lanes, is_talking=False) for _ in range(n)]
    return [chunk.asset for chunk in chunks if chunk is not None]


def test_tiers_share_16_to_4_to_1() -> None:
    lanes = [lane(tier + 1, tier=tier, size=100_000) for tier in range(3)]
    sent = order(bulk(), lanes, 42)
    assert [sent.count(number) for number in (1, 2, 3)] == [32, 8, 2]


def test_what_belongs_to_dialogue_goes_before_all_other_chunks() -> None:
    lanes = [lane(1), lane(2, tier=2, is_dialogue=True, size=3000), lane(3)]
    assert order(bulk(), lanes, 4) == [2, 2, 2, 1]


def test_what_the_player_looks_at_goes_first_inside_a_tier() -> None:
    weights = {1: 0.0, 2: 1.0, 3: -1.0}
    made = bulk(weigh=weights.__getitem__)
    lanes = [lane(1, size=2000), lane(2), lane(3)]
    assert order(made, lanes, 2) == [2, 2]
    weights[2] = -2.0
    assert order(made, lanes, 3) == [1, 1, 3]


def test_no_chunk_is_longer_than_what_is_left_of_the_credit() -> None:
    made = bulk(credit=1500)
    lanes = [lane(1)]
    sizes = [len(chunk.data) for _ in range(9) if (chunk := made.next(lanes, is_talking=False))]
    assert sizes == [1000, 500]
    made.allow(1400)
    assert made.next(lanes, is_talking=False) is None
    made.allow(1600)
    assert made.credit_left == 100


def test_bytes_that_are_not_at_hand_hold_no_other_asset_up() -> None:
    lanes = [lane(1), lane(2)]
    lanes[0].bodies[1].view = None
    assert order(bulk(), lanes, 1) == [2]


def test_the_window_of_the_connection_bounds_bulk_and_leaves_room_for_dialogue() -> None:
    window = DeliveryWindow()
    made = bulk(window)
    sent = 0
    while (chunk := made.next([lane(1)], is_talking=True)) is not None:
        window.sent(len(chunk.data), now=0.0)
        sent += len(chunk.data)
    assert 15_000 < sent <= 16_384
    spoken = made.next([lane(2, is_dialogue=True)], is_talking=True)
    assert spoken is not None
