"""Image generators of others that the settings can name instead of the embedded one."""

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from vrbridge.errors import SettingsError
from vrbridge.generator_settings import ComfyUiSettings, TextureSettings
from vrbridge.generators.texture import diffusers_model
from vrbridge.generators.texture.comfyui_workflow import Workflow
from vrbridge.generators.texture.pictures import PictureSource
from vrbridge.settings import assets_dir

PICTURES = "pictures"
"""What orders call whichever back end is set."""

# Estimates for orders until the first ones have run; what they really take is learned from then on.
_DIFFUSERS_S = 5.0
_COMFYUI_S = 10.0


@dataclass(frozen=True, slots=True)
class BackEnd:
    """What is known of a back end before it is opened.

    Attributes:
        model: Its name for clients.
        license: Of its pictures.
        fingerprint: Changes when the same words and seed may give another picture.
        picture_s: Estimated seconds of a picture.
    """

    model: str
    license: str
    fingerprint: str
    picture_s: float


def chosen(texture: TextureSettings, environment: Mapping[str, str] | None = None) -> BackEnd | None:
    """Return the back end that the settings name, or None for the embedded generator.

    Args:
        texture: The settings.
        environment: Where keys are looked up. None: the process's own.

    Raises:
        SettingsError: If it can't work as it is set; nothing is loaded, and nobody is asked for that.
    """
    if texture.backend == "diffusers":
        diffusers_model.check_model(texture.diffusers)
        return BackEnd(
            model=diffusers_model.model_name(texture.diffusers),
            license=texture.diffusers.license,
            fingerprint=diffusers_model.fingerprint(texture.diffusers),
            picture_s=_DIFFUSERS_S,
        )
    if texture.backend == "comfyui":
        settings = texture.comfyui
        _check_address(settings)
        api_key(settings, environment)
        paints = (workflow_of(settings).digest, settings.url, settings.checkpoint, settings.steps,
                  settings.guidance, settings.size_px, settings.is_seamless, settings.prompt_suffix,
                  settings.negative_prompt)  # fmt: skip
        return BackEnd(
            model=Path(settings.checkpoint).stem if settings.checkpoint else "comfyui",
            license=settings.license,
            fingerprint=hashlib.sha256(repr(paints).encode()).hexdigest(),
            picture_s=_COMFYUI_S,
        )
    return None


def opened(texture: TextureSettings, environment: Mapping[str, str] | None = None) -> PictureSource:
    """Return the source of pictures that the settings name.

    Args:
        texture: Settings that name one.
        environment: Where keys are looked up. None: the process's own.

    Raises:
        SettingsError: As `chosen` does.
    """
    # Here and not on top: one needs torch and packages that are not always here, the other does not.
    if texture.backend == "diffusers":
        from vrbridge.generators.texture.diffusers_source import DiffusersPictures

        return DiffusersPictures(texture.diffusers)
    from vrbridge.generators.texture.comfyui_source import ComfyUiPictures

    settings = texture.comfyui
    return ComfyUiPictures(settings, workflow_of(settings), key=api_key(settings, environment))


def workflow_of(settings: ComfyUiSettings) -> Workflow:
    """Return the workflow that the settings name, or the bundled one.

    Raises:
        SettingsError: If it can't be used.
    """
    bundled = assets_dir() / "workflows" / "comfyui_texture.json"
    return Workflow(Path(settings.workflow).expanduser() if settings.workflow else bundled)


def _check_address(settings: ComfyUiSettings) -> None:
    try:
        parts = urlsplit(settings.url)
        is_good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_good = False
    if is_good and parts.username is not None:
        # Workers get their settings on the command line, which others on the machine can read.
        raise SettingsError(
            "`texture.comfyui.url` must not hold a name or password; use `texture.comfyui.api_key_env`."
        )
    if not is_good:
        raise SettingsError("`texture.comfyui.url` is no address such as `http://127.0.0.1:8188`.")


def api_key(settings: ComfyUiSettings, environment: Mapping[str, str] | None = None) -> str | None:
    """Return the key for the server, or None if it needs none.

    Raises:
        SettingsError: If the variable that the settings name is not set.
    """
    name = settings.api_key_env
    if name is None:
        return None
    key = (os.environ if environment is None else environment).get(name)
    if not key:
        raise SettingsError(f"`texture.comfyui.api_key_env` names {name}, which is not set.")
    return key
