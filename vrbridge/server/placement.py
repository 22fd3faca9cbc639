"""Where a session lives if several servers stand behind one address: its id begins with the server's name."""

import secrets
from urllib.parse import parse_qs, urlsplit

_QUERY = "session"


def new_session_id(server: str) -> str:
    """Return an id that nobody has: `a-…` at a server named `a`, so that a proxy knows where to bring it."""
    number = secrets.token_hex(8)
    return f"{server}-{number}" if server else number


def asked_session(address: str) -> str | None:
    """Return the session that a connection says it comes back to, or None.

    Args:
        address: As requested: a path and perhaps a query, such as `/ws?session=a-1f`.
    """
    return next(iter(parse_qs(urlsplit(address).query).get(_QUERY, [])), None)
