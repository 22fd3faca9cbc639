"""What a worker is asked to make, and what it makes instead while there is too much work."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import ceil
from typing import Any, Protocol, TypeVar

from vrbridge.errors import Overloaded

_LAST_DEGRADED_TIER = 1
"""What nobody waits for can come later, and whole."""

_MAX_WHOLE_LOAD = 0.5
"""Up to so much of the time that something may wait, all comes as it was asked for. If only what would be
refused were made smaller, next to nothing would be: the wait goes up and down by more than one material."""


class Loaded(Protocol):
    """An estimate that says how much is ahead."""

    @property
    def load(self) -> float:
        """How long what waits ahead takes, as a share of how long one may wait."""
        ...


L = TypeVar("L", bound=Loaded)


@dataclass(frozen=True, slots=True)
class Order:
    """A checked request in the form that a worker takes.

    Args:
        arguments: Everything that decides the bytes, seed and formats included.
        cost_s: Estimated seconds of one worker.
        size: What decides the cost besides the kind, in a few words.
        degraded: Parameter → what was asked for, and what is made in its place.
        cheaper: What can be made in its place while there is too much work, the best first.
        better: What this is made in place of, what was asked for first. It costs nothing where it is at hand.
        is_repeatable: Whether somebody else can have asked for the same. Not where the seed was drawn here.
    """

    arguments: Mapping[str, Any]
    cost_s: float
    size: str = ""
    degraded: Mapping[str, Sequence[object]] = field(default_factory=dict)
    cheaper: tuple["Order", ...] = ()
    better: tuple["Order", ...] = ()
    is_repeatable: bool = True


def choices(order: Order, *, tier: int) -> list[Order]:
    """Return the order and what may be made in its place, each with what is above and below it.

    Args:
        order: What was asked for.
        tier: 0 interactive, 1 normal, 2 background.
    """
    if tier > _LAST_DEGRADED_TIER:
        return [order]
    cheaper = [
        replace(
            choice,
            better=(*order.better, *(_alone(better) for better in (order, *order.cheaper[:number]))),
            cheaper=order.cheaper[number + 1 :],
        )
        for number, choice in enumerate(order.cheaper)
    ]
    return [order, *cheaper]


def first_that_fits(wanted: Sequence[Order], estimate: Callable[[Order], L]) -> tuple[Order, L]:
    """Return the best order that what waits leaves room for, or else the cheapest that is not refused.

    The more waits, the further down the list. What an order costs itself has no part in that, or a costly one
    would have no chance but that of starting at once.

    Args:
        wanted: At least one, the best first.
        estimate: Raises Overloaded if there is too much work for an order.

    Returns:
        The order, and what is estimated for it.

    Raises:
        Overloaded: If all are refused; it says when there is a chance for the first.
    """
    refusal: Overloaded | None = None
    found: tuple[Order, L] | None = None
    for number, order in enumerate(wanted):
        try:
            found = order, estimate(order)
        except Overloaded as error:
            refusal = refusal or error
        else:
            if number >= _n_passed_over(found[1].load, len(wanted)):
                break
    if found is None:
        assert refusal is not None, "somebody wants something"
        raise refusal
    return found


def _alone(order: Order) -> Order:
    return replace(order, cheaper=(), better=())


def _n_passed_over(load: float, n_choices: int) -> int:
    """Return how many of the best choices are too much for a load; 1 leaves the last one."""
    return ceil((load - _MAX_WHOLE_LOAD) / (1 - _MAX_WHOLE_LOAD) * (n_choices - 1))
