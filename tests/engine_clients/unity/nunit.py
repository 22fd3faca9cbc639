"""NUnit tests run without Unity: on .NET 8, and on Mono, the family of Unity's own runtime."""

import codecs
import os
import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from tests.engine_clients.unity.compiler import NUNIT, Assembly, built, dotnet

# Debian's, for .NET Framework and Mono; it is older than Unity's, so that tests use what all have in common.
MONO_NUNIT: Final = Path("/usr/lib/cli/nunit.framework-2.6.3/nunit.framework.dll")
_RUNNER: Final = Path(__file__).parent / "runner" / "Runner.cs"
_RESULT: Final = re.compile(r"RESULT (\S+) (ok|ignored|failed) (.*)")
_END: Final = re.compile(r"END \d+")
_TEST: Final = re.compile(r"\[Test(?:CaseSource|Case)?[(\]][^{};]*?public void (\w+)\(", re.DOTALL)
_FIXTURE: Final = re.compile(r"public sealed class (\w+)")


@dataclass(frozen=True)
class NUnitRun:
    """How a run went.

    Args:
        results: Test → what was wrong; empty if nothing was.
        ignored: Tests that said that they can't run here.
        said: Everything else that was printed.
        exit_code: Of the program.
    """

    results: Mapping[str, str]
    ignored: Sequence[str]
    said: Sequence[str]
    exit_code: int


def names_of(sources: Sequence[Path]) -> list[str]:
    """Return the tests in C# files, as a run names them."""
    return [
        f"{fixture[1]}.{test}"
        for text in (path.read_text() for path in sources)
        if (fixture := _FIXTURE.search(text)) is not None
        for test in _TEST.findall(text)
    ]


def nunit(*, is_for_mono: bool = False) -> Path:
    """Return the NUnit that tests are compiled with."""
    return MONO_NUNIT if is_for_mono else NUNIT


@cache
def runner(*, is_for_mono: bool = False) -> Path:
    """Return the program that runs tests."""
    name = "VRBridge.TestRunner"
    return built(Assembly(name, [_RUNNER], is_program=True, is_for_mono=is_for_mono))


def program(path: Path, *, is_for_mono: bool) -> list[str]:
    """Return the command that runs an assembly."""
    return ["mono", str(path)] if is_for_mono else [str(dotnet()), str(path)]


def run_nunit(
    tests: Path,
    references: Sequence[Path],
    *,
    is_for_mono: bool = False,
    only: Sequence[str] = (),
    environment: Mapping[str, str] | None = None,
    timeout_s: float = 240,
) -> NUnitRun:
    """Run the tests of an assembly.

    Args:
        tests: The assembly.
        references: Those that it needs, NUnit among them.
        is_for_mono: Whether all of them were compiled for Mono, and run on it.
        only: Beginnings of the names of tests that are run; all without any.
        environment: What is set for them besides.
        timeout_s: After this the run is killed.

    Raises:
        subprocess.TimeoutExpired: If it was.
    """
    command = [*program(runner(is_for_mono=is_for_mono), is_for_mono=is_for_mono), str(tests)]
    command += [str(path) for path in references]
    if only:
        command += ["--only", *only]
    settings = {"DOTNET_SYSTEM_GLOBALIZATION_INVARIANT": "1", **(environment or {})}
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=timeout_s, env=os.environ | settings, check=False
    )
    results: dict[str, str] = {}
    ignored: list[str] = []
    said: list[str] = []
    for line in [*done.stdout.splitlines(), *done.stderr.splitlines()]:
        found = _RESULT.fullmatch(line)
        if found is None:
            if not _END.fullmatch(line):
                said.append(line)
            continue
        name, how, text = found.groups()
        results[name] = codecs.decode(text, "unicode_escape") if how == "failed" else ""
        if how == "ignored":
            ignored.append(name)
    return NUnitRun(results, ignored, said, done.returncode)
