"""What players and characters said to each other, in a PostgreSQL that several servers share."""

import hashlib
import time
from collections.abc import Callable
from typing import Final

from vrbridge.errors import SettingsError, Unavailable
from vrbridge.memory.conversations import Turn
from vrbridge.memory.postgres_address import PostgresAddress
from vrbridge.memory.postgres_pool import BOUNDS, BoundedConnection, Bounds, PostgresPool, Statement
from vrbridge.memory.postgres_text import kept, original

# Any number that other programs in the same database are unlikely to choose.
_SCHEMA_LOCK: Final = 0x7672_6272_6964_6765
_SCHEMA: Final = (
    """
    CREATE TABLE IF NOT EXISTS vrbridge_turns (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        player text NOT NULL,
        npc text NOT NULL,
        session text NOT NULL,
        request_id bigint NOT NULL,
        said text NOT NULL,
        answer text NOT NULL DEFAULT '',
        heard bigint
    )
    """,
    "CREATE INDEX IF NOT EXISTS vrbridge_turns_by_conversation ON vrbridge_turns (player, npc, id)",
    "CREATE INDEX IF NOT EXISTS vrbridge_turns_by_request ON vrbridge_turns (session, request_id)",
)


class PostgresConversations:
    """Remembers the latest turns of every (player, character) pair, as `Conversations` does.

    Not for the event loop: every call waits for the server. Any number of threads may call. A server that is
    away costs the memory of a turn, not the answer.

    Args:
        url: `postgresql://USER:PASSWORD@HOST/DATABASE`, as libpq takes it.
        max_turns: Turns kept of one conversation; the oldest go.
        n_callers: Threads that call; there are at most as many connections.
        bounds: How long things may take.
        on_lost: Called with `conversations` for each thing that can't be kept or recalled.
        clock: Monotonic seconds.

    Raises:
        SettingsError: If the address can't be read.
    """

    def __init__(
        self,
        url: str,
        *,
        max_turns: int,
        n_callers: int = 4,
        bounds: Bounds = BOUNDS,
        on_lost: Callable[[str], None] = lambda part: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._max_turns = max(1, max_turns)
        self._on_lost = on_lost
        self._pool = PostgresPool(
            PostgresAddress(url), prepare=_prepare, max_slow=n_callers, bounds=bounds, clock=clock
        )

    def open(self) -> None:
        """Connect and make the table if there is none; the first call of any other method does it too.

        Raises:
            SettingsError: If that does not work.
        """
        self._pool.open()

    def close(self) -> None:
        """Close the connections; nothing is kept until it is opened again."""
        self._pool.close()

    def recall(self, *, player: str, npc: str, limit: int) -> list[Turn]:
        """Return the latest turns, oldest first; answers are cut to what was heard."""
        try:
            (found,) = self._pool.transact(
                (
                    "SELECT said, answer, heard FROM vrbridge_turns WHERE player = %s AND npc = %s"
                    " ORDER BY id DESC LIMIT %s",
                    (kept(player), kept(npc), limit),
                )
            )
        except Unavailable:
            self._on_lost("conversations")
            return []
        return [_turn(*row) for row in reversed(found.rows)]

    def begin(self, *, player: str, npc: str, session: str, request_id: int, said: str) -> int | None:
        """Remember what a player says; return the number of the turn, or None if it can't be kept."""
        conversation = (kept(player), kept(npc))
        try:
            _, inserted, _ = self._pool.transact(
                # One server at a time, so that numbers rise as turns become visible.
                ("SELECT pg_advisory_xact_lock(%s)", (_lock_number(*conversation),)),
                (
                    "INSERT INTO vrbridge_turns (player, npc, session, request_id, said)"
                    " VALUES (%s, %s, %s, %s, %s) RETURNING id",
                    (*conversation, kept(session), request_id, kept(said)),
                ),
                (
                    "DELETE FROM vrbridge_turns WHERE player = %s AND npc = %s AND id <= (SELECT id FROM"
                    " vrbridge_turns WHERE player = %s AND npc = %s ORDER BY id DESC LIMIT 1 OFFSET %s)",
                    (*conversation, *conversation, self._max_turns),
                ),
            )
        except Unavailable:
            self._on_lost("conversations")
            return None
        ((number,),) = inserted.rows
        assert isinstance(number, int)
        return number

    def finish(self, turn: int, answer: str) -> None:
        """Remember what a character answered; nothing happens if the turn was forgotten meanwhile."""
        self._keep("UPDATE vrbridge_turns SET answer = %s WHERE id = %s", kept(answer), turn)

    def heard(self, *, player: str, session: str, request_id: int, characters: int) -> None:
        """Cut a remembered answer, finished or not, to its first code points; the latest call wins."""
        text = "UPDATE vrbridge_turns SET heard = %s WHERE session = %s AND request_id = %s AND player = %s"
        self._keep(text, characters, kept(session), request_id, kept(player))

    def forget(self, *, player: str, session: str | None = None) -> int:
        """Erase a player's turns, of one session or of all; return how many.

        The rows are gone at once. PostgreSQL uses their space again after its next vacuum, and its log and
        backups hold them as long as they are kept.

        Raises:
            Unavailable: If they can't be erased.
        """
        statement: Statement
        if session is None:
            statement = ("DELETE FROM vrbridge_turns WHERE player = %s", [kept(player)])
        else:
            text = "DELETE FROM vrbridge_turns WHERE player = %s AND session = %s"
            statement = (text, [kept(player), kept(session)])
        (erased,) = self._pool.transact(statement, is_durable=True)
        return erased.n_rows

    def _keep(self, text: str, *values: object) -> None:
        try:
            self._pool.transact((text, values))
        except Unavailable:
            self._on_lost("conversations")


def _turn(said: object, answer: object, heard: object) -> Turn:
    assert isinstance(said, str)
    assert isinstance(answer, str)
    assert isinstance(heard, int | None)
    return Turn(original(said), original(answer)[:heard])


def _lock_number(player: str, npc: str) -> int:
    """Return a 64-bit number for a conversation; two that share one merely wait for each other."""
    digest = hashlib.blake2b(f"{player}\0{npc}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


def _prepare(connection: BoundedConnection) -> None:
    """Make sure that a database can be used, and make the table where there is none."""
    row = connection.execute(
        "SELECT current_setting('server_encoding'), to_regclass('vrbridge_turns') IS NULL"
    ).fetchone()
    assert row is not None
    encoding, is_missing = row
    if encoding != "UTF8":
        raise SettingsError(
            f"The database of `memory.url` is in {encoding}, which can't hold all that players say. Make "
            "another with `CREATE DATABASE vrbridge ENCODING 'UTF8' TEMPLATE template0`."
        )
    # Not merely IF NOT EXISTS: a user that may make no tables can use one that there is.
    if is_missing:
        _make_table(connection)


def _make_table(connection: BoundedConnection) -> None:
    with connection.transaction():
        # Two that make the same table at once would fail.
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (_SCHEMA_LOCK,))
        for statement in _SCHEMA:
            connection.execute(statement)
