"""What is wrong with the settings of a bucket is said in plain words."""

import sys

import pytest

from vrbridge.errors import SettingsError
from vrbridge.memory.bucket_address import check_url, endpoint_of, open_bucket
from vrbridge.settings import AssetSettings


@pytest.mark.parametrize(
    ("url", "hint"),
    [
        ("bucket/folder", "begins with one of"),
        ("http://127.0.0.1:9000/bucket", "goes into `assets.endpoint`"),
        ("s3://", "s3://bucket/folder"),
        ("s3:///folder", "s3://bucket/folder"),
        ("s3://bucket:9000/folder", "s3://bucket/folder"),
        ("s3://bucket:port/folder", "s3://bucket/folder"),
        ("s3://bucket/../other", "s3://bucket/folder"),
        ("s3://bucket/folder?versionId=1", "s3://bucket/folder"),
        ("file:///tmp/bucket", "begins with one of"),
    ],
)
def test_an_address_that_is_none_of_a_bucket_is_refused(url: str, hint: str) -> None:
    with pytest.raises(SettingsError) as refused:
        open_bucket(AssetSettings(url=url))
    assert hint in refused.value.message


def test_credentials_in_the_address_are_refused_and_not_repeated() -> None:
    with pytest.raises(SettingsError) as refused:
        open_bucket(AssetSettings(url="s3://AKIAKEY:sesame@bucket/folder"))
    assert "AWS_ACCESS_KEY_ID" in refused.value.message
    assert "sesame" not in refused.value.message
    assert "AKIAKEY" not in refused.value.message


def test_settings_of_s3_are_refused_for_other_stores() -> None:
    with pytest.raises(SettingsError):
        open_bucket(AssetSettings(url="gs://bucket/folder", endpoint="http://127.0.0.1:9000"))


@pytest.mark.parametrize(
    "url", ["s3://bucket", "s3://bucket/folder/deeper", "gs://bucket/folder", "az://box"]
)
def test_an_address_of_a_bucket_is_taken(url: str) -> None:
    assert check_url(AssetSettings(url=url)) == url


def test_the_bucket_goes_into_the_host_name_where_that_is_wanted() -> None:
    settings = AssetSettings(url="s3://bucket/folder", endpoint="https://objects.example:8443/")
    assert endpoint_of(settings) == "https://objects.example:8443"
    virtual = AssetSettings(
        url="s3://bucket/folder", endpoint="https://objects.example:8443", virtual_host=True
    )
    assert endpoint_of(virtual) == "https://bucket.objects.example:8443"
    assert endpoint_of(AssetSettings(url="s3://bucket")) is None


@pytest.mark.parametrize(
    "endpoint", ["127.0.0.1:9000", "s3://host", "http://", "http://key:word@host", "http://h?x"]
)
def test_an_endpoint_that_is_no_server_is_refused(endpoint: str) -> None:
    with pytest.raises(SettingsError) as refused:
        open_bucket(AssetSettings(url="s3://bucket", endpoint=endpoint))
    assert "assets.endpoint" in refused.value.message


def test_what_to_install_is_said_where_the_extra_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("obstore", "obstore.store", "obstore.exceptions", "vrbridge.memory.bucket"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(SettingsError) as missing:
        open_bucket(AssetSettings(url="s3://bucket"))
    assert "pip install 'vrbridge[s3]'" in missing.value.message


def test_an_account_that_is_missing_for_another_store_is_a_matter_of_settings(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("AZURE_STORAGE_ACCOUNT_NAME", raising=False)
    with pytest.raises(SettingsError):
        open_bucket(AssetSettings(url="az://container/folder"))
