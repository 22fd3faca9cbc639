"""What is made instead of what there is too much work for."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from vrbridge.errors import Overloaded
from vrbridge.jobs.order import Order, choices, first_that_fits
from vrbridge.scheduling.backlog import Backlog
from vrbridge.scheduling.waiting import Waiting

SMALL = Order({"px": 1}, 1.0, degraded={"px": (4, 1)})
MIDDLE = Order({"px": 2}, 2.0, degraded={"px": (4, 2)})
LARGE = Order({"px": 4}, 4.0, cheaper=(MIDDLE, SMALL))


def fitting(room_s: float, *, load: float = 0.0) -> tuple[Order, Waiting]:
    def estimate(order: Order) -> Waiting:
        if order.cost_s > room_s:
            raise Overloaded("Too much.", retry_after_s=order.cost_s)
        return Waiting(1, order.cost_s, load)

    return first_that_fits(choices(LARGE, tier=0), estimate)


def test_each_choice_leaves_those_below_it_and_knows_those_above() -> None:
    for tier in (0, 1):
        large, middle, small = choices(LARGE, tier=tier)
        assert large is LARGE
        whole = replace(LARGE, cheaper=())
        assert middle == replace(MIDDLE, better=(whole,), cheaper=(SMALL,))
        assert small == replace(SMALL, better=(whole, MIDDLE))
        assert choices(middle, tier=tier) == [middle, small]


def test_the_background_has_no_choice() -> None:
    assert choices(LARGE, tier=2) == [LARGE]


@pytest.mark.parametrize(
    ("load", "room_s", "px"),
    [
        (0.0, 4.0, 4),
        (0.5, 4.0, 4),
        (0.51, 4.0, 2),
        (0.75, 4.0, 2),
        (0.76, 4.0, 1),
        (1.0, 4.0, 1),
        (0.0, 3.0, 2),
        (0.51, 3.0, 2),
        (0.51, 1.5, 1),
    ],
)
def test_from_half_of_the_wait_on_what_is_made_is_the_smaller_the_more_waits(
    load: float, room_s: float, px: int
) -> None:
    order, estimate = fitting(room_s, load=load)
    assert (order.arguments["px"], estimate.eta_s) == (px, float(px))


@pytest.mark.parametrize(("load", "is_whole"), [(0.0, True), (0.5, True), (0.6, False)])
def test_what_costs_very_much_itself_is_made_whole_where_little_waits(load: float, is_whole: bool) -> None:
    plain = Order({"refined": False}, 0.1, degraded={"refined": (True, False)})
    refined = Order({"refined": True}, 60.0, cheaper=(plain,))
    order, _ = first_that_fits(choices(refined, tier=0), lambda order: Waiting(1, order.cost_s, load))
    assert order.arguments["refined"] is is_whole


@pytest.mark.parametrize("left_s", [[60.0, 0.2], [60.0, 60.0], [0.35] * 100])
@pytest.mark.parametrize("cost_s", [0.4, 60.0])
def test_the_next_in_line_gets_all_of_it_whatever_runs(left_s: list[float], cost_s: float) -> None:
    order, _ = behind(left_s, (), cost_s=cost_s)
    assert order.arguments["whole"]


@pytest.mark.parametrize(("left_s", "n_free"), [([60.0, 0.2], 1), ([0.35] * 100, 100)])
@pytest.mark.parametrize("cost_s", [0.4, 60.0])
def test_a_short_line_costs_nobody_anything_and_a_long_one_does(
    left_s: list[float], n_free: int, cost_s: float
) -> None:
    assert behind(left_s, [0.4], cost_s=cost_s)[0].arguments["whole"]
    assert not behind(left_s, [16.0] * n_free, cost_s=cost_s)[0].arguments["whole"]


def behind(left_s: Sequence[float], waiting_s: Sequence[float], *, cost_s: float) -> tuple[Order, Waiting]:
    """Choose for somebody who comes when so much runs and waits."""
    backlog: Backlog[None] = Backlog(max_wait_s=30.0)
    for number, seconds in enumerate(left_s):
        backlog.add(None, session=f"r{number}", tier=0, cost_s=seconds, now=0.0, n_workers=len(left_s))
        backlog.take(now=0.0)
    for number, seconds in enumerate(waiting_s):
        backlog.add(None, session=f"w{number}", tier=0, cost_s=seconds, now=0.0, n_workers=len(left_s))
    less = Order({"whole": False}, cost_s / 4, degraded={"whole": (True, False)})
    return first_that_fits(
        choices(Order({"whole": True}, cost_s, cheaper=(less,)), tier=1),
        lambda order: backlog.estimate("s", tier=1, cost_s=order.cost_s, now=0.0, n_workers=len(left_s)),
    )


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
