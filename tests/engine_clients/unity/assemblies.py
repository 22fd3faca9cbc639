"""The package's assemblies, as its `.asmdef` files divide it, compiled against stand-ins for Unity's own."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Final

from tests.engine_clients.unity.compiler import NUNIT, PACKAGE, Assembly, Compiled, built, compile_assembly
from tests.engine_clients.unity.core import core

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
def engine(defines: Sequence[str] = ()) -> Path:
    """Return the assembly that stands for UnityEngine."""
    return built(Assembly("UnityEngine", sorted(STUBS.glob("*.cs")), defines=(*_ENGINE, *defines)))


@cache
def stub(name: str, defines: Sequence[str] = ()) -> Path:
    """Return the assembly that stands for one of Unity's packages or for its editor."""
    files = sorted((STUBS / _PARTS[name]).glob("*.cs"))
    references = [engine(defines), *([NUNIT] if name == "UnityEngine.TestRunner" else [])]
    return built(Assembly(name, files, references=references, defines=(*_ENGINE, *defines)))


def stubs(defines: Sequence[str] = ()) -> list[Path]:
    """Return all of them."""
    return [engine(defines), *(stub(name, defines) for name in _PARTS)]


def compile_runtime(defines: Sequence[str] = (TEXT,)) -> Compiled:
    """Compile the components with the defines that the editor would set."""
    of_engine = tuple(define for define in defines if define.startswith("UNITY_") and "OR_NEWER" in define)
    of_core = tuple(define for define in defines if define in ("UNITY_WEBGL", "UNITY_EDITOR"))
    references = [core(defines=of_core), engine(of_engine)]
    references += [stub("Unity.TextMeshPro", of_engine)] if TEXT in defines else []
    references += [stub("glTFast", of_engine)] if GLTFAST in defines else []
    files = sources("Runtime", but=["Core"])
    all_defines = (*_ENGINE, *defines)
    return compile_assembly(
        Assembly("VRBridge", files, references=references, defines=all_defines, is_documented=True)
    )


def compile_with_runtime(
    name: str,
    files: Sequence[Path],
    defines: Sequence[str] = (TEXT,),
    *,
    references: Sequence[Path] = (),
    sees_engine: bool = False,
) -> Compiled:
    """Compile what uses the components: the editor's part, tests, samples.

    Args:
        name: Of the assembly.
        files: Its sources.
        defines: That the editor would set.
        references: Further assemblies that they use.
        sees_engine: Whether it may use what the stand-ins keep to themselves.
    """
    of_engine = tuple(define for define in defines if define.startswith("UNITY_") and "OR_NEWER" in define)
    of_engine += (SEEN_BY_TESTS,) if sees_engine else ()
    runtime = compile_runtime(defines)
    assert not runtime.complaints, "\n".join(runtime.complaints)
    used = [runtime.path, core(), *stubs(of_engine), NUNIT, *references]
    return compile_assembly(Assembly(name, files, references=used, defines=(*_ENGINE, *defines)))


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
