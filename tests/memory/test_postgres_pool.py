"""Transactions on PostgreSQL are bounded, end what they began, and are told of without what they hold."""

import logging
import threading
import traceback
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from tests.memory.talking import PATIENCE_S, PATIENT
from tests.postgres_server import PASSWORD, PostgresServer
from vrbridge.errors import SettingsError, Unavailable
from vrbridge.memory.postgres_address import PostgresAddress
from vrbridge.memory.postgres_pool import BoundedConnection, Bounds, Outcome, PostgresPool, Statement

ONE: Statement = ("SELECT 1", ())
SLEEP: Statement = ("SELECT pg_sleep(%s)", (PATIENCE_S,))
LOCK: Statement = ("SELECT pg_advisory_xact_lock_shared(7)", ())
REFUSALS_S = 60.0
_N_POLLS = 5000


class Clock:
    """Seconds that pass when they are told to."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class Bench:
    """A pool, and how many connections it has made."""

    def __init__(self, url: str, *, bounds: Bounds = PATIENT, max_slow: int = 4) -> None:
        self.clock = Clock()
        self.n_made = 0
        self.pool = PostgresPool(
            PostgresAddress(url), prepare=self._prepare, max_slow=max_slow, bounds=bounds, clock=self.clock
        )

    def _prepare(self, connection: BoundedConnection) -> None:
        self.n_made += 1

    def eventually(self) -> list[Outcome]:
        """Return what comes of a statement once the server is back."""
        for _ in range(_N_POLLS):
            self.clock.now += PATIENCE_S
            try:
                return self.pool.transact(ONE)
            except Unavailable:
                pass
        raise AssertionError("it never came back")


@pytest.fixture
def bench(postgres_url: str) -> Iterator[Bench]:
    bench = Bench(postgres_url)
    with closing(bench.pool):
        yield bench


class Onlooker:
    """A connection beside the pool's."""

    def __init__(self, url: str) -> None:
        self._connection = psycopg.connect(url, autocommit=True)

    def close(self) -> None:
        """Close it, with the lock that it holds."""
        self._connection.close()

    def lock(self) -> None:
        """Have every `LOCK` wait."""
        self._connection.execute("SELECT pg_advisory_lock(7)")

    def unlock(self) -> None:
        """Let them go on."""
        self._connection.execute("SELECT pg_advisory_unlock(7)")

    def wait_for(self, n_connections: int, n_locked: int = 0) -> None:
        """Wait until the pool has so many connections, and so many of them wait for the lock."""
        text = (
            "SELECT count(*), count(*) FILTER (WHERE wait_event_type = 'Lock') FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        for _ in range(_N_POLLS):
            if self._connection.execute(text).fetchone() == (n_connections, n_locked):
                return
            self._connection.execute("SELECT pg_sleep(0.02)")
        raise AssertionError(f"there never were {n_connections} connections, {n_locked} of them waiting")

    def terminate_all(self) -> None:
        """End the pool's connections, as an administrator does."""
        self._connection.execute(
            "SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


@pytest.fixture
def onlooker(postgres_url: str) -> Iterator[Onlooker]:
    with closing(Onlooker(postgres_url)) as onlooker:
        yield onlooker


def test_every_statement_has_its_outcome(bench: Bench) -> None:
    outcomes = bench.pool.transact(
        ("CREATE TABLE t (n bigint)", ()),
        ("INSERT INTO t SELECT generate_series(1, %s)", (5,)),
        ("SELECT n FROM t WHERE n > %s ORDER BY n", (3,)),
        ("DELETE FROM t WHERE n < %s", (3,)),
    )
    assert [outcome.n_rows for outcome in outcomes[1:]] == [5, 2, 2]
    assert outcomes[2].rows == [(4,), (5,)]


def test_a_statement_that_fails_undoes_those_before_it_and_is_no_outage(bench: Bench) -> None:
    bench.pool.transact(("CREATE TABLE t (n bigint UNIQUE)", ()))
    for _ in range(3):
        with pytest.raises(Unavailable) as caught:
            bench.pool.transact(("INSERT INTO t VALUES (1)", ()), ("INSERT INTO t VALUES (1)", ()), ONE)
        assert caught.value.retry_after_s == PATIENT.rest_s
    assert bench.pool.transact(("SELECT * FROM t", ()))[0].rows == []


def test_calls_one_after_the_other_share_a_connection(bench: Bench) -> None:
    bench.pool.open()
    for _ in range(5):
        bench.pool.transact(ONE)
    assert bench.n_made == 1


def test_calls_at_once_have_a_connection_each_and_do_not_wait_for_a_slow_one(
    bench: Bench, onlooker: Onlooker
) -> None:
    for n_connections in (3, 4):
        onlooker.lock()
        slow = [threading.Thread(target=bench.pool.transact, args=(LOCK,)) for _ in range(3)]
        for thread in slow:
            thread.start()
        onlooker.wait_for(n_connections, n_locked=3)
        assert bench.pool.transact(ONE)[0].rows == [(1,)]
        onlooker.unlock()
        for thread in slow:
            thread.join(PATIENCE_S)
    assert bench.n_made == 4


def test_closing_leaves_no_connection_behind_not_even_one_in_use(bench: Bench, onlooker: Onlooker) -> None:
    onlooker.lock()
    bench.pool.open()
    call = threading.Thread(target=bench.pool.transact, args=(LOCK,))
    call.start()
    onlooker.wait_for(1, n_locked=1)
    bench.pool.close()
    onlooker.wait_for(1, n_locked=1)
    onlooker.unlock()
    call.join(PATIENCE_S)
    onlooker.wait_for(0)
    with pytest.raises(Unavailable):
        bench.pool.transact(ONE)
    assert bench.n_made == 1
    bench.pool.open()
    assert bench.pool.transact(ONE)[0].rows == [(1,)]


def test_a_statement_that_takes_too_long_is_given_up_by_the_server(postgres_url: str) -> None:
    bench = Bench(postgres_url, bounds=Bounds(statement_s=0.2, answer_s=60, start_s=60))
    with closing(bench.pool), closing(Onlooker(postgres_url)) as onlooker:
        with pytest.raises(Unavailable):
            bench.pool.transact(SLEEP)
        onlooker.wait_for(0)


def test_many_statements_that_take_too_long_are_an_outage(postgres_url: str) -> None:
    bench = Bench(postgres_url, bounds=Bounds(statement_s=0.2, answer_s=60, start_s=60), max_slow=2)
    with closing(bench.pool):
        for _ in range(2):
            with pytest.raises(Unavailable):
                bench.pool.transact(SLEEP)
        # Not asked: it would answer.
        with pytest.raises(Unavailable):
            bench.pool.transact(ONE)
        assert bench.eventually()[0].rows == [(1,)]


def test_a_server_that_says_nothing_is_given_up_and_then_not_waited_for(
    postgres: PostgresServer, postgres_url: str
) -> None:
    bench = Bench(postgres_url, bounds=Bounds(statement_s=60, answer_s=0.5, start_s=60))
    with closing(bench.pool):
        bench.pool.open()
        with postgres.frozen():
            for _ in range(3):
                with pytest.raises(Unavailable):
                    bench.pool.transact(ONE)
            assert bench.n_made == 1
        assert bench.eventually()[0].rows == [(1,)]


def test_connections_that_ended_while_idle_are_not_used(bench: Bench, onlooker: Onlooker) -> None:
    bench.pool.open()
    onlooker.wait_for(1)
    onlooker.terminate_all()
    onlooker.wait_for(0)
    assert bench.pool.transact(ONE)[0].rows == [(1,)]
    assert bench.n_made == 2


def test_a_connection_that_ends_in_a_call_costs_that_call(bench: Bench, onlooker: Onlooker) -> None:
    onlooker.lock()
    failures: list[Unavailable] = []

    def call() -> None:
        try:
            bench.pool.transact(LOCK)
        except Unavailable as error:
            failures.append(error)

    thread = threading.Thread(target=call)
    thread.start()
    onlooker.wait_for(1, n_locked=1)
    onlooker.terminate_all()
    thread.join(PATIENCE_S)
    assert len(failures) == 1
    assert bench.eventually()[0].rows == [(1,)]


def test_a_server_that_is_away_is_told_of_once_and_so_is_its_return(
    postgres: PostgresServer, postgres_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="vrbridge")
    bench = Bench(postgres_url)
    with closing(bench.pool):
        bench.pool.open()
        postgres.stop()
        for _ in range(4):
            with pytest.raises(Unavailable):
                bench.pool.transact(ONE)
            bench.clock.now += PATIENCE_S
        postgres.start()
        assert bench.eventually()[0].rows == [(1,)]
    away, back = caplog.messages
    assert away.startswith("PostgreSQL is away")
    assert back.startswith("PostgreSQL is back")


def test_a_server_that_takes_no_writes_any_more_is_away(
    postgres: PostgresServer, bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    """As after a failover: who was connected is told at the next write, who connects is told at once."""
    caplog.set_level(logging.INFO, logger="vrbridge")
    bench.pool.transact(("CREATE TABLE t (n bigint)", ()))
    ((database,),) = bench.pool.transact(("SELECT current_database()::text", ()))[0].rows
    bench.pool.transact(("SET default_transaction_read_only = on", ()))
    with closing(postgres.connect()) as onlooker:
        onlooker.execute(f"ALTER DATABASE {database} SET default_transaction_read_only = on".encode())
        for number in range(6):
            with pytest.raises(Unavailable):
                # That it still answers questions does not bring it back.
                bench.pool.transact(ONE if number % 2 else ("INSERT INTO t VALUES (1)", ()))
            bench.clock.now += PATIENCE_S
        assert bench.n_made == 1
        onlooker.execute(f"ALTER DATABASE {database} RESET default_transaction_read_only".encode())
    bench.eventually()
    assert bench.pool.transact(("INSERT INTO t VALUES (1)", ()))[0].n_rows == 1
    away, back = caplog.messages
    assert away.startswith("PostgreSQL is away")
    assert "25006" in away
    assert back.startswith("PostgreSQL is back")


def test_what_is_refused_again_and_again_is_told_of_once_a_minute(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="vrbridge")
    for _ in range(5):
        with pytest.raises(Unavailable):
            bench.pool.transact(("SELECT 1 FROM missing", ()))
    assert len(caplog.messages) == 1
    bench.clock.now += REFUSALS_S
    with pytest.raises(Unavailable):
        bench.pool.transact(("SELECT 1 FROM missing", ()))
    first, second = caplog.messages
    assert "42P01" in first
    assert "4 calls before" in second


def test_no_log_and_no_error_tells_what_players_said_or_the_password(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    bench.pool.transact(
        ("CREATE TABLE t (said text UNIQUE CHECK (length(said) < 20), n bigint NOT NULL)", ())
    )
    secret = "hidden gold"
    bench.pool.transact(("INSERT INTO t VALUES (%s, 1)", (secret,)))
    failing: list[Statement] = [
        ("SELECT %s::text", (secret + "\0",)),
        ("INSERT INTO t VALUES (%s, 2)", (secret,)),
        ("INSERT INTO t VALUES (%s, NULL)", (secret,)),
        ("INSERT INTO t VALUES (%s, 3)", (secret * 5,)),
        ("SELECT %s::text::bigint", (secret,)),
        ("SELECT 1 FROM t WHERE said = %s AND 1 / (n - 1) = 1", (secret,)),
        ("SELECT convert_from(%s, 'UTF8')", (secret.encode() + b"\xff",)),
    ]
    for statement in failing:
        bench.clock.now += REFUSALS_S
        with pytest.raises(Unavailable) as caught:
            bench.pool.transact(statement)
        shown = "".join(traceback.format_exception(caught.value))
        assert "hidden" not in shown
        assert "raise self._unavailable() from None" in shown
    assert len([m for m in caplog.messages if m.startswith("PostgreSQL refused")]) == len(failing)
    assert "hidden" not in caplog.text
    assert PASSWORD not in caplog.text


def test_a_wrong_password_is_told_of_without_it(postgres: PostgresServer, postgres_url: str) -> None:
    bench = Bench(postgres.url("postgres", password="hunter2"))
    with pytest.raises(SettingsError, match="password authentication failed") as caught:
        bench.pool.open()
    assert "hunter2" not in "".join(traceback.format_exception(caught.value))


def test_a_server_that_is_not_there_is_told_of_with_what_to_do(tmp_path: Path) -> None:
    bench = Bench(f"postgresql://ann:hunter2@/vr?host={tmp_path}")
    with pytest.raises(SettingsError, match=r"Check `memory\.url`, that the server runs") as caught:
        bench.pool.open()
    assert str(tmp_path) in str(caught.value)
    assert "hunter2" not in "".join(traceback.format_exception(caught.value))
