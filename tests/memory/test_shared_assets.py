"""Results in a bucket: nothing that nobody has asked for stays there, whatever happens at the same time."""

import itertools
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Sequence
from typing import Any, TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.memory_bucket import NOW, MemoryBucket
from vrbridge.errors import BucketAway
from vrbridge.memory.asset_store import digest_of
from vrbridge.memory.notices import Forgotten, HashedOwner, Notices
from vrbridge.memory.result_cache import CachedAsset, CachedResult, Owner
from vrbridge.memory.shared_assets import Publication, SharedAssets

T = TypeVar("T")
U = TypeVar("U")

ANN = Owner("ann", "s1")
ANN_AGAIN = Owner("ann", "s2")
BOB = Owner("bob", "s3")
STONE, MOSS, WALL = b"stone", b"moss", b"wall"
DAY = "2030-01-31"
LONG_AGO, LATER = 1e9, 3e9
# As long as forgetting may take.
ERASING_S = 60.0


async def _in_turn(function: Callable[[T], Awaitable[U]], items: Iterable[T], /) -> list[U]:
    return [await function(item) for item in items]


def _result(*bodies: bytes) -> CachedResult:
    assets = (CachedAsset("preview", "image/png", digest_of(body), {"seed": 1}) for body in bodies)
    return CachedResult(tuple(assets), {"model": "m"})


def _publication(key: str, owner: Owner, *bodies: bytes, is_fresh: bool = True) -> Publication:
    return Publication(key, _result(*bodies), owner, {digest_of(body): body for body in bodies}, is_fresh)


def _run(*works: Coroutine[Any, Any, T], turns: Iterable[int] = ()) -> list[T | BucketAway]:
    """Run several works, one step of one at a time, in the order of `turns`, and then each to its end."""
    results: dict[int, T | BucketAway] = {}
    for turn in itertools.chain(turns, itertools.cycle(range(len(works)))):
        if len(results) == len(works):
            break
        number = turn % len(works)
        if number in results:
            continue
        try:
            works[number].send(None)
        except StopIteration as end:
            results[number] = end.value
        except BucketAway as away:
            results[number] = away
    return [results[number] for number in range(len(works))]


def _make() -> tuple[MemoryBucket, SharedAssets]:
    bucket = MemoryBucket()
    return bucket, SharedAssets(bucket, _in_turn)


def _done(work: Coroutine[Any, Any, T]) -> T:
    [result] = _run(work)
    assert not isinstance(result, BucketAway)
    return result


def _publish(
    shared: SharedAssets,
    publication: Publication,
    *,
    asked_at: float,
    is_withdrawn: Callable[[], bool] = lambda: False,
) -> Coroutine[Any, Any, bool]:
    """Upload something at once after it was asked for."""

    async def is_forgotten(owner: HashedOwner, notices: Sequence[Forgotten]) -> bool:
        erasing = Notices(notice._replace(until=notice.at + ERASING_S) for notice in notices)
        return erasing.cover(owner, asked_at, began_at=asked_at)

    return shared.publish(publication, is_forgotten=is_forgotten, is_withdrawn=is_withdrawn)


def _forget(
    shared: SharedAssets, owner: Owner, *, session: bool = False
) -> Coroutine[Any, Any, frozenset[str]]:
    return shared.forget(player=owner.player, session=owner.session if session else None, day=DAY, giver="a")


def _digests(*bodies: bytes) -> set[str]:
    return {digest_of(body) for body in bodies}


def test_what_is_published_is_found_with_its_assets() -> None:
    bucket, shared = _make()
    _done(_publish(shared, _publication("k", ANN, STONE, MOSS), asked_at=NOW))
    found = _done(shared.find("k"))
    assert found == _result(STONE, MOSS)
    body = _done(shared.body(digest_of(STONE), "image/png"))
    assert body is not None
    assert bytes(body) == STONE
    assert _done(shared.media_type(digest_of(MOSS))) == "image/png"
    assert _done(shared.find("other")) is None
    assert _done(shared.media_type(digest_of(WALL))) is None
    assert _done(shared.media_type("../../results")) is None
    assert not any(b"ann" in content for content, _ in bucket.objects.values())


def test_the_same_bytes_are_uploaded_once() -> None:
    bucket, shared = _make()
    _done(_publish(shared, _publication("k", ANN, STONE), asked_at=NOW))
    [asset] = [key for key in bucket.objects if key.startswith("assets/")]
    bucket.now = LATER
    _done(_publish(shared, _publication("other", BOB, STONE), asked_at=LATER))
    assert bucket.objects[asset][1] == NOW


def test_a_result_that_is_there_is_written_again_only_if_it_was_made_anew() -> None:
    bucket, shared = _make()
    _done(_publish(shared, _publication("k", ANN, STONE), asked_at=NOW))
    bucket.now = LATER
    _done(_publish(shared, _publication("k", BOB, STONE, is_fresh=False), asked_at=LATER))
    assert bucket.objects["results/k.json"][1] == NOW
    _done(_publish(shared, _publication("k", BOB, MOSS), asked_at=LATER))
    assert _done(shared.find("k")) == _result(MOSS)


def test_a_damaged_result_counts_as_never_made() -> None:
    bucket, shared = _make()
    for content in (
        b'{"assets":[',
        b'{"assets":[{"role":"x","media_type":"a/b","digest":"c","meta":{}}],"result":{}}',
    ):
        bucket.objects["results/k.json"] = content, NOW
        assert _done(shared.find("k")) is None


def test_a_damaged_asset_is_removed_and_uploaded_again_by_the_next() -> None:
    bucket, shared = _make()
    _done(_publish(shared, _publication("k", ANN, STONE), asked_at=NOW))
    _done(shared.discard(digest_of(STONE), "image/png"))
    assert not bucket.has_bytes(STONE)
    _done(_publish(shared, _publication("k", BOB, STONE), asked_at=NOW))
    assert bucket.has_bytes(STONE)


def test_forgetting_a_player_erases_what_only_they_asked_for() -> None:
    bucket, shared = _make()
    _done(_publish(shared, _publication("mine", ANN, STONE), asked_at=NOW))
    _done(_publish(shared, _publication("ours", ANN, MOSS), asked_at=NOW))
    _done(_publish(shared, _publication("ours", BOB, MOSS, is_fresh=False), asked_at=NOW))
    assert _done(_forget(shared, ANN)) == _digests(STONE)
    assert not bucket.has_bytes(STONE)
    assert _done(shared.find("mine")) is None
    assert _done(shared.find("ours")) == _result(MOSS)
    assert _done(_forget(shared, BOB)) == _digests(MOSS)
    assert bucket.left() == set()


def test_forgetting_a_session_keeps_what_another_session_of_the_player_asked_for() -> None:
    bucket, shared = _make()
    for owner in (ANN, ANN_AGAIN):
        _done(_publish(shared, _publication("k", owner, STONE), asked_at=NOW))
    assert _done(_forget(shared, ANN, session=True)) == set()
    assert bucket.has_bytes(STONE)
    assert _done(_forget(shared, ANN_AGAIN, session=True)) == _digests(STONE)
    assert bucket.left() == set()


def test_an_asset_that_another_result_uses_stays() -> None:
    bucket, shared = _make()
    _done(_publish(shared, _publication("one", ANN, STONE, MOSS), asked_at=NOW))
    _done(_publish(shared, _publication("two", BOB, STONE), asked_at=NOW))
    assert _done(_forget(shared, ANN)) == _digests(MOSS)
    assert _done(shared.find("one")) is None
    assert bucket.has_bytes(STONE)


def test_who_asked_to_be_forgotten_is_told_by_day_and_without_names() -> None:
    _, shared = _make()
    assert _done(shared.forgotten()) == []
    _done(_forget(shared, ANN))
    _done(_forget(shared, BOB, session=True))
    assert _done(shared.forgotten(DAY)) == _done(shared.forgotten())
    assert {(notice.session is None, notice.at) for notice in _done(shared.forgotten())} == {
        (True, NOW),
        (False, NOW),
    }
    assert _done(shared.forgotten("2030-02-01")) == []


def test_what_was_asked_for_before_and_is_uploaded_after_its_owner_was_forgotten_does_not_stay() -> None:
    bucket, shared = _make()
    _done(_forget(shared, ANN))
    _done(_publish(shared, _publication("k", ANN, STONE), asked_at=LONG_AGO))
    assert bucket.left() == set()
    assert _done(_publish(shared, _publication("k", ANN, STONE), asked_at=LATER))
    assert bucket.has_bytes(STONE)


def test_what_is_uploaded_while_something_of_its_owner_may_still_be_erased_does_not_stay() -> None:
    bucket, shared = _make()
    _done(_forget(shared, ANN))
    assert not _done(_publish(shared, _publication("k", ANN, STONE), asked_at=NOW + ERASING_S - 1))
    assert bucket.left() == set()
    assert _done(_publish(shared, _publication("k", ANN, STONE), asked_at=NOW + ERASING_S + 1))


@pytest.mark.parametrize("ahead_s", [-300.0, 0.0, 300.0])
def test_a_time_of_the_buckets_becomes_one_of_another_clock_that_is_not_earlier(ahead_s: float) -> None:
    bucket, shared = _make()
    # The bucket leaves out what is less than a second; the answer took two.
    bucket.now = NOW
    lag_s = _done(shared.lag_s("name", lambda: NOW + 0.9 - ahead_s + 2.0))
    assert -ahead_s + 0.9 <= lag_s <= -ahead_s + 4.0
    assert bucket.objects == {}


def test_what_is_withdrawn_under_way_does_not_stay() -> None:
    for n_looks in range(6):
        bucket, shared = _make()
        looks = itertools.count()
        publication = _publication("k", ANN, STONE, MOSS)

        def is_withdrawn(looks: "itertools.count[int]" = looks, limit: int = n_looks) -> bool:
            return next(looks) >= limit

        _done(_publish(shared, publication, asked_at=NOW, is_withdrawn=is_withdrawn))
        # Before each of two assets, before the result, and in the end.
        assert (bucket.left() == set()) == (n_looks < 4)


@pytest.mark.parametrize("n_steps", range(40))
def test_wherever_an_upload_breaks_off_everything_can_still_be_forgotten(n_steps: int) -> None:
    bucket, shared = _make()
    bucket.n_steps_left = n_steps
    _run(_publish(shared, _publication("k", ANN, STONE, MOSS), asked_at=NOW))
    bucket.n_steps_left = float("inf")
    _done(_forget(shared, ANN))
    assert bucket.left() == set()


@pytest.mark.parametrize("n_steps", range(40))
def test_wherever_forgetting_breaks_off_asking_again_completes_it(n_steps: int) -> None:
    bucket, shared = _make()
    _done(_publish(shared, _publication("k", ANN, STONE, MOSS), asked_at=NOW))
    bucket.n_steps_left = n_steps
    _run(_forget(shared, ANN))
    bucket.n_steps_left = float("inf")
    _done(_forget(shared, ANN))
    assert bucket.left() == set()


Work = Callable[[SharedAssets], Coroutine[Any, Any, Any]]


def _publishing(key: str, owner: Owner, *bodies: bytes, is_fresh: bool = True) -> Work:
    return lambda shared: _publish(shared, _publication(key, owner, *bodies, is_fresh=is_fresh), asked_at=NOW)


def _forgetting(owner: Owner, *, session: bool = False) -> Work:
    return lambda shared: _forget(shared, owner, session=session)


AT_ONCE: dict[str, Sequence[Work]] = {
    "an upload and its forgetting": (_publishing("k", ANN, STONE, MOSS), _forgetting(ANN)),
    "an upload and its session's forgetting": (
        _publishing("k", ANN, STONE, MOSS),
        _forgetting(ANN, session=True),
    ),
    "two who forget the same": (_forgetting(ANN), _forgetting(BOB)),
    "one who forgets while another asks": (_forgetting(ANN), _publishing("k", BOB, STONE, MOSS)),
    "one who forgets while another is answered": (
        _forgetting(ANN),
        _publishing("k", BOB, STONE, MOSS, is_fresh=False),
    ),
    "two uploads of the same": (_publishing("k", ANN, STONE, MOSS), _publishing("k", BOB, STONE, MOSS)),
    "two uploads of other bytes": (_publishing("k", ANN, STONE, MOSS), _publishing("k", BOB, WALL)),
    "two results with one asset": (
        _publishing("k", ANN, STONE),
        _publishing("l", BOB, STONE),
        _forgetting(ANN),
    ),
    "all": (_publishing("k", ANN, STONE), _forgetting(BOB), _publishing("k", BOB, WALL), _forgetting(ANN)),
}


@pytest.mark.parametrize("works", AT_ONCE.values(), ids=AT_ONCE)
@given(turns=st.lists(st.integers(0, 3), max_size=60), were_there=st.booleans())
def test_whatever_happens_at_once_nothing_is_left_that_nobody_can_have_erased(
    works: Sequence[Work], turns: list[int], were_there: bool
) -> None:
    bucket, shared = _make()
    bucket.now = LONG_AGO
    if were_there:
        for owner in (ANN, BOB):
            _done(_publish(shared, _publication("k", owner, STONE, MOSS), asked_at=LONG_AGO))
    bucket.now = NOW
    _run(*(work(shared) for work in works), turns=turns)
    for owner in (ANN, BOB):
        _done(_forget(shared, owner))
    assert bucket.left() == set()


@given(turns=st.lists(st.integers(0, 1), max_size=80))
def test_of_two_who_forget_the_same_at_once_one_erases_it(turns: list[int]) -> None:
    bucket, shared = _make()
    for owner in (ANN, BOB):
        _done(_publish(shared, _publication("k", owner, STONE, MOSS), asked_at=NOW))
    erased = _run(_forget(shared, ANN), _forget(shared, BOB), turns=turns)
    assert bucket.left() == set()
    assert set().union(*(gone for gone in erased if isinstance(gone, frozenset))) == _digests(STONE, MOSS)


@given(turns=st.lists(st.integers(0, 1), max_size=80))
def test_an_upload_and_its_owners_forgetting_at_once_leave_nothing(turns: list[int]) -> None:
    bucket, shared = _make()
    upload = _publish(shared, _publication("k", ANN, STONE, MOSS), asked_at=NOW)
    _run(upload, _forget(shared, ANN), turns=turns)
    assert bucket.left() == set()


@given(turns=st.lists(st.integers(0, 1), max_size=80))
def test_two_uploads_at_once_leave_a_whole_result(turns: list[int]) -> None:
    bucket, shared = _make()
    works = (_publish(shared, _publication("k", owner, STONE, MOSS), asked_at=NOW) for owner in (ANN, BOB))
    _run(*works, turns=turns)
    assert _done(shared.find("k")) == _result(STONE, MOSS)
    assert bucket.has_bytes(STONE)
    assert bucket.has_bytes(MOSS)
