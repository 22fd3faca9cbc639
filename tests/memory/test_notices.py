"""Who is to be forgotten is told without names, and covers what was asked for before."""

from hypothesis import given
from hypothesis import strategies as st

from vrbridge.memory.notices import (
    Forgotten,
    HashedOwner,
    Notices,
    hashed,
    hashed_owner,
    notice_name,
    read_notice,
)
from vrbridge.memory.result_cache import Owner

NAMES = st.text("abc/.é ", min_size=1, max_size=20)
MARGIN_S = 900.0


@given(NAMES, st.none() | NAMES, st.floats(0, 1e10))
def test_a_notice_is_read_as_it_was_written(player: str, session: str | None, at: float) -> None:
    name = notice_name(player, session)
    expected = Forgotten(hashed(player), None if session is None else hashed(session), at)
    assert read_notice(f"forgotten/{name}", at) == expected
    assert read_notice(f"notices/2030-01-31/{name}", at) == expected


def test_no_name_stands_in_a_notice() -> None:
    assert "ann" not in notice_name("ann", None)
    assert "living room" not in notice_name("ann", "living room")
    assert read_notice("forgotten/nobody", 0.0) is None


def test_a_player_is_forgotten_with_all_sessions_and_a_session_alone() -> None:
    ann, other, bob = (hashed_owner(Owner(*who)) for who in (("ann", "s1"), ("ann", "s2"), ("bob", "s1")))
    whole = Notices([Forgotten(ann.player, None, 1e6)])
    assert [whole.cover(owner, 0.0) for owner in (ann, other, bob)] == [True, True, False]
    part = Notices([Forgotten(ann.player, ann.session, 1e6)])
    assert [part.cover(owner, 0.0) for owner in (ann, other, bob)] == [True, False, False]


@given(st.lists(st.floats(0, 1e9), min_size=1, max_size=4), st.floats(0, 2e9))
def test_what_was_asked_for_until_the_last_notice_is_covered_and_what_came_later_is_not(
    times: list[float], asked_at: float
) -> None:
    ann = HashedOwner("a", "s")
    notices = Notices([Forgotten("a", None, at) for at in times])
    assert notices.cover(ann, asked_at) == (asked_at < max(times) + MARGIN_S)
