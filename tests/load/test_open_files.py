"""Whether the system allows as many sockets as are needed."""

import resource
from collections.abc import Iterator

import pytest

from vrbridge.bench.open_files import allow_sockets
from vrbridge.errors import SettingsError


@pytest.fixture
def hard() -> Iterator[int]:
    """The hard limit of open files; the soft one is put back."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    if before[1] == resource.RLIM_INFINITY:
        pytest.skip("there is no limit here")
    yield before[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


def test_more_than_the_system_allows_is_refused_with_what_to_do(hard: int) -> None:
    with pytest.raises(
        SettingsError, match=rf"the system allows {hard}: raise it with `ulimit -Hn {hard + 257}`"
    ):
        allow_sockets(hard + 1)


def test_the_limit_is_raised_as_far_as_needed(hard: int) -> None:
    n_sockets = min(600, hard - 300)
    resource.setrlimit(resource.RLIMIT_NOFILE, (n_sockets, hard))
    allow_sockets(n_sockets)
    assert resource.getrlimit(resource.RLIMIT_NOFILE) == (n_sockets + 256, hard)


def test_a_limit_that_is_high_enough_stays(hard: int) -> None:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    allow_sockets(1)
    assert resource.getrlimit(resource.RLIMIT_NOFILE) == before
