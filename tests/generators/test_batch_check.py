"""Nothing is evaluated together unless it was seen to give the same bytes, and to pay."""

from collections.abc import Callable, Sequence

import pytest
import torch
from torch import Tensor

from vrbridge.generators.batch_check import BatchCheck, Result
from vrbridge.interruption import Interrupted

CPU = torch.device("cpu")


class Network:
    """Doubles numbers, on a clock of its own.

    Args:
        seconds: Returns how long a pass over so many inputs takes.
        error: Is added to everything that is evaluated with others.
        is_transposed: Whether what is evaluated with others lies in memory in another order.
        max_inputs: More are too many for the memory.
    """

    def __init__(
        self,
        seconds: Callable[[int], float] = lambda n: 0.01,
        *,
        error: float = 0.0,
        is_transposed: bool = False,
        max_inputs: int = 99,
    ) -> None:
        self.now = 0.0
        self.passes: list[int] = []
        self.seconds = seconds
        self.error = error
        self.is_transposed = is_transposed
        self.max_inputs = max_inputs

    def __call__(self, members: Sequence[int]) -> list[Result]:
        self.passes.append(len(members))
        if len(members) > self.max_inputs:
            raise RuntimeError("can't allocate memory")
        self.now += self.seconds(len(members))
        return [self.result(member, len(members)) for member in members]

    def result(self, member: int, n: int) -> Result:
        values = torch.full((2, 3), 2.0 * member) + (self.error if n > 1 else 0.0)
        if n > 1 and self.is_transposed:
            values = values.T.contiguous().T
        return (values, torch.tensor([member]))

    def check(self) -> BatchCheck:
        return BatchCheck(CPU, lambda: self.now)


def values(results: Sequence[Result | None]) -> list[float | None]:
    return [None if result is None else float(result[0][0, 0]) for result in results]


def run(check: BatchCheck, network: Network, n: int, *, shape: str = "s") -> list[float | None]:
    network.passes.clear()
    return values(check.together(shape, range(n), network))


def test_a_width_is_proven_twice_beside_single_passes_and_then_used() -> None:
    network = Network()
    check = network.check()
    for _ in range(2):
        assert run(check, network, 4) == [0.0, 2.0, 4.0, 6.0]
        assert network.passes == [1, 1, 1, 1, 4]
    assert run(check, network, 4) == [0.0, 2.0, 4.0, 6.0]
    assert network.passes == [4]


def test_what_comes_out_of_a_trial_is_what_single_passes_gave() -> None:
    network = Network(error=1e-3)
    assert run(network.check(), network, 2) == [0.0, 2.0]


@pytest.mark.parametrize("network", [Network(error=1e-6), Network(is_transposed=True)])
def test_one_pass_that_differs_ends_all_of_its_shape(network: Network) -> None:
    check = network.check()
    run(check, network, 4)
    assert run(check, network, 4) == [None] * 4
    assert network.passes == []
    assert check.largest("s") == 1
    check.alone("another", 0, network)
    assert check.largest("another") == 8


def test_shapes_are_proven_each_for_itself() -> None:
    network = Network()
    check = network.check()
    for _ in range(2):
        run(check, network, 2)
    run(check, network, 2, shape="t")
    assert network.passes == [1, 1, 2]


def test_many_inputs_are_split_into_few_widths_and_one_is_left_to_itself() -> None:
    network = Network()
    check = network.check()
    for _ in range(2):
        run(check, network, 15)
    assert run(check, network, 15) == [*(2.0 * n for n in range(14)), None]
    assert network.passes == [8, 4, 2]
    assert run(check, network, 1) == [None]
    assert run(check, network, 0) == []


@pytest.mark.parametrize(
    ("per_input_s", "is_used"),
    [(0.25, True), (0.6, True), (0.65, False), (1.0, False), (1.2, False)],
)
def test_a_pass_is_used_only_if_on_average_nobody_waits_longer_than_in_a_row(
    per_input_s: float, is_used: bool
) -> None:
    # Four in a row are done after 1, 2, 3 and 4 single passes: 2.5 on average.
    network = Network(lambda n: 0.001 * (1.0 if n == 1 else n * per_input_s))
    check = network.check()
    for _ in range(2):
        run(check, network, 4)
    run(check, network, 4)
    assert (4 in network.passes) == is_used


def test_what_takes_long_alone_is_not_tried_together() -> None:
    network = Network(lambda n: 0.2 * n)
    check = network.check()
    assert run(check, network, 8) == [0.0, *[None] * 7]
    assert network.passes == [1]
    for _ in range(8):
        run(check, network, 8)
    assert check.largest("s") == 1
    assert run(check, network, 8) == [None] * 8
    assert network.passes == []


def test_one_slow_pass_does_not_decide() -> None:
    network = Network(lambda n: 1.0)
    check = network.check()
    run(check, network, 2)
    network.seconds = lambda n: 0.01
    for _ in range(2):
        run(check, network, 2)
    run(check, network, 2)
    assert network.passes == [2]


def test_where_there_is_no_memory_for_many_each_is_left_to_itself() -> None:
    network = Network(max_inputs=2)
    check = network.check()
    assert run(check, network, 4) == [0.0, 2.0, 4.0, 6.0]
    for _ in range(2):
        run(check, network, 4)
    assert run(check, network, 4) == [0.0, 2.0, 4.0, 6.0]
    assert network.passes == [2, 2]
    network.max_inputs = 1
    assert run(check, network, 4) == [None] * 4
    assert run(check, network, 4) == [None] * 4
    assert network.passes == []


def test_an_interruption_goes_through_and_proves_nothing() -> None:
    network = Network()
    check = network.check()

    def interrupted(members: Sequence[int]) -> list[Result]:
        raise Interrupted

    with pytest.raises(Interrupted):
        check.together("s", range(4), interrupted)
    for _ in range(2):
        run(check, network, 4)
    run(check, network, 4)
    assert network.passes == [4]


def test_the_same_bytes_are_the_same_numbers_and_of_the_same_kind() -> None:
    def evaluate(members: Sequence[int]) -> list[tuple[Tensor, ...]]:
        kind = torch.float32 if len(members) == 1 else torch.float64
        return [(torch.full((2,), float(member), dtype=kind),) for member in members]

    check = BatchCheck(CPU, lambda: 0.0)
    check.together("s", range(2), evaluate)
    assert check.largest("s") == 1


@pytest.mark.parametrize(("single_s", "largest"), [(0.01, 8), (0.05, 4), (0.1, 2), (0.2, 1)])
def test_only_as_many_are_collected_as_a_trial_is_worth(single_s: float, largest: int) -> None:
    network = Network(lambda n: single_s)
    check = network.check()
    assert check.largest("s") == 1
    assert values([check.alone("s", 3, network)]) == [6.0]
    assert check.largest("s") == largest
