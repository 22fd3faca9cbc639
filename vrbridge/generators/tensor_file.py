"""Safetensors files that say in their header what they hold."""

from pathlib import Path

from safetensors import SafetensorError, safe_open
from torch import Tensor

from vrbridge.errors import ModelError


def read_tensors(path: Path, format: str, *, what: str) -> tuple[dict[str, str], dict[str, Tensor]]:
    """Return the header and the tensors of a file.

    Args:
        path: The file.
        format: That its header has to name.
        what: It should be, for errors.

    Raises:
        ModelError: If the file is missing, damaged, or of something else.
    """
    try:
        with safe_open(path, "pt") as file:
            header = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - not a mapping
    except (OSError, ValueError, SafetensorError) as error:
        raise ModelError(f"{path} can't be read as a {what}: {type(error).__name__}.") from error
    if header.get("format") != format:
        raise ModelError(f"{path} holds no {what} of the kind {format}.")
    return header, tensors
