"""Addresses that say which session is meant."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.wire.generate import FOLDER
from vrbridge.client.address import address_of

ROWS: list[dict[str, Any]] = json.loads(Path(FOLDER, "resume_addresses.json").read_text("utf-8"))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["address"])
def test_a_session_is_added_to_what_the_user_gave(row: dict[str, str]) -> None:
    assert address_of(row["url"], row["session"]) == row["address"]
