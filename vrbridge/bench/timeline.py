"""A run second by second."""

from functools import partial

import msgspec

from vrbridge.bench.conduct import Run
from vrbridge.bench.measures import Sample, by_second, percentile
from vrbridge.bench.recording import DONE

Series = list[float | None]


class Stretch(msgspec.Struct, frozen=True, kw_only=True):
    """A phase on the time axis: its name, and seconds from the first phase's beginning."""

    name: str
    start_s: float
    end_s: float


class Timeline(msgspec.Struct, frozen=True, kw_only=True):
    """One value a second, from the beginning of the first phase to the end of the last.

    Args:
        stretches: The phases.
        word_p50_ms: Delay of words, by their arrival. None: no word came in that second.
        word_p99_ms: Likewise.
        lag_p50_ms: How late the server's event loop was.
        lag_p99_ms: Likewise.
        done_hz: Requests that ended well.
        refused_hz: Requests that were refused.
    """

    stretches: list[Stretch]
    word_p50_ms: Series
    word_p99_ms: Series
    lag_p50_ms: Series
    lag_p99_ms: Series
    done_hz: Series
    refused_hz: Series


def timeline(run: Run) -> Timeline:
    """Return the timeline of a run."""
    start, end = run.spans[0].start, run.spans[-1].end

    def milliseconds(samples: list[Sample], percent: float) -> Series:
        values = by_second(samples, start, end, partial(percentile, percent=percent))
        return [None if value is None else round(value * 1e3, 3) for value in values]

    def count(samples: list[Sample]) -> Series:
        return by_second(samples, start, end, lambda values: float(len(values)))

    recording = run.recording
    lags = [(lag.at, lag.late_s) for lag in run.lags]
    return Timeline(
        stretches=[
            Stretch(
                name=span.phase.name,
                start_s=round(span.start - start, 2),
                end_s=round(span.end - start, 2),
            )
            for span in run.spans
        ],
        word_p50_ms=milliseconds(recording.words, 50),
        word_p99_ms=milliseconds(recording.words, 99),
        lag_p50_ms=milliseconds(lags, 50),
        lag_p99_ms=milliseconds(lags, 99),
        done_hz=count([(a.ended, 1.0) for a in recording.asked if a.outcome == DONE]),
        refused_hz=count([(at, 1.0) for at, _ in recording.refusals]),
    )
