"""What players and characters said to each other, kept over restarts."""

import logging
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from vrbridge.errors import SettingsError, Unavailable

_log = logging.getLogger(__name__)
# Everything else that needs the disk, and whoever talks to a character, waits for so long too.
_BUSY_TIMEOUT_S = 0.5
_FAILURES = (sqlite3.DatabaseError, OSError)
_FOLLOWING = ("", "-wal", "-shm")

_SCHEMA = """
CREATE TABLE IF NOT EXISTS turns (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    player TEXT NOT NULL,
    npc TEXT NOT NULL,
    session TEXT NOT NULL,
    request_id INTEGER NOT NULL,
    said TEXT NOT NULL,
    answer TEXT NOT NULL DEFAULT '',
    heard INTEGER
);
CREATE INDEX IF NOT EXISTS turns_by_conversation ON turns (player, npc, id);
CREATE INDEX IF NOT EXISTS turns_by_request ON turns (session, request_id);
"""


class Turn(NamedTuple):
    """What a player said, and what they heard of the answer."""

    said: str
    answer: str


class Conversations:
    """Remembers the latest turns of every (player, character) pair.

    Not for the event loop: every call touches the disk. One thread at a time, and always the same one.
    A disk that has no room costs the memory of a turn, not the answer.

    Args:
        file: The database. One that can't be read is moved aside and a new one begun.
        max_turns: Turns kept of one conversation; the oldest go.
        busy_timeout_s: How long to wait for another process that writes.
        on_lost: Called with `conversations` for each thing that can't be kept or recalled.
        clock: Seconds since 1970, for the name of a file that is moved aside.
    """

    def __init__(
        self,
        file: Path,
        *,
        max_turns: int,
        busy_timeout_s: float = _BUSY_TIMEOUT_S,
        on_lost: Callable[[str], None] = lambda part: None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._file = file
        self._max_turns = max(1, max_turns)
        self._on_lost = on_lost
        self._clock = clock
        self._busy_timeout_s = busy_timeout_s
        self._connection: sqlite3.Connection | None = None

    def open(self) -> None:
        """Open the database; the first call of any other method does it too.

        Raises:
            OSError: If the folder can't be used.
            SettingsError: If not even a new database can be made there, or another program keeps it locked.
        """
        try:
            self._database()
        except sqlite3.Error as error:
            raise SettingsError(
                f"The conversations in the data folder can't be opened: {error}. Its disk may be full, or "
                "another program may use it."
            ) from error

    def close(self) -> None:
        """Close the database; a later call opens it again."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def recall(self, *, player: str, npc: str, limit: int) -> list[Turn]:
        """Return the latest turns, oldest first; answers are cut to what was heard."""
        try:
            rows = (
                self._database()
                .execute(
                    "SELECT said, answer, heard FROM turns WHERE player = ? AND npc = ?"
                    " ORDER BY id DESC LIMIT ?",
                    (player, npc, limit),
                )
                .fetchall()
            )
        except _FAILURES as error:
            self._lose("A conversation was not remembered", error)
            return []
        return [Turn(said, answer[:heard]) for said, answer, heard in reversed(rows)]

    def begin(self, *, player: str, npc: str, session: str, request_id: int, said: str) -> int | None:
        """Remember what a player says; return the number of the turn, or None if it can't be kept."""
        try:
            with self._database() as database:
                cursor = database.execute(
                    "INSERT INTO turns (player, npc, session, request_id, said) VALUES (?, ?, ?, ?, ?)",
                    (player, npc, session, request_id, said),
                )
                database.execute(
                    "DELETE FROM turns WHERE player = ?1 AND npc = ?2 AND id <= (SELECT id FROM turns"
                    " WHERE player = ?1 AND npc = ?2 ORDER BY id DESC LIMIT 1 OFFSET ?3)",
                    (player, npc, self._max_turns),
                )
                return cursor.lastrowid
        except _FAILURES as error:
            self._lose("A turn was not remembered", error)
            return None

    def finish(self, turn: int, answer: str) -> None:
        """Remember what a character answered; nothing happens if the turn was forgotten meanwhile."""
        try:
            with self._database() as database:
                database.execute("UPDATE turns SET answer = ? WHERE id = ?", (answer, turn))
        except _FAILURES as error:
            self._lose("An answer was not remembered", error)

    def heard(self, *, player: str, session: str, request_id: int, characters: int) -> None:
        """Cut a remembered answer, finished or not, to its first code points; the latest call wins."""
        try:
            with self._database() as database:
                database.execute(
                    "UPDATE turns SET heard = ? WHERE session = ? AND request_id = ? AND player = ?",
                    (characters, session, request_id, player),
                )
        except _FAILURES as error:
            self._lose("What was heard of an answer was not remembered", error)

    def forget(self, *, player: str, session: str | None = None) -> int:
        """Erase a player's turns, of one session or of all; return how many.

        Raises:
            Unavailable: If they can't be erased now.
        """
        try:
            return self._erase(player, session)
        except _FAILURES as error:
            _log.warning("Conversations were not erased: %s", error)
            raise Unavailable("What was said can't be erased at present; try again.") from error

    def _erase(self, player: str, session: str | None) -> int:
        with self._database() as database:
            if session is None:
                cursor = database.execute("DELETE FROM turns WHERE player = ?", (player,))
            else:
                cursor = database.execute(
                    "DELETE FROM turns WHERE player = ? AND session = ?", (player, session)
                )
        # Erased words must not stay readable in the log of the database.
        self._database().execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return cursor.rowcount

    def _lose(self, what: str, error: sqlite3.DatabaseError | OSError) -> None:
        _log.warning("%s: %s", what, error)
        self._on_lost("conversations")
        if not isinstance(error, sqlite3.OperationalError | OSError):
            # Damaged: the next call opens it anew, which checks it and moves it aside.
            self.close()

    def _database(self) -> sqlite3.Connection:
        if self._connection is None:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            try:
                self._connection = _open(self._file, self._busy_timeout_s)
            except sqlite3.OperationalError:  # locked, no room, not allowed: the content may be fine
                raise
            except sqlite3.DatabaseError as error:
                aside = self._move_aside()
                _log.error("The conversations can't be read (%s); moved aside as %s", error, aside)
                self._connection = _open(self._file, self._busy_timeout_s)
        return self._connection

    def _move_aside(self) -> str:
        aside = f"{self._file.name}.unreadable-{int(self._clock())}"
        for ending in _FOLLOWING:
            part = self._file.with_name(self._file.name + ending)
            if part.exists():
                part.replace(self._file.with_name(aside + ending))
        return aside


def _open(file: Path, busy_timeout_s: float) -> sqlite3.Connection:
    connection = sqlite3.connect(file, timeout=busy_timeout_s)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        # With WAL, a power cut may cost the last turns and never the file.
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA secure_delete = ON")
        if connection.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
            raise sqlite3.DatabaseError("its check failed")
        connection.executescript(_SCHEMA)
    except sqlite3.Error:
        connection.close()
        raise
    return connection
