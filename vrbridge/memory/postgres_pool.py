"""Connections to PostgreSQL, on which no call takes longer than it may."""

import logging
import select
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, LiteralString, NamedTuple, TypeVar

import psycopg
from psycopg.abc import PQGen

from vrbridge.errors import SettingsError, Unavailable
from vrbridge.memory.outage import Outage
from vrbridge.memory.postgres_address import PostgresAddress

T = TypeVar("T")
Row = tuple[object, ...]
Statement = tuple[LiteralString, Sequence[object]]

_SLOW: Final = ("57014", "55P03")
"""SQLSTATE of a statement that the server gave up because it took, or waited for a lock, too long."""
_AWAY: Final = ("08", "25", "28", "3D", "53", "57")
"""Classes of SQLSTATE with which a server says that it can't be used: connection, transaction (a standby
takes no writes), authorization, catalogue, resources, intervention."""
_QUOTING: Final = ("21", "22", "23", "44")
"""Classes of SQLSTATE whose text may quote what is stored."""
_REFUSALS_S: Final = 60.0
"""Refusals are logged no more often: for missing rights, every call is refused."""
_SET: Final = "SELECT set_config('statement_timeout', %s, true), set_config('synchronous_commit', %s, true)"
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Bounds:
    """How long things may take.

    Args:
        statement_s: One statement; the server gives it up.
        answer_s: All statements of a call; a server that hangs is given up by us.
        start_s: The same for the first connection, which makes the table.
        rest_s: How long a server that is away is not asked.
    """

    statement_s: float = 1.0
    answer_s: float = 2.0
    start_s: float = 10.0
    rest_s: float = 1.0


BOUNDS: Final = Bounds()


class Outcome(NamedTuple):
    """What came of one statement.

    Args:
        rows: What it returned.
        n_rows: How many it touched.
    """

    rows: list[Row]
    n_rows: int


class BoundedConnection(psycopg.Connection[Row]):
    """A connection that is closed when its server is silent for too long."""

    answer_s: float | None = None

    def wait(self, gen: PQGen[T], interval: float = 0.1, timeout: float | None = None) -> T:
        """Wait for the server, as every method of a connection does."""
        try:
            return super().wait(gen, interval, self.answer_s if timeout is None else timeout)
        except psycopg.OperationalError as error:
            if error.sqlstate is None:
                # Whatever tidies up behind the failure must not wait once more.
                self.close()
            raise


class PostgresPool:
    """Carries transactions out; any thread may call.

    There are as many connections as there are callers at once, made when they are needed. `psycopg_pool` was
    looked at: there a call waits out its time for connections that ended with a restart of the server, and
    new ones are tried at growing intervals. Here a call never waits for a connection in use, those that have
    ended are left unused, and a server that is away is asked about once a second.

    Args:
        address: Of the server.
        prepare: Called with every new connection.
        max_slow: So many calls in a row that take too long are taken for an outage.
        bounds: How long things may take.
        clock: Monotonic seconds.
    """

    def __init__(
        self,
        address: PostgresAddress,
        *,
        prepare: Callable[[BoundedConnection], None],
        max_slow: int,
        bounds: Bounds = BOUNDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._address = address
        self._prepare = prepare
        self._bounds = bounds
        self._clock = clock
        self._lock = threading.Lock()
        self._idle: list[BoundedConnection] = []
        self._is_closed = False
        # What ends a call is told here; the library would warn of the rest of its pipeline each time.
        logging.getLogger("psycopg").setLevel(logging.ERROR)
        self._outage = Outage(rest_s=bounds.rest_s, try_s=2 * bounds.answer_s, max_slow=max_slow)
        self._n_untold = 0
        self._refusal_told_at: float | None = None
        self._statement_ms = str(round(1000 * bounds.statement_s))

    def open(self) -> None:
        """Make the first connection; the first transaction does it, too.

        Raises:
            SettingsError: If that does not work.
        """
        self._is_closed = False
        try:
            connection = self._connected(answer_s=self._bounds.start_s)
        except psycopg.Error as error:
            raise SettingsError(
                f"The conversations in PostgreSQL ({self._address.name}) can't be used: "
                f"{self._reason(error)}. Check `memory.url`, that the server runs, and that its user may "
                "make tables."
            ) from None
        self._give_back(connection)

    def close(self) -> None:
        """Close the connections, each after its call, and make no other ones until it is opened again."""
        self._is_closed = True
        self._drop_idle()

    def transact(self, *statements: Statement, is_durable: bool = False) -> list[Outcome]:
        """Carry statements out in one transaction and one round trip, and return what came of each.

        Args:
            statements: With `%s` for each value.
            is_durable: Whether it has to survive a power cut; otherwise the latest may be lost with one.

        Raises:
            Unavailable: If that does not work, or did not a moment ago, or the pool is closed.
        """
        with self._lock:
            may_ask = not self._is_closed and self._outage.may_ask(self._clock())
        if not may_ask:
            raise self._unavailable()
        try:
            outcomes = self._attempt(statements, is_durable)
        except (psycopg.Error, SettingsError) as error:
            self._note(error)
            # The cause may quote what a player said, and would show up wherever this one is logged.
            raise self._unavailable() from None
        self._note(None)
        return outcomes

    def _attempt(self, statements: Sequence[Statement], is_durable: bool) -> list[Outcome]:
        connection = self._taken()
        try:
            with connection.pipeline():
                connection.execute("BEGIN ISOLATION LEVEL READ COMMITTED")
                # For each transaction: behind a pooler the next one may run on another connection.
                connection.execute(_SET, (self._statement_ms, "on" if is_durable else "off"))
                cursors = [connection.execute(text, values) for text, values in statements]
                connection.execute("COMMIT")
        except BaseException:
            # Ends the transaction, whatever has become of it.
            connection.close()
            raise
        self._give_back(connection)
        return [Outcome(c.fetchall() if c.description else [], c.rowcount) for c in cursors]

    def _taken(self) -> BoundedConnection:
        while True:
            with self._lock:
                connection = self._idle.pop() if self._idle else None
            if connection is None:
                return self._connected(answer_s=self._bounds.answer_s)
            if not _has_ended(connection):
                return connection
            connection.close()

    def _connected(self, *, answer_s: float) -> BoundedConnection:
        connection = BoundedConnection.connect(
            self._address.conninfo,
            autocommit=True,
            # Poolers hand a prepared statement's connection to somebody else.
            prepare_threshold=None,
        )
        try:
            connection.answer_s = answer_s
            self._prepare(connection)
            connection.answer_s = self._bounds.answer_s
        except BaseException:
            connection.close()
            raise
        return connection

    def _give_back(self, connection: BoundedConnection) -> None:
        with self._lock:
            self._idle.append(connection)
        if self._is_closed:
            self._drop_idle()

    def _drop_idle(self) -> None:
        with self._lock:
            dropped, self._idle = self._idle, []
        for connection in dropped:
            connection.close()

    def _note(self, error: psycopg.Error | SettingsError | None) -> None:
        """Judge from how a call ended whether the server is there."""
        now = self._clock()
        with self._lock:
            if error is None or _is_answer(error):
                ends, begins = self._outage.answered(), False
            else:
                ends = False
                begins = self._outage.slow(now) if _is_slow(error) else self._outage.lost(now)
            is_known = self._outage.is_on and not begins
        if begins:
            # They are as old as the one that failed.
            self._drop_idle()
            _log.error("PostgreSQL is away, and conversations are not kept: %s", self._reason(error))
        elif ends:
            _log.warning("PostgreSQL is back, and conversations are kept again")
        elif error is not None and not is_known:
            self._tell_refusal(error, now)

    def _tell_refusal(self, error: psycopg.Error | SettingsError, now: float) -> None:
        with self._lock:
            told_at = self._refusal_told_at
            if told_at is not None and now < told_at + _REFUSALS_S:
                self._n_untold += 1
                return
            n_untold, self._n_untold, self._refusal_told_at = self._n_untold, 0, now
        text = "PostgreSQL refused something: %s (and %d calls before this one, since it was last told)"
        _log.warning(text, self._reason(error), n_untold)

    def _reason(self, error: psycopg.Error | SettingsError | None) -> str:
        """Return what went wrong, without secrets and without what players said."""
        reason = type(error).__name__
        if isinstance(error, psycopg.Error) and error.sqlstate is not None:
            reason += f" ({error.sqlstate})"
            if not error.sqlstate.startswith(_QUOTING):
                reason += f", {error.diag.message_primary}"
        elif isinstance(error, psycopg.OperationalError | SettingsError):
            # The first line is libpq's reason, those after it guess at causes.
            reason = next(iter(str(error).strip().splitlines()), reason).rstrip(".")
        return self._address.without_secrets(reason)

    def _unavailable(self) -> Unavailable:
        text = "The server's memory of conversations can't be reached at present; try again."
        return Unavailable(text, retry_after_s=self._bounds.rest_s)


def _is_slow(error: psycopg.Error | SettingsError) -> bool:
    return isinstance(error, psycopg.Error) and error.sqlstate in _SLOW


def _is_answer(error: psycopg.Error | SettingsError) -> bool:
    """Return whether a server that says this works as such."""
    if isinstance(error, psycopg.Error) and error.sqlstate is not None:
        return not _is_slow(error) and not error.sqlstate.startswith(_AWAY)
    return not isinstance(error, psycopg.OperationalError | SettingsError)


def _has_ended(connection: BoundedConnection) -> bool:
    """Return whether the server has closed an idle connection, without asking it."""
    if connection.closed:
        return True
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    # A server says nothing unasked, except that it ends.
    return bool(poll.poll(0))
