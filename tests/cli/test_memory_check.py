"""`vrbridge doctor` says whether conversations can be kept where the settings say."""

from pathlib import Path

from tests.postgres_server import PASSWORD
from vrbridge.cli.finding import Finding
from vrbridge.cli.memory_check import check_memory
from vrbridge.settings import load


def found(folder: Path, url: str | None) -> Finding:
    return check_memory(load(environment={}, flags={"memory": {"data": str(folder), "url": url}}))


def test_a_file_needs_nothing(tmp_path: Path) -> None:
    finding = found(tmp_path, None)
    assert (finding.is_good, finding.detail) == (True, "in the data folder")


def test_a_database_that_can_be_used_is_good(tmp_path: Path, postgres_url: str) -> None:
    finding = found(tmp_path, postgres_url)
    assert finding.is_good, finding
    assert "PostgreSQL" in finding.detail
    assert PASSWORD not in repr(finding)


def test_a_database_that_is_not_there_is_said_with_what_to_do(tmp_path: Path) -> None:
    finding = found(tmp_path, f"postgresql://ann:hunter2@/vr?host={tmp_path}")
    assert (finding.is_good, finding.is_optional) == (False, False)
    assert "Check `memory.url`" in finding.detail
    assert "data folder" in finding.fix
    assert "hunter2" not in repr(finding)


def test_an_address_that_can_not_be_read_is_said(tmp_path: Path) -> None:
    finding = found(tmp_path, "mysql://db/vr")
    assert not finding.is_good
    assert "postgresql://" in finding.detail
