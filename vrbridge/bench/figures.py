"""What a run comes down to: figures, and the targets that they are held against."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from vrbridge.bench.conduct import Run
from vrbridge.bench.lag import Lag
from vrbridge.bench.measures import jain, percentile
from vrbridge.bench.recording import DONE, Asked
from vrbridge.bench.scenario import FIRST, FLOODER, OTHERS

MAX_LAG_MS: Final = 10.0
MAX_SESSION_KIB: Final = 40.0
MAX_FLOOD_RATIO: Final = 1.3
MIN_JAIN: Final = 0.95
MIN_GOODPUT: Final = 0.9
MAX_RECOVERY_S: Final = 10.0

_MANY_SESSIONS: Final = 100
"""With fewer, what a session takes is lost in what the server takes otherwise."""
_CLEARLY: Final = 2.0
_PERCENTS: Final = (50, 95, 99)
_KINDS: Final = {"dialogue": "answer", "texture": "material", "mesh": "thing"}


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """One measured quantity.

    Args:
        what: In words.
        value: None: could not be measured.
        unit: Of the value and the target; empty for ratios.
        target: Bound. None: none.
        is_floor: Whether the bound is a least value.
    """

    what: str
    value: float | None
    unit: str
    target: float | None = None
    is_floor: bool = False

    @property
    def is_met(self) -> bool | None:
        """Whether the target is met; None without a target, or without a value."""
        if self.target is None or self.value is None:
            return None
        return self.value >= self.target if self.is_floor else self.value <= self.target


def figures(run: Run) -> list[Figure]:
    """Return all figures of a run."""
    return [
        *_of_scenario(run),
        *_words(run),
        *_waits(run),
        *_loop(run),
        *_memory(run),
        *_processors(run),
        *_refusals(run),
        *_connections(run),
    ]


def _of_scenario(run: Run) -> Iterator[Figure]:
    if run.scenario.name == "flood":
        yield from _flood(run)
    elif run.scenario.name == "overload":
        yield from _overload(run)


def _flood(run: Run) -> Iterator[Figure]:
    others = {
        name: percentile(
            [a.total_s for a in _done(run, name) if run.scenario.group_of(a.player) != FLOODER], 95
        )
        for name in ("alone", "usual", "flood")
    }
    words = {
        "alone": "material, p95, of one player alone",
        "usual": "material, p95, without the flooder",
        "flood": "material, p95, of the others beside the flooder",
    }
    for name, what in words.items():
        yield Figure(what=what, value=_ms(others[name]), unit="ms")
    ratio = _ratio(others["flood"], others["usual"])
    yield Figure(what="beside ÷ without the flooder", value=ratio, unit="×", target=MAX_FLOOD_RATIO)
    yield Figure(what="beside the flooder ÷ alone", value=_ratio(others["flood"], others["alone"]), unit="×")
    yield from _fairness(run)


def _fairness(run: Run) -> Iterator[Figure]:
    """Compare what players got who all wanted more than there was."""
    span = run.span("greedy")
    got = dict.fromkeys(range(run.scenario.n_players), 0.0)
    for asked in _done(run, "greedy"):
        if asked.ended < span.end:
            # The server says how long the generator worked, unless it is of another make.
            got[asked.player] += asked.work_s or 1.0
    equals = [s for player, s in got.items() if run.scenario.group_of(player) in {FIRST, OTHERS}]
    flooded = [s for player, s in got.items() if run.scenario.group_of(player) == FLOODER]
    what = f"fairness (Jain) among {len(equals)} equally greedy players"
    yield Figure(what=what, value=jain(equals), unit="", target=MIN_JAIN, is_floor=True)
    share = _ratio(sum(flooded), sum(got.values()) / len(got))
    yield Figure(what="the flooder's part, of an equal share", value=share, unit="×")


def _overload(run: Run) -> Iterator[Figure]:
    span, capacity_hz = run.span("overload"), run.capacity_hz
    in_time = [a for a in _done(run, "overload", "before") if span.start <= a.ended < span.end]
    good_hz = len(in_time) / span.phase.seconds
    before = percentile([a.total_s for a in _done(run, "before")], 95)
    after = percentile([a.total_s for a in _done(run, "after")], 50)
    yield Figure(what="capacity", value=capacity_hz, unit="materials/s")
    yield Figure(
        what="asked for in the overload",
        value=len(_asked(run, "overload")) / span.phase.seconds,
        unit="materials/s",
    )
    yield Figure(what="came in time in the overload", value=good_hz, unit="materials/s")
    share = _ratio(good_hz, capacity_hz)
    yield Figure(what="goodput ÷ capacity", value=share, unit="×", target=MIN_GOODPUT, is_floor=True)
    yield Figure(what="recovered after", value=_recovery_s(run), unit="s", target=MAX_RECOVERY_S)
    yield Figure(what="material, p95, before the overload", value=_ms(before), unit="ms")
    yield Figure(what="material, p50, after the overload", value=_ms(after), unit="ms")


def _recovery_s(run: Run) -> float | None:
    """Return when the last second was over in which most materials took clearly longer than before.

    Seconds from the end of the overload; the length of the phase that follows if it never got better.
    """
    usual_s = percentile([a.total_s for a in _done(run, "before")], 95)
    if usual_s is None:
        return None
    span = run.span("after")
    recovered_s = 0
    for second in range(round(span.phase.seconds)):
        asked = [a for a in _asked(run, "after") if second <= a.at - span.start < second + 1]
        n_slow = sum(a.outcome != DONE or a.total_s > _CLEARLY * usual_s for a in asked)
        if 2 * n_slow > len(asked):
            recovered_s = second + 1
    return float(recovered_s)


def _words(run: Run) -> Iterator[Figure]:
    delays = [delay for _, delay in run.recording.words]
    if delays:
        yield Figure(what="words", value=len(delays) / run.scenario.seconds, unit="/s")
        yield from _percentiles("word delay", delays)


def _waits(run: Run) -> Iterator[Figure]:
    if len(run.spans) > 1:
        return
    for kind, name in _KINDS.items():
        done = [a for a in run.recording.asked if a.kind == kind and a.outcome == DONE]
        if done:
            yield Figure(what=f"{name}s", value=len(done) / run.scenario.seconds, unit="/s")
            firsts = [a.first_s for a in done if a.first_s is not None]
            yield from _percentiles(f"{name}, first part", firsts, (50, 95))
            yield from _percentiles(f"{name}, all of it", [a.total_s for a in done], (50, 95))


def _loop(run: Run) -> Iterator[Figure]:
    lags = _within(run, run.lags)
    late_s = [lag.late_s for lag in lags]
    for percent in _PERCENTS:
        target = MAX_LAG_MS if percent == 99 and run.scenario.name == "wide" else None
        value = _ms(percentile(late_s, percent))
        yield Figure(what=f"lag of the server's loop, p{percent}", value=value, unit="ms", target=target)
    yield Figure(what="lag of the server's loop, longest", value=_ms(max(late_s, default=None)), unit="ms")
    own_s = [lag.own_s for lag in lags if lag.own_s is not None]
    if own_s:
        what = "the same without waiting for a core, p99"
        yield Figure(what=what, value=_ms(percentile(own_s, 99)), unit="ms")
    players = percentile([lag.late_s for lag in _within(run, run.recording.lags)], 99)
    yield Figure(what="lag of the players' own loop, p99", value=_ms(players), unit="ms")


def _within(run: Run, lags: Sequence[Lag]) -> list[Lag]:
    """Return the lags between the beginning of the first phase and the end of the last."""
    return [lag for lag in lags if run.spans[0].start <= lag.at < run.spans[-1].end]


def _memory(run: Run) -> Iterator[Figure]:
    n_players = run.scenario.n_players
    if n_players < _MANY_SESSIONS:
        return
    for what, after in (("connected", run.memory_connected), ("used", run.memory_used)):
        known = after is not None and run.memory_before is not None
        grown = (after or 0) - (run.memory_before or 0)
        yield Figure(
            what=f"memory of a session, {what}",
            value=grown / n_players / 1024 if known else None,
            unit="KiB",
            target=MAX_SESSION_KIB if run.scenario.name in {"wide", "idle"} else None,
        )


def _processors(run: Run) -> Iterator[Figure]:
    seconds = run.scenario.seconds
    costs = {
        "server": [span.server for span in run.spans],
        "workers": [span.workers for span in run.spans],
        "players": [span.players for span in run.spans],
    }
    for who, by_span in costs.items():
        known = [cost for cost in by_span if cost is not None]
        is_known = len(known) == len(run.spans)
        used = sum(cost.cpu_s for cost in known) / seconds
        yield Figure(what=f"processor, {who}", value=used if is_known else None, unit="cores")
    for who in ("server", "players"):
        known = [cost for cost in costs[who] if cost is not None]
        share = 100 * sum(cost.waited_s for cost in known) / seconds
        what = f"time that the {who} waited for a core"
        yield Figure(what=what, value=share if known else None, unit="%")


def _refusals(run: Run) -> Iterator[Figure]:
    yield from _counts("refused with a time to come back", Counter(c for _, c in run.recording.refusals))
    outcomes = Counter(a.outcome for a in run.recording.asked if a.outcome != DONE)
    yield from _counts("ended without a result", outcomes)
    yield from _waste(run)
    yield Figure(what="never ended", value=run.recording.n_unfinished, unit="requests")


def _waste(run: Run) -> Iterator[Figure]:
    if run.wasted_s is None:
        yield Figure(what="work thrown away", value=None, unit="s")
        return
    yield Figure(what="work thrown away", value=sum(run.wasted_s.values()), unit="s")
    for reason, seconds in sorted(run.wasted_s.items()):
        yield Figure(what=f"work thrown away: {reason}", value=seconds, unit="s")


def _connections(run: Run) -> Iterator[Figure]:
    recording, n_players = run.recording, run.scenario.n_players
    rate_hz = n_players / run.connect_s if run.connect_s else None
    yield Figure(what="players who connected", value=rate_hz, unit="/s")
    yield Figure(what="connections lost", value=recording.n_connections - n_players, unit="")
    yield Figure(what="sessions resumed", value=recording.n_resumed, unit="")
    yield Figure(what="sessions lost", value=recording.n_lost, unit="")
    if recording.n_contexts:
        sent_hz = recording.n_contexts / run.scenario.seconds
        yield Figure(what="contexts", value=sent_hz, unit="/s")
        what = "contexts that the players' process had no time for"
        yield Figure(what=what, value=recording.n_contexts_skipped, unit="")
    yield from _counts("closed by the server", Counter(recording.closes))
    yield from _counts("failure", Counter(recording.failures))


def _counts(what: str, counts: Counter[str]) -> Iterator[Figure]:
    for name, n in sorted(counts.items()):
        yield Figure(what=f"{what}: {name}", value=n, unit="")


def _percentiles(
    what: str, values_s: Sequence[float], percents: Sequence[int] = _PERCENTS
) -> Iterator[Figure]:
    for percent in percents:
        yield Figure(what=f"{what}, p{percent}", value=_ms(percentile(values_s, percent)), unit="ms")


def _asked(run: Run, *phases: str) -> list[Asked]:
    """Return the materials that were first asked for in these phases."""
    return [a for a in run.recording.asked if a.phase in phases and a.kind == "texture"]


def _done(run: Run, *phases: str) -> list[Asked]:
    return [asked for asked in _asked(run, *phases) if asked.outcome == DONE]


def _ms(seconds: float | None) -> float | None:
    return None if seconds is None else seconds * 1e3


def _ratio(value: float | None, reference: float | None) -> float | None:
    return value / reference if value is not None and reference else None
