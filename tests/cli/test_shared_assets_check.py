"""The doctor says whether the bucket of shared assets can be used."""

import pytest

from tests.s3_server import S3Server
from vrbridge.cli.shared_assets_check import check_shared_assets
from vrbridge.settings import AssetSettings

pytestmark = pytest.mark.usefixtures("credentials")


def test_without_a_bucket_there_is_nothing_to_mend() -> None:
    assert check_shared_assets(AssetSettings()).is_good


def test_a_bucket_that_can_be_used_is_good(s3: S3Server) -> None:
    finding = check_shared_assets(AssetSettings(url=f"s3://{s3.new_bucket()}/x", endpoint=s3.endpoint))
    assert finding.is_good
    assert "written" in finding.detail


@pytest.mark.parametrize(
    ("url", "said"),
    [("s3://no-such-bucket", "there is no such bucket"), ("ftp://bucket", "begins with one of")],
)
def test_a_bucket_that_can_not_be_used_is_said_with_why(s3: S3Server, url: str, said: str) -> None:
    finding = check_shared_assets(AssetSettings(url=url, endpoint=s3.endpoint))
    assert not finding.is_good
    assert not finding.is_optional
    assert said in finding.detail
    assert finding.fix
