"""Conversations in PostgreSQL: the table is made once, and a server that goes away costs no answer."""

import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing
from functools import partial

import psycopg
import pytest

from tests.memory.talking import PATIENCE_S, PATIENT, recall, talk, together
from tests.pgbouncer import pgbouncer
from tests.postgres_server import PostgresServer
from vrbridge.errors import SettingsError, Unavailable
from vrbridge.memory.conversations import Turn
from vrbridge.memory.postgres_conversations import PostgresConversations
from vrbridge.memory.postgres_pool import Bounds

_AT_ONCE = Bounds(statement_s=60, answer_s=60, start_s=60, rest_s=0)
"""Asks a server that is away at every call."""


@pytest.fixture
def losses() -> list[str]:
    return []


@pytest.fixture
def memory(postgres_url: str, losses: list[str]) -> Iterator[PostgresConversations]:
    conversations = PostgresConversations(postgres_url, max_turns=3, bounds=_AT_ONCE, on_lost=losses.append)
    with closing(conversations):
        yield conversations


def begin(memory: PostgresConversations, *, player: str = "ann", id: int = 1) -> int | None:
    return memory.begin(player=player, npc="smith", session="s1", request_id=id, said="Hi")


def rows(url: str, text: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url, autocommit=True) as connection:
        return connection.execute(text.encode()).fetchall()


def test_servers_that_start_at_once_make_one_table(postgres_url: str) -> None:
    n_servers = 4
    start = threading.Barrier(n_servers)
    with psycopg.connect(postgres_url, autocommit=True) as other:
        # Time for the others while one makes its table.
        other.execute(
            "CREATE FUNCTION dawdle() RETURNS event_trigger LANGUAGE plpgsql AS"
            " $$ BEGIN PERFORM pg_sleep(0.1); END $$"
        )
        other.execute("CREATE EVENT TRIGGER dawdles ON ddl_command_end EXECUTE FUNCTION dawdle()")

    def serve(n: int) -> None:
        with closing(PostgresConversations(postgres_url, max_turns=3, bounds=PATIENT)) as memory:
            start.wait(PATIENCE_S)
            memory.open()
            talk(memory, "Hi", "Hm.", player=f"p{n}")

    together([partial(serve, n) for n in range(n_servers)])
    assert rows(postgres_url, "SELECT count(*), count(DISTINCT id) FROM vrbridge_turns") == [(4, 4)]


def test_turns_that_begin_at_once_on_several_servers_keep_the_bound_together(postgres_url: str) -> None:
    n_servers = 4
    start = threading.Barrier(n_servers)
    with ExitStack() as stack:
        servers = [
            stack.enter_context(closing(PostgresConversations(postgres_url, max_turns=3, bounds=PATIENT)))
            for _ in range(n_servers)
        ]
        for id in range(3):
            talk(servers[0], "Earlier", "Hm.", id=id)
        with psycopg.connect(postgres_url, autocommit=True) as other:
            # Time for the others between what one adds and drops, and before that is seen.
            other.execute(
                "CREATE FUNCTION dawdle() RETURNS trigger LANGUAGE plpgsql AS"
                " $$ BEGIN PERFORM pg_sleep(0.3); RETURN NULL; END $$"
            )
            other.execute(
                "CREATE TRIGGER dawdles AFTER INSERT OR DELETE ON vrbridge_turns EXECUTE FUNCTION dawdle()"
            )

        def serve(memory: PostgresConversations) -> None:
            memory.open()
            start.wait(PATIENCE_S)
            assert begin(memory) is not None

        together([partial(serve, memory) for memory in servers])
        assert rows(postgres_url, "SELECT said FROM vrbridge_turns") == [("Hi",)] * 3


def test_what_is_kept_can_be_read_in_the_database(memory: PostgresConversations, postgres_url: str) -> None:
    talk(memory, "Grüß dich", "Hm.\n🔨", player="ann", npc="smith", session="s1", id=7)
    memory.heard(player="ann", session="s1", request_id=7, characters=3)
    found = rows(
        postgres_url, "SELECT player, npc, session, request_id, said, answer, heard FROM vrbridge_turns"
    )
    assert found == [("ann", "smith", "s1", 7, "Grüß dich", "Hm.\n🔨", 3)]


def test_forgotten_turns_are_rows_no_more(memory: PostgresConversations, postgres_url: str) -> None:
    talk(memory, "the treasure lies under the oak", "I keep it to myself.")
    assert memory.forget(player="ann") == 1
    assert rows(postgres_url, "SELECT * FROM vrbridge_turns") == []


def test_a_server_that_is_away_costs_the_memory_and_not_the_answer_and_is_used_once_it_is_back(
    memory: PostgresConversations, losses: list[str], postgres: PostgresServer
) -> None:
    talk(memory, "Hi", "Hm.")
    turn = begin(memory, id=2)
    assert turn is not None
    postgres.stop("immediate")
    assert recall(memory) == []
    assert begin(memory, id=3) is None
    memory.finish(turn, "Lost.")
    memory.heard(player="ann", session="s1", request_id=1, characters=1)
    assert losses == ["conversations"] * 4
    with pytest.raises(Unavailable):
        memory.forget(player="ann")
    assert len(losses) == 4
    postgres.start()
    talk(memory, "Again?", "Yes.", id=4)
    assert recall(memory)[-1] == Turn("Again?", "Yes.")
    assert memory.forget(player="ann") >= 1
    assert recall(memory) == []
    assert len(losses) == 4


def test_a_restart_of_the_server_between_two_turns_costs_nothing(
    memory: PostgresConversations, losses: list[str], postgres: PostgresServer
) -> None:
    talk(memory, "Hi", "Hm.")
    postgres.stop()
    postgres.start()
    talk(memory, "Again?", "Yes.", id=2)
    assert recall(memory) == [Turn("Hi", "Hm."), Turn("Again?", "Yes.")]
    assert losses == []


def test_turns_of_one_player_that_are_held_up_hold_nobody_else_up(
    memory: PostgresConversations, postgres_url: str
) -> None:
    talk(memory, "Hi", "Hm.")
    with psycopg.connect(postgres_url) as other:
        other.execute("SELECT * FROM vrbridge_turns WHERE player = 'ann' FOR UPDATE")
        held_up = [
            threading.Thread(
                target=partial(memory.heard, player="ann", session="s1", request_id=1, characters=n)
            )
            for n in range(3)
        ]
        for thread in held_up:
            thread.start()
        talk(memory, "Me first?", "Yes.", player="bob")
        assert recall(memory, player="bob") == [Turn("Me first?", "Yes.")]
        assert all(thread.is_alive() for thread in held_up)
        other.rollback()
        for thread in held_up:
            thread.join(PATIENCE_S)
    assert recall(memory)[0].answer in {"", "H", "Hm"}


def test_a_locked_table_costs_the_memory_and_not_the_answer(postgres_url: str, losses: list[str]) -> None:
    bounds = Bounds(statement_s=0.3, answer_s=60, start_s=60, rest_s=0)
    with (
        closing(
            PostgresConversations(postgres_url, max_turns=3, bounds=bounds, on_lost=losses.append)
        ) as memory,
        psycopg.connect(postgres_url) as other,
    ):
        memory.open()
        other.execute("LOCK TABLE vrbridge_turns")
        assert begin(memory) is None
        assert recall(memory) == []
        assert losses == ["conversations"] * 2
        with pytest.raises(Unavailable):
            memory.forget(player="ann")


def test_a_table_that_is_gone_is_made_again(memory: PostgresConversations, postgres_url: str) -> None:
    talk(memory, "Hi", "Hm.")
    with psycopg.connect(postgres_url) as other:
        other.execute("DROP TABLE vrbridge_turns")
    assert begin(memory) is None
    talk(memory, "Hi again", "Hm.")
    assert recall(memory) == [Turn("Hi again", "Hm.")]


def test_isolation_that_is_set_for_the_database_changes_nothing(postgres_url: str) -> None:
    with psycopg.connect(postgres_url, autocommit=True) as other:
        other.execute(
            "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_isolation = serializable',"
            " current_database()); END $$"
        )
    n_servers, n_turns = 3, 10

    def write() -> None:
        with closing(PostgresConversations(postgres_url, max_turns=3, bounds=PATIENT)) as memory:
            assert all(begin(memory, id=id) is not None for id in range(n_turns))

    together([write] * n_servers)
    assert rows(postgres_url, "SELECT count(*) FROM vrbridge_turns") == [(3,)]


def test_a_user_who_may_make_no_table_is_told_so_and_can_use_one_that_is_there(
    postgres: PostgresServer, postgres_url: str
) -> None:
    with psycopg.connect(postgres_url, autocommit=True) as owner, ExitStack() as stack:
        owner.execute("CREATE ROLE visitor LOGIN PASSWORD 'visit'")
        stack.callback(owner.execute, "DROP OWNED BY visitor; DROP ROLE visitor")
        owner.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
        database = owner.info.dbname
        url = postgres.url(database, user="visitor", password="visit")
        with closing(PostgresConversations(url, max_turns=3, bounds=PATIENT)) as visitor:
            with pytest.raises(SettingsError, match=r"permission denied for schema public.*may make tables"):
                visitor.open()
            with closing(PostgresConversations(postgres_url, max_turns=3, bounds=PATIENT)) as memory:
                memory.open()
            owner.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON vrbridge_turns TO visitor")
            visitor.open()
            talk(visitor, "Hi", "Hm.")
            assert recall(visitor) == [Turn("Hi", "Hm.")]
            assert visitor.forget(player="ann") == 1


def test_a_database_that_can_not_hold_all_letters_is_refused(postgres: PostgresServer) -> None:
    options = "ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0"
    with postgres.database("test_latin", options) as url:
        memory = PostgresConversations(url, max_turns=3, bounds=PATIENT)
        with closing(memory), pytest.raises(SettingsError, match=r"LATIN1.*ENCODING 'UTF8'"):
            memory.open()


def test_a_pooler_that_shares_connections_out_by_transaction_changes_nothing(
    postgres: PostgresServer, postgres_url: str
) -> None:
    n_servers, n_turns = 3, 20
    with pgbouncer(postgres, postgres_url, n_connections=2) as url:

        def write(n: int) -> None:
            with closing(PostgresConversations(url, max_turns=3, bounds=PATIENT)) as memory:
                memory.open()
                for id in range(n_turns):
                    talk(memory, f"said {id}", "Hm.", player=f"p{n}", id=id)
                    assert begin(memory, id=id) is not None
                assert [turn.said for turn in recall(memory, player=f"p{n}")] == [
                    f"said {id}" for id in range(n_turns)
                ][-3:]

        together([partial(write, n) for n in range(n_servers)])
        with closing(PostgresConversations(url, max_turns=3, bounds=PATIENT)) as memory:
            assert len(recall(memory)) == 3
            assert memory.forget(player="ann") == 3
