"""The worker's side of `mesh`: prompt → plan → levels of detail → files."""

import time
from collections.abc import Generator, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vrbridge.encoding import arrays, glb
from vrbridge.encoding.primitive import Material, Primitive
from vrbridge.generators.mesh.collider import collider
from vrbridge.generators.mesh.levels import iter_levels, ladder
from vrbridge.generators.mesh.parametric import ParametricMeshes
from vrbridge.generators.mesh.prop import Part, Prop
from vrbridge.generators.texture.parametric import ParametricTextures
from vrbridge.jobs.outputs import WorkOutput, asset, progress, result
from vrbridge.jobs.texture_work import encoded_maps

TEXTURE_ROLES = ("base_color", "normal", "orm")
# A prop of many small parts would otherwise bring a picture for each of them.
_MAX_TEXTURED = 3


class MeshWork:
    """Carries out orders of kind `mesh`.

    Args:
        meshes: The generator of shapes.
        textures: The generator of their materials.
    """

    def __init__(self, meshes: ParametricMeshes, textures: ParametricTextures) -> None:
        self._meshes = meshes
        self._textures = textures

    def __call__(self, arguments: dict[str, Any]) -> Iterator[WorkOutput]:
        """Yield the levels coarsest first, the collider, the textures, and the result.

        Args:
            arguments: `prompt`, `seed`, `max_faces`, `lods`, `size_m`, `collider`, `format`, `texture_px`,
                `texture_formats`.
        """
        started = time.perf_counter()
        plan = self._meshes.plan(arguments["prompt"], seed=arguments["seed"], size_m=arguments["size_m"])
        facts = {
            "origin": "procedural",
            "model": self._meshes.model,
            "seed": arguments["seed"],
            "family": plan.family,
            "confidence": plan.confidence,
            "nearest": plan.nearest,
        }
        budgets = ladder(arguments["max_faces"], arguments["lods"])
        n_steps = len(budgets) + bool(arguments["collider"]) + bool(arguments["texture_px"])
        encode_s = 0.0
        finest: Prop | None = None
        for done, (level, prop) in enumerate(iter_levels(self._meshes, plan, budgets), start=1):
            packed = time.perf_counter()
            yield _packed(f"lod{level}", prop, arguments["format"], plan.family, facts)
            encode_s += time.perf_counter() - packed
            yield progress("shape", done / n_steps)
            finest = prop
        assert finest is not None, "a ladder has at least one level"
        if arguments["collider"]:
            hull = Prop((collider(finest),))
            yield _packed("collider", hull, arguments["format"], plan.family, facts)
        if arguments["texture_px"]:
            encode_s += yield from self._materials(finest, arguments)
        generate_s = time.perf_counter() - started - encode_s
        values = facts | {"size_m": [float(edge) for edge in _edges(finest)], "lods": len(budgets)}
        yield result(values, generate_s=generate_s, encode_s=encode_s)

    def _materials(self, prop: Prop, arguments: dict[str, Any]) -> Generator[WorkOutput, None, float]:
        """Yield the maps of the largest materials; return the seconds that packing took."""
        encode_s = 0.0
        textured = _largest_materials(prop)
        for number, part in enumerate(textured):
            yield progress("texture", number / len(textured))
            red, green, blue, _ = part.material.base_color
            surface = self._textures.plan(
                part.material.prompt,
                seed=arguments["seed"],
                style=arguments["prompt"],  # its states: a mossy well, a burnt chair
                color=(red, green, blue),
            )
            maps = self._textures.render(surface, arguments["texture_px"])
            facts = {
                "origin": "procedural",
                "model": self._textures.model,
                "seed": arguments["seed"],
                "family": surface.family,
                "confidence": surface.confidence,
                "metres_per_tile": surface.metres_per_tile,
                "material": part.material.name,
            }
            packed = time.perf_counter()
            yield from encoded_maps(maps, TEXTURE_ROLES, arguments["texture_formats"], facts)
            encode_s += time.perf_counter() - packed
        return encode_s


def _largest_materials(prop: Prop) -> Sequence[Part]:
    by_name: dict[str, tuple[float, Part]] = {}
    for part in prop.parts:
        area, _ = by_name.get(part.material.name, (0.0, part))
        by_name[part.material.name] = (area + _area(part), part)
    ordered = sorted(by_name.values(), key=lambda found: -found[0])
    return [part for _, part in ordered[:_MAX_TEXTURED]]


def _area(part: Part) -> float:
    corners = part.vertices[part.faces]  # (F, 3 corners, 3)
    crossed = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    return float(np.linalg.norm(crossed, axis=1).sum() / 2)


def _packed(role: str, prop: Prop, format_: str, name: str, facts: dict[str, Any]) -> WorkOutput:
    primitives = [_primitive(part) for part in prop.parts]
    low, high = _bounds(prop)
    meta = facts | {
        "format": format_,
        "faces": sum(len(part.faces) for part in prop.parts),
        "vertices": sum(len(part.vertices) for part in prop.parts),
        "bounds": {"min": low.tolist(), "max": high.tolist()},
        "materials": [part.material.name for part in prop.parts],
    }
    if format_ == "arrays":
        return asset(role, arrays.MEDIA_TYPE, arrays.write_arrays(primitives, name=name), meta)
    return asset(role, glb.MEDIA_TYPE, glb.write_glb(primitives, name=name), meta)


def _primitive(part: Part) -> Primitive:
    material = part.material
    return Primitive(
        positions=part.vertices,
        faces=part.faces,
        normals=part.normals,
        uv=part.uv,
        colors=part.colors,
        material=Material(material.name, material.base_color, material.metallic, material.roughness),
    )


def _bounds(prop: Prop) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    low = np.min([part.vertices.min(axis=0) for part in prop.parts], axis=0)
    high = np.max([part.vertices.max(axis=0) for part in prop.parts], axis=0)
    return low.astype(float), high.astype(float)


def _edges(prop: Prop) -> NDArray[np.float64]:
    low, high = _bounds(prop)
    return high - low
