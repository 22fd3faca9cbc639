"""The sections that say which generators make textures and meshes."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta


class PipelineSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A text-to-image pipeline that the workers run themselves; needs the extra `vrbridge[diffusers]`."""

    model: str | None = None
    """Folder with `model_index.json`, or a hub id, which is downloaded once; weights in safetensors only.
    Has to be set: the model's licence is the user's choice."""
    variant: str | None = None
    """Which of several sets of weights to load, such as `fp16`. None: the plain one."""
    steps: Annotated[int, Meta(ge=0, le=200)] = 0
    """0: four for models made for few steps (turbo, lightning, hyper, schnell), else the pipeline's own."""
    guidance: Annotated[float, Meta(ge=0, le=50)] | None = None
    """None: 0 for models made for few steps, else the pipeline's own."""
    size_px: Annotated[int, Meta(ge=0, le=2048)] = 0
    """Edge of the pictures before they are scaled to what was asked for. 0: what the model learned on."""
    device: str = "auto"
    """Of torch, such as `cuda`, `cuda:1`, `mps` or `cpu`; auto takes the fastest there is."""
    dtype: Literal["auto", "float32", "float16", "bfloat16"] = "auto"
    prompt_suffix: str = ""
    """Follows every prompt."""
    negative_prompt: str = ""
    """What pictures should not show; only models with guidance above 1 heed it."""


class DiffusersSettings(PipelineSettings, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A pipeline that paints materials."""

    prompt_suffix: str = ", seamless texture of a material, seen straight from above, flat even light"
    license: str = "as the model's"
    """Of the pictures; goes into the welcome message."""


class ComfyUiSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A ComfyUI server that makes the pictures."""

    url: str = "http://127.0.0.1:8188"
    workflow: str | None = None
    """File of a workflow in API format with placeholders; see `assets/workflows/README.md`.
    None: the bundled one."""
    checkpoint: str | None = None
    """Stands in for `{{checkpoint}}` in the workflow. None: the first that the server has."""
    steps: Annotated[int, Meta(ge=1, le=200)] = 20
    guidance: Annotated[float, Meta(ge=0, le=50)] = 7.0
    size_px: Annotated[int, Meta(ge=64, le=2048)] = 512
    """Edge of the pictures before they are scaled to what was asked for; 1024 for SDXL and newer."""
    is_seamless: bool = False
    """Whether the workflow's pictures tile by themselves; others are made to tile afterwards."""
    prompt_suffix: str = ", seamless texture of a material, seen straight from above, flat even light"
    negative_prompt: str = "text, watermark, frame, perspective, shadow"
    timeout_s: Annotated[float, Meta(gt=0)] = 300.0
    """For one picture, its wait in ComfyUI's queue included."""
    connect_timeout_s: Annotated[float, Meta(gt=0)] = 5.0
    api_key_env: str | None = None
    """Name of the environment variable whose value is sent as a bearer token."""
    license: str = "as the model's"
    """Of the pictures; goes into the welcome message."""


class TextureSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The `texture` kind."""

    backend: Literal["embedded", "diffusers", "comfyui"] = "embedded"
    """What paints: the generator named below, or an image generator of others."""
    generator: str = "textures-1"
    """A texture network of the model catalogue, helped by rules where lines have to be straight; or
    `parametric`: rules alone."""
    max_size_px: int = 2048
    diffusers: DiffusersSettings = DiffusersSettings()
    comfyui: ComfyUiSettings = ComfyUiSettings()


class HttpMeshSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A server that answers a POST of `{"prompt", "seed", "max_faces"}` with a GLB file."""

    url: str = "http://127.0.0.1:8081/generate"
    api_key_env: str | None = None
    """Name of an environment variable with the key, which is sent as a bearer token."""
    timeout_s: Annotated[float, Meta(gt=0, le=3600)] = 180.0
    """After that the model is given up, and what was built first stays."""
    license: str = "as the model's"
    """Of the models; goes into the welcome message."""


class ShapESettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A Shap-E pipeline that the workers run themselves; needs the extra `vrbridge[diffusers]`."""

    model: str | None = None
    """Folder with `model_index.json`, or a hub id such as `openai/shap-e`; weights in safetensors only."""
    variant: str | None = None
    """Which of several sets of weights to load, such as `fp16`. None: the plain one."""
    steps: Annotated[int, Meta(ge=0, le=200)] = 0
    """0: 32."""
    guidance: Annotated[float, Meta(ge=0, le=50)] | None = None
    """None: 15."""
    device: str = "auto"
    """Of torch, such as `cuda`, `cuda:1`, `mps` or `cpu`; auto takes the fastest there is."""
    dtype: Literal["auto", "float32", "float16", "bfloat16"] = "auto"
    license: str = "as the model's"
    """Of the models; goes into the welcome message."""


class ReferenceImageSettings(PipelineSettings, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A pipeline that paints the things that models are built after."""

    prompt_suffix: str = ", single object, white background"


class Hunyuan3DSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An `api_server.py` of Hunyuan3D 2 or 2.1, which builds a model after an image."""

    url: str = "http://127.0.0.1:8081"
    picture: ReferenceImageSettings = ReferenceImageSettings()
    """Paints the image. Without a model it is a rendering of what the embedded generator built."""
    texture: bool = False
    """Whether the model is painted, for which 2 needs its texture model; 2.1 always does it. What is not
    painted has the mean colour of the image."""
    num_inference_steps: Annotated[int, Meta(ge=1, le=200)] | None = None
    """None, here and below: the server's own. 2.1 takes up to 20."""
    guidance_scale: Annotated[float, Meta(gt=0, le=50)] | None = None
    octree_resolution: Annotated[int, Meta(ge=64, le=512)] | None = None
    api_key_env: str | None = None
    """Name of an environment variable with a key, for a proxy in front of it; sent as a bearer token."""
    timeout_s: Annotated[float, Meta(gt=0, le=3600)] = 300.0
    """For one model, and as long again for those before it; then what was built first stays."""
    license: str = "as the model's"
    """Of the models; goes into the welcome message."""


class MeshSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The `mesh` kind."""

    backend: Literal["embedded", "shap-e", "http", "hunyuan3d"] = "embedded"
    """What builds: the generator named below; or it at once, and then a shape generator of others, whose
    model replaces the first when it is ready."""
    generator: str = "meshes-1"
    """A mesh network or a set of props of the model catalogue, or `parametric`: rules alone."""
    max_faces: int = 20000
    shap_e: ShapESettings = ShapESettings()
    http: HttpMeshSettings = HttpMeshSettings()
    hunyuan3d: Hunyuan3DSettings = Hunyuan3DSettings()
