"""The Unity package's source, as far as it can be judged without the editor."""

import json
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import pytest

from tests.engine_clients.browser import ROOT
from tests.engine_clients.unity.assemblies import (
    GLTFAST,
    TEXT,
    UNITY_6,
    UNITY_6_3,
    compile_editor,
    compile_runtime,
    compile_sample,
    compile_with_runtime,
    sources,
    stubs,
)
from tests.engine_clients.unity.compiler import (
    NUNIT,
    PACKAGE,
    Assembly,
    Compiled,
    built,
    compile_assembly,
    dotnet,
)
from tests.engine_clients.unity.metas import guid_of, imported, meta_of

pytestmark = [pytest.mark.engine, pytest.mark.xdist_group("unity")]

SOURCES: Final = sorted(PACKAGE.rglob("*.cs"))
SHIPPED: Final = [path for path in SOURCES if "Tests" not in path.parts]
_MEMBERS: Final = Path(__file__).parent / "unity" / "members" / "Members.cs"
_PROBE: Final = Path(__file__).parent / "unity" / "shading" / "surface_probe.hlsl"
_DOCUMENTED: Final = Path(__file__).parent / "unity" / "documented_members.txt"
_MAX_LINES: Final = 400
_TYPE: Final = re.compile(
    r"^    (?:public|internal)(?: static| sealed| readonly)* (?:class|struct|enum|interface) (\w+)",
    re.MULTILINE,
)
# What IL2CPP can't run, and what Unity's class library lacks.
_UNFIT: Final = re.compile(
    r"\bdynamic\b|Reflection\.Emit|Expression\.Lambda|\.Compile\(\)|Activator\.|MakeGenericType|"
    r"SHA256\.HashData|Convert\.ToHexString|Random\.Shared|ThrowIfNull|\bHalf\b|Math\.Clamp"
)
_LOG: Final = re.compile(r"Debug\.Log\w*\(([^;]*)\);|Console\.Write")
_SCRIPT: Final = re.compile(r"```csharp\n(.*?)```", re.DOTALL)
_NEEDS: Final = re.compile(r"^using ([\w.]+);", re.MULTILINE)
_DEFINES: Final = [
    (),
    (TEXT,),
    (TEXT, GLTFAST),
    (TEXT, "UNITY_EDITOR"),
    (TEXT, "UNITY_WEBGL"),
    (TEXT, "UNITY_WEBGL", "UNITY_EDITOR"),
    (*UNITY_6, TEXT),
    (*UNITY_6_3, TEXT, GLTFAST),
    (*UNITY_6, TEXT, "UNITY_WEBGL"),
]


def _id(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


def _check(*compiled: Compiled) -> None:
    for each in compiled:
        assert not each.complaints, "\n".join(each.complaints)


@pytest.mark.parametrize("defines", _DEFINES, ids=lambda defines: "+".join(defines) or "nothing")
def test_the_components_compile_at_csharp_9_without_a_warning(defines: Sequence[str]) -> None:
    _check(compile_runtime(defines))


@pytest.mark.parametrize("defines", [(TEXT,), (TEXT, GLTFAST), (*UNITY_6, TEXT), (*UNITY_6_3, TEXT)])
def test_what_it_adds_to_the_editor_compiles_and_so_do_tests_and_the_sample(defines: Sequence[str]) -> None:
    _check(compile_editor(defines), *compile_sample("Courtyard", defines))
    _check(compile_with_runtime("VRBridge.Tests", sources("Tests/Runtime"), defines))


@pytest.mark.parametrize("feature", ["record Point(int X);", "public class Tens { required public int X; }"])
def test_the_compiler_takes_what_unity_takes_and_nothing_newer(feature: str, tmp_path: Path) -> None:
    """Records came with C# 9, required members with C# 11."""
    file = tmp_path / "Feature.cs"
    file.write_text(feature)
    complaints = compile_assembly(Assembly("Feature", [file])).complaints
    assert bool(complaints) == ("required" in feature), complaints


@pytest.mark.parametrize("number", range(4))
def test_the_scripts_of_the_readme_compile(number: int, tmp_path: Path) -> None:
    scripts = _SCRIPT.findall((PACKAGE / "README.md").read_text())
    assert len(scripts) == 4
    file = tmp_path / "Readme.cs"
    file.write_text(scripts[number])
    _check(compile_with_runtime("Readme", [file]))


def test_the_first_script_of_the_readme_has_ten_lines() -> None:
    first = _SCRIPT.findall((PACKAGE / "README.md").read_text())[0]
    assert len([line for line in first.splitlines() if line.strip(" {}")]) <= 10


def test_the_stand_ins_have_nothing_that_unity_does_not_document() -> None:
    """Nobody has this client use what Unity lacks by adding it to a stand-in."""
    listed = [line for line in _DOCUMENTED.read_text().splitlines() if not line.startswith("#")]
    pages = dict(line.split("\t") for line in listed)
    assert len(pages) == len(listed)
    assert all(re.fullmatch(r"[\w.\-@/]+", page) for page in pages.values())
    program = built(Assembly("VRBridge.Members", [_MEMBERS], is_program=True))
    found: set[str] = set()
    for defines in ((), UNITY_6_3):
        command = [str(dotnet()), str(program), *map(str, stubs(defines)), "--with", str(NUNIT)]
        found.update(subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines())
    assert found == set(pages)


@pytest.mark.parametrize("source", SOURCES, ids=_id)
def test_files_are_short_and_hold_what_they_are_named_after(source: Path) -> None:
    text = source.read_text()
    assert len(text.splitlines()) <= _MAX_LINES
    types = _TYPE.findall(text)
    assert (
        not types
        or source.stem in {name.removesuffix("Exception") for name in types} | set(types)
        or (source.stem.endswith("s") and len(types) > 1)
    ), types


@pytest.mark.parametrize("source", SHIPPED, ids=_id)
def test_nothing_is_used_that_il2cpp_or_unity_lacks(source: Path) -> None:
    code = re.sub(r"//.*", "", source.read_text())
    assert not _UNFIT.findall(code)


@pytest.mark.parametrize("source", SHIPPED, ids=_id)
def test_nothing_that_a_player_said_enters_a_log(source: Path) -> None:
    """One line is written at all: that TextMeshPro is missing."""
    logged = [match[0] for match in _LOG.finditer(re.sub(r"///.*", "", source.read_text()))]
    assert all(source.name == "OverlayText.cs" and "TextMeshPro" in line for line in logged), logged


def test_pictures_are_decoded_in_one_place_only_and_small() -> None:
    """Blocks go to the graphics card as they come; only the preview, of 128 pixels, is decoded."""
    decoding = [
        path.name for path in SHIPPED if "LoadImage" in path.read_text() or "EncodeTo" in path.read_text()
    ]
    assert decoding == ["Textures.cs"]
    uses = [path.name for path in SHIPPED if "Textures.FromPreview" in path.read_text()]
    assert uses == ["MapLoader.cs"]
    assert 'asset.Role == "preview"' in (PACKAGE / "Runtime" / "Assets" / "MapLoader.cs").read_text()


def test_axes_are_converted_in_one_place_only() -> None:
    """Vectors of the wire become Unity's, and back, nowhere but in `Handedness`."""
    made = re.compile(r"new Bridge(?:Vector|Rotation)\(|new Vector3\([^)]*\.X|-\w+\.Z\b")
    converting = [
        path.name
        for path in SHIPPED
        if "Core" not in path.relative_to(PACKAGE).parts and made.search(path.read_text())
    ]
    assert converting == ["Handedness.cs"]


def test_the_core_knows_nothing_of_unity() -> None:
    for source in sources("Runtime/Core"):
        namespaces = set(_NEEDS.findall(source.read_text()))
        assert not [name for name in namespaces if name.startswith("Unity")], source
    assert _json("Runtime/Core/VRBridge.Core.asmdef")["noEngineReferences"] is True


def test_every_serialized_field_has_a_tooltip() -> None:
    for source in [*sources("Runtime", but=["Core"]), *sources("Editor")]:
        lines = source.read_text().splitlines()
        for number, line in enumerate(lines):
            if "[SerializeField" in line:
                above = "\n".join(lines[max(0, number - 3) : number])
                assert "[Tooltip(" in above, f"{_id(source)}:{number + 1}"


def test_assembly_definitions_fit_their_folders() -> None:
    expected = {
        "Runtime/Core": ("VRBridge.Core", set()),
        "Runtime": ("VRBridge", {"VRBridge.Core", "Unity.TextMeshPro", "glTFast"}),
        "Editor": ("VRBridge.Editor", {"VRBridge", "VRBridge.Core"}),
        "Tests/Core": ("VRBridge.Core.Tests", {"VRBridge.Core"}),
        "Tests/Runtime": ("VRBridge.Tests", {"VRBridge", "VRBridge.Core", "Unity.TextMeshPro"}),
    }
    for folder, (name, references) in expected.items():
        asmdef = _json(f"{folder}/{name}.asmdef")
        runner = {"UnityEngine.TestRunner", "UnityEditor.TestRunner"} if "Tests" in folder else set()
        assert asmdef["name"] == name
        assert set(asmdef.get("references", [])) == references | runner, folder
        assert asmdef.get("allowUnsafeCode", False) is False
        assert asmdef.get("includePlatforms", []) == (
            ["Editor"] if folder in ("Editor", "Tests/Core") else []
        )
        assert ("UNITY_INCLUDE_TESTS" in asmdef.get("defineConstraints", [])) == ("Tests" in folder)
    for folder in ("Runtime", "Tests/Runtime"):
        (asmdef_path,) = (PACKAGE / folder).glob("*.asmdef")
        defines = {each["define"] for each in json.loads(asmdef_path.read_text())["versionDefines"]}
        assert TEXT in defines


def test_the_manifest_says_what_it_is_and_needs() -> None:
    manifest = _json("package.json")
    assert manifest["name"] == PACKAGE.name
    assert manifest["unity"] == "2022.3"
    assert re.fullmatch(r"\d+\.\d+\.\d+", manifest["version"])
    assert f"## [{manifest['version']}]" in (PACKAGE / "CHANGELOG.md").read_text()
    assert f'Version = "{manifest["version"]}"' in "".join(path.read_text() for path in SHIPPED)
    # TextMeshPro is part of another package in Unity 6, which refuses the older one beside it.
    assert "com.unity.textmeshpro" not in manifest["dependencies"]
    assert set(manifest["dependencies"]) >= {
        "com.unity.modules.imageconversion",
        "com.unity.modules.physics",
        "com.unity.modules.xr",
    }
    for sample in manifest["samples"]:
        assert (PACKAGE / sample["path"] / "README.md").is_file()
    assert (PACKAGE / "LICENSE.md").read_text().strip() == (ROOT / "LICENSE").read_text().strip()
    assert not list(PACKAGE.rglob("*.dll"))


def test_everything_has_the_meta_file_that_a_package_in_git_needs() -> None:
    found = list(imported())
    assert len(found) > 100
    for path in found:
        meta = path.with_name(path.name + ".meta")
        assert meta.is_file(), f"{_id(meta)}: run `python -m tests.engine_clients.unity.metas`"
        assert meta.read_text() == meta_of(path), _id(meta)
    assert len({guid_of(path) for path in found}) == len(found)
    orphans = set(PACKAGE.rglob("*.meta")) - {path.with_name(path.name + ".meta") for path in found}
    assert not orphans


def test_shaders_are_found_and_have_the_properties_that_are_set() -> None:
    """`Resources` holds them, so that builds do, too."""
    folder = PACKAGE / "Runtime" / "Resources"
    for file, owner in (("VRBridge/Lit", "Surface.cs"), ("VRBridge/Panel", "Panel.cs")):
        shader = (folder / f"{file}.shader").read_text()
        assert f'Shader "{file}"' in shader
        code = next(path for path in SHIPPED if path.name == owner).read_text()
        assert f'ShaderPath = "{file}"' in code
        names = set(re.findall(r'PropertyToID\("(_\w+)"\)', code)) - {"_MainTex"}
        assert names <= set(re.findall(r'(_\w+) \("', shader)), names
    assert shader.count("{") == shader.count("}")


@pytest.mark.parametrize("defines", [[], ["-DUNITY_NO_DXT5nm"]], ids=["desktop", "phone"])
def test_the_surface_of_the_shader_compiles(defines: Sequence[str], tmp_path: Path) -> None:
    """What both pipelines share; what is theirs needs their own libraries."""
    folder = PACKAGE / "Runtime" / "Resources" / "VRBridge"
    command = ["glslangValidator", "-D", "-V", "-S", "frag", "-e", "main", f"-I{folder}", *defines]
    command += ["-o", str(tmp_path / "surface.spv"), str(_PROBE)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert "WARNING" not in done.stdout


def _json(path: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((PACKAGE / path).read_text())
    return found
