"""The Unity components by themselves and against the real server, on stand-ins for parts of Unity."""

import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import pytest

from tests.engine_clients.unity.assemblies import (
    GLTFAST,
    TEXT,
    compile_editor,
    compile_sample,
    compile_with_runtime,
    parts,
    sources,
)
from tests.engine_clients.unity.compiler import PACKAGE
from tests.engine_clients.unity.nunit import NUnitRun, run_nunit
from tests.integration.serving import PATIENT, serving

pytestmark = [pytest.mark.engine, pytest.mark.xdist_group("unity"), pytest.mark.timeout(400)]

_TESTS: Final = sources("Tests/Runtime")
_INSIDE: Final = sorted((Path(__file__).parent / "unity" / "stub_tests").glob("*.cs"))
_WITHIN_S: Final = 380.0
_SETTINGS: Final = {"VRBRIDGE_SERVER__AUTHENTICATION": "true", "VRBRIDGE_WORKERS__HANG_S": "120"}
_TEST: Final = re.compile(r"\[(?:UnityTest|Test|TestCase\([^\n]*\))\]\s+public (?:void|IEnumerator) (\w+)\(")
_FIXTURE: Final = re.compile(r"public sealed class (\w+)")


def _names(files: list[Path], *, are_live: bool) -> list[str]:
    names = []
    for path in files:
        text = path.read_text()
        found = _FIXTURE.search(text)
        if found is not None and found[1].startswith("Live") == are_live:
            names += [f"{found[1]}.{test}" for test in _TEST.findall(text)]
    return names


_ALONE: Final = _names(_TESTS, are_live=False)
_GLTFAST_ONLY: Final = [name for name in _ALONE if name.startswith("Gltfast")]
_UNITS: Final = [name for name in _ALONE if name not in _GLTFAST_ONLY]
_LIVE: Final = _names(_TESTS, are_live=True)
_SEEN: Final = _names(_INSIDE, are_live=False)
_EDITED: Final = _names(_INSIDE, are_live=True)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, str]]:
    """A server with tokens, as tests are told of it."""
    data = tmp_path_factory.mktemp("unity_components")
    command = [sys.executable, "-m", "vrbridge", "token", "create", "--data", str(data), "--player", "ann"]
    token = subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
    with serving(data, **PATIENT, **_SETTINGS) as server:
        yield {"VRBRIDGE_TEST_URL": server.url, "VRBRIDGE_TEST_TOKEN": token}


@pytest.fixture(scope="module", params=["net8", "mono"])
def units(request: pytest.FixtureRequest) -> NUnitRun:
    """One run of all tests that need no server."""
    return _run(_TESTS, _UNITS, {}, is_for_mono=request.param == "mono")


@pytest.fixture(scope="module")
def with_gltfast() -> NUnitRun:
    """One run of what is only there beside glTFast."""
    return _run(_TESTS, _GLTFAST_ONLY, {}, defines=(TEXT, GLTFAST))


@pytest.fixture(scope="module")
def seen() -> NUnitRun:
    """One run of those tests that look into the stand-ins, and would be no tests in Unity."""
    return _run(_inside(), _SEEN, {}, sees_engine=True)


@pytest.fixture(scope="module", params=["net8", "mono"])
def live(request: pytest.FixtureRequest, place: Mapping[str, str]) -> NUnitRun:
    """One run of all tests against the server."""
    return _run(_TESTS, _LIVE, place, is_for_mono=request.param == "mono")


@pytest.fixture(scope="module")
def edited(place: Mapping[str, str]) -> NUnitRun:
    """One run of the tests of the editor's window and of the sample."""
    return _run(_inside(), _EDITED, place, sees_engine=True)


@pytest.mark.parametrize("name", _UNITS)
def test_by_itself(name: str, units: NUnitRun) -> None:
    _check(name, units)


@pytest.mark.parametrize("name", _GLTFAST_ONLY)
def test_beside_gltfast(name: str, with_gltfast: NUnitRun) -> None:
    _check(name, with_gltfast)


@pytest.mark.parametrize("name", _SEEN)
def test_inside_of_the_engine(name: str, seen: NUnitRun) -> None:
    _check(name, seen)


@pytest.mark.parametrize("name", _LIVE)
def test_against_the_server(name: str, live: NUnitRun) -> None:
    _check(name, live)


@pytest.mark.parametrize("name", _EDITED)
def test_in_the_editor(name: str, edited: NUnitRun) -> None:
    _check(name, edited)


def test_the_units_end_well_and_say_nothing_else(units: NUnitRun) -> None:
    _check_end(units)


def test_the_live_tests_end_well_and_say_nothing_else(live: NUnitRun) -> None:
    _check_end(live)


def test_the_tests_inside_end_well_and_say_nothing_else(seen: NUnitRun, edited: NUnitRun) -> None:
    _check_end(seen)
    _check_end(edited)


def _inside() -> list[Path]:
    return [*_INSIDE, *(path for path in _TESTS if path.name in ("SampleFiles.cs", "Stage.cs"))]


def _run(
    files: list[Path],
    only: list[str],
    environment: Mapping[str, str],
    *,
    defines: Sequence[str] = (TEXT,),
    sees_engine: bool = False,
    is_for_mono: bool = False,
) -> NUnitRun:
    editor = [done.path for done in [compile_editor(), *compile_sample("Courtyard")]] if sees_engine else []
    compiled = compile_with_runtime(
        "VRBridge.Tests", files, defines, references=editor, sees_engine=sees_engine, is_for_mono=is_for_mono
    )
    assert not compiled.complaints, "\n".join(compiled.complaints)
    return run_nunit(
        compiled.path,
        [*parts(defines, sees_engine=sees_engine, is_for_mono=is_for_mono), *editor],
        is_for_mono=is_for_mono,
        only=only,
        environment={"VRBRIDGE_PACKAGE": str(PACKAGE), **environment},
        timeout_s=_WITHIN_S,
    )


def _check(name: str, run: NUnitRun) -> None:
    assert name in run.results, f"it did not run; these did: {sorted(run.results)}, {run.said[-40:]}"
    assert not run.results[name], run.results[name]


def _check_end(run: NUnitRun) -> None:
    assert (run.exit_code, run.said, run.ignored) == (0, [], [])
