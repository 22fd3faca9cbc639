"""A hundred thousand executions of what `make fuzz` does for longer, and proof that it finds something."""

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.fuzz.runner import SHARES, TARGETS, first_cases, load, run, save

N_EXECUTIONS: Final = 100_000
SEED: Final = "ci"


@pytest.mark.parametrize("name", TARGETS)
@pytest.mark.timeout(600)
async def test_nothing_is_found(name: str) -> None:
    result = await run(name, seed=SEED, n_executions=int(N_EXECUTIONS * SHARES[name]))
    if result.failure is not None:
        pytest.fail(f"{result.error!r}: replay {save(Path('out/fuzz'), name, result.failure)}")
    assert result.n_executions >= N_EXECUTIONS * SHARES[name]


class Fragile:
    """Fails once a case holds both of two messages."""

    def cases(self, rng: random.Random) -> Iterator[list[bytes]]:
        while True:
            yield [b"seed", *(bytes([rng.randrange(8)]) for _ in range(10))]

    async def check(self, case: list[bytes]) -> None:
        if {b"\x01", b"\x02"} <= set(case):
            raise ValueError("broken")


async def test_what_is_found_is_told_and_made_short() -> None:
    result = await run("fragile", seed=SEED, n_executions=100_000, target=Fragile())
    assert result.failure is not None
    assert sorted(result.failure) == [b"\x01", b"\x02", b"seed"]
    assert isinstance(result.error, ValueError)
    assert result.n_executions < 100_000


async def test_a_run_ends_when_its_time_is_over() -> None:
    result = await run("decoding", seed=SEED, n_executions=1 << 40, max_s=0.01)
    assert result.failure is None


@pytest.mark.parametrize("name", TARGETS)
def test_a_seed_decides_all_cases(name: str) -> None:
    assert first_cases(name, "1", 20) == first_cases(name, "1", 20)
    assert first_cases(name, "1", 20) != first_cases(name, "2", 20)


@pytest.mark.parametrize("name", TARGETS)
def test_a_saved_case_is_the_same_again(name: str, tmp_path: Path) -> None:
    (case,) = first_cases(name, "1", 1)
    assert load(save(tmp_path, name, case)) == (name, case)
