"""Who is let in."""

import pytest

from vrbridge.errors import SettingsError, Unauthorized
from vrbridge.server.access import Access
from vrbridge.server.tokens import Tokens
from vrbridge.settings import ServerSettings

TOKENS = Tokens(b"k" * 32)


def _access(**settings: object) -> Access:
    return Access(ServerSettings(**settings), TOKENS)  # type: ignore[arg-type]  # fields by name


def test_on_this_machine_no_token_is_needed_and_devices_tell_players_apart() -> None:
    access = _access()
    assert not access.needs_token
    assert access.grant(None, device="ann", now=0).player == "device/ann"
    assert access.grant(None, device="bob", now=0).player == "device/bob"


@pytest.mark.parametrize("settings", [{"host": "0.0.0.0"}, {"authentication": True}])
def test_elsewhere_or_on_demand_a_token_is_needed(settings: dict[str, object]) -> None:
    access = _access(**settings)
    for missing in (None, "", "wrong"):
        with pytest.raises(Unauthorized):
            access.grant(missing, device="ann", now=0)
    token = TOKENS.create("ann", ttl_s=10, now=0)
    assert access.grant(token, device="", now=5).player == "ann"
    assert access.grant_bearer(f"Bearer {token}", now=5).player == "ann"
    for header in (None, token, f"Basic {token}"):
        with pytest.raises(Unauthorized):
            access.grant_bearer(header, now=5)


def test_authentication_can_not_be_off_where_others_can_reach() -> None:
    with pytest.raises(SettingsError, match="authentication"):
        _access(host="192.0.2.1", authentication=False)


@pytest.mark.parametrize(
    ("origins", "host", "is_allowed"),
    [
        ([], "127.0.0.1:8765", True),
        (["http://127.0.0.1:8765"], "127.0.0.1:8765", True),
        (["http://LOCALHOST:8765"], "localhost:8765", True),
        (["http://127.0.0.1:9000"], "127.0.0.1:8765", False),
        (["https://game.example"], "127.0.0.1:8765", True),
        (["https://game.example/"], "127.0.0.1:8765", True),
        (["https://evil.example"], "127.0.0.1:8765", False),
        (["null"], "127.0.0.1:8765", False),
        (["file://127.0.0.1:8765"], "127.0.0.1:8765", False),
        (["http://127.0.0.1:8765", "http://127.0.0.1:8765"], "127.0.0.1:8765", False),
        (["http://127.0.0.1:8765"], None, False),
    ],
)
def test_pages_of_the_same_host_and_listed_origins_may_connect(
    origins: list[str], host: str | None, is_allowed: bool
) -> None:
    assert _access(origins=("https://game.example",)).allows_origin(origins, host) is is_allowed


@pytest.mark.parametrize(
    ("host", "is_allowed"),
    [
        ("127.0.0.1:8765", True),
        ("localhost", True),
        ("[::1]:8765", True),
        ("game.example", True),
        ("evil.example:8765", False),
        ("localhost.evil.example", False),
        ("[", False),
        (None, False),
    ],
)
def test_a_local_server_answers_to_its_own_names_only(host: str | None, is_allowed: bool) -> None:
    assert _access(origins=("https://game.example",)).allows_host(host) is is_allowed
    assert _access(host="0.0.0.0").allows_host(host) is True
