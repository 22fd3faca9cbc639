"""A run second by second."""

from tests.load.runs import START, asked, run_of
from vrbridge.bench.lag import Lag
from vrbridge.bench.timeline import timeline


def test_each_second_tells_delays_lags_and_counts() -> None:
    run = run_of("flood", n_players=4, minutes=0.1)
    run.recording.words = [(START + 0.5, 0.001), (START + 0.6, 0.003), (START + 2.5, 0.010)]
    run.recording.refusals = [(START + 5.9, "overloaded")]
    run.lags = [Lag(START + 1.1, 0.002, 0.001)]
    asked(run, "alone", player=0, after_s=0.1, total_s=1.0)
    asked(run, "alone", player=0, after_s=0.2, total_s=1.0, outcome="overloaded")
    told = timeline(run)
    assert told.word_p50_ms == [2.0, None, 10.0, None, None, None]
    assert told.lag_p99_ms == [None, 2.0, None, None, None, None]
    assert told.done_hz == [0, 1, 0, 0, 0, 0]
    assert told.refused_hz == [0, 0, 0, 0, 0, 1]


def test_phases_are_stretches_of_one_time_axis() -> None:
    told = timeline(run_of("flood", n_players=4, minutes=1))
    assert [stretch.name for stretch in told.stretches] == ["alone", "capacity", "usual", "flood", "greedy"]
    assert told.stretches[0].start_s == 0
    assert told.stretches[-1].end_s == 60
    for one, following in zip(told.stretches, told.stretches[1:], strict=False):
        assert one.end_s == following.start_s
