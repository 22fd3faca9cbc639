"""Which pipeline of diffusers the settings name, looked at without loading it."""

import hashlib
import importlib.util
import json
import os
from pathlib import Path

from vrbridge.errors import SettingsError
from vrbridge.settings import DiffusersSettings

PACKAGES = ("diffusers", "transformers", "accelerate")
INSTALL = "pip install 'vrbridge[diffusers]'"
_INDEX = "model_index.json"
_WEIGHTS = "*.safetensors"

# Names of models that were distilled to paint in a few steps, without guidance.
_FEW_STEP_NAMES = ("turbo", "lightning", "hyper", "schnell")


def check_model(settings: DiffusersSettings) -> None:
    """Return if the pipeline can probably be loaded; reads no weights and does not use the network.

    Raises:
        SettingsError: If a package, the folder, or weights in safetensors are missing, or no model is named.
    """
    missing = [name for name in PACKAGES if importlib.util.find_spec(name) is None]
    if missing:
        raise SettingsError(
            f'`texture.backend = "diffusers"` needs {", ".join(missing)}: run `{INSTALL}` where vrbridge is.'
        )
    name = settings.model
    if not name:
        raise SettingsError(
            "`texture.diffusers.model` is not set: name a folder that holds a pipeline, or a hub id such as "
            "`stabilityai/sd-turbo`."
        )
    folder = Path(name).expanduser()
    if folder.is_dir():
        _check_folder(folder)
    elif name.startswith((".", "~", os.sep)) or name.count("/") != 1:
        raise SettingsError(
            f"`texture.diffusers.model`: there is no folder {name!r}, and it is no hub id (`owner/name`)."
        )


def is_few_step(settings: DiffusersSettings) -> bool:
    """Whether the model's name says that it paints in a few steps without guidance."""
    return any(word in str(settings.model).lower() for word in _FEW_STEP_NAMES)


def model_name(settings: DiffusersSettings) -> str:
    """Return the name of the model: its hub id, or the last part of its folder."""
    folder = Path(str(settings.model)).expanduser()
    return folder.resolve().name if folder.is_dir() else str(settings.model)


def fingerprint(settings: DiffusersSettings) -> str:
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


def _check_folder(folder: Path) -> None:
    if not (folder / _INDEX).is_file():
        raise SettingsError(
            f"`texture.diffusers.model`: the folder {folder.name!r} holds no {_INDEX}; a pipeline that "
            "`save_pretrained` wrote, or a download of a whole hub repository, does."
        )
    try:
        is_index = isinstance(json.loads((folder / _INDEX).read_text("utf-8")), dict)
    except (OSError, ValueError):
        is_index = False
    if not is_index:
        raise SettingsError(f"`texture.diffusers.model`: {_INDEX} in {folder.name!r} is damaged.")
    if next(folder.rglob(_WEIGHTS), None) is None:
        raise SettingsError(
            f"`texture.diffusers.model`: the folder {folder.name!r} holds no weights in safetensors; other "
            "formats can run code and are not loaded."
        )
