"""Long work ends where it looks whether it is wanted."""

from collections.abc import Iterator

import pytest

from vrbridge.interruption import Interrupted, pace, step, watch, watching


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
