"""Long work ends where it looks whether it is wanted."""

from collections.abc import Iterator

import pytest

from vrbridge.interruption import Interrupted, in_steps, pace, step, watch, watching


@pytest.fixture(autouse=True)
def _watch_nothing_afterwards() -> Iterator[None]:
    yield
    watch(None)
    pace(None)


def test_work_that_nobody_watches_goes_on() -> None:
    step()


def test_work_goes_on_as_long_as_it_is_wanted_and_no_step_longer() -> None:
    answers = iter([False, False, True])
    watch(lambda: next(answers))
    step()
    step()
    with pytest.raises(Interrupted):
        step()


def test_what_takes_faults_in_its_stride_does_not_take_an_interruption() -> None:
    assert not issubclass(Interrupted, Exception)


def test_a_part_ends_when_it_is_unwanted_and_the_whole_goes_on() -> None:
    watch(lambda: False)
    with pytest.raises(Interrupted), watching(lambda: True):
        step()
    step()


def test_a_part_ends_with_the_whole() -> None:
    is_over = False
    watch(lambda: is_over)
    with watching(lambda: False):
        step()
        is_over = True
        with pytest.raises(Interrupted):
            step()


def test_work_rests_at_each_step_that_is_wanted_and_at_no_other() -> None:
    rests = []
    pace(lambda: rests.append(1))
    step()
    watch(lambda: bool(rests))
    with pytest.raises(Interrupted):
        step()
    assert len(rests) == 1
    watch(None)
    pace(None)
    step()
    assert len(rests) == 1


@pytest.mark.parametrize(
    ("n", "n_at_once", "n_parts"), [(10, 3, 4), (9, 3, 3), (4, 100, 1), (3, 0, 3), (0, 5, 0)]
)
def test_the_parts_of_a_range_are_all_of_it(n: int, n_at_once: int, n_parts: int) -> None:
    parts = list(in_steps(n, n_at_once))
    assert [number for part in parts for number in range(n)[part]] == list(range(n))
    assert len(parts) == n_parts
    assert max((part.stop - part.start for part in parts), default=0) <= max(1, n_at_once)


def test_a_range_ends_between_two_parts_once_it_is_unwanted() -> None:
    done: list[slice] = []
    watch(lambda: len(done) == 2)
    with pytest.raises(Interrupted):
        done.extend(in_steps(10, 2))
    assert done == [slice(0, 2), slice(2, 4)]
