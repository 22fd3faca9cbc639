"""What is made instead of what there is too much work for."""

import pytest

from vrbridge.errors import Overloaded
from vrbridge.jobs.order import Order, choices, first_that_fits
from vrbridge.scheduling.waiting import Waiting

SMALL = Order({"px": 1}, 1.0, degraded={"px": (4, 1)})
MIDDLE = Order({"px": 2}, 2.0, degraded={"px": (4, 2)})
LARGE = Order({"px": 4}, 4.0, cheaper=(MIDDLE, SMALL))


def fitting(room_s: float, *, ahead_s: float = 0.0) -> tuple[Order, Waiting]:
    def estimate(order: Order) -> Waiting:
        work_s = ahead_s + order.cost_s
        if work_s > room_s:
            raise Overloaded("Too much.", retry_after_s=order.cost_s)
        return Waiting(1, work_s, work_s / room_s)

    return first_that_fits(choices(LARGE, tier=0), estimate)


def test_each_choice_leaves_those_below_it() -> None:
    for tier in (0, 1):
        large, middle, small = choices(LARGE, tier=tier)
        assert (large, middle.cheaper, small) == (LARGE, (SMALL,), SMALL)
        assert choices(middle, tier=tier) == [middle, small]


def test_the_background_has_no_choice() -> None:
    assert choices(LARGE, tier=2) == [LARGE]


@pytest.mark.parametrize(
    ("room_s", "ahead_s", "px"),
    [(8.0, 0.0, 4), (100.0, 46.0, 4), (100.0, 46.5, 2), (100.0, 48.5, 1), (100.0, 99.0, 1), (3.0, 0.0, 1)],
)
def test_the_best_is_taken_that_leaves_half_of_the_room_and_else_the_smallest(
    room_s: float, ahead_s: float, px: int
) -> None:
    order, estimate = fitting(room_s, ahead_s=ahead_s)
    assert (order.arguments["px"], estimate.eta_s) == (px, ahead_s + px)


def test_what_was_refused_when_something_larger_fitted_is_not_taken() -> None:
    def estimate(order: Order) -> Waiting:
        if order is not LARGE:
            raise Overloaded("Somebody else came.")
        return Waiting(1, 4.0, 0.9)

    assert first_that_fits(choices(LARGE, tier=0), estimate)[0] is LARGE


def test_if_nothing_fits_the_refusal_is_that_of_the_best() -> None:
    with pytest.raises(Overloaded) as caught:
        fitting(0.5)
    assert caught.value.retry_after_s == 4.0
