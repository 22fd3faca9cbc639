"""What a server has uploaded is remembered within a bound, and forgotten by player."""

from hypothesis import given
from hypothesis import strategies as st

from vrbridge.memory.known_uploads import KnownUploads
from vrbridge.memory.notices import Forgotten, HashedOwner, Notices

ANN, ANN_AGAIN, BOB = HashedOwner("a", "1"), HashedOwner("a", "2"), HashedOwner("b", "1")


class CountingNotices(Notices):
    """Notices that tell how often they were asked."""

    n_asked = 0

    def cover(self, owner: HashedOwner, asked_at: float, *, began_at: float = 0.0) -> bool:
        """Count."""
        self.n_asked += 1
        return super().cover(owner, asked_at)


def test_forgetting_looks_at_nobody_else() -> None:
    known = KnownUploads(1000)
    for number in range(500):
        known.add((str(number), BOB))
    known.add(("k", ANN))
    notices = CountingNotices([Forgotten("a", None, 1.0), Forgotten("c", None, 1.0)])
    known.forget(notices)
    assert notices.n_asked == 1
    assert len(known) == 500
    assert ("k", ANN) not in known


def test_forgetting_a_session_keeps_another_of_the_same_player() -> None:
    known = KnownUploads(10)
    known.add(("k", ANN))
    known.add(("k", ANN_AGAIN))
    known.forget(Notices([Forgotten("a", "1", 1.0)]))
    assert ("k", ANN) not in known
    assert ("k", ANN_AGAIN) in known


MARKS = st.tuples(st.sampled_from("kl"), st.sampled_from([ANN, ANN_AGAIN, BOB]))


@given(st.lists(st.tuples(st.booleans(), MARKS)))
def test_the_newest_are_known_within_the_bound(steps: list[tuple[bool, tuple[str, HashedOwner]]]) -> None:
    known, expected = KnownUploads(3), dict[tuple[str, HashedOwner], None]()
    for is_added, mark in steps:
        if is_added:
            known.add(mark)
            expected[mark] = None
            if len(expected) > 3:
                del expected[next(iter(expected))]
        else:
            known.discard(mark)
            expected.pop(mark, None)
        assert len(known) == len(expected)
        assert all(mark in known for mark in expected)
    known.forget(Notices([Forgotten("a", None, 1.0), Forgotten("b", None, 1.0)]))
    assert len(known) == 0
