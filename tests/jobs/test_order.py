"""What is made instead of what there is too much work for."""

import pytest

from vrbridge.errors import Overloaded
from vrbridge.jobs.order import Order, choices, first_that_fits

SMALL = Order({"px": 1}, 1.0, degraded={"px": (4, 1)})
MIDDLE = Order({"px": 2}, 2.0, degraded={"px": (4, 2)})
LARGE = Order({"px": 4}, 4.0, cheaper=(MIDDLE, SMALL))


def fitting(room_s: float) -> tuple[Order, str]:
    def estimate(order: Order) -> str:
        if order.cost_s > room_s:
            raise Overloaded("Too much.", retry_after_s=order.cost_s)
        return f"{order.cost_s:g} s"

    return first_that_fits(choices(LARGE, tier=0), estimate)


def test_each_choice_leaves_those_below_it() -> None:
    for tier in (0, 1):
        large, middle, small = choices(LARGE, tier=tier)
        assert (large, middle.cheaper, small) == (LARGE, (SMALL,), SMALL)
        assert choices(middle, tier=tier) == [middle, small]


def test_the_background_has_no_choice() -> None:
    assert choices(LARGE, tier=2) == [LARGE]


@pytest.mark.parametrize(("room_s", "px"), [(9.0, 4), (4.0, 4), (3.0, 2), (1.0, 1)])
def test_the_best_that_fits_is_taken(room_s: float, px: int) -> None:
    order, estimate = fitting(room_s)
    assert (order.arguments["px"], estimate) == (px, f"{px} s")


def test_if_nothing_fits_the_refusal_is_that_of_the_best() -> None:
    with pytest.raises(Overloaded) as caught:
        fitting(0.5)
    assert caught.value.retry_after_s == 4.0
