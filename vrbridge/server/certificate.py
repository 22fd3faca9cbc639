"""Certificates for TLS: the operator's own, or one that this machine signs for itself."""

import datetime
import ipaddress
import os
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from vrbridge.errors import SettingsError

if TYPE_CHECKING:
    from cryptography import x509

_FILE = "lan-certificate.pem"
_KEY_FILE = "lan-key.pem"
_VALID_DAYS = 365
# One that ends while players are in is of no use.
_SPARE_DAYS = 7


@dataclass(frozen=True, slots=True)
class CertificateFiles:
    """PEM files of a certificate and its private key."""

    certificate: Path
    key: Path


def tls_context(files: CertificateFiles) -> ssl.SSLContext:
    """Return what a port needs to speak TLS 1.2 and later.

    Raises:
        SettingsError: If the files can't be read, or don't belong together.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(files.certificate, files.key)
    except (OSError, ssl.SSLError) as error:
        raise SettingsError(
            "`server.certificate` and `server.certificate_key` are no PEM files that belong together."
        ) from error
    return context


def own_certificate(folder: Path, names: Sequence[str], *, now: datetime.datetime) -> CertificateFiles:
    """Return a certificate that this machine has signed for itself, made anew when the old one won't do.

    Args:
        folder: Where it is kept; the key is readable by its owner only.
        names: Addresses and host names that it has to be good for.
        now: In UTC.
    """
    files = CertificateFiles(folder / _FILE, folder / _KEY_FILE)
    if not _is_good(files, names, now=now):
        _make(files, names, now=now)
    return files


def _is_good(files: CertificateFiles, names: Sequence[str], *, now: datetime.datetime) -> bool:
    # Here and in `_make`, and not on top: only who serves over TLS pays for it.
    from cryptography import x509

    try:
        certificate = x509.load_pem_x509_certificate(files.certificate.read_bytes())
        covered = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (OSError, ValueError, x509.ExtensionNotFound):
        return False
    known = {str(value) for value in covered.get_values_for_type(x509.IPAddress)}
    known |= set(covered.get_values_for_type(x509.DNSName))
    lasts = certificate.not_valid_after_utc > now + datetime.timedelta(days=_SPARE_DAYS)
    return lasts and known >= set(names) and files.key.is_file()


def _make(files: CertificateFiles, names: Sequence[str], *, now: datetime.datetime) -> None:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "vrbridge on this network")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        # Headsets' clocks are not always right.
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=_VALID_DAYS))
        .add_extension(x509.SubjectAlternativeName([_general(entry) for entry in names]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    files.certificate.parent.mkdir(parents=True, exist_ok=True)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    files.key.unlink(missing_ok=True)
    with os.fdopen(os.open(files.key, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(pem)
    files.certificate.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))


def _general(name: str) -> "x509.GeneralName":
    from cryptography import x509

    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)
