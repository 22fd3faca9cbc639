"""Whether a network may evaluate inputs together: only where that is sooner and gives the same bytes."""

import time
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import torch
from torch import Tensor

M = TypeVar("M")
Result = tuple[Tensor, ...]
"""What one input gives."""

WIDTHS = (8, 4, 2)
"""Inputs of one pass, the largest first. Few, for each is a shape of its own, and has to be checked."""

_N_PROOFS = 2
"""Passes with different inputs that must agree before one is trusted."""
_MAX_TRIALS = 3
"""Of one width, whatever comes of them; more than the proofs, for a busy machine is slow now and then."""
_MAX_TRIAL_S = 0.25
"""What takes longer one by one is held up by products and memory, which a batch needs as well; trying that
would cost jobs more than it could ever save."""


@dataclass(slots=True)
class _Width:
    """What is known of passes with so many inputs.

    Args:
        n_equal: Passes that gave the bytes of single ones.
        n_trials: Times that it was to be compared.
        seconds: The quickest took so long. None: there was none.
    """

    n_equal: int = 0
    n_trials: int = 0
    seconds: float | None = None


@dataclass(slots=True)
class _Shape:
    """What is known of inputs of one shape.

    Args:
        single_s: The quickest single one took so long. None: there was none.
        is_unequal: Whether a pass gave other bytes than single ones, so that nothing of it is trusted.
        widths: By number of inputs.
    """

    single_s: float | None = None
    is_unequal: bool = False
    widths: dict[int, _Width] = field(default_factory=lambda: {width: _Width() for width in WIDTHS})

    def pays(self, width: int) -> bool:
        """Whether such a pass is proven, and on average done no later than one after the other."""
        known = self.widths[width]
        if self.is_unequal or known.n_equal < _N_PROOFS or self.single_s is None or known.seconds is None:
            return False
        mean_in_a_row_s = self.single_s * (width + 1) / 2
        return known.seconds <= mean_in_a_row_s

    def is_open(self, width: int) -> bool:
        """Whether nothing is known against such a pass, and it has to be tried."""
        known = self.widths[width]
        return not self.is_unequal and known.n_equal < _N_PROOFS and known.n_trials < _MAX_TRIALS

    def is_worth_a_trial(self, width: int) -> bool:
        """Whether such a pass has to be tried, and that is known not to be too dear."""
        return self.is_open(width) and self.single_s is not None and self.single_s * width <= _MAX_TRIAL_S


class BatchCheck:
    """Evaluates inputs of one shape together as far as that is proven to change nothing and to pay.

    Which products a library uses depends on the shape, the batch included, on the device, the precision and
    the number of threads, and not on the values. So nothing follows from one size for another: each shape and
    width is proven when it first comes, by doing the work both ways. Until then, and wherever the bytes
    differ, each input is evaluated alone. One check belongs to one network in one process, whose device,
    precision and threads stay.

    Args:
        device: Where the passes run; they are waited for before the clock is read.
        clock: In seconds. What it says decides about speed only, and never about what comes out.
    """

    def __init__(self, device: torch.device, clock: Callable[[], float] = time.perf_counter) -> None:
        self._device = device
        self._clock = clock
        self._shapes: dict[Hashable, _Shape] = {}

    def largest(self, shape: Hashable) -> int:
        """Return how many inputs of a shape are worth collecting, as far as is known; 1: none."""
        known = self._shapes.get(shape, _Shape())
        return next((width for width in WIDTHS if known.pays(width) or known.is_worth_a_trial(width)), 1)

    def alone(
        self, shape: Hashable, member: M, evaluate: Callable[[Sequence[M]], Sequence[Result]]
    ) -> Result:
        """Return the result of one input, and note its time, which says whether more are worth a trial."""
        (result,), seconds = self._timed([member], evaluate)
        known = self._shapes.setdefault(shape, _Shape())
        known.single_s = _least(known.single_s, seconds)
        return result

    def together(
        self, shape: Hashable, members: Sequence[M], evaluate: Callable[[Sequence[M]], Sequence[Result]]
    ) -> list[Result | None]:
        """Return the results of those that were evaluated with others, None for those to be done alone.

        Args:
            shape: Equal if and only if all tensors that are evaluated have the same shapes and kinds.
            members: The inputs.
            evaluate: Returns the result of each of some inputs, in one pass.

        Raises:
            Interrupted: If nobody wants any of it.
        """
        known = self._shapes.setdefault(shape, _Shape())
        results: list[Result | None] = []
        while (width := self._width(known, len(members) - len(results))) is not None:
            chosen = members[len(results) : len(results) + width]
            if known.pays(width):
                results += self._passed(known, chosen, evaluate)
            else:
                results += self._tried(known, chosen, evaluate)
        return results + [None] * (len(members) - len(results))

    def _width(self, shape: _Shape, n: int) -> int | None:
        return next((w for w in WIDTHS if w <= n and (shape.pays(w) or shape.is_open(w))), None)

    def _passed(
        self, shape: _Shape, members: Sequence[M], evaluate: Callable[[Sequence[M]], Sequence[Result]]
    ) -> Sequence[Result | None]:
        known = shape.widths[len(members)]
        try:
            results, seconds = self._timed(members, evaluate)
        except (RuntimeError, MemoryError):
            # There may be memory for one where there is none for many; each says for itself what is wrong.
            known.n_equal, known.n_trials = 0, _MAX_TRIALS
            return [None] * len(members)
        known.seconds = _least(known.seconds, seconds)
        return results

    def _tried(
        self, shape: _Shape, members: Sequence[M], evaluate: Callable[[Sequence[M]], Sequence[Result]]
    ) -> Sequence[Result | None]:
        """Evaluate alone, which is what counts, and then together, if that is not too dear."""
        known = shape.widths[len(members)]
        known.n_trials += 1
        results: list[Result | None] = []
        try:
            for member in members:
                single, seconds = self._timed([member], evaluate)
                shape.single_s = _least(shape.single_s, seconds)
                results += single
                if shape.single_s * len(members) > _MAX_TRIAL_S:
                    return results + [None] * (len(members) - len(results))
            both, seconds = self._timed(members, evaluate)
        except (RuntimeError, MemoryError):
            known.n_trials = _MAX_TRIALS
            return results + [None] * (len(members) - len(results))
        known.seconds = _least(known.seconds, seconds)
        if _are_equal(results, both):
            known.n_equal += 1
        else:
            shape.is_unequal = True
        return results

    def _timed(
        self, members: Sequence[M], evaluate: Callable[[Sequence[M]], Sequence[Result]]
    ) -> tuple[Sequence[Result], float]:
        began = self._clock()
        results = evaluate(members)
        if self._device.type == "cuda":
            torch.cuda.synchronize(self._device)
        elif self._device.type == "mps":
            torch.mps.synchronize()
        return results, self._clock() - began


def _least(known: float | None, seconds: float) -> float:
    return seconds if known is None else min(known, seconds)


def _are_equal(singles: Sequence[Result | None], together: Sequence[Result]) -> bool:
    return all(
        one is not None and all(_is_same(a, b) for a, b in zip(one, other, strict=True))
        for one, other in zip(singles, together, strict=True)
    )


def _is_same(a: Tensor, b: Tensor) -> bool:
    # What lies in memory in another order may be added up in another order by what comes next.
    return a.dtype == b.dtype and a.stride() == b.stride() and torch.equal(a, b)
