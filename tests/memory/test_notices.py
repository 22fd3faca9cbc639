"""Who is to be forgotten is told without names, and covers what was asked for before."""

from hypothesis import given
from hypothesis import strategies as st

from vrbridge.memory import shared_keys
from vrbridge.memory.notices import (
    Forgotten,
    HashedOwner,
    Notices,
    OwnNotices,
    hashed,
    hashed_owner,
    notice_name,
    read_notice,
)
from vrbridge.memory.result_cache import Owner

NAMES = st.text("abc/.é ", min_size=1, max_size=20)
GIVERS = st.text("0123456789abcdef", min_size=1, max_size=16)


@given(NAMES, st.none() | NAMES, GIVERS, st.floats(0, 1e10))
def test_a_notice_is_read_as_it_was_written(player: str, session: str | None, giver: str, at: float) -> None:
    who = hashed(player), None if session is None else hashed(session)
    for key in shared_keys.notices_of(player, session, day="2030-01-31", giver=giver):
        assert read_notice(shared_keys.notice_in(key), at) == Forgotten(*who, at, giver)
        earlier = shared_keys.notice_in(key.removesuffix(f"/{giver}"))
        assert read_notice(earlier, at) == Forgotten(*who, at)


def test_no_name_stands_in_a_notice() -> None:
    assert "ann" not in notice_name("ann", None, "a")
    assert "living room" not in notice_name("ann", "living room", "a")
    assert read_notice("nobody", 0.0) is None


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
    assert notices.cover(ann, asked_at) == (asked_at <= max(times))


@given(st.floats(0, 1e9), st.floats(0, 1e6), st.floats(0, 2e9), st.floats(0, 1e6))
def test_what_began_while_something_may_be_erased_is_covered(
    at: float, takes_s: float, asked_at: float, waits_s: float
) -> None:
    notices = Notices([Forgotten("a", "s", at, until=at + takes_s)])
    began_at = asked_at + waits_s
    covered = asked_at <= at or began_at <= at + takes_s
    assert notices.cover(HashedOwner("a", "s"), asked_at, began_at=began_at) == covered
    assert not notices.cover(HashedOwner("a", "t"), asked_at, began_at=began_at)


def test_what_began_before_the_last_of_several_who_forget_the_same_is_done_is_covered() -> None:
    own, ann = OwnNotices(), HashedOwner("a", "s")
    own.begin(("a", None), 10.0)
    own.begin(("a", None), 11.0)
    own.end(("a", None), 12.0)
    assert own.cover(ann, 20.0, began_at=20.0)
    own.end(("a", None), 13.0)
    assert own.cover(ann, 12.0, began_at=13.0)
    assert own.cover(ann, 11.0, began_at=20.0)
    assert not own.cover(ann, 11.5, began_at=13.5)
    assert not own.cover(HashedOwner("b", "s"), 0.0, began_at=0.0)


def test_own_notices_are_let_go_of_once_they_are_old_and_over() -> None:
    own, ann, bob = OwnNotices(), HashedOwner("a", "s"), HashedOwner("b", "s")
    for who in (("a", None), ("b", None)):
        own.begin(who, 10.0)
    own.end(("a", None), 11.0)
    own.drop(before=12.0)
    assert not own.cover(ann, 0.0, began_at=0.0)
    assert own.cover(bob, 20.0, began_at=20.0)
