"""Where a session is gone on with: the server's address, and which session is meant."""

from urllib.parse import quote


def address_of(url: str, session: str) -> str:
    """Return the address to connect to.

    Behind one address there may be several servers, and a session lives in one of them: whatever shares
    connections out among them reads here which one it is. The greeting says it too, but comes too late.

    Args:
        url: As the user gave it; what its query says stays.
        session: Empty for a new one.
    """
    if not session:
        return url
    base, mark, fragment = url.partition("#")
    separator = "?" if "?" not in base else "" if base.endswith(("?", "&")) else "&"
    return f"{base}{separator}session={quote(session, safe='')}{mark}{fragment}"
