"""What a run comes down to."""

import pytest

from tests.load.runs import START, asked, lags, run_of
from vrbridge.bench.conduct import Run
from vrbridge.bench.figures import Figure, figures
from vrbridge.bench.lag import Lag


def figure(run: Run, what: str) -> Figure:
    """Return the figure of this name."""
    return next(figure for figure in figures(run) if figure.what == what)


def test_words_have_percentiles_in_milliseconds() -> None:
    run = run_of("steady", n_players=10)
    run.recording.words = [(START + number, number / 1000) for number in range(101)]
    assert figure(run, "word delay, p50").value == pytest.approx(50)
    assert figure(run, "word delay, p99").value == pytest.approx(99)
    assert figure(run, "words").value == pytest.approx(101 / 60)


def test_the_lag_of_a_wide_run_has_a_target_and_only_its_phases_count() -> None:
    run = run_of("wide", n_players=1000)
    run.lags = [Lag(START - 1, 5.0, 5.0), *lags(0.004), Lag(START + 60, 5.0, 5.0)]
    lag = figure(run, "lag of the server's loop, p99")
    assert lag.value == pytest.approx(4)
    assert (lag.target, lag.is_met) == (10, True)
    assert figure(run, "lag of the server's loop, longest").value == pytest.approx(4)
    assert figure(run, "the same without waiting for a core, p99").value == pytest.approx(2)


def test_a_late_loop_misses_the_target() -> None:
    run = run_of("wide", n_players=1000)
    run.lags = lags(0.02)
    assert figure(run, "lag of the server's loop, p99").is_met is False


def test_memory_is_what_the_server_grew_by_for_each_session() -> None:
    run = run_of("idle", n_players=5000)
    run.memory_before, run.memory_connected, run.memory_used = 50 << 20, (50 << 20) + 5000 * 30720, 0
    memory = figure(run, "memory of a session, connected")
    assert (memory.value, memory.target, memory.is_met) == (30, 40, True)


def test_what_could_not_be_measured_is_neither_met_nor_missed() -> None:
    run = run_of("idle", n_players=5000)
    memory = figure(run, "memory of a session, connected")
    assert (memory.value, memory.target, memory.is_met) == (None, 40, None)


def test_processors_are_counted_in_cores() -> None:
    run = run_of("overload", n_players=10)
    assert figure(run, "processor, server").value == pytest.approx(0.25)
    assert figure(run, "processor, workers").value is None
    waited = figure(run, "time that the players waited for a core")
    assert waited.value == pytest.approx(100 * 4 * 0.5 / 60)


def test_a_flood_is_held_against_the_same_players_without_it() -> None:
    run = run_of("flood", n_players=4)
    for number in range(40):
        asked(run, "alone", player=0, after_s=number / 10, total_s=0.1)
        asked(run, "usual", player=number % 3, after_s=number / 10, total_s=0.2)
        asked(run, "flood", player=number % 3, after_s=number / 10, total_s=0.25)
        # The flooder's own requests take long, which is nobody else's business.
        asked(run, "flood", player=3, after_s=number / 10, total_s=9.0)
    ratio = figure(run, "beside ÷ without the flooder")
    assert ratio.value == pytest.approx(1.25)
    assert ratio.is_met is True
    assert figure(run, "beside the flooder ÷ alone").value == pytest.approx(2.5)


def test_fairness_counts_the_work_that_equally_greedy_players_got_in_time() -> None:
    run = run_of("flood", n_players=4)
    greedy_s = run.span("greedy").phase.seconds
    for number in range(6):
        for player in (0, 1, 2, 2, 3, 3):
            asked(run, "greedy", player=player, after_s=number / 10, total_s=0.5)
        # Ended after the phase, when nobody wanted as much any more.
        asked(run, "greedy", player=0, after_s=greedy_s - 0.1, total_s=0.5)
    jain = figure(run, "fairness (Jain) among 3 equally greedy players")
    assert jain.value == pytest.approx(16 / 18)
    assert jain.is_met is False
    assert figure(run, "the flooder's part, of an equal share").value == pytest.approx(2 / 1.5)


def overloaded() -> Run:
    run = run_of("overload", n_players=10)
    run.capacity_hz = 10.0
    for number in range(60):
        asked(run, "before", player=number % 10, after_s=number / 10, total_s=0.2)
    return run


def test_goodput_is_what_came_within_the_overload_as_a_share_of_the_capacity() -> None:
    run = overloaded()
    seconds = run.span("overload").phase.seconds
    for number in range(round(seconds * 9)):
        asked(run, "overload", player=0, after_s=number / 9, total_s=0.01)
    for number in range(500):
        asked(run, "overload", player=0, after_s=number / 100, total_s=1.0, outcome="deadline_exceeded")
        asked(run, "overload", player=0, after_s=seconds - 0.1, total_s=1.0)
    share = figure(run, "goodput ÷ capacity")
    assert share.value == pytest.approx(0.9, abs=0.01)
    assert figure(run, "capacity").value == 10


def test_a_server_has_recovered_when_most_requests_are_as_quick_as_before() -> None:
    run = overloaded()
    for number in range(180):
        slow = number < 40 or number == 100
        asked(run, "after", player=0, after_s=number / 10, total_s=3.0 if slow else 0.15)
    recovered = figure(run, "recovered after")
    assert (recovered.value, recovered.is_met) == (4, True)


def test_a_server_that_refuses_to_the_end_has_not_recovered() -> None:
    run = overloaded()
    for number in range(180):
        asked(run, "after", player=0, after_s=number / 10, total_s=0.1, outcome="gave_up")
    recovered = figure(run, "recovered after")
    assert (recovered.value, recovered.is_met) == (18, False)


def test_refusals_closes_and_failures_are_counted_by_name() -> None:
    run = run_of("steady", n_players=10)
    run.recording.refusals = [(START, "overloaded"), (START, "overloaded"), (START, "rate_limited")]
    run.recording.closes = {"1006": 2}
    run.recording.failures = {"protocol: gap": 1}
    run.recording.n_connections = 12
    assert figure(run, "refused with a time to come back: overloaded").value == 2
    assert figure(run, "closed by the server: 1006").value == 2
    assert figure(run, "failure: protocol: gap").value == 1
    assert figure(run, "connections lost").value == 2


def test_work_that_was_thrown_away_is_shown_by_what_it_was_thrown_away_for() -> None:
    run = run_of("steady", n_players=10)
    assert figure(run, "work thrown away").value is None
    run.wasted_s = {"superseded": 1.5, "cancelled": 0.5}
    assert figure(run, "work thrown away").value == 2.0
    assert figure(run, "work thrown away: superseded").value == 1.5
