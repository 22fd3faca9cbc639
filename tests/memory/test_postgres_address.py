"""An address says where to connect, and nowhere what the password is."""

import pytest

from vrbridge.errors import SettingsError
from vrbridge.memory.postgres_address import PostgresAddress


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("postgresql://ann:top%40secret@db.example:6432/vr", "db.example:6432/vr"),
        ("postgres://ann@db.example/vr?sslmode=verify-full", "db.example/vr"),
        ("postgresql://one,two:5433/vr?target_session_attrs=read-write", "one,two:,5433/vr"),
        ("postgresql:///vr?host=/run/postgresql", "/run/postgresql/vr"),
        ("postgresql://ann:x?secret@db/vr", "db/vr"),
        ("postgresql://[::1]:5432/vr", "::1:5432/vr"),
        ("postgresql://", "libpq's default host/"),
    ],
)
def test_an_address_is_named_without_its_secrets(url: str, name: str) -> None:
    address = PostgresAddress(url)
    assert address.name == name
    assert repr(address) == f"<PostgresAddress {name}>"


def test_the_password_reaches_libpq_and_nobody_else() -> None:
    address = PostgresAddress("postgresql://ann:top%40secret@db/vr?sslpassword=key+word")
    assert "password=top@secret" in address.conninfo
    told = address.without_secrets("no top@secret, no key+word, only ann")
    assert told == "no …, no …, only ann"
    assert "secret" not in repr(address) + repr(vars(address).keys())


def test_what_the_address_says_wins_over_what_is_usual() -> None:
    assert "connect_timeout=2" in PostgresAddress("postgresql://db/vr").conninfo
    assert "connect_timeout=9" in PostgresAddress("postgresql://db/vr?connect_timeout=9").conninfo
    assert "target_session_attrs=read-write" in PostgresAddress("postgresql://db/vr").conninfo
    assert "session_attrs=any" in PostgresAddress("postgresql://db/vr?target_session_attrs=any").conninfo
    assert "client_encoding=UTF8" in PostgresAddress("postgresql://db/vr?client_encoding=LATIN1").conninfo


@pytest.mark.parametrize(
    "url",
    [
        "hunter2",
        "mysql://ann:hunter2@db/vr",
        "postgresql+psycopg://ann:hunter2@db/vr",
        "host=db password=hunter2",
        "postgresql://ann:@hunter2@db/vr",
        "postgresql://ann:/hunter2@db/vr",
        "postgresql://ann:hunter2/@db/vr",
        "postgresql://ann:12/hunter2@db/vr",
        "postgresql://ann:%hunter2@db/vr",
        "postgresql://ann:%00hunter2@db/vr",
        "postgresql://ann@db/vr?pasword=hunter2",
        "postgresql://ann@db:hunter2/vr",
        "postgresql://[hunter2/vr",
    ],
)
def test_what_is_no_address_is_told_of_without_quoting_it(url: str) -> None:
    with pytest.raises(SettingsError) as caught:
        PostgresAddress(url)
    assert "postgresql://" in str(caught.value)
    assert "hunter2" not in str(caught.value)
    # Not even where a traceback would show what caused it.
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
