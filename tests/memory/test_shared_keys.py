"""Keys say who asked for what, and are read as they were written."""

from hypothesis import given
from hypothesis import strategies as st

from vrbridge.memory import shared_keys
from vrbridge.memory.asset_store import ENDINGS
from vrbridge.memory.result_cache import CachedAsset, Owner
from vrbridge.memory.shared_keys import AssetName, claim_of, read_claim

DIGESTS = st.binary(min_size=32, max_size=32).map(lambda data: f"sha256:{data.hex()}")
ASSETS = st.lists(
    st.builds(CachedAsset, st.just("lod0"), st.sampled_from(sorted(ENDINGS)), DIGESTS, st.just({})),
    max_size=4,
)
KEYS = st.binary(min_size=32, max_size=32).map(bytes.hex)
OWNERS = st.builds(Owner, st.text(max_size=20), st.text(max_size=20))
STONE = CachedAsset("preview", "image/jpeg", "sha256:" + "ab" * 32, {})
WALL = CachedAsset("base_color", "image/ktx2", "sha256:" + "cd" * 32, {})


@given(OWNERS, KEYS, ASSETS)
def test_a_claim_is_read_as_it_was_written(owner: Owner, key: str, assets: list[CachedAsset]) -> None:
    claim = claim_of(owner, key, assets)
    assert read_claim(claim.by_owner, claim.content) == claim


@given(OWNERS, KEYS, ASSETS)
def test_a_claim_is_found_by_player_session_result_and_asset(
    owner: Owner, key: str, assets: list[CachedAsset]
) -> None:
    claim = claim_of(owner, key, assets)
    assert claim.by_owner.startswith(f"{shared_keys.owned_by(owner.player, None)}/")
    assert claim.by_owner.startswith(f"{shared_keys.owned_by(owner.player, owner.session)}/")
    assert claim.by_result.startswith(f"{shared_keys.claims_on(key)}/")
    for asset in claim.assets:
        assert claim.by_asset(asset).startswith(f"{shared_keys.uses_of(asset.digest)}/")
        assert shared_keys.used_media_type(claim.by_asset(asset)) == asset.media_type


def test_no_name_stands_in_a_key() -> None:
    claim = claim_of(Owner("ann/../bob", "living room"), "k", [STONE])
    for key in (claim.by_owner, claim.by_result, claim.by_asset(claim.assets[0])):
        assert not any(word in key for word in ("ann", "bob", "living", ".."))


def test_other_assets_under_the_same_key_are_another_claim() -> None:
    owner = Owner("ann", "s1")
    assert claim_of(owner, "k", [STONE]).by_owner != claim_of(owner, "k", [WALL]).by_owner


def test_an_asset_that_has_two_roles_is_claimed_once() -> None:
    assert len(claim_of(Owner("ann", "s1"), "k", [STONE, STONE]).assets) == 1


def test_an_asset_lies_under_its_digest_and_ending() -> None:
    assert AssetName(WALL.digest, WALL.media_type).key == f"assets/cd/{'cd' * 32}.ktx2"


def test_what_is_not_ours_is_not_read() -> None:
    claim = claim_of(Owner("ann", "s1"), "k", [STONE])
    assert read_claim("owners/somebody", claim.content) is None
    assert read_claim(claim.by_owner, b"[[") is None
    assert read_claim(claim.by_owner, b'[{"digest":"sha256:../../x","media_type":"image/png"}]') is None
    assert shared_keys.used_media_type("uses/ab/readme.txt") is None
    assert shared_keys.uses_of("../../results") is None
    assert not shared_keys.are_known([AssetName(STONE.digest, "text/html")])
