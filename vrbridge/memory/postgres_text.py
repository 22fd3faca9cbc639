"""Any text in a form that PostgreSQL keeps, which has no NUL."""

import re

_ESCAPE = "\x10"  # "data link escape", which nobody says: practically all text is kept as it is
_NUL = _ESCAPE + "0"
_ESCAPED = re.compile(f"{_ESCAPE}(.)", re.DOTALL)


def kept(text: str) -> str:
    """Return text without NUL, from which `original` makes the same again."""
    return text.replace(_ESCAPE, _ESCAPE * 2).replace("\0", _NUL)


def original(text: str) -> str:
    """Return what was kept."""
    return _ESCAPED.sub(lambda found: "\0" if found[1] == "0" else found[1], text)
