"""Walks that need no server."""

import numpy as np

from tests.client.pictures.shapes import asset, square
from vrbridge.client.demo.scene import Ask, Line, Scene, Stop, Talk, Thing
from vrbridge.client.demo.visit import Arrival, Drop, Ending, Exchange, Visit, Waits
from vrbridge.client.events import Asset
from vrbridge.client.mesh_reader import MeshPart
from vrbridge.client.results import Material, Mesh
from vrbridge.encoding.glb import write_glb
from vrbridge.encoding.primitive import Material as Factors
from vrbridge.encoding.primitive import Primitive

MOSS = Ask(kind="texture", object="wall", prompt="moss <& stone>")
CUT = Ask(kind="texture", object="floor", prompt="red brick", drop=True)
DOOR = Ask(kind="mesh", object="door", prompt="oak door")
HELLO = Line(text="Is <this> yours?", focus="wall", actions=("nod",), heard=0.5)


def scene() -> Scene:
    """Return a walk of two stops."""
    things = [
        Thing(id="wall", name="a <mossy> wall", position=(0.0, 1.0, 6.0)),
        Thing(id="door", name="a door", position=(2.0, 0.0, 0.0)),
        Thing(id="floor", name="the floor", position=(0.0, 0.0, -20.0)),
        Thing(id="smith", name="the smith", position=(1.0, 0.0, 0.0)),
    ]
    talk = Talk(npc="old_smith", object="smith", lines=(HELLO,))
    return Scene(
        title="A walk & more",
        text="Here <and> there.",
        speed_m_s=2.0,
        eye_height_m=1.6,
        see_m=5.0,
        start=(0.0, 10.0),
        seed=3,
        texture_px=64,
        prop_texture_px=64,
        things={thing.id: thing for thing in things},
        actions={"nod": {"name": "nod", "description": "Nod", "parameters": {"type": "object"}}},
        stops=(
            Stop(place="the gate", position=(0.0, 8.0), focus="wall", state={}, asks=(MOSS, CUT), talk=None),
            Stop(place="the forge", position=(0.0, 2.0), focus="door", state={}, asks=(DOOR,), talk=talk),
        ),
    )


def visit() -> Visit:
    """Return what such a walk may have brought."""
    walked = Visit(scene=scene(), server="fake 0", models={"texture": "painter <1>"})
    waits = Waits(accepted_ms=2.0, first_ms=40.0, done_ms=1234.0)
    late = Waits(accepted_ms=4.0, first_ms=60.0, done_ms=99999.0)
    walked.arrivals = [
        Arrival(ask=DOOR, waits=waits, made=mesh()),
        Arrival(ask=CUT, waits=late, made=material()),
        Arrival(ask=MOSS, waits=waits, made=material()),
    ]
    walked.exchanges = [
        Exchange(
            npc="old_smith",
            place="the forge",
            seen="a <mossy> wall",
            line=HELLO,
            answer="Aye <b>it</b> is.",
            emotion="joy",
            actions=[("nod", {"how": "<slowly>"})],
            heard_characters=6,
            waits=waits,
        )
    ]
    walked.endings = [
        Ending(prompt="blue cloth", code="superseded", after_ms=1.5),
        Ending(prompt="golden tiles", code="cancelled", after_ms=2.5),
    ]
    walked.drops = [
        Drop(
            prompt="red brick",
            role="base_color",
            at_bytes=1000,
            in_all_bytes=4000,
            resumed=True,
            back_ms=80.0,
            n_repeated_bytes=0,
            n_asked_again=0,
        )
    ]
    walked.pings_ms = [1.0, 3.0, 2.0]
    walked.walked_s = 12.0
    walked.n_contexts = 120
    return walked


def material() -> Material:
    """Return a small red material."""
    pixels = {"base_color": (200, 30, 30), "normal": (128, 128, 255), "orm": (255, 200, 0)}
    maps = {
        role: asset(role, np.broadcast_to(np.array(value), (8, 8, 3)).astype(np.uint8))
        for role, value in pixels.items()
    }
    return Material(
        maps, None, {"family": "brick", "confidence": 0.9, "size_px": 8, "metres_per_tile": 1.0}, {}
    )


def mesh() -> Mesh:
    """Return a door with a texture."""
    part = square(name="oak")
    level = Asset(
        role="lod0",
        media_type="model/gltf-binary",
        data=glb(part),
        digest="",
        meta={"faces": len(part.faces)},
    )
    return Mesh((level,), None, {"oak": material().maps}, {"family": "door", "size_m": [1.0, 1.0, 0.0]}, {})


def glb(part: MeshPart) -> bytes:
    """Return a file with one part."""
    factors = Factors(part.material, part.base_color, part.metallic, part.roughness)
    return write_glb(
        [Primitive(part.positions, part.faces, part.normals, part.uv, None, factors)], name="door"
    )
