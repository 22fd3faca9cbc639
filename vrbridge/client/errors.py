"""What can go wrong for a client, each with a sentence that a developer can act on.

VrbridgeError
└── ClientError
    ├── RequestFailed      the server ended one request with an error
    │   ├── AssetDamaged   bytes arrived that don't match their digest
    │   └── NotRead        nobody read what arrived, so that the request was stopped
    ├── SessionLost        the session is gone and this request was not to be sent again
    └── CannotConnect      there is no connection, and trying again unchanged won't bring one
"""

from vrbridge.errors import VrbridgeError


class ClientError(VrbridgeError):
    """Base of everything that the client raises on purpose."""


class RequestFailed(ClientError):
    """The server ended a request with an error.

    Args:
        message: The server's sentence.
        code: One of the protocol's error codes.
        is_retryable: Whether the same request can succeed later.
        retry_after_s: When a retry has a chance, in seconds from now.
        field: Path of the input that is to blame, such as `params.size_px`.
    """

    def __init__(
        self,
        message: str,
        *,
        code: str,
        is_retryable: bool = False,
        retry_after_s: float | None = None,
        field: str | None = None,
    ) -> None:
        super().__init__(message)
        # Shadow the class attributes of the base: here both come with the message.
        self.code = code  # type: ignore[misc]  # the base declares a ClassVar
        self.retryable = is_retryable  # type: ignore[misc]  # the base declares a ClassVar
        self.retry_after_s = retry_after_s
        self.field = field

    def __str__(self) -> str:
        blamed = f" ({self.field})" if self.field else ""
        return f"{self.code}: {self.message}{blamed}"


class AssetDamaged(RequestFailed):
    """An asset's bytes don't match the digest that was announced for them."""

    def __init__(self, role: str) -> None:
        message = f"The `{role}` asset arrived damaged: its SHA-256 is not the announced one. Ask again."
        super().__init__(message, code="digest_mismatch", is_retryable=True)


class NotRead(RequestFailed):
    """So much waits to be read that the request was stopped."""

    def __init__(self, n_waiting: int) -> None:
        message = f"{n_waiting} events wait to be read, so the request was stopped. Iterate its ticket."
        super().__init__(message, code="not_read")


class SessionLost(ClientError):
    """The server no longer knows the session, and the request was not to be sent again."""

    retryable = True


class CannotConnect(ClientError):
    """There is no connection, and trying again unchanged won't bring one.

    Args:
        message: What to do about it.
        close_code: The server's close code, where it was the server that refused.
    """

    def __init__(self, message: str, *, close_code: int | None = None) -> None:
        super().__init__(message)
        self.close_code = close_code
