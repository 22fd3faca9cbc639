"""The package's assemblies, as its `.asmdef` files divide it, compiled against stand-ins for Unity's own."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Final

from tests.engine_clients.unity.compiler import PACKAGE, Assembly, Compiled, built, compile_assembly
from tests.engine_clients.unity.core import core
from tests.engine_clients.unity.nunit import nunit

STUBS: Final = Path(__file__).with_name("stubs")
UNITY_6: Final = ("UNITY_2023_2_OR_NEWER", "UNITY_6000_0_OR_NEWER")
"""Defines of Unity 6, beside those of 2022.3."""

UNITY_6_3: Final = (*UNITY_6, "UNITY_6000_3_OR_NEWER")
SEEN_BY_TESTS: Final = "SEEN_BY_TESTS"
TEXT: Final = "VRBRIDGE_TMP"
GLTFAST: Final = "VRBRIDGE_GLTFAST"
_ENGINE: Final = ("UNITY_5_3_OR_NEWER", "UNITY_2022_3_OR_NEWER")
# Folders of the stubs, and the assembly that each stands for.
_PARTS: Final = {
    "Unity.TextMeshPro": "text",
    "glTFast": "gltf",
    "UnityEngine.TestRunner": "testing",
    "UnityEditor": "editor",
}


def sources(folder: str, *, but: Sequence[str] = ()) -> list[Path]:
    """Return the C# files below a folder of the package, without those in some of its own folders."""
    kept = (PACKAGE / folder).rglob("*.cs")
    return sorted(path for path in kept if path.relative_to(PACKAGE / folder).parts[0] not in but)


@cache
def engine(defines: Sequence[str] = (), *, is_for_mono: bool = False) -> Path:
    """Return the assembly that stands for UnityEngine."""
    files = sorted(STUBS.glob("*.cs"))
    return built(Assembly("UnityEngine", files, defines=(*_ENGINE, *defines), is_for_mono=is_for_mono))


@cache
def stub(name: str, defines: Sequence[str] = (), *, is_for_mono: bool = False) -> Path:
    """Return the assembly that stands for one of Unity's packages or for its editor."""
    files = sorted((STUBS / _PARTS[name]).glob("*.cs"))
    references = [engine(defines, is_for_mono=is_for_mono)]
    references += [nunit(is_for_mono=is_for_mono)] if name == "UnityEngine.TestRunner" else []
    return built(
        Assembly(name, files, references, defines=(*_ENGINE, *defines), is_for_mono=is_for_mono),
    )


def stubs(defines: Sequence[str] = (), *, is_for_mono: bool = False) -> list[Path]:
    """Return all of them."""
    parts = [stub(name, defines, is_for_mono=is_for_mono) for name in _PARTS]
    return [engine(defines, is_for_mono=is_for_mono), *parts]


def compile_runtime(defines: Sequence[str] = (TEXT,), *, is_for_mono: bool = False) -> Compiled:
    """Compile the components with the defines that the editor would set."""
    of_engine = _of_engine(defines)
    of_core = tuple(define for define in defines if define in ("UNITY_WEBGL", "UNITY_EDITOR"))
    references = [core(defines=of_core, is_for_mono=is_for_mono), engine(of_engine, is_for_mono=is_for_mono)]
    for define, name in ((TEXT, "Unity.TextMeshPro"), (GLTFAST, "glTFast")):
        references += [stub(name, of_engine, is_for_mono=is_for_mono)] if define in defines else []
    return compile_assembly(
        Assembly(
            "VRBridge",
            sources("Runtime", but=["Core"]),
            references,
            defines=(*_ENGINE, *defines),
            is_documented=not is_for_mono,
            is_for_mono=is_for_mono,
        )
    )


def compile_with_runtime(
    name: str,
    files: Sequence[Path],
    defines: Sequence[str] = (TEXT,),
    *,
    references: Sequence[Path] = (),
    sees_engine: bool = False,
    is_for_mono: bool = False,
) -> Compiled:
    """Compile what uses the components: the editor's part, tests, samples.

    Args:
        name: Of the assembly.
        files: Its sources.
        defines: That the editor would set.
        references: Further assemblies that they use.
        sees_engine: Whether it may use what the stand-ins keep to themselves.
        is_for_mono: Whether all of it is compiled for Mono.
    """
    used = [*parts(defines, sees_engine=sees_engine, is_for_mono=is_for_mono), *references]
    return compile_assembly(
        Assembly(name, files, used, defines=(*_ENGINE, *defines), is_for_mono=is_for_mono),
    )


def parts(
    defines: Sequence[str] = (TEXT,), *, sees_engine: bool = False, is_for_mono: bool = False
) -> list[Path]:
    """Return what the components are made of, and what they need to run."""
    of_engine = (*_of_engine(defines), *((SEEN_BY_TESTS,) if sees_engine else ()))
    runtime = compile_runtime(defines, is_for_mono=is_for_mono)
    assert not runtime.complaints, "\n".join(runtime.complaints)
    own = [core(is_for_mono=is_for_mono), runtime.path]
    return [*own, *stubs(of_engine, is_for_mono=is_for_mono), nunit(is_for_mono=is_for_mono)]


def _of_engine(defines: Sequence[str]) -> tuple[str, ...]:
    return tuple(define for define in defines if define.startswith("UNITY_") and define.endswith("OR_NEWER"))


def compile_editor(defines: Sequence[str] = (TEXT,)) -> Compiled:
    """Compile what the package adds to the editor."""
    everywhere = (*defines, "UNITY_EDITOR")
    return compile_with_runtime("VRBridge.Editor", sources("Editor"), everywhere)


def compile_sample(name: str, defines: Sequence[str] = (TEXT,)) -> list[Compiled]:
    """Compile a sample, and then what it adds to the editor."""
    folder = f"Samples~/{name}"
    everywhere = (*defines, "ENABLE_LEGACY_INPUT_MANAGER")
    own = compile_with_runtime(f"VRBridge.Samples.{name}", sources(folder, but=["Editor"]), everywhere)
    files = sources(f"{folder}/Editor")
    in_editor = (*everywhere, "UNITY_EDITOR")
    more = compile_with_runtime(f"VRBridge.Samples.{name}.Editor", files, in_editor, references=[own.path])
    return [own, more]
