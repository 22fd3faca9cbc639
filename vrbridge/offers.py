"""Which generators the settings and the models that are here allow to offer."""

from dataclasses import replace
from pathlib import Path

from vrbridge.errors import ModelError, SettingsError
from vrbridge.generators import mesh as meshes
from vrbridge.generators import texture as textures
from vrbridge.generators.mesh import back_ends as mesh_back_ends
from vrbridge.generators.texture import back_ends
from vrbridge.jobs.mesh import MeshOffer
from vrbridge.jobs.texture import TextureOffer
from vrbridge.memory.catalogue import Catalogue
from vrbridge.settings import Settings

MESH_KINDS = ("mesh", "props")
"""Kinds of models that build things: networks, and sets of real models."""


def model_path(catalogue: Catalogue, name: str) -> Path:
    """Return where a model lies.

    Raises:
        ModelError: If it is not here.
    """
    path = catalogue.path(name)
    if path is None:
        raise ModelError(f"The model {name} is not here; `vrbridge models pull {name}` brings it.")
    return path


def networks_here(catalogue: Catalogue, kind: str) -> dict[str, str]:
    """Return the SHA-256 of every network of a kind that is here, by name."""
    here = [m for m in catalogue.entries if m.kind == kind and catalogue.path(m.name) is not None]
    return {model.name: model.files[0].sha256 for model in here}


def map_model(settings: Settings, catalogue: Catalogue) -> tuple[str, str | None]:
    """Return name and SHA-256 of what reads maps off pictures: the default network, else any that is here."""
    networks = networks_here(catalogue, "texture")
    name = settings.texture.generator
    name = name if name in networks else next(iter(networks), textures.FILTER_MAPS)
    return name, networks.get(name)


def texture_offer(settings: Settings, catalogue: Catalogue) -> TextureOffer:
    """Return what paints textures.

    Raises:
        SettingsError: If the settings name something that can't.
        ModelError: If a model is not here.
    """
    styles = networks_here(catalogue, "texture") | {textures.PARAMETRIC: textures.MODEL}
    back_end = back_ends.chosen(settings.texture)
    if back_end is not None:
        return TextureOffer(
            back_end.model,
            generator=back_ends.PICTURES,
            origin="generated",
            license=back_end.license,
            styles=styles,
            fingerprint=back_end.fingerprint,
            picture_s=back_end.picture_s,
        )
    name = settings.texture.generator
    if name == textures.PARAMETRIC:
        return TextureOffer(textures.MODEL, styles=styles)
    model = catalogue.entry(name)
    if model.kind != "texture":
        raise SettingsError(f"texture.generator: {name} is a model of kind {model.kind}, not texture.")
    model_path(catalogue, name)
    return TextureOffer(name, generator=name, origin="generated", license=model.license, styles=styles)


def mesh_offer(settings: Settings, catalogue: Catalogue) -> MeshOffer:
    """Return what builds things.

    Raises:
        SettingsError: If the settings name something that can't.
        ModelError: If a model is not here.
    """
    offer = _embedded_meshes(settings, catalogue)
    back_end = mesh_back_ends.chosen(settings.mesh)
    if back_end is None:
        return offer
    return replace(
        offer, license=back_end.license, refined_by=back_end.fingerprint, refine_s=back_end.model_s
    )


def _embedded_meshes(settings: Settings, catalogue: Catalogue) -> MeshOffer:
    networks, shelves = (networks_here(catalogue, kind) for kind in MESH_KINDS)
    styles = networks | shelves | {meshes.PARAMETRIC: meshes.MODEL}
    name = settings.mesh.generator
    manners = {"procedural": meshes.PARAMETRIC}
    for manner, found in (("generated", networks), ("library", shelves)):
        if found:
            manners[manner] = name if name in found else next(iter(found))
    if name == meshes.PARAMETRIC:
        return MeshOffer(meshes.MODEL, styles=styles, manners=manners)
    model = catalogue.entry(name)
    if model.kind not in MESH_KINDS:
        raise SettingsError(f"mesh.generator: {name} is a model of kind {model.kind}, not mesh or props.")
    model_path(catalogue, name)
    origin = "generated" if model.kind == "mesh" else "retrieved"
    return MeshOffer(
        name, generator=name, origin=origin, license=model.license, styles=styles, manners=manners
    )
