"""The bytes of a session's assets: whose they are, and where they are while nobody sends them."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass


@dataclass(slots=True)
class Body:
    """The bytes of an asset on their way.

    Args:
        asset: Its number in the session.
        request_id: The request that it belongs to.
        digest: Under which its bytes are found again.
        n_bytes: All of them.
        view: The bytes; None: not at hand, because they are not to be sent or have to be fetched first.
        offset: The next byte to send on this connection.
        header_seq: When it was announced; None: not yet.
        end_seq: When its request ended; None: not yet.
        is_held: Whether its bytes may be needed again.
    """

    asset: int
    request_id: int
    digest: str
    n_bytes: int
    view: memoryview | None
    offset: int = 0
    header_seq: int | None = None
    end_seq: int | None = None
    is_held: bool = True

    @property
    def left_bytes(self) -> int:
        """Bytes not sent yet."""
        return self.n_bytes - self.offset if self.is_held else 0

    def take(self, n_bytes: int) -> memoryview:
        """Return the next bytes; after the last ones the view is let go, since it keeps a file open."""
        assert self.view is not None, "only bytes at hand are sent"
        data = self.view[self.offset : self.offset + n_bytes]
        self.offset += n_bytes
        if not self.left_bytes:
            self.view = None
        return data

    def rewind(self, offset: int) -> None:
        """Go on from there on a new connection."""
        self.offset = min(offset, self.n_bytes)
        if not self.left_bytes:
            self.view = None


class Bodies:
    """Every asset of a session whose bytes may have to be sent (again).

    Args:
        on_hold: Called with the digest of each asset that is added, before its bytes may be let go.
        on_release: Called once for each of these, when its bytes will not be needed again.
    """

    def __init__(self, *, on_hold: Callable[[str], None], on_release: Callable[[str], None]) -> None:
        self._on_hold = on_hold
        self._on_release = on_release
        self._bodies: dict[int, Body] = {}
        self._n_assets = 0
        self._held_bytes = 0

    def __iter__(self) -> Iterator[Body]:
        return iter(self._bodies.values())

    @property
    def held_bytes(self) -> int:
        """Bytes that may be needed again, sent or not."""
        return self._held_bytes

    def find(self, asset: int) -> Body | None:
        """Return an asset, or None if its request ended long ago."""
        return self._bodies.get(asset)

    def add(self, request_id: int, *, digest: str, view: memoryview) -> Body:
        """Number an asset and hold its bytes."""
        self._n_assets += 1
        body = Body(self._n_assets, request_id, digest, len(view), view)
        self._bodies[body.asset] = body
        self._held_bytes += body.n_bytes
        self._on_hold(digest)
        return body

    def release(self, body: Body) -> None:
        """Send no more of an asset; its number stays known."""
        if body.is_held:
            body.is_held, body.view = False, None
            self._held_bytes -= body.n_bytes
            self._on_release(body.digest)

    def forget(self, body: Body) -> None:
        """Let go of an asset altogether."""
        self.release(body)
        del self._bodies[body.asset]

    def park(self) -> None:
        """Let the bytes go while there is no connection; they are fetched when they are to be sent."""
        for body in self._bodies.values():
            body.view = None

    def release_all(self) -> None:
        """Let everything go, because the session ends."""
        for body in self._bodies.values():
            self.release(body)

    def can_go_on(self, received: int, offsets: Mapping[int, int]) -> bool:
        """Return whether a client with these incomplete assets can be served from where it is.

        Args:
            received: Highest `seq` that it has.
            offsets: Number → bytes that it has.
        """
        for asset, offset in offsets.items():
            body = self._bodies.get(asset)
            if body is None or body.header_seq is None or body.header_seq > received:
                return False
            if offset > body.n_bytes:
                return False
            # Who has the end of a request has had all of its assets, or those that anybody wanted.
            is_over = body.end_seq is not None and body.end_seq <= received
            if is_over and body.is_held and offset < body.n_bytes:
                return False
        return True
