"""The one exception tree; each class has a stable wire `code` and says whether a retry can help.

VrbridgeError
├── ProtocolError          closes the connection (`close_code`)
├── RequestError           answers one request, or one message, and leaves the connection open
│   ├── BadMessage         ├── UnknownType       ├── UnknownKind      ├── InvalidParams
│   ├── Unauthorized       ├── Forbidden         ├── TooLarge         ├── RateLimited
│   ├── Overloaded         ├── Superseded        ├── Cancelled        ├── DeadlineExceeded
│   └── Refused            ├── GeneratorFailed   ├── Unavailable      └── InternalError
│                                                └── BucketAway
├── SettingsError          the user's configuration
├── ModelError             the model catalogue: unknown name, missing file, wrong hash
└── DataError              data to learn from: a picture, a caption, a package that can't be used
"""

from typing import ClassVar


class VrbridgeError(Exception):
    """Base of every error that this package raises on purpose.

    Args:
        message: A sentence that a game developer can act on; no paths, no player text.
    """

    code: ClassVar[str] = "internal"
    retryable: ClassVar[bool] = False

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class ProtocolError(VrbridgeError):
    """The other side broke the protocol so that the connection can't go on.

    Args:
        message: What was wrong.
        close_code: WebSocket close code to end the connection with.
        field: Path of the offending field, such as `receive.chunk_bytes`.
    """

    code = "bad_message"

    def __init__(self, message: str, *, close_code: int = 1008, field: str | None = None) -> None:
        super().__init__(message)
        self.close_code = close_code
        self.field = field


class RequestError(VrbridgeError):
    """One request, or one message, can't be answered; everything else goes on.

    Args:
        message: A sentence that a game developer can act on.
        field: Path of the input that is to blame, such as `params.size_px`.
        retry_after_s: When a retry has a chance, in seconds from now.
        request_id: The request that it ends, where the raiser knows it.
    """

    def __init__(
        self,
        message: str,
        *,
        field: str | None = None,
        retry_after_s: float | None = None,
        request_id: int | None = None,
    ) -> None:
        super().__init__(message)
        self.field = field
        self.retry_after_s = retry_after_s
        self.request_id = request_id


class BadMessage(RequestError):
    """A known message with a field that is missing or has the wrong type."""

    code = "bad_message"


class UnknownType(RequestError):
    """A message whose `type` this version does not know."""

    code = "unknown_type"


class UnknownKind(RequestError):
    """A request of a kind that this server does not offer."""

    code = "unknown_kind"


class InvalidParams(RequestError):
    """Parameters of a request that are missing, of the wrong type or out of range."""

    code = "invalid_params"


class Unauthorized(RequestError):
    """The token has expired or was withdrawn while the connection was open."""

    code = "unauthorized"


class Forbidden(RequestError):
    """The token is valid but its scopes don't cover this."""

    code = "forbidden"


class TooLarge(RequestError):
    """More was asked for, or sent, than the limits allow."""

    code = "too_large"


class RateLimited(RequestError):
    """This session sends or keeps open more than its share."""

    code = "rate_limited"
    retryable = True


class Overloaded(RequestError):
    """More work waits than is accepted: in all, of this session, or for the request's deadline."""

    code = "overloaded"
    retryable = True


class Superseded(RequestError):
    """A newer request took the same slot."""

    code = "superseded"


class Cancelled(RequestError):
    """The client cancelled the request, or its session ended."""

    code = "cancelled"


class DeadlineExceeded(RequestError):
    """The request's own deadline passed before it was done."""

    code = "deadline_exceeded"
    retryable = True


class Refused(RequestError):
    """Safety rules forbid this; `field` says which input."""

    code = "refused"


class GeneratorFailed(RequestError):
    """A generator crashed, hung or ran out of memory during this request."""

    code = "generator_failed"
    retryable = True


class Unavailable(RequestError):
    """Something that this kind needs is down, full or not installed at present."""

    code = "unavailable"
    retryable = True


class BucketAway(Unavailable):
    """The bucket of shared assets can't be asked at present.

    Args:
        reason: Why, in plain words that follow a colon; no keys, no addresses. For the operator: the message,
            which players get, says nothing of it.
    """

    def __init__(self, reason: str) -> None:
        super().__init__("Shared assets can't be reached at present. Try again.", retry_after_s=5.0)
        self.reason = reason


class InternalError(RequestError):
    """A fault of the server's own; its log has the details under the request's id."""

    code = "internal"
    retryable = True


class SettingsError(VrbridgeError):
    """The user's configuration can't be used as it is."""


class ModelError(VrbridgeError):
    """A model is unknown, missing, or its file is not the one the catalogue names."""


class DataError(VrbridgeError):
    """Data to learn from can't be used as it is; the message names the file."""

    code = "bad_data"
