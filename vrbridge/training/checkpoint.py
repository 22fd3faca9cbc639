"""A training run on disk: small files, each written whole or not at all."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from vrbridge.errors import ModelError

_MAX_FILE_BYTES = 15 << 20
_INDEX = "checkpoint.json"


def save(folder: Path, tensors: Mapping[str, Tensor], facts: Mapping[str, Any]) -> None:
    """Write a checkpoint in place of the one before.

    Args:
        folder: Made if it is missing.
        tensors: Whatever is to be kept, by name.
        facts: Values for JSON.
    """
    folder.mkdir(parents=True, exist_ok=True)
    before = _index(folder)
    turn = int(before["turn"]) + 1 if before else 0
    names = []
    for number, part in enumerate(_parts(tensors)):
        name = f"{turn % 2}-{number:03}.safetensors"
        save_file(part, folder / name)
        names.append(name)
    index = {"turn": turn, "files": names, "facts": dict(facts)}
    staged = folder / f"{_INDEX}.new"
    staged.write_text(json.dumps(index))
    # Until this moment the checkpoint before is the one that counts.
    staged.replace(folder / _INDEX)
    for path in folder.glob("*.safetensors"):
        if path.name not in names:
            path.unlink()


def load(folder: Path) -> tuple[dict[str, Tensor], dict[str, Any]] | None:
    """Return the tensors and facts of the last checkpoint, or None if there is none.

    Raises:
        ModelError: If a part of it is missing or damaged.
    """
    index = _index(folder)
    if index is None:
        return None
    tensors: dict[str, Tensor] = {}
    for name in index["files"]:
        try:
            with safe_open(folder / name, "pt") as file:
                tensors |= {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118 - not a mapping
        except (OSError, ValueError, SafetensorError) as error:
            raise ModelError(
                f"The checkpoint {folder / name} is missing or damaged; delete {folder}."
            ) from error
    return tensors, index["facts"]


def _index(folder: Path) -> dict[str, Any] | None:
    try:
        index: dict[str, Any] = json.loads((folder / _INDEX).read_text())
    except FileNotFoundError:
        return None
    except ValueError as error:
        raise ModelError(f"The checkpoint in {folder} is damaged; delete the folder.") from error
    return index


def _parts(tensors: Mapping[str, Tensor]) -> list[dict[str, Tensor]]:
    parts: list[dict[str, Tensor]] = [{}]
    size = 0
    for name, tensor in tensors.items():
        kept = tensor.detach().to("cpu", memory_format=torch.contiguous_format).clone()
        n_bytes = kept.numel() * kept.element_size()
        if parts[-1] and size + n_bytes > _MAX_FILE_BYTES:
            parts.append({})
            size = 0
        parts[-1][name] = kept
        size += n_bytes
    return parts
