"""Who is let in: tokens, browser origins, host names."""

from collections.abc import Sequence
from urllib.parse import urlsplit

from vrbridge.errors import SettingsError, Unauthorized
from vrbridge.server.tokens import Grant, Tokens
from vrbridge.settings import ServerSettings

LOOPBACK_HOSTS = frozenset({"127.0.0.1", "::1", "localhost"})


class Access:
    """Decides about tokens, origins and hosts.

    Args:
        settings: Where the server listens, and which origins it lets in.
        tokens: Checks tokens.

    Raises:
        SettingsError: If authentication is switched off on an address that others can reach.
    """

    def __init__(self, settings: ServerSettings, tokens: Tokens) -> None:
        self._is_local = settings.host in LOOPBACK_HOSTS
        if settings.authentication is False and not self._is_local:
            raise SettingsError(
                "`server.authentication` can only be off while `server.host` is 127.0.0.1, ::1 or localhost."
            )
        self._needs_token = settings.authentication is True or not self._is_local
        self._origins = frozenset(origin.rstrip("/").lower() for origin in settings.origins)
        self._tokens = tokens

    @property
    def needs_token(self) -> bool:
        """Whether connections without a token are refused."""
        return self._needs_token

    def grant(self, token: str | None, *, device: str, now: float) -> Grant:
        """Return what a connection may do.

        Args:
            token: Of `hello`.
            device: Tells players apart where no token is needed.
            now: Seconds since the epoch.

        Raises:
            Unauthorized: If a token is needed and this one is missing, wrong or expired.
        """
        if not self._needs_token:
            # A prefix, since a device may be called like a player who has a token on another day.
            return Grant(f"device/{device}")
        if not token:
            raise Unauthorized("A token is needed; make one with `vrbridge token create --player NAME`.")
        return self._tokens.verify(token, now=now)

    def grant_bearer(self, authorization: str | None, *, now: float) -> Grant:
        """Return what an HTTP request may do, from its `Authorization` header.

        Raises:
            Unauthorized: As `grant`.
        """
        scheme, _, token = (authorization or "").partition(" ")
        return self.grant(token.strip() if scheme.lower() == "bearer" else None, device="", now=now)

    def allows_host(self, host: str | None) -> bool:
        """Whether a request may name this host.

        A server for this machine only is asked for by its own names only: a web page whose host name was
        pointed at this machine after loading (DNS rebinding) would otherwise pass for a page of ours.
        """
        if not self._is_local:
            return True
        if host is None:
            return False
        name = _host_name(host)
        return name in LOOPBACK_HOSTS or any(urlsplit(o).hostname == name for o in self._origins)

    def allows_origin(self, origins: Sequence[str], host: str | None) -> bool:
        """Whether a browser page of this origin may connect.

        Args:
            origins: Values of the `Origin` header; engines outside of browsers send none.
            host: The `Host` header.
        """
        if not origins:
            return True
        if len(origins) > 1:
            return False
        origin = origins[0].rstrip("/").lower()
        parts = urlsplit(origin)
        is_same_host = parts.scheme in {"http", "https"} and parts.netloc == (host or "").lower()
        return is_same_host or origin in self._origins


def _host_name(host: str) -> str:
    try:
        return (urlsplit(f"//{host}").hostname or "").lower()
    except ValueError:
        return ""
