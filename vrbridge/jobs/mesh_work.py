"""The worker's side of `mesh`: prompt → plan → levels of detail → files."""

import logging
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vrbridge.encoding import arrays, glb
from vrbridge.encoding.primitive import Material, Primitive
from vrbridge.errors import GeneratorFailed, Unavailable
from vrbridge.generators.glossary import english
from vrbridge.generators.mesh.collider import collider
from vrbridge.generators.mesh.draft import Draft, MeshGenerator
from vrbridge.generators.mesh.levels import ladder
from vrbridge.generators.mesh.model_levels import model_levels
from vrbridge.generators.mesh.model_source import ModelRequest, ModelSource
from vrbridge.generators.mesh.prop import Part, Prop, is_closed
from vrbridge.generators.mesh.unwrapping import unwrapped
from vrbridge.generators.mesh.voxels import Model
from vrbridge.generators.texture.drawing import TextureGenerator
from vrbridge.generators.texture.words import state_words_in
from vrbridge.jobs.outputs import REFINE_ERROR, WorkOutput, asset, progress, result
from vrbridge.jobs.texture_work import encoded_maps

TEXTURE_ROLES = ("base_color", "normal", "orm")
# A prop of many small parts would otherwise bring a picture for each of them.
_MAX_TEXTURED = 3
# Of the work, for progress, where another generator's model follows.
_FIRST_SHARE, _REFINED_SHARE = 0.2, 0.9
_log = logging.getLogger(__name__)


class MeshWork:
    """Carries out orders of kind `mesh`.

    Args:
        meshes: Returns a generator of shapes by name.
        textures: The generator of their materials.
        models: Of others, whose model replaces what was built first, if any.
    """

    def __init__(
        self,
        meshes: Callable[[str], MeshGenerator],
        textures: TextureGenerator,
        models: ModelSource | None = None,
    ) -> None:
        self._meshes = meshes
        self._models = models
        self._textures = textures

    def __call__(self, arguments: dict[str, Any]) -> Iterator[WorkOutput]:
        """Yield the levels coarsest first, the collider, the textures, and the result.

        Args:
            arguments: `generator`, `prompt`, `seed`, `max_faces`, `lods`, `size_m`, `collider`, `format`,
                `texture_px`, `texture_formats`, `unwrap`.
        """
        started = time.perf_counter()
        meshes = self._meshes(arguments["generator"])
        draft = meshes.draft(arguments["prompt"], seed=arguments["seed"], size_m=arguments["size_m"])
        facts = {
            "origin": draft.origin,
            "model": draft.model,
            "seed": arguments["seed"],
            "family": draft.family,
            "confidence": draft.confidence,
            "nearest": draft.nearest,
        }
        if draft.attribution is not None:
            facts["attribution"] = draft.attribution
        budgets = ladder(arguments["max_faces"], arguments["lods"])
        n_steps = len(budgets) + bool(arguments["collider"]) + bool(arguments["texture_px"])
        is_refined = self._models is not None and bool(arguments.get("is_refined"))
        encode_s = 0.0
        finest: Prop | None = None
        for done, (level, prop) in enumerate(draft.levels(budgets), start=1):
            packed = time.perf_counter()
            yield _packed(
                f"lod{level}", self._mapped(prop, arguments), arguments["format"], draft.family, facts
            )
            encode_s += time.perf_counter() - packed
            yield progress("shape", done / n_steps * (_FIRST_SHARE if is_refined else 1.0))
            finest = prop
        assert finest is not None, "a ladder has at least one level"
        if arguments["collider"]:
            hull = Prop((collider(finest),))
            yield _packed("collider", hull, arguments["format"], draft.family, facts)
        if self._models is not None and is_refined:
            facts, finest = yield from self._refined(self._models, arguments, draft, facts, budgets, finest)
        if arguments["texture_px"]:
            encode_s += yield from self._materials(finest, arguments)
        generate_s = time.perf_counter() - started - encode_s
        values = facts | {"size_m": [float(edge) for edge in _edges(finest)], "lods": len(budgets)}
        yield result(values, generate_s=generate_s, encode_s=encode_s)

    def _mapped(self, prop: Prop, arguments: dict[str, Any]) -> Prop:
        return unwrapped(prop) if arguments.get("unwrap") else prop

    def _refined(
        self,
        models: ModelSource,
        arguments: dict[str, Any],
        draft: Draft,
        facts: dict[str, Any],
        budgets: Sequence[int],
        first: Prop,
    ) -> Generator[WorkOutput, None, tuple[dict[str, Any], Prop]]:
        """Yield the levels of another generator's model in place of those that were built first.

        Returns:
            What is said of it, and its finest level. If it did not come the first ones stay, and
            `REFINE_ERROR` says why.
        """
        waiting = models.generate(
            ModelRequest(arguments["prompt"], arguments["seed"], arguments["max_faces"], draft)
        )
        try:
            with closing(waiting):
                while True:
                    try:
                        share = next(waiting)
                    except StopIteration as end:
                        model: Model = end.value
                        break
                    yield progress("refine", _FIRST_SHARE + share * (_REFINED_SHARE - _FIRST_SHARE))
        except (GeneratorFailed, Unavailable) as error:
            _log.warning("no model from %s: %s", models.model, error.message)
            return facts | {REFINE_ERROR: error.message}, first
        ours = facts | {"origin": "generated", "model": models.model, "replaces": facts["model"]}
        if not models.follows_draft:
            ours.pop("attribution", None)
        size_m = float(max(_edges(first)))
        finest = first
        material = first.parts[0].material
        for level, prop in model_levels(model, budgets, size_m=size_m, material=material):
            yield _packed(
                f"lod{level}", self._mapped(prop, arguments), arguments["format"], facts["family"], ours
            )
            finest = prop
        if arguments["collider"]:
            hull = Prop((collider(finest),))
            yield _packed("collider", hull, arguments["format"], facts["family"], ours)
        return ours, finest

    def _materials(self, prop: Prop, arguments: dict[str, Any]) -> Generator[WorkOutput, None, float]:
        """Yield the maps of the largest materials; return the seconds that packing took."""
        encode_s = 0.0
        textured = _largest_materials(prop)
        for number, part in enumerate(textured):
            yield progress("texture", number / len(textured))
            red, green, blue, _ = part.material.base_color
            drawing = self._textures.drawing(
                part.material.prompt,
                seed=arguments["seed"],
                size_px=arguments["texture_px"],
                style=state_words_in(english(arguments["prompt"])),  # a mossy well, a burnt chair
                color=part.material.texture_color or (red, green, blue),
            )
            maps = drawing.maps()
            facts = {
                "origin": drawing.origin,
                "model": drawing.model,
                "seed": arguments["seed"],
                "family": drawing.family,
                "confidence": drawing.confidence,
                "metres_per_tile": drawing.metres_per_tile,
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
    low, high = _bounds(prop)
    meta = facts | {
        "format": format_,
        "faces": sum(len(part.faces) for part in prop.parts),
        "vertices": sum(len(part.vertices) for part in prop.parts),
        "bounds": {"min": low.tolist(), "max": high.tolist()},
        "watertight": is_closed(prop),
        "materials": [part.material.name for part in prop.parts],
    }
    kind = arrays.MEDIA_TYPE if format_ == "arrays" else glb.MEDIA_TYPE
    return asset(role, kind, packed_mesh(prop, format_, name), meta)


def packed_mesh(prop: Prop, format_: str, name: str) -> bytes:
    """Return a prop as a file.

    Args:
        prop: Any.
        format_: `glb` or `arrays`.
        name: Of the mesh in the file.
    """
    primitives = [_primitive(part) for part in prop.parts]
    if format_ == "arrays":
        return arrays.write_arrays(primitives, name=name)
    return glb.write_glb(primitives, name=name)


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
