"""Which pipeline of diffusers the settings name, looked at without loading it."""

import hashlib
import importlib.util
import json
import os
from pathlib import Path
from typing import Protocol

from vrbridge.errors import SettingsError

PACKAGES = ("diffusers", "transformers", "accelerate")
INSTALL = "pip install 'vrbridge[diffusers]'"
_INDEX = "model_index.json"
_WEIGHTS = "*.safetensors"

# Names of models that were distilled to paint in a few steps, without guidance.
_FEW_STEP_NAMES = ("turbo", "lightning", "hyper", "schnell")


class Named(Protocol):
    """Settings that name a pipeline."""

    @property
    def model(self) -> str | None:
        """Folder or hub id."""
        ...


def check_model(
    settings: Named, *, section: str = "texture.diffusers", such_as: str = "stabilityai/sd-turbo"
) -> None:
    """Return if the pipeline can probably be loaded; reads no weights and does not use the network.

    Args:
        settings: Name it.
        section: Of the settings, for errors.
        such_as: A hub id, for errors.

    Raises:
        SettingsError: If a package, the folder, or weights in safetensors are missing, or no model is named.
    """
    missing = [name for name in PACKAGES if importlib.util.find_spec(name) is None]
    if missing:
        raise SettingsError(f"`{section}` needs {', '.join(missing)}: run `{INSTALL}` where vrbridge is.")
    name = settings.model
    if not name:
        raise SettingsError(
            f"`{section}.model` is not set: name a folder that holds a pipeline, or a hub id such as "
            f"`{such_as}`."
        )
    folder = Path(name).expanduser()
    if folder.is_dir():
        _check_folder(folder, section)
    elif name.startswith((".", "~", os.sep)) or name.count("/") != 1:
        raise SettingsError(
            f"`{section}.model`: there is no folder {name!r}, and it is no hub id (`owner/name`)."
        )


def is_few_step(settings: Named) -> bool:
    """Whether the model's name says that it paints in a few steps without guidance."""
    return any(word in str(settings.model).lower() for word in _FEW_STEP_NAMES)


def model_name(settings: Named) -> str:
    """Return the name of the model: its hub id, or the last part of its folder."""
    folder = Path(str(settings.model)).expanduser()
    return folder.resolve().name if folder.is_dir() else str(settings.model)


def fingerprint(settings: Named) -> str:
    """Return what changes when the same words and seed may give another picture."""
    found = [repr(settings)]
    folder = Path(str(settings.model)).expanduser()
    for file in sorted(folder.rglob("*")) if folder.is_dir() else ():
        if file.is_file():
            facts = file.stat()
            found.append(f"{file.relative_to(folder)} {facts.st_size} {facts.st_mtime_ns}")
    return hashlib.sha256("\n".join(found).encode()).hexdigest()


def parts_left_out(folder: Path) -> dict[str, None]:
    """Return the parts that a saved pipeline does without, such as a third text encoder."""
    index = folder / _INDEX
    parts = json.loads(index.read_text("utf-8")) if index.is_file() else {}
    return {name: None for name, part in parts.items() if part == [None, None]}


def _check_folder(folder: Path, section: str) -> None:
    if not (folder / _INDEX).is_file():
        raise SettingsError(
            f"`{section}.model`: the folder {folder.name!r} holds no {_INDEX}; a pipeline that "
            "`save_pretrained` wrote, or a download of a whole hub repository, does."
        )
    try:
        is_index = isinstance(json.loads((folder / _INDEX).read_text("utf-8")), dict)
    except (OSError, ValueError):
        is_index = False
    if not is_index:
        raise SettingsError(f"`{section}.model`: {_INDEX} in {folder.name!r} is damaged.")
    if next(folder.rglob(_WEIGHTS), None) is None:
        raise SettingsError(
            f"`{section}.model`: the folder {folder.name!r} holds no weights in safetensors; other "
            "formats can run code and are not loaded."
        )
