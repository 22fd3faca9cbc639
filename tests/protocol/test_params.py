"""Parameters of each kind are checked with their path."""

from typing import Any

import msgspec
import pytest

from vrbridge.errors import InvalidParams
from vrbridge.protocol.params import DialogueParams, MeshParams, PersonaParams, TextureParams, parse_params


def test_what_is_left_out_has_the_default_of_the_protocol() -> None:
    texture = parse_params(TextureParams, {"prompt": "moss"})
    assert (texture.size_px, texture.maps, texture.seed, texture.format) == (512, None, None, None)
    mesh = parse_params(MeshParams, {"prompt": "chair"})
    assert (mesh.max_faces, mesh.lods, mesh.texture_px, mesh.size_m) == (1500, 3, 0, None)
    dialogue = parse_params(DialogueParams, {"npc": "smith", "text": "Hello"})
    assert (dialogue.actions, dialogue.seed, dialogue.persona) == ((), None, None)


def test_everything_can_be_said() -> None:
    dialogue = parse_params(
        DialogueParams,
        {
            "npc": "smith",
            "text": "Hello",
            "actions": [{"name": "wave", "description": "Wave.", "parameters": {"type": "object"}}],
            "max_tokens": 64,
            "temperature": 0,
            "seed": 3,
            "language": "de",
            "persona": {"name": "Ada", "description": "A smith.", "style": "short", "knowledge": ["Iron."]},
        },
    )
    assert dialogue.actions[0].name == "wave"
    assert dialogue.persona == PersonaParams(
        name="Ada", description="A smith.", style="short", knowledge=["Iron."]
    )
    texture = parse_params(TextureParams, {"prompt": "moss", "maps": ["height", "orm"], "size_px": 64})
    assert texture.maps == ("height", "orm")


@pytest.mark.parametrize("struct", [DialogueParams, TextureParams, MeshParams])
def test_unknown_parameters_are_ignored(struct: type[msgspec.Struct]) -> None:
    needed = {"npc": "smith", "text": "Hello", "prompt": "moss"}
    assert parse_params(struct, needed | {"sparkle": 11}) == parse_params(struct, needed)


@pytest.mark.parametrize(
    ("struct", "params", "field"),
    [
        (TextureParams, {}, "params.prompt"),
        (TextureParams, {"prompt": ""}, "params.prompt"),
        (TextureParams, {"prompt": "x" * 501}, "params.prompt"),
        (TextureParams, {"prompt": "moss", "size_px": 63}, "params.size_px"),
        (TextureParams, {"prompt": "moss", "size_px": 2049}, "params.size_px"),
        (TextureParams, {"prompt": "moss", "size_px": "512"}, "params.size_px"),
        (TextureParams, {"prompt": "moss", "size_px": True}, "params.size_px"),
        (TextureParams, {"prompt": "moss", "maps": []}, "params.maps"),
        (TextureParams, {"prompt": "moss", "maps": ["glow"]}, "params.maps[0]"),
        (TextureParams, {"prompt": "moss", "seed": -1}, "params.seed"),
        (MeshParams, {"prompt": "chair", "max_faces": 49}, "params.max_faces"),
        (MeshParams, {"prompt": "chair", "max_faces": 20001}, "params.max_faces"),
        (MeshParams, {"prompt": "chair", "lods": 0}, "params.lods"),
        (MeshParams, {"prompt": "chair", "lods": 5}, "params.lods"),
        (MeshParams, {"prompt": "chair", "size_m": 0}, "params.size_m"),
        (MeshParams, {"prompt": "chair", "collider": 1}, "params.collider"),
        (DialogueParams, {"text": "Hello"}, "params.npc"),
        (DialogueParams, {"npc": "smith", "text": "x" * 2001}, "params.text"),
        (DialogueParams, {"npc": "smith", "text": "x", "temperature": 2.5}, "params.temperature"),
        (
            DialogueParams,
            {"npc": "smith", "text": "x", "actions": [{"name": "a b"}]},
            "params.actions[0].name",
        ),
        (DialogueParams, {"npc": "smith", "text": "x", "actions": [{}]}, "params.actions[0].name"),
        (DialogueParams, {"npc": "smith", "text": "x", "persona": {"name": ""}}, "params.persona.name"),
    ],
)
def test_a_wrong_parameter_is_named(struct: type[msgspec.Struct], params: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidParams) as caught:
        parse_params(struct, params)
    assert caught.value.field == field
    assert f"`{field.removeprefix('params.')}`" in caught.value.message


def test_limits_themselves_are_allowed() -> None:
    for size_px in (64, 2048):
        assert parse_params(TextureParams, {"prompt": "x" * 500, "size_px": size_px}).size_px == size_px
    assert parse_params(DialogueParams, {"npc": "smith", "text": "x" * 2000}).text == "x" * 2000
    for max_faces in (50, 20000):
        assert parse_params(MeshParams, {"prompt": "x", "max_faces": max_faces}).max_faces == max_faces
