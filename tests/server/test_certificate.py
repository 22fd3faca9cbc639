"""Certificates for TLS."""

import datetime
import ssl
from pathlib import Path

import pytest
from cryptography import x509

from vrbridge.errors import SettingsError
from vrbridge.server.certificate import CertificateFiles, own_certificate, tls_context

NOW = datetime.datetime(2026, 5, 4, tzinfo=datetime.UTC)
NAMES = ("192.168.1.5", "localhost")


def test_an_own_certificate_is_good_for_its_names_and_its_key_is_private(tmp_path: Path) -> None:
    files = own_certificate(tmp_path, NAMES, now=NOW)
    certificate = x509.load_pem_x509_certificate(files.certificate.read_bytes())
    covered = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert [str(value) for value in covered.get_values_for_type(x509.IPAddress)] == ["192.168.1.5"]
    assert covered.get_values_for_type(x509.DNSName) == ["localhost"]
    assert certificate.not_valid_before_utc < NOW < certificate.not_valid_after_utc
    assert files.key.stat().st_mode & 0o077 == 0
    assert tls_context(files).minimum_version == ssl.TLSVersion.TLSv1_2


def test_it_is_kept_as_long_as_it_will_do(tmp_path: Path) -> None:
    first = own_certificate(tmp_path, NAMES, now=NOW).certificate.read_bytes()
    assert own_certificate(tmp_path, NAMES[:1], now=NOW).certificate.read_bytes() == first
    elsewhere = own_certificate(tmp_path, ("10.0.0.7",), now=NOW).certificate.read_bytes()
    assert elsewhere != first
    later = NOW + datetime.timedelta(days=360)
    assert own_certificate(tmp_path, ("10.0.0.7",), now=later).certificate.read_bytes() != elsewhere


def test_a_damaged_one_is_made_anew(tmp_path: Path) -> None:
    files = own_certificate(tmp_path, NAMES, now=NOW)
    files.certificate.write_text("no certificate")
    tls_context(own_certificate(tmp_path, NAMES, now=NOW))
    files.key.unlink()
    tls_context(own_certificate(tmp_path, NAMES, now=NOW))


def test_files_that_don_t_belong_together_are_refused(tmp_path: Path) -> None:
    one = own_certificate(tmp_path / "one", NAMES, now=NOW)
    other = own_certificate(tmp_path / "other", NAMES, now=NOW)
    for files in (
        CertificateFiles(one.certificate, other.key),
        CertificateFiles(tmp_path / "missing.pem", one.key),
    ):
        with pytest.raises(SettingsError, match="certificate"):
            tls_context(files)
