"""When the next job begins, with workers that are busy for different times."""

import pytest

from vrbridge.scheduling.waiting import begins_s


@pytest.mark.parametrize(
    ("busy_s", "work_s", "begins"),
    [
        ([0.0], 0.0, 0.0),
        ([3.0], 0.0, 3.0),
        ([3.0], 2.0, 5.0),
        ([9.0, 3.0], 0.0, 3.0),
        ([9.0, 3.0], 4.0, 7.0),
        ([9.0, 3.0], 6.0, 9.0),
        ([9.0, 3.0], 8.0, 10.0),
        ([0.0, 0.0, 6.0], 15.0, 7.0),
    ],
)
def test_work_is_done_by_whoever_is_free(busy_s: list[float], work_s: float, begins: float) -> None:
    assert begins_s(busy_s, work_s) == begins
