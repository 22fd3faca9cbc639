"""A hundred thousand executions of what `make fuzz` does for longer, and proof that it finds something."""

from pathlib import Path
from typing import Final

import pytest

from tests.fuzz.runner import SHARES, TARGETS, first_cases, load, run, save

N_EXECUTIONS: Final = 100_000
SEED: Final = "ci"


@pytest.mark.parametrize("name", TARGETS)
@pytest.mark.timeout(600)
async def test_nothing_is_found(name: str, tmp_path: Path) -> None:
    result = await run(name, seed=SEED, n_executions=int(N_EXECUTIONS * SHARES[name]))
    if result.failure is not None:
        pytest.fail(f"{result.error!r}: replay {save(Path('out/fuzz'), name, result.failure)}")
    assert result.n_executions >= N_EXECUTIONS * SHARES[name]


@pytest.mark.parametrize("name", TARGETS)
def test_a_seed_decides_all_cases(name: str) -> None:
    assert first_cases(name, "1", 20) == first_cases(name, "1", 20)
    assert first_cases(name, "1", 20) != first_cases(name, "2", 20)


@pytest.mark.parametrize("name", TARGETS)
def test_a_saved_case_is_the_same_again(name: str, tmp_path: Path) -> None:
    (case,) = first_cases(name, "1", 1)
    assert load(save(tmp_path, name, case)) == (name, case)
