"""Where values are on a chart."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from vrbridge.bench.axis import LinearAxis, LogAxis


@given(st.lists(st.floats(0, 1e6), max_size=20))
@example([5e-324])
def test_a_linear_axis_holds_all_values_with_few_round_ticks(values: list[float]) -> None:
    axis = LinearAxis(values)
    places = [axis.place(value) for value, _ in axis.ticks]
    assert places[0] == 0
    assert places[-1] == 1
    assert 2 <= len(places) <= 6
    assert max(values, default=0) <= axis.ticks[-1][0] * (1 + 1e-9)


def test_ticks_of_a_linear_axis_are_written_without_noise() -> None:
    assert [label for _, label in LinearAxis([0.29]).ticks] == ["0", "0.1", "0.2", "0.3"]
    assert [label for _, label in LinearAxis([17, 3]).ticks] == ["0", "5", "10", "15", "20"]


def test_a_logarithmic_axis_gives_each_power_of_ten_the_same_room() -> None:
    axis = LogAxis(0.1, 1000)
    assert [label for _, label in axis.ticks] == ["0.1", "1", "10", "100", "1000"]
    assert [axis.place(value) for value, _ in axis.ticks] == pytest.approx([0, 0.25, 0.5, 0.75, 1])


def test_what_is_out_of_range_is_at_the_edge() -> None:
    axis = LogAxis(0.1, 1000)
    assert [axis.place(value) for value in (0.0, 0.001, 5e4)] == [0, 0, 1]
