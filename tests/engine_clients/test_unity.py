"""The core of the Unity client on .NET 8 and on Mono: by itself, and against the real server."""

import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import pytest

from tests.engine_clients.bad_ways import bad_ways
from tests.engine_clients.browser import ROOT
from tests.engine_clients.unity.core import CORE_TESTS, core, core_tests
from tests.engine_clients.unity.nunit import NUnitRun, names_of, nunit, run_nunit
from tests.integration.serving import PATIENT, serving
from vrbridge.server.certificate import own_certificate

pytestmark = [pytest.mark.engine, pytest.mark.xdist_group("unity"), pytest.mark.timeout(600)]

_LIVE: Final = names_of([path for path in CORE_TESTS if path.parent.name == "Live"])
_UNITS: Final = names_of([path for path in CORE_TESTS if path.parent.name != "Live"])
_WITHIN_S: Final = 560.0
# The largest texture takes its time on a busy machine.
_SETTINGS: Final = {"VRBRIDGE_SERVER__AUTHENTICATION": "true", "VRBRIDGE_WORKERS__HANG_S": "120"}
# What a machine without it can't do.
_IPV6: Final = "NativeSocketTests.An_address_of_IPv6_is_reached"
_RUNTIMES: Final = ["net8", "mono"]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, str]]:
    """A server with tokens, and the ways to it, as tests are told of them."""
    data = tmp_path_factory.mktemp("unity")
    command = [sys.executable, "-m", "vrbridge", "token", "create", "--data", str(data), "--player", "ann"]
    token = subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
    with serving(data, **PATIENT, **_SETTINGS) as server:
        yield {"VRBRIDGE_TEST_URL": server.url, "VRBRIDGE_TEST_TOKEN": token}


@pytest.fixture(scope="module", params=_RUNTIMES)
def units(request: pytest.FixtureRequest) -> NUnitRun:
    """One run of all tests that need no server."""
    environment = {"VRBRIDGE_TEST_WIRE": str(ROOT / "tests" / "wire")}
    return _run(request.param, _UNITS, environment)


@pytest.fixture(scope="module", params=_RUNTIMES)
def live(request: pytest.FixtureRequest, place: Mapping[str, str]) -> NUnitRun:
    """One run of all tests against the server."""
    with bad_ways(place["VRBRIDGE_TEST_URL"]) as ways:
        named = {f"VRBRIDGE_TEST_{name.upper()}": url for name, url in asdict(ways).items()}
        return _run(request.param, _LIVE, {**place, **named})


@pytest.mark.parametrize("name", _UNITS)
def test_by_itself(name: str, units: NUnitRun) -> None:
    _check(name, units)


@pytest.mark.parametrize("name", _LIVE)
def test_against_the_server(name: str, live: NUnitRun) -> None:
    _check(name, live)


def test_the_units_end_well_and_say_nothing_else(units: NUnitRun) -> None:
    assert (units.exit_code, units.said, units.ignored) == (0, [], [])


def test_the_live_tests_end_well_and_say_nothing_else(live: NUnitRun) -> None:
    assert (live.exit_code, live.said, live.ignored) == (0, [], [] if _has_ipv6() else [_IPV6])


@pytest.mark.parametrize("defines", [["UNITY_WEBGL"], ["UNITY_WEBGL", "UNITY_EDITOR"]])
def test_the_core_compiles_for_web_builds(defines: list[str]) -> None:
    assert core(defines=defines).exists()


@pytest.fixture(scope="module")
def secure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, str]]:
    """A server that speaks TLS, with a certificate of its own."""
    data = tmp_path_factory.mktemp("unity_tls")
    files = own_certificate(data, ["localhost", "127.0.0.1"], now=datetime.now(UTC))
    settings = {
        "VRBRIDGE_SERVER__CERTIFICATE": str(files.certificate),
        "VRBRIDGE_SERVER__CERTIFICATE_KEY": str(files.key),
        "VRBRIDGE_WORKERS__HANG_S": _SETTINGS["VRBRIDGE_WORKERS__HANG_S"],
    }
    with serving(data, **PATIENT, **settings) as server:
        url = server.url.replace("127.0.0.1", "localhost")
        assert url.startswith("wss://localhost:")
        yield {
            "VRBRIDGE_TEST_URL": url,
            "VRBRIDGE_TEST_NOWHERE": url,
            "VRBRIDGE_TEST_TOKEN": "none",
            "SSL_CERT_FILE": str(files.certificate),
        }


@pytest.mark.parametrize(
    "name",
    [
        "LiveAnswerTests.A_greeting",
        "LiveAssetTests.A_prop_arrives_as_arrays",
        "LiveAssetTests.A_map_can_be_looked_at",
        "LiveAssetTests.Assets_of_one_to_sixteen_thousand",
    ],
)
def test_a_server_that_speaks_tls_is_talked_to_and_sends_what_was_asked_for(
    name: str, secure: Mapping[str, str]
) -> None:
    run = _run("net8", [name], secure)
    assert (list(run.results.values()), run.exit_code, run.ignored) == ([""], 0, [])


@pytest.mark.parametrize("runtime", _RUNTIMES)
def test_a_server_whose_certificate_nobody_vouches_for_is_not_talked_to(
    runtime: str, secure: Mapping[str, str]
) -> None:
    environment = {name: value for name, value in secure.items() if name != "SSL_CERT_FILE"}
    run = _run(runtime, ["LiveBreakTests.An_address_where_nothing_answers"], environment)
    assert (list(run.results.values()), run.exit_code, run.ignored) == ([""], 0, [])


def _has_ipv6() -> bool:
    try:
        with socket.create_server(("::1", 0), family=socket.AF_INET6):
            return True
    except OSError:
        return False


def _run(runtime: str, names: list[str], environment: Mapping[str, str]) -> NUnitRun:
    is_for_mono = runtime == "mono"
    references: list[Path] = [core(is_for_mono=is_for_mono), nunit(is_for_mono=is_for_mono)]
    return run_nunit(
        core_tests(is_for_mono=is_for_mono),
        references,
        is_for_mono=is_for_mono,
        only=names,
        environment=environment,
        timeout_s=_WITHIN_S,
    )


def _check(name: str, run: NUnitRun) -> None:
    assert name in run.results, f"it did not run; these did: {sorted(run.results)}, {run.said[-40:]}"
    assert not run.results[name], run.results[name]
