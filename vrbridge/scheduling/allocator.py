"""What the C library does with memory that nobody uses any more."""

import ctypes
from collections.abc import Callable
from typing import Final

_TRIM_THRESHOLD: Final = -1
_MMAP_THRESHOLD: Final = -3
_ALWAYS: Final = 2**31 - 1
"""Bytes; the largest that there is a parameter for."""


def keep_freed_memory() -> None:
    """Let large blocks stay with this process once they are freed; nothing happens without the GNU C library.

    By default each of them comes from the system and goes back to it. Networks make hundreds a second, and
    the system fills every page with zeros first, which takes as long as a fifth of all products at 1024 px.

    Source:
        mallopt(3).
    """
    set_option = _function("mallopt")
    if set_option is not None:
        set_option(_MMAP_THRESHOLD, _ALWAYS)
        set_option(_TRIM_THRESHOLD, _ALWAYS)


def give_freed_memory_back() -> None:
    """Return to the system what is kept; nothing happens without the GNU C library.

    Source:
        malloc_trim(3).
    """
    trim = _function("malloc_trim")
    if trim is not None:
        trim(0)


def _function(name: str) -> Callable[..., int] | None:
    try:
        return getattr(ctypes.CDLL(None), name, None)
    except (OSError, TypeError):  # Windows has no library of that name
        return None
