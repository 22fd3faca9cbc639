"""Results in a bucket: nothing that nobody has asked for stays there, whatever happens at the same time."""

import itertools
from collections.abc import Awaitable, Callable, Coroutine, Generator, Iterable, Sequence
from typing import Any, TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vrbridge.errors import BucketAway
from vrbridge.memory.asset_store import digest_of
from vrbridge.memory.result_cache import CachedAsset, CachedResult, Owner
from vrbridge.memory.shared_assets import Publication, SharedAssets

T = TypeVar("T")
U = TypeVar("U")

ANN = Owner("ann", "s1")
ANN_AGAIN = Owner("ann", "s2")
BOB = Owner("bob", "s3")
STONE, MOSS, WALL = b"stone", b"moss", b"wall"
DAY = "2030-01-31"
LONG_AGO, NOW, LATER = 1e9, 2e9, 3e9


class _Step:
    """Lets somebody else go on."""

    def __await__(self) -> Generator[None, None, None]:
        yield


class MemoryBucket:
    """Objects in memory; each call is one step, of which any number can be lost."""

    def __init__(self) -> None:
        self.objects: dict[str, tuple[bytes, float]] = {}
        self.now = NOW
        self.n_steps_left: float = float("inf")

    async def read(self, key: str) -> memoryview | None:
        """Return an object."""
        await self._step()
        return memoryview(self.objects[key][0]) if key in self.objects else None

    async def has(self, key: str) -> bool:
        """Return whether there is one."""
        await self._step()
        return key in self.objects

    async def write(self, key: str, data: bytes | memoryview) -> None:
        """Put one in place."""
        await self._step()
        self.objects[key] = bytes(data), self.now

    async def remove(self, key: str) -> None:
        """Remove one."""
        await self._step()
        self.objects.pop(key, None)

    async def keys(self, folder: str) -> list[str]:
        """Return those in a folder."""
        return [key for key, _ in await self.times(folder)]

    async def times(self, folder: str) -> list[tuple[str, float]]:
        """Return those in a folder, with their times."""
        await self._step()
        return [(k, at) for k, (_, at) in sorted(self.objects.items()) if k.startswith(f"{folder}/")]

    async def first(self, folder: str) -> str | None:
        """Return one of a folder."""
        return next(iter(await self.keys(folder)), None)

    def has_bytes(self, data: bytes) -> bool:
        """Return whether an asset lies there."""
        return any(content == data for key, (content, _) in self.objects.items() if key.startswith("assets/"))

    def left(self) -> set[str]:
        """Return what is there besides the notices of who was forgotten."""
        return {key for key in self.objects if not key.startswith(("forgotten/", "notices/"))}

    async def _step(self) -> None:
        await _Step()
        if self.n_steps_left <= 0:
            raise BucketAway("it does not answer")
        self.n_steps_left -= 1


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


def _forget(
    shared: SharedAssets, owner: Owner, *, session: bool = False
) -> Coroutine[Any, Any, frozenset[str]]:
    return shared.forget(player=owner.player, session=owner.session if session else None, day=DAY)


def _digests(*bodies: bytes) -> set[str]:
    return {digest_of(body) for body in bodies}


def test_what_is_published_is_found_with_its_assets() -> None:
    bucket, shared = _make()
    _done(shared.publish(_publication("k", ANN, STONE, MOSS), asked_at=NOW))
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
    _done(shared.publish(_publication("k", ANN, STONE), asked_at=NOW))
    [asset] = [key for key in bucket.objects if key.startswith("assets/")]
    bucket.now = LATER
    _done(shared.publish(_publication("other", BOB, STONE), asked_at=LATER))
    assert bucket.objects[asset][1] == NOW


def test_a_result_that_is_there_is_written_again_only_if_it_was_made_anew() -> None:
    bucket, shared = _make()
    _done(shared.publish(_publication("k", ANN, STONE), asked_at=NOW))
    bucket.now = LATER
    _done(shared.publish(_publication("k", BOB, STONE, is_fresh=False), asked_at=LATER))
    assert bucket.objects["results/k.json"][1] == NOW
    _done(shared.publish(_publication("k", BOB, MOSS), asked_at=LATER))
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
    _done(shared.publish(_publication("k", ANN, STONE), asked_at=NOW))
    _done(shared.discard(digest_of(STONE), "image/png"))
    assert not bucket.has_bytes(STONE)
    _done(shared.publish(_publication("k", BOB, STONE), asked_at=NOW))
    assert bucket.has_bytes(STONE)


def test_forgetting_a_player_erases_what_only_they_asked_for() -> None:
    bucket, shared = _make()
    _done(shared.publish(_publication("mine", ANN, STONE), asked_at=NOW))
    _done(shared.publish(_publication("ours", ANN, MOSS), asked_at=NOW))
    _done(shared.publish(_publication("ours", BOB, MOSS, is_fresh=False), asked_at=NOW))
    assert _done(_forget(shared, ANN)) == _digests(STONE)
    assert not bucket.has_bytes(STONE)
    assert _done(shared.find("mine")) is None
    assert _done(shared.find("ours")) == _result(MOSS)
    assert _done(_forget(shared, BOB)) == _digests(MOSS)
    assert bucket.left() == set()


def test_forgetting_a_session_keeps_what_another_session_of_the_player_asked_for() -> None:
    bucket, shared = _make()
    for owner in (ANN, ANN_AGAIN):
        _done(shared.publish(_publication("k", owner, STONE), asked_at=NOW))
    assert _done(_forget(shared, ANN, session=True)) == set()
    assert bucket.has_bytes(STONE)
    assert _done(_forget(shared, ANN_AGAIN, session=True)) == _digests(STONE)
    assert bucket.left() == set()


def test_an_asset_that_another_result_uses_stays() -> None:
    bucket, shared = _make()
    _done(shared.publish(_publication("one", ANN, STONE, MOSS), asked_at=NOW))
    _done(shared.publish(_publication("two", BOB, STONE), asked_at=NOW))
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
    _done(shared.publish(_publication("k", ANN, STONE), asked_at=LONG_AGO))
    assert bucket.left() == set()
    _done(shared.publish(_publication("k", ANN, STONE), asked_at=LATER))
    assert bucket.has_bytes(STONE)


def test_what_is_withdrawn_under_way_does_not_stay() -> None:
    for n_looks in range(6):
        bucket, shared = _make()
        looks = itertools.count()
        publication = _publication("k", ANN, STONE, MOSS)

        def is_withdrawn(looks: "itertools.count[int]" = looks, limit: int = n_looks) -> bool:
            return next(looks) >= limit

        _done(shared.publish(publication, asked_at=NOW, is_withdrawn=is_withdrawn))
        # Before each of two assets, before the result, and in the end.
        assert (bucket.left() == set()) == (n_looks < 4)


@pytest.mark.parametrize("n_steps", range(40))
def test_wherever_an_upload_breaks_off_everything_can_still_be_forgotten(n_steps: int) -> None:
    bucket, shared = _make()
    bucket.n_steps_left = n_steps
    _run(shared.publish(_publication("k", ANN, STONE, MOSS), asked_at=NOW))
    bucket.n_steps_left = float("inf")
    _done(_forget(shared, ANN))
    assert bucket.left() == set()


@pytest.mark.parametrize("n_steps", range(40))
def test_wherever_forgetting_breaks_off_asking_again_completes_it(n_steps: int) -> None:
    bucket, shared = _make()
    _done(shared.publish(_publication("k", ANN, STONE, MOSS), asked_at=NOW))
    bucket.n_steps_left = n_steps
    _run(_forget(shared, ANN))
    bucket.n_steps_left = float("inf")
    _done(_forget(shared, ANN))
    assert bucket.left() == set()


Work = Callable[[SharedAssets], Coroutine[Any, Any, Any]]


def _publishing(key: str, owner: Owner, *bodies: bytes, is_fresh: bool = True) -> Work:
    return lambda shared: shared.publish(_publication(key, owner, *bodies, is_fresh=is_fresh), asked_at=NOW)


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
            _done(shared.publish(_publication("k", owner, STONE, MOSS), asked_at=LONG_AGO))
    bucket.now = NOW
    _run(*(work(shared) for work in works), turns=turns)
    for owner in (ANN, BOB):
        _done(_forget(shared, owner))
    assert bucket.left() == set()


@given(turns=st.lists(st.integers(0, 1), max_size=80))
def test_of_two_who_forget_the_same_at_once_one_erases_it(turns: list[int]) -> None:
    bucket, shared = _make()
    for owner in (ANN, BOB):
        _done(shared.publish(_publication("k", owner, STONE, MOSS), asked_at=NOW))
    erased = _run(_forget(shared, ANN), _forget(shared, BOB), turns=turns)
    assert bucket.left() == set()
    assert set().union(*(gone for gone in erased if isinstance(gone, frozenset))) == _digests(STONE, MOSS)


@given(turns=st.lists(st.integers(0, 1), max_size=80))
def test_an_upload_and_its_owners_forgetting_at_once_leave_nothing(turns: list[int]) -> None:
    bucket, shared = _make()
    upload = shared.publish(_publication("k", ANN, STONE, MOSS), asked_at=NOW)
    _run(upload, _forget(shared, ANN), turns=turns)
    assert bucket.left() == set()


@given(turns=st.lists(st.integers(0, 1), max_size=80))
def test_two_uploads_at_once_leave_a_whole_result(turns: list[int]) -> None:
    bucket, shared = _make()
    works = (shared.publish(_publication("k", owner, STONE, MOSS), asked_at=NOW) for owner in (ANN, BOB))
    _run(*works, turns=turns)
    assert _done(shared.find("k")) == _result(STONE, MOSS)
    assert bucket.has_bytes(STONE)
    assert bucket.has_bytes(MOSS)
