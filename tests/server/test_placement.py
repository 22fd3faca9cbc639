"""Ids that say where a session lives, and addresses that say which is meant."""

import re

import pytest

from vrbridge.server.placement import asked_session, new_session_id


def test_an_id_begins_with_the_name_of_its_server() -> None:
    assert re.fullmatch(r"eu1-[0-9a-f]{16}", new_session_id("eu1"))
    assert re.fullmatch(r"[0-9a-f]{16}", new_session_id(""))
    assert len({new_session_id("a") for _ in range(100)}) == 100


@pytest.mark.parametrize(
    ("address", "session"),
    [
        ("/ws", None),
        ("/ws?", None),
        ("/ws?session=", None),
        ("/ws?sessions=a-1", None),
        ("/ws?session=a-1", "a-1"),
        ("/ws?scene=7&session=a%2D1&session=b-2", "a-1"),
        ("/ws?session=%ff%00", "\N{REPLACEMENT CHARACTER}\0"),
    ],
)
def test_an_address_may_name_a_session(address: str, session: str | None) -> None:
    assert asked_session(address) == session
