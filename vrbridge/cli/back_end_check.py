"""What `vrbridge doctor` says about image generators of others."""

import difflib
import json
import logging
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from vrbridge.cli.finding import Finding
from vrbridge.errors import SettingsError, Unavailable
from vrbridge.generator_settings import DiffusersSettings, TextureSettings
from vrbridge.settings import Settings

_NAME = "texture back end"
_INDEX = "model_index.json"


def check_back_end(settings: Settings) -> Iterator[Finding]:
    """Yield what there is to say about the back end that the settings name."""
    texture = settings.texture
    if texture.backend == "embedded":
        yield Finding(_NAME, True, f"embedded, {texture.generator}")
        return
    # Here and not on top: the other commands start faster without it.
    from vrbridge.generators.texture import back_ends

    try:
        back_ends.chosen(texture)
    except SettingsError as error:
        fix = 'Correct the setting, or take the embedded generator: `[texture] backend = "embedded"`.'
        yield Finding(_NAME, False, error.message, fix)
        return
    if texture.backend == "comfyui":
        yield _comfyui(texture)
        return
    yield _diffusers(texture.diffusers)
    if settings.workers.count > 1:
        detail = f"each of {settings.workers.count} workers loads the model"
        fix = "`[workers] count = 1` needs the memory only once."
        yield Finding("workers", False, detail, fix, is_optional=True)


def _diffusers(settings: DiffusersSettings) -> Finding:
    folder = Path(str(settings.model)).expanduser()
    if not folder.is_dir():
        return _hub_model(settings)
    kind = str(json.loads((folder / _INDEX).read_text("utf-8")).get("_class_name"))
    import diffusers

    fix = (
        "`pip install -U diffusers`, if the pipeline is newer; pipelines with code of their own are not run."
    )
    n_bytes = sum(file.stat().st_size for file in folder.rglob("*.safetensors"))
    if not hasattr(diffusers, kind):
        return Finding(_NAME, False, f"diffusers knows no {kind}", fix)
    return Finding(_NAME, True, f"diffusers, {kind} in {folder.name} ({n_bytes / 1e9:.1f} GB)")


def _hub_model(settings: DiffusersSettings) -> Finding:
    from huggingface_hub import try_to_load_from_cache

    name = str(settings.model)
    if isinstance(try_to_load_from_cache(name, _INDEX), str):
        return Finding(_NAME, True, f"diffusers, {name} in the hub's cache")
    fix = f"The server downloads it when it starts; `hf download {name}` does so beforehand."
    return Finding(_NAME, False, f"diffusers, {name} is not here yet", fix, is_optional=True)


def _comfyui(texture: TextureSettings) -> Finding:
    from vrbridge.generators.texture.back_ends import api_key, workflow_of
    from vrbridge.generators.texture.comfyui_link import ComfyUiLink

    settings = texture.comfyui
    # What goes wrong is printed here, not logged.
    logging.getLogger(ComfyUiLink.__module__).addHandler(logging.NullHandler())
    key = api_key(settings)
    workflow = workflow_of(settings)
    link = ComfyUiLink(settings.url, key=key, connect_timeout_s=settings.connect_timeout_s)
    with closing(link):
        where = f"ComfyUI at {link.name}"
        try:
            version = link.version()
            missing = [node for node in workflow.node_types if not link.has_node(node)]
            names = link.checkpoints() if workflow.uses("checkpoint") else []
        except Unavailable:
            fix = "Start it, or correct `texture.comfyui.url` and the key in `texture.comfyui.api_key_env`."
            return Finding(_NAME, False, f"{where} does not answer as it should", fix)
    if missing:
        fix = "Install these custom nodes there, or choose another `texture.comfyui.workflow`."
        return Finding(_NAME, False, f"{where} lacks nodes of the workflow: {', '.join(missing)}", fix)
    if workflow.uses("checkpoint") and not names:
        fix = "Put a model into its folder models/checkpoints."
        return Finding(_NAME, False, f"{where} has no checkpoint", fix)
    if settings.checkpoint and workflow.uses("checkpoint") and settings.checkpoint not in names:
        near = difflib.get_close_matches(settings.checkpoint, names, n=1) or names[:1]
        fix = f"Correct `texture.comfyui.checkpoint`; there is `{near[0]}`."
        return Finding(_NAME, False, f"{where} has no checkpoint {settings.checkpoint}", fix)
    model = settings.checkpoint or (names[0] if names else "models of the workflow")
    return Finding(_NAME, True, f"{where}, version {version}, {model}")
