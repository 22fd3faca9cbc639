"""Files in packages, and in archives in packages."""

from pathlib import Path

import pytest

from tests.training.debs import deb, needs_dpkg, zipped
from vrbridge.errors import DataError
from vrbridge.training import package_members
from vrbridge.training.package_members import member_contents

pytestmark = needs_dpkg


def contents(folder: Path, members: list[str]) -> dict[str, bytes]:
    return dict(member_contents(folder / "bricks_1.0-1_all.deb", members))


def test_members_are_read_from_the_package_and_from_archives_in_it(tmp_path: Path) -> None:
    deb(tmp_path, {"usr/a.png": b"A", "usr/data.pk3": zipped({"x/b.png": b"B", "c.png": b"C"}), "usr/z": b""})
    wanted = ["usr/data.pk3!c.png", "usr/a.png", "usr/data.pk3!x/b.png"]
    assert contents(tmp_path, wanted) == {
        "usr/a.png": b"A",
        "usr/data.pk3!x/b.png": b"B",
        "usr/data.pk3!c.png": b"C",
    }


def test_nothing_is_written_where_an_archive_s_paths_lead(tmp_path: Path) -> None:
    evil = zipped({"../../evil.png": b"E", "/tmp/evil.png": b"E"})
    deb(tmp_path, {"usr/data.zip": evil})
    scratch = tmp_path / "a/b/scratch"
    scratch.mkdir(parents=True)
    found = dict(
        member_contents(tmp_path / "bricks_1.0-1_all.deb", ["usr/data.zip!../../evil.png"], scratch=scratch)
    )
    assert found == {"usr/data.zip!../../evil.png": b"E"}
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [tmp_path / "bricks_1.0-1_all.deb"]


@pytest.mark.parametrize("member", ["usr/data.zip!none.png", "usr/none.zip!a.png", "usr/a.png"])
def test_a_member_that_is_missing_is_named(tmp_path: Path, member: str) -> None:
    deb(tmp_path, {"usr/data.zip": zipped({"a.png": b"A"})})
    with pytest.raises(DataError, match=member.replace("usr/none.zip!a.png", "usr/none.zip")):
        contents(tmp_path, [member])


def test_a_damaged_archive_is_named(tmp_path: Path) -> None:
    whole = zipped({"a.png": bytes(range(256)) * 40})
    broken = {
        "cut": whole[:100],
        "none": b"no zip",
        "changed": whole[:60] + bytes(20) + whole[80:],
    }
    deb(tmp_path, {f"usr/{name}.zip": content for name, content in broken.items()})
    for name in broken:
        with pytest.raises(DataError, match=f"usr/{name}.zip: this archive is damaged"):
            contents(tmp_path, [f"usr/{name}.zip!a.png"])


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deb(tmp_path, {"usr/data.zip": zipped({"a.png": bytes(3_000_000)}), "usr/b.png": bytes(3_000_000)})
    monkeypatch.setattr(package_members, "MAX_MEMBER_BYTES", 2_000_000)
    for member in ("usr/data.zip!a.png", "usr/b.png"):
        with pytest.raises(DataError, match="3,000,000 bytes are over 2,000,000"):
            contents(tmp_path, [member])
