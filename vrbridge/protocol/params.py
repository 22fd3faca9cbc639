"""Parameters of each kind of request, with their limits."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypeVar

import msgspec
from msgspec import Meta

from vrbridge.errors import InvalidParams
from vrbridge.protocol.messages import MAX_INT
from vrbridge.protocol.validation import path_of

MAX_TEXT_CHARACTERS = 2000
MAX_PROMPT_CHARACTERS = 500
MAX_IMAGE_BYTES = 900 * 1024

P = TypeVar("P", bound=msgspec.Struct)

Prompt = Annotated[str, Meta(min_length=1, max_length=MAX_PROMPT_CHARACTERS)]
Seed = Annotated[int, Meta(ge=0, le=MAX_INT)]
MapRole = Literal["base_color", "normal", "orm", "height"]


class PersonaParams(msgspec.Struct, frozen=True, kw_only=True):
    """A character that comes with the request."""

    name: Annotated[str, Meta(min_length=1, max_length=80)]
    description: Annotated[str, Meta(max_length=2000)] = ""
    style: Annotated[str, Meta(max_length=500)] = ""
    knowledge: (
        Annotated[str, Meta(max_length=4000)]
        | Annotated[list[Annotated[str, Meta(max_length=500)]], Meta(max_length=64)]
    ) = ""


class ActionOffer(msgspec.Struct, frozen=True, kw_only=True):
    """Something that the character can do in the scene; `parameters` is a JSON Schema of an object."""

    name: Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^[A-Za-z_][A-Za-z0-9_.-]*$")]
    description: Annotated[str, Meta(max_length=500)] = ""
    parameters: dict[str, Any] = {}


class DialogueParams(msgspec.Struct, frozen=True, kw_only=True):
    """Parameters of `dialogue`."""

    npc: Annotated[str, Meta(min_length=1, max_length=80)]
    text: Annotated[str, Meta(min_length=1, max_length=MAX_TEXT_CHARACTERS)]
    actions: Annotated[tuple[ActionOffer, ...], Meta(max_length=16)] = ()
    max_tokens: Annotated[int, Meta(ge=1, le=2048)] | None = None
    temperature: Annotated[float, Meta(ge=0, le=2)] | None = None
    seed: Seed | None = None
    language: Annotated[str, Meta(max_length=40)] | None = None
    persona: PersonaParams | None = None


class TextureParams(msgspec.Struct, frozen=True, kw_only=True):
    """Parameters of `texture`; that `size_px` is a power of two is checked with the limits."""

    prompt: Prompt
    size_px: Annotated[int, Meta(ge=64, le=2048)] = 512
    maps: Annotated[tuple[MapRole, ...], Meta(min_length=1, max_length=4)] | None = None
    seed: Seed | None = None
    style: Annotated[str, Meta(max_length=64)] | None = None
    format: Annotated[str, Meta(max_length=32)] | None = None


class MaterialParams(msgspec.Struct, frozen=True, kw_only=True):
    """Parameters of `material`; the length of `image` is checked with the limits, as is `size_px`."""

    image: bytes
    size_px: Annotated[int, Meta(ge=64, le=2048)] = 512
    maps: Annotated[tuple[MapRole, ...], Meta(min_length=1, max_length=4)] | None = None
    metres_per_tile: Annotated[float, Meta(gt=0, le=1000)] | None = None
    format: Annotated[str, Meta(max_length=32)] | None = None


class MeshParams(msgspec.Struct, frozen=True, kw_only=True):
    """Parameters of `mesh`."""

    prompt: Prompt
    max_faces: Annotated[int, Meta(ge=50, le=20000)] = 1500
    lods: Annotated[int, Meta(ge=1, le=4)] = 3
    seed: Seed | None = None
    size_m: Annotated[float, Meta(gt=0, le=1000)] | None = None
    texture_px: Annotated[int, Meta(ge=0, le=2048)] = 0
    collider: bool = True
    unwrap: bool = False
    style: Annotated[str, Meta(min_length=1, max_length=64)] | None = None


def parse_params(struct: type[P], params: Mapping[str, Any]) -> P:
    """Return checked parameters; unknown ones are ignored.

    Raises:
        InvalidParams: With the field's path, such as `params.size_px`.
    """
    try:
        # A text is no bin, though it could be read as base64.
        return msgspec.convert(params, struct, builtin_types=(bytes,))
    except msgspec.ValidationError as error:
        reason, path = path_of(error)
        raise InvalidParams(
            f"`{path or 'params'}`: {reason}.", field=f"params.{path}" if path else "params"
        ) from error
