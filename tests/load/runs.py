"""Runs that never happened, for what is made of them."""

from vrbridge.bench.conduct import Run, Span
from vrbridge.bench.lag import Lag
from vrbridge.bench.process_cost import Cost
from vrbridge.bench.recording import DONE, Asked
from vrbridge.bench.scenario import Scenario, scenario

START = 100.0


def run_of(name: str, *, n_players: int, minutes: float = 1.0) -> Run:
    """Return a run in which nothing happened, with phases one after the other from `START`."""
    planned: Scenario = scenario(name, n_players=n_players, minutes=minutes)
    run = Run(scenario=planned, connect_s=2.0)
    start = START
    for phase in planned.phases:
        run.spans.append(Span(phase, start, 0, 0.0, Cost(phase.seconds / 4, 0.0), None, Cost(1.0, 0.5)))
        start += phase.seconds
    return run


def asked(run: Run, phase: str, *, player: int, after_s: float, total_s: float, outcome: str = DONE) -> None:
    """Note a material that was asked for so long after the beginning of a phase."""
    run.recording.asked.append(
        Asked(
            phase=phase,
            player=player,
            kind="texture",
            at=run.span(phase).start + after_s,
            first_s=total_s / 2,
            total_s=total_s,
            outcome=outcome,
            n_refused=0,
            work_s=0.1,
        )
    )


def lags(late_s: float) -> list[Lag]:
    """Return ten lags a second for a minute, half of each spent waiting for a core."""
    return [Lag(START + number / 10, late_s, late_s / 2) for number in range(600)]
