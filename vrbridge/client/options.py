"""What every request can be given besides its parameters."""

from collections.abc import Mapping
from typing import Any, Literal, TypedDict

Priority = Literal["interactive", "normal", "background"]


class RequestOptions(TypedDict, total=False):
    """What every request can be given besides its parameters.

    Attributes:
        slot: A new request of the same slot supersedes the older one.
        priority: None is `interactive`.
        anchor: Where the result belongs in the scene; comes back untouched.
        deadline_s: The request fails if it is not done so many seconds after it arrived.
    """

    slot: str | None
    priority: Priority | None
    anchor: Mapping[str, Any] | None
    deadline_s: float | None
