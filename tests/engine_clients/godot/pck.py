"""Godot projects as `.pck` files, packed without the editor.

Source:
    Godot 4, `core/io/file_access_pack.h` and `core/io/pck_packer.cpp`: format 2.
"""

import hashlib
import re
import struct
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

_MAGIC: Final = b"GDPC"
_FORMAT: Final = 2
_RESERVED_BYTES: Final = 64
_ALIGNMENT: Final = 16
_SKIPPED: Final = {".uid", ".import", ".md"}
_CLASS: Final = re.compile(r"^class_name\s+(\w+)", re.MULTILINE)
_BASE: Final = re.compile(r"^extends\s+(\w+)", re.MULTILINE)
_SETTINGS: Final = "res://project.godot"
_MAIN_SCENE: Final = re.compile(r"^run/main_scene=.*$", re.MULTILINE)
_ANTIALIASING: Final = re.compile(r"^anti_aliasing/.*$", re.MULTILINE)
_CLASS_CACHE: Final = "res://.godot/global_script_class_cache.cfg"


def project_files(folder: Path, *, more: Mapping[str, Path] | None = None) -> dict[str, bytes]:
    """Return `res://` path → content of a project, with the list of its classes that the editor would write.

    Args:
        folder: Holds `project.godot`.
        more: Further folders by the path under which they appear, such as `res://tests`.
    """
    files: dict[str, bytes] = {}
    for root, below in [("res:/", folder), *(more or {}).items()]:
        for path in sorted(below.rglob("*")):
            if path.is_file() and path.suffix not in _SKIPPED:
                files[f"{root}/{path.relative_to(below).as_posix()}"] = path.read_bytes()
    files[_CLASS_CACHE] = _class_cache(files).encode()
    return files


def with_settings(files: Mapping[str, bytes], scene: str, *, connects: bool = True) -> dict[str, bytes]:
    """Return a project that starts with another scene; release builds take none on their command line.

    Antialiasing is off: an emulated headset has none.

    Args:
        files: Of the project.
        scene: Where it starts.
        connects: Whether the autoload connects by itself.
    """
    settings = _MAIN_SCENE.sub(f'run/main_scene="{scene}"', files[_SETTINGS].decode())
    settings = _ANTIALIASING.sub("", settings)
    settings += f"\n[vrbridge]\n\nconnection/connect_on_start={str(connects).lower()}\n"
    return {**files, _SETTINGS: settings.encode()}


def write_pck(files: Mapping[str, bytes], *, version: Sequence[int] = (4, 6, 0)) -> bytes:
    """Return the files as one pack.

    Args:
        files: By their `res://` path.
        version: Of the engine that reads it.
    """
    entries, body = [], bytearray()
    for path, data in files.items():
        name = path.encode()
        name += bytes(-len(name) % 4)
        where = struct.pack("<QQ", len(body), len(data)) + hashlib.md5(data).digest() + struct.pack("<I", 0)
        entries.append(struct.pack("<I", len(name)) + name + where)
        body += data + bytes(-len(data) % _ALIGNMENT)
    index = struct.pack("<I", len(entries)) + b"".join(entries)
    header = _MAGIC + struct.pack("<5I", _FORMAT, *version, 0)
    start = len(header) + 8 + _RESERVED_BYTES + len(index)
    start += -start % _ALIGNMENT
    head = header + struct.pack("<Q", start) + bytes(_RESERVED_BYTES) + index
    return head + bytes(start - len(head)) + bytes(body)


def _class_cache(files: Mapping[str, bytes]) -> str:
    entries = []
    for path, data in files.items():
        source = data.decode() if path.endswith(".gd") else ""
        name = _CLASS.search(source)
        if name is None:
            continue
        base = _BASE.search(source)
        entries.append(
            f'{{\n"base": &"{base[1] if base else "RefCounted"}",\n"class": &"{name[1]}",\n"icon": "",\n'
            f'"is_abstract": false,\n"is_tool": {str("@tool" in source.splitlines()[0]).lower()},\n'
            f'"language": &"GDScript",\n"path": "{path}"\n}}'
        )
    return f"list=[{', '.join(entries)}]\n"
