"""A place in a binary file."""

import pytest

from vrbridge.errors import DataError
from vrbridge.training.game_models.binary import BinaryReader


def test_values_follow_each_other() -> None:
    reader = BinaryReader(b"xx\x01\x02\0ab\0c\x05\x06", "f", at=2)
    assert reader.numbers("BH") == (1, 2)
    assert reader.text(4) == "ab"
    assert reader.array("u1", 2).tolist() == [5, 6]
    assert reader.at == 11


@pytest.mark.parametrize("at", [-1, 5])
def test_a_start_outside_is_refused(at: int) -> None:
    with pytest.raises(DataError, match="f: ends before"):
        BinaryReader(b"1234", "f", at=at)


def test_nothing_is_read_past_the_end() -> None:
    reader = BinaryReader(b"1234", "f")
    for read in (
        lambda: reader.numbers("IB"),
        lambda: reader.text(5),
        lambda: reader.skip(-1),
        lambda: reader.array("<f4", 2),
        lambda: reader.array("<f4", -1),
    ):
        with pytest.raises(DataError):
            read()
    assert reader.number("I") == 0x34333231
