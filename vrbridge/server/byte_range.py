"""Which part of a file an HTTP request asks for."""

import re

# One range; a list of them may be ignored, and a whole file is an answer to it (RFC 9110, 14.2).
_RANGE = re.compile(r"bytes=([0-9]{1,18})-([0-9]{0,18})|bytes=-([0-9]{1,18})", re.IGNORECASE)


def byte_range(value: str | None, n_bytes: int) -> range | None:
    """Return the offsets that a `Range` header asks for; None: all of them.

    Args:
        value: None: there is no such header.
        n_bytes: Length of the file.

    Returns:
        None also for what can't be read, which is to be ignored; empty if the file has no such bytes.

    Source:
        RFC 9110, section 14.1.2.
    """
    match = _RANGE.fullmatch((value or "").strip())
    if match is None:
        return None
    first, last, suffix = match.groups()
    if suffix is not None:
        return range(max(0, n_bytes - int(suffix)), n_bytes)
    stop = min(int(last) + 1, n_bytes) if last else n_bytes
    if last and int(last) < int(first):
        return None
    return range(int(first), max(int(first), stop))
