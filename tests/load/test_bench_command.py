"""`vrbridge bench load`, from the command to the picture."""

import asyncio
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.cli.command import Command
from vrbridge.bench.fake_server import FakeServer, running


def figures(folder: Path) -> dict[str, Any]:
    """Return the figures of the only scenario."""
    (result,) = json.loads((folder / "load.json").read_text())["results"]
    return {figure["what"]: figure["value"] for figure in result["figures"]}


def load(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "vrbridge", "bench", "load", "--out", str(folder), *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=110)


@pytest.mark.timeout(120)
def test_ten_players_leave_figures_and_a_picture(tmp_path: Path) -> None:
    ran = load(tmp_path, "--scenario", "steady", "--players", "10", "--minutes", "0.05", "--processes", "2")
    assert ran.returncode == 0, ran.stderr
    found = figures(tmp_path)
    assert found["never ended"] == found["connections lost"] == found["sessions lost"] == 0
    assert found["words"] > 0
    assert 0 < found["word delay, p50"] <= found["word delay, p99"]
    assert found["contexts"] > 0
    assert not [what for what in found if what.startswith(("failure", "closed by", "ended without"))]
    with Image.open(tmp_path / "load.png") as picture:
        assert picture.size[0] > 600
    assert "steady: 10 players talk" in ran.stdout
    assert str(tmp_path / "load.png") in ran.stdout


@pytest.mark.timeout(120)
def test_a_missed_target_is_told_and_fails_a_check(tmp_path: Path) -> None:
    # So short a run may miss or meet them, or measure nothing; what is told has to fit what is written.
    ran = load(tmp_path, "--scenario", "flood", "--players", "4", "--minutes", "0.05", "--check")
    (result,) = json.loads((tmp_path / "load.json").read_text())["results"]
    held = [figure for figure in result["figures"] if figure["target"] is not None]
    assert [figure["what"] for figure in held] == [
        "beside ÷ without the flooder",
        "fairness (Jain) among 3 equally greedy players",
    ]
    ratio, jain = held
    missed = [ratio["value"] is not None and ratio["value"] > ratio["target"]]
    missed += [jain["value"] is not None and jain["value"] < jain["target"]]
    assert ran.returncode == int(any(missed)), ran.stderr
    assert ran.stderr.count("missed flood") == sum(missed)


@pytest.mark.timeout(120)
async def test_a_running_server_is_seen_through_its_metrics(tmp_path: Path) -> None:
    config = FakeServer(data=str(tmp_path / "data"), n_workers=1)
    async with running(config) as listener:
        url = listener.url
        ran = await asyncio.to_thread(
            load,
            tmp_path,
            "--url",
            url,
            "--scenario",
            "steady",
            "--players",
            "5",
            "--minutes",
            "0.05",
        )
    assert ran.returncode == 0, ran.stderr
    found = figures(tmp_path)
    assert found["contexts"] > 0
    assert found["never ended"] == found["connections lost"] == 0
    assert found["processor, server"] is None
    assert json.loads((tmp_path / "load.json").read_text())["server"] == url


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--scenario", "storm"], "There is no scenario 'storm'"),
        (["--generators", "clever"], "--generators is fake or real, not 'clever'"),
        (["--scenario", "idle", "--players", "100000000"], "take fewer --players"),
        (["--scenario", "flood", "--players", "2"], "needs at least 3 players"),
    ],
)
def test_what_cannot_be_done_is_one_line(
    command: Command, tmp_path: Path, arguments: list[str], says: str
) -> None:
    ran = command("bench", "load", "--out", str(tmp_path), *arguments)
    assert ran.code == 2
    assert says in ran.err


def test_a_server_that_is_not_there_is_told_of(command: Command, tmp_path: Path) -> None:
    ran = command(
        "bench", "load", "--out", str(tmp_path), "--url", "ws://127.0.0.1:9/ws", "--scenario", "steady",
        "--players", "2",
    )  # fmt: skip
    assert ran.code == 2
    assert "Nothing answers at ws://127.0.0.1:9/ws" in ran.err
