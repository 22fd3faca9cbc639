"""Maps as an engine sees them: encoded as for a client, and read back by somebody else's decoder."""

import importlib.util
import io
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import Image

from vrbridge.encoding.texture import encode_map

Pixels = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Form:
    """What a client asks for.

    Attributes:
        formats: Its list, best first.
        block_px: Edge of what is coded together; of JPEG with its colours.
    """

    formats: tuple[str, ...]
    block_px: int


FORMS: Final = {
    "jpeg": Form(("jpeg",), 16),
    "bc1 + bc5": Form(("bc5", "bc1"), 4),
    "etc2": Form(("etc2",), 4),
    "astc4x4": Form(("astc4x4",), 4),
}
"""By a name for people."""

# Bytes of a KTX2 file before its level index, which begins with the largest level.
_LEVEL_INDEX: Final = 80


def readable_forms() -> dict[str, Form]:
    """Return those of `FORMS` that can be read back: GPU blocks need the package texture2ddecoder."""
    has_decoder = importlib.util.find_spec("texture2ddecoder") is not None
    return {name: form for name, form in FORMS.items() if has_decoder or name == "jpeg"}


def decoded(role: str, pixels: Pixels, form: Form, *, normal: Pixels | None = None) -> Pixels:
    """Return a map after encoding and decoding.

    Args:
        role: Such as `base_color`.
        pixels: (S, S, 3), or (S, S) for height; uint8.
        form: One of `FORMS`.
        normal: As in `encode_map`.

    Returns:
        As `pixels`; of `bc5` normals only x and y, in two channels.
    """
    encoded = encode_map(role, pixels, formats=form.formats, normal=normal)
    if encoded.format == "jpeg":
        return np.asarray(Image.open(io.BytesIO(encoded.data)))
    offset, length = struct.unpack_from("<QQ", encoded.data, _LEVEL_INDEX)
    read = _decoder(encoded.format)
    size = (encoded.width_px, encoded.height_px)
    flat = np.frombuffer(read(encoded.data[offset : offset + length], *size), np.uint8)
    rgb = flat.reshape(encoded.height_px, encoded.width_px, 4)[..., 2::-1]
    if encoded.format == "bc5":
        return rgb[..., :2]
    return rgb if pixels.ndim == 3 else rgb[..., 0]


def _decoder(format_: str) -> Callable[[bytes, int, int], bytes]:
    import texture2ddecoder

    decoders: dict[str, Callable[[bytes, int, int], bytes]] = {
        "bc1": texture2ddecoder.decode_bc1,
        "bc5": texture2ddecoder.decode_bc5,
        "etc2": texture2ddecoder.decode_etc2,
        "astc4x4": lambda data, width, height: texture2ddecoder.decode_astc(data, width, height, 4, 4),
    }
    return decoders[format_]
