"""Where PostgreSQL is and how to get in; what can be shown of it holds no secret."""

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from vrbridge.errors import SettingsError

_SCHEMES = ("postgresql://", "postgres://")
_SECRETS = ("password", "sslpassword", "oauth_client_secret")
_DEFAULTS = {
    "connect_timeout": "2",  # seconds, for each address; somebody waits for an answer meanwhile
    "fallback_application_name": "vrbridge",
    # A standby that has become what the address means answers questions, but keeps nothing: it is not used.
    "target_session_attrs": "read-write",
    # A connection that a firewall dropped in silence is noticed while nobody needs it: after a minute.
    "keepalives_idle": "30",
    "keepalives_interval": "10",
    "keepalives_count": "3",
}
_UNREADABLE = (
    "`memory.url` can't be read. It is written postgresql://USER:PASSWORD@HOST:PORT/DATABASE; in user, "
    "password and database, %40 stands for @, %3A for :, %2F for /, %3F for ? and %25 for %."
)


class PostgresAddress:
    """The parts of an address.

    Args:
        url: As libpq takes it; whatever it leaves out comes from libpq's own variables and files.

    Raises:
        SettingsError: If it is no such address. The text quotes nothing of it, which may be a piece of the
            password.
    """

    def __init__(self, url: str) -> None:
        if not url.startswith(_SCHEMES):
            raise SettingsError(
                "`memory.url` begins with postgresql://, such as postgresql://ann@db.example/vrbridge."
            )
        try:
            given = {name: str(value) for name, value in conninfo_to_dict(url).items()}
        except psycopg.ProgrammingError:
            raise SettingsError(_UNREADABLE) from None
        # What a password with an unescaped @ or / leaves behind it.
        ports = given.get("port", "").replace(",", "")
        if any("@" in given.get(part, "") for part in ("host", "dbname")) or (ports and not ports.isdigit()):
            raise SettingsError(_UNREADABLE)
        self._given = given

    def __repr__(self) -> str:
        return f"<PostgresAddress {self.name}>"

    @property
    def name(self) -> str:
        """Server and database, for people."""
        host = self._given.get("host") or self._given.get("hostaddr") or "libpq's default host"
        port = f":{self._given['port']}" if "port" in self._given else ""
        return f"{host}{port}/{self._given.get('dbname', '')}"

    @property
    def conninfo(self) -> str:
        """What libpq is told, secrets included."""
        return make_conninfo(**(_DEFAULTS | self._given | {"client_encoding": "UTF8"}))

    def without_secrets(self, text: str) -> str:
        """Return text with dots in place of every secret."""
        for name in _SECRETS:
            if secret := self._given.get(name):
                text = text.replace(secret, "…")
        return text
