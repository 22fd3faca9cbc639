"""Settings of a bucket → the bucket, with what is wrong said in plain words."""

from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

from vrbridge.errors import SettingsError
from vrbridge.settings import AssetSettings

if TYPE_CHECKING:
    from obstore.store import ClientConfig, RetryConfig, S3Config

    from vrbridge.memory.bucket import Bucket

SCHEMES = ("s3", "gs", "az")


def open_bucket(settings: AssetSettings) -> "Bucket":
    """Return the bucket that `assets.url` names; nothing is asked of it yet.

    Credentials come from the environment (`AWS_ACCESS_KEY_ID` and its like) or from the machine's role.

    Raises:
        SettingsError: If the settings can't be used, or `vrbridge[s3]` is not installed.
    """
    url = check_url(settings)
    config = _config(settings)
    try:
        # Here and not on top: an extra, and only needed by servers that share.
        from obstore.exceptions import BaseError
        from obstore.store import S3Store, from_url

        from vrbridge.memory.bucket import Bucket
    except ImportError as error:
        raise SettingsError(
            "`assets.url` needs the package obstore: `pip install 'vrbridge[s3]'` brings it."
        ) from error
    options: ClientConfig = {
        "allow_http": _is_http(settings.endpoint),
        "connect_timeout": f"{settings.connect_timeout_s * 1000:.0f}ms",
        "timeout": f"{settings.transfer_timeout_s * 1000:.0f}ms",
    }
    # What waits for an answer has a bound of its own, and what does not is tried again by the server.
    retries: RetryConfig = {"max_retries": 1}
    try:
        if url.startswith("s3:"):
            store = S3Store.from_url(url, config=config, client_options=options, retry_config=retries)
            return Bucket(store)
        return Bucket(from_url(url, client_options=options, retry_config=retries))
    except (BaseError, ValueError) as error:
        raise SettingsError(
            "`assets.url` can't be used as it is; `s3://bucket/folder` is the form, and gs:// and az:// need "
            "their account in the environment."
        ) from error


def check_url(settings: AssetSettings) -> str:
    """Return the address.

    Raises:
        SettingsError: If it is none of a bucket, or has a secret in it.
    """
    url = settings.url or ""
    try:
        parts = urlsplit(url)
        has_port = parts.port is not None
    except ValueError as error:
        raise SettingsError("`assets.url` is no address; write `s3://bucket/folder`.") from error
    if parts.username is not None or parts.password is not None:
        raise SettingsError(
            "`assets.url` must not hold credentials; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY instead."
        )
    if parts.scheme not in SCHEMES:
        known = ", ".join(f"{scheme}://" for scheme in SCHEMES)
        raise SettingsError(
            f"`assets.url` begins with one of {known}; the address of a server goes into `assets.endpoint`."
        )
    if not parts.netloc or has_port or parts.query or parts.fragment or ".." in parts.path.split("/"):
        raise SettingsError(f"`assets.url` is written `{parts.scheme}://bucket/folder`.")
    if parts.scheme != "s3" and (settings.endpoint or settings.region or settings.virtual_host):
        raise SettingsError("`assets.endpoint`, `region` and `virtual_host` are for s3:// only.")
    return url


def endpoint_of(settings: AssetSettings) -> str | None:
    """Return where requests go, the bucket's name included where it belongs into the host name.

    Raises:
        SettingsError: If the endpoint is no address of a server.
    """
    if settings.endpoint is None:
        return None
    try:
        parts = urlsplit(settings.endpoint)
        is_server = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.username is None
    except ValueError:
        is_server = False
    if not is_server or parts.query or parts.fragment:
        raise SettingsError("`assets.endpoint` is written `https://host` or `http://host:9000`.")
    if settings.virtual_host:
        bucket = urlsplit(settings.url or "").netloc
        parts = parts._replace(netloc=f"{bucket}.{parts.netloc}")
    return urlunsplit(parts).rstrip("/")


def _config(settings: AssetSettings) -> "S3Config":
    config: S3Config = {}
    endpoint = endpoint_of(settings)
    if endpoint is not None:
        config["endpoint"] = endpoint
    if settings.region is not None:
        config["region"] = settings.region
    if settings.virtual_host:
        config["virtual_hosted_style_request"] = True
    return config


def _is_http(endpoint: str | None) -> bool:
    return endpoint is not None and endpoint.startswith("http://")
