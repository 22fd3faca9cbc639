"""What one check of `vrbridge doctor` found."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found.

    Args:
        name: What was looked at.
        is_good: Whether the server can work with it.
        detail: What there is.
        fix: What to do; empty if nothing has to be done.
        is_optional: A bad one is only a hint.
    """

    name: str
    is_good: bool
    detail: str
    fix: str = ""
    is_optional: bool = False
