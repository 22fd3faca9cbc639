"""Server-sent events out of bytes, as they arrive."""

_MAX_LINE_BYTES = 1 << 20


class EventLines:
    """Cuts a byte stream into the `data` of its events; one line each, as chat endpoints send them."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> list[bytes]:
        """Return the data of all events that are complete now; comments and other fields are passed over.

        Raises:
            ValueError: If a line grows beyond 1 MiB.
        """
        lines = (self._rest + data).split(b"\n") if self._rest else data.split(b"\n")
        self._rest = lines.pop()
        if len(self._rest) > _MAX_LINE_BYTES:
            raise ValueError("A line of the event stream is too long.")
        return [line[5:].strip() for line in lines if line.startswith(b"data:")]

    def finish(self) -> list[bytes]:
        """Return the data of a last line that has no end."""
        rest, self._rest = self._rest, b""
        return [rest[5:].strip()] if rest.startswith(b"data:") else []
