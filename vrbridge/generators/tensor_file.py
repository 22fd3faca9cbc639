"""Safetensors files that say in their header what they hold."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from safetensors import SafetensorError, safe_open
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from vrbridge.errors import ModelError

_M = TypeVar("_M", bound=nn.Module)
# What layers are filled with when they are made.
_FILLS = frozenset({nn.init.kaiming_uniform_, nn.init.uniform_, Tensor.normal_, Tensor.mul_})


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


def filled(build: Callable[[], _M], weights: Mapping[str, Tensor]) -> _M:
    """Return a module in use, not in training, that has the weights of a file.

    Random numbers for millions of weights take a third of a second, so the layers go without them; torch's
    meta device would do so too, but takes longer than that to be set up.

    Args:
        build: Makes the module.
        weights: Of all its parameters, in full precision; the module keeps these tensors.

    Raises:
        RuntimeError: If there are too few, too many, or of another shape.
    """
    with _Unfilled():
        module = build()
    module.load_state_dict(weights, assign=True)
    return module.requires_grad_(False).eval()


class _Unfilled(TorchFunctionMode):
    """Leaves new layers as their memory is."""

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        """Call what was called, unless it fills a tensor."""
        given = kwargs or {}
        if func not in _FILLS:
            return func(*args, **given)
        return args[0] if args else given["tensor"]
