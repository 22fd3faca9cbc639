"""`vrbridge train` says what is wrong before it learns for hours."""

from pathlib import Path

import pytest

from tests.cli.command import Command


@pytest.mark.parametrize("kind", ["texture", "mesh"])
@pytest.mark.parametrize(
    ("out", "data", "message"),
    [
        ("net.bin", ".", "--out is a .safetensors file"),
        ("net.safetensors", "nowhere", "nowhere"),
        ("net.safetensors", "empty", "empty"),
    ],
)
def test_a_wrong_option_is_one_clear_line(
    command: Command, tmp_path: Path, kind: str, out: str, data: str, message: str
) -> None:
    (tmp_path / "empty").mkdir()
    ran = command("train", kind, "--data", str(tmp_path / data), "--out", str(tmp_path / out))
    assert ran.code == 2
    assert message in ran.err
    assert len(ran.err.strip().splitlines()) == 1
