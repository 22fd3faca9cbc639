"""What a load test writes."""

from pathlib import Path

import msgspec

from tests.load.runs import lags, run_of
from vrbridge import __version__
from vrbridge.bench.report import Report, machine, report, result_of, write


def wide_report(lag_s: float) -> Report:
    run = run_of("wide", n_players=1000)
    run.lags = lags(lag_s)
    return report([result_of(run)], server="fake", seed=7, n_processes=2)


def test_a_report_can_be_read_back(tmp_path: Path) -> None:
    written = wide_report(0.001)
    write(written, tmp_path / "load.json")
    assert msgspec.json.decode((tmp_path / "load.json").read_bytes(), type=Report) == written


def test_a_report_says_what_it_was_measured_with() -> None:
    told = wide_report(0.001)
    assert (told.seed, told.n_processes, told.server) == (7, 2, "fake")
    assert told.versions["vrbridge"] == __version__
    assert told.versions["websockets"].startswith("17.")
    assert {"processor", "cores", "system"} <= set(machine())


def test_a_report_lists_missed_targets() -> None:
    assert wide_report(0.001).missed == []
    assert [(name, figure.what) for name, figure in wide_report(0.1).missed] == [
        ("wide", "lag of the server's loop, p99")
    ]
