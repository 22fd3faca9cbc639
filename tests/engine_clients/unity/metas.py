"""`.meta` files of the Unity package: one for each file and folder, with an id that never changes.

The editor makes missing ones itself, but can't write into a package that comes from git.
"""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tests.engine_clients.unity.compiler import PACKAGE

_FOLDER: Final = "folderAsset: yes\nDefaultImporter:\n"
_TAIL: Final = "  externalObjects: {}\n  userData:\n  assetBundleName:\n  assetBundleVariant:\n"
_SCRIPT: Final = """MonoImporter:
  externalObjects: {}
  serializedVersion: 2
  defaultReferences: []
  executionOrder: 0
  icon: {instanceID: 0}
  userData:
  assetBundleName:
  assetBundleVariant:
"""
# Only web builds link it.
_WEB_PLUGIN: Final = """PluginImporter:
  externalObjects: {}
  serializedVersion: 2
  iconMap: {}
  executionOrder: {}
  defineConstraints: []
  isPreloaded: 0
  isOverridable: 0
  isExplicitlyReferenced: 0
  validateReferences: 1
  platformData:
  - first:
      Any:
    second:
      enabled: 0
      settings: {}
  - first:
      Editor: Editor
    second:
      enabled: 0
      settings:
        DefaultValueInitialized: true
  - first:
      WebGL: WebGL
    second:
      enabled: 1
      settings: {}
  userData:
  assetBundleName:
  assetBundleVariant:
"""
_IMPORTERS: Final = {
    ".asmdef": "AssemblyDefinitionImporter:\n" + _TAIL,
    ".cs": _SCRIPT,
    ".hlsl": "ShaderIncludeImporter:\n" + _TAIL,
    ".jslib": _WEB_PLUGIN,
    ".json": "TextScriptImporter:\n" + _TAIL,
    ".md": "TextScriptImporter:\n" + _TAIL,
    ".shader": "ShaderImporter:\n  externalObjects: {}\n  defaultTextures: []\n  nonModifiableTextures: []\n"
    + _TAIL.removeprefix("  externalObjects: {}\n"),
}


def imported(package: Path = PACKAGE) -> Iterator[Path]:
    """Yield all files and folders that the editor imports: it passes over those that end with `~`."""
    for path in sorted(package.rglob("*")):
        hidden = any(part.endswith("~") or part.startswith(".") for part in path.relative_to(package).parts)
        is_empty = path.is_dir() and not any(each.is_file() for each in path.rglob("*"))
        if not hidden and not is_empty and path.suffix != ".meta":
            yield path


def guid_of(path: Path, package: Path = PACKAGE) -> str:
    """Return the id by which scenes find a file or folder."""
    name = f"com.vrbridge.client/{path.relative_to(package).as_posix()}"
    return hashlib.md5(name.encode(), usedforsecurity=False).hexdigest()


def meta_of(path: Path, package: Path = PACKAGE) -> str:
    """Return the content of its `.meta` file."""
    importer = _FOLDER + _TAIL if path.is_dir() else _IMPORTERS[path.suffix]
    if path.name == "package.json":
        importer = "PackageManifestImporter:\n" + _TAIL
    return f"fileFormatVersion: 2\nguid: {guid_of(path, package)}\n{importer}"


def write_metas(package: Path = PACKAGE) -> None:
    """Write all of them, and remove those of files that are gone."""
    kept = set()
    for path in imported(package):
        meta = path.with_name(path.name + ".meta")
        meta.write_text(meta_of(path, package))
        kept.add(meta)
    for meta in package.rglob("*.meta"):
        if meta not in kept:
            meta.unlink()


if __name__ == "__main__":
    write_metas()
