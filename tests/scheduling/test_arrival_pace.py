"""Whoever comes soon after another is followed by a third."""

from vrbridge.scheduling.arrival_pace import ArrivalPace


def test_of_what_came_once_or_never_nothing_is_known() -> None:
    pace = ArrivalPace()
    assert pace.expected_by("a") is None
    pace.note("a", now=1.0)
    assert pace.expected_by("a") is None


def test_the_next_one_is_expected_for_twice_the_last_gap() -> None:
    pace = ArrivalPace()
    for now in (1.0, 9.0, 9.25):
        pace.note("a", now=now)
    assert pace.expected_by("a") == 9.75


def test_keys_have_paces_of_their_own() -> None:
    pace = ArrivalPace()
    pace.note("a", now=1.0)
    pace.note("b", now=2.0)
    pace.note("a", now=3.0)
    assert (pace.expected_by("a"), pace.expected_by("b")) == (7.0, None)


def test_of_very_many_keys_the_oldest_are_forgotten() -> None:
    pace = ArrivalPace()
    for _ in range(2):
        pace.note("old", now=0.0)
    for number in range(1000):
        pace.note(number, now=float(number))
        pace.note(number, now=number + 0.5)
    assert pace.expected_by("old") is None
    assert pace.expected_by(999) == 1000.5
