"""What sessions get when they ask for more than there is."""

from collections.abc import Callable, Iterable

import pytest

from tests.scheduling.simulation import Ask, Simulation
from vrbridge.scheduling.backlog import Backlog

N_WORKERS = 2


def make(seed: int = 1, *, max_wait_s: float = 30.0, max_session_seconds: float = 30.0) -> Simulation:
    backlog: Backlog[Ask] = Backlog(max_wait_s=max_wait_s, max_session_seconds=max_session_seconds)
    return Simulation(backlog, n_workers=N_WORKERS, seed=seed)


def jain(shares: Iterable[float]) -> float:
    """Return how evenly something is shared out: 1 is evenly, 1 / n is all to one.

    Source:
        Jain, Chiu, Hawe, "A quantitative measure of fairness", DEC-TR-301, 1984.
    """
    had = list(shares)
    return sum(had) ** 2 / (len(had) * sum(share**2 for share in had))


def quantile(values: list[float], share: float) -> float:
    return sorted(values)[int(share * (len(values) - 1))]


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("flood_cost_s", [0.1, 0.4, 3.0])
def test_one_who_floods_gets_no_more_than_nineteen_others(seed: int, flood_cost_s: float) -> None:
    simulation = make(seed)
    for _ in range(400):
        simulation.keep_asking("flood", lambda: flood_cost_s)
    for number in range(19):
        for _ in range(2):
            simulation.keep_asking(f"modest {number}", lambda: simulation.random.choice([0.2, 0.4, 0.8]))
    simulation.run(until_s=400.0)
    counts = simulation.counts
    assert len(counts) == 20
    assert jain(count.useful_s for count in counts.values()) >= 0.95
    assert sum(count.useful_s for count in counts.values()) >= 0.99 * N_WORKERS * 400.0
    # Only the one whose own doing it is was sent away.
    assert counts["flood"].n_refused > 0
    assert all(count.n_refused == 0 for name, count in counts.items() if name != "flood")


@pytest.mark.parametrize("seed", range(2))
def test_who_asks_seldom_hardly_notices_a_flood(seed: int) -> None:
    def latencies_s(n_floods: int) -> list[float]:
        simulation = make(seed)
        for _ in range(n_floods):
            simulation.keep_asking("flood", lambda: 0.4)
        for number in range(19):
            visit(simulation, f"modest {number}", every_s=10.0)
        simulation.run(until_s=1000.0)
        modest = [counts for name, counts in simulation.counts.items() if name != "flood"]
        assert all(counts.n_refused == 0 for counts in modest)
        return [s for counts in modest for s in counts.latencies_s]

    alone, beside_a_flood = latencies_s(0), latencies_s(100)
    # One job of the flood may be running when they come, and none is put before theirs after that.
    assert quantile(beside_a_flood, 0.95) <= quantile(alone, 0.95) + 0.4


def visit(
    simulation: Simulation,
    session: str,
    *,
    every_s: float,
    within_s: float | None = None,
    cost_s: float = 0.4,
) -> None:
    """Ask now and then, whatever became of the last request, and not again for what was refused."""

    def ask() -> None:
        simulation.request(session, cost_s, within_s=within_s)
        simulation.after(simulation.random.expovariate(1 / every_s), ask)

    simulation.after(simulation.random.expovariate(1 / every_s), ask)


def offered(simulation: Simulation, *, load: float, until_s: float, within_s: float | None) -> None:
    """Have 50 sessions ask for so many times what the workers can do."""
    cost_s, n_sessions = 0.4, 50
    every_s = n_sessions * cost_s / (load * N_WORKERS)

    def asking(session: str) -> Callable[[], None]:
        def ask() -> None:
            if simulation.now < until_s:
                simulation.request(session, cost_s, within_s=within_s)
                simulation.after(simulation.random.expovariate(1 / every_s), ask)

        return ask

    for number in range(n_sessions):
        simulation.after(simulation.random.uniform(0, every_s), asking(f"s{number}"))


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("within_s", [None, 10.0, 2.0, 1.0])
def test_five_times_too_much_is_answered_as_far_as_the_workers_go(seed: int, within_s: float | None) -> None:
    simulation = make(seed)
    offered(simulation, load=5.0, until_s=200.0, within_s=within_s)
    simulation.run(until_s=200.0)
    useful_s = sum(count.useful_s for count in simulation.counts.values())
    assert useful_s >= 0.9 * N_WORKERS * 200.0
    # Who comes in the moment when there is room is chance, the more so the shorter the line.
    assert jain(count.useful_s for count in simulation.counts.values()) >= 0.9
    if within_s is not None:
        latest = max(s for count in simulation.counts.values() for s in count.latencies_s)
        assert latest <= within_s


@pytest.mark.parametrize("within_s", [None, 2.0])
def test_after_an_overload_new_requests_are_quick_again(within_s: float | None) -> None:
    simulation = make(max_wait_s=7.5)
    offered(simulation, load=5.0, until_s=100.0, within_s=within_s)
    # All that was let in begins within the bound, and then runs.
    simulation.run(until_s=100.0 + 7.5 + 1.0)
    assert simulation.request("late", 0.4, within_s=within_s) is None
    simulation.run(until_s=simulation.now + 1.0)
    assert simulation.counts["late"].latencies_s[0] <= 0.4 * 1.3


def test_a_hint_is_true_for_one_who_floods() -> None:
    simulation = make()
    for number in range(4):
        for _ in range(2):
            simulation.keep_asking(f"modest {number}", lambda: 0.4)
    hint_s = None
    while hint_s is None:
        hint_s = simulation.request("flood", 0.4)
    simulation.run(until_s=simulation.now + hint_s)
    assert simulation.request("flood", 0.4) is None
    # Not much too late either: with a fifth of two workers, such a job takes a second.
    assert hint_s <= 3.0
