"""Shape generators of others that the settings can name beside the embedded one."""

from collections.abc import Mapping
from dataclasses import dataclass

from vrbridge.generators.mesh import http_models
from vrbridge.generators.mesh.model_source import ModelSource
from vrbridge.generators.texture import diffusers_model
from vrbridge.settings import MeshSettings

# Estimates for orders until the first ones have run; what they really take is learned from then on.
_SHAP_E_S = 60.0
_HTTP_S = 30.0
_SHAP_E_SECTION = "mesh.shap_e"
_SHAP_E_HUB_ID = "openai/shap-e"


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
        http_models.check(mesh.http, environment)
        return MeshBackEnd(mesh.http.license, mesh.http.url, _HTTP_S)
    return None


def opened(mesh: MeshSettings, environment: Mapping[str, str] | None = None) -> ModelSource:
    """Return the source of models that the settings name.

    Args:
        mesh: Settings that name one.
        environment: Where keys are looked up. None: the process's own.

    Raises:
        SettingsError: As `chosen` does.
    """
    if mesh.backend == "http":
        return http_models.HttpModels(mesh.http, environment)
    # Here and not on top: it needs packages that are not always here.
    from vrbridge.generators.mesh.shap_e import ShapEModels

    return ShapEModels(mesh.shap_e)
