"""Shape generators of others that the settings can name beside the embedded one."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from vrbridge.generator_settings import Hunyuan3DSettings, MeshSettings
from vrbridge.generators.texture import diffusers_model

# The server knows this module too, and does without what builds meshes.
if TYPE_CHECKING:
    from vrbridge.generators.mesh.model_source import ModelSource
    from vrbridge.generators.mesh.reference_image import ReferenceImages

# Estimates for orders until the first ones have run; what they really take is learned from then on.
_SHAP_E_S = 60.0
_HTTP_S = 30.0
_HUNYUAN3D_S = 20.0
_HUNYUAN3D_TEXTURE_S = 60.0
_SHAP_E_SECTION = "mesh.shap_e"
_SHAP_E_HUB_ID = "openai/shap-e"
_PICTURE_SECTION = "mesh.hunyuan3d.picture"


@dataclass(frozen=True, slots=True)
class MeshBackEnd:
    """What is known of a back end before it is opened.

    Attributes:
        license: Of its models.
        fingerprint: Changes when the same words and seed may give another model.
        model_s: Estimated seconds of a model.
    """

    license: str
    fingerprint: str
    model_s: float


def chosen(mesh: MeshSettings, environment: Mapping[str, str] | None = None) -> MeshBackEnd | None:
    """Return the back end that the settings name, or None for the embedded generator alone.

    Args:
        mesh: The settings.
        environment: Where keys are looked up. None: the process's own.

    Raises:
        SettingsError: If it can't work as it is set; nothing is loaded, and nobody is asked for that.
    """
    if mesh.backend == "shap-e":
        diffusers_model.check_model(mesh.shap_e, section=_SHAP_E_SECTION, such_as=_SHAP_E_HUB_ID)
        return MeshBackEnd(mesh.shap_e.license, diffusers_model.fingerprint(mesh.shap_e), _SHAP_E_S)
    if mesh.backend == "http":
        from vrbridge.generators.mesh import http_models

        http_models.check(mesh.http, environment)
        return MeshBackEnd(mesh.http.license, mesh.http.url, _HTTP_S)
    if mesh.backend == "hunyuan3d":
        from vrbridge.generators.mesh import hunyuan3d

        settings = mesh.hunyuan3d
        hunyuan3d.check(settings, environment)
        if settings.picture.model is not None:
            diffusers_model.check_model(settings.picture, section=_PICTURE_SECTION)
        seconds = _HUNYUAN3D_TEXTURE_S if settings.texture else _HUNYUAN3D_S
        return MeshBackEnd(settings.license, _hunyuan3d_fingerprint(settings), seconds)
    return None


def opened(mesh: MeshSettings, locks: Path, environment: Mapping[str, str] | None = None) -> "ModelSource":
    """Return the source of models that the settings name.

    Args:
        mesh: Settings that name one.
        locks: Folder for what workers take in turns.
        environment: Where keys are looked up. None: the process's own.

    Raises:
        SettingsError: As `chosen` does.
    """
    # Here and not on top: one needs packages that are not always here, the others are seldom asked for.
    if mesh.backend == "http":
        from vrbridge.generators.mesh import http_models

        return http_models.HttpModels(mesh.http, environment)
    if mesh.backend == "hunyuan3d":
        from vrbridge.generators.mesh import hunyuan3d

        return hunyuan3d.Hunyuan3DModels(mesh.hunyuan3d, _images(mesh.hunyuan3d), locks, environment)
    from vrbridge.generators.mesh.shap_e import ShapEModels

    return ShapEModels(mesh.shap_e)


def _images(settings: Hunyuan3DSettings) -> "ReferenceImages":
    if settings.picture.model is None:
        from vrbridge.generators.mesh.draft_images import DraftImages

        return DraftImages()
    from vrbridge.generators.mesh.painted_images import PaintedImages
    from vrbridge.generators.texture.diffusers_source import DiffusersPictures

    return PaintedImages(DiffusersPictures(settings.picture, section=_PICTURE_SECTION, tiles=False))


def _hunyuan3d_fingerprint(settings: Hunyuan3DSettings) -> str:
    builds = (settings.url, settings.texture, settings.num_inference_steps, settings.guidance_scale,
              settings.octree_resolution, diffusers_model.fingerprint(settings.picture))  # fmt: skip
    return hashlib.sha256(repr(builds).encode()).hexdigest()
