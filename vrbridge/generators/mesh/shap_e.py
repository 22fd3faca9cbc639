"""Models from a Shap-E pipeline of diffusers, in this process."""

import logging
import threading
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from vrbridge.errors import GeneratorFailed, ModelError, Unavailable
from vrbridge.generator_settings import ShapESettings
from vrbridge.generators.mesh.extraction import surface_of
from vrbridge.generators.mesh.model_source import ModelRequest
from vrbridge.generators.mesh.simplification import prepared
from vrbridge.generators.mesh.volume import to_cells
from vrbridge.generators.mesh.voxels import Model
from vrbridge.generators.texture import diffusers_model
from vrbridge.generators.texture.diffusers_pipeline import chosen_device, chosen_dtype, first_line, silence

_SECTION = "mesh.shap_e"
_PATIENCE_S = 0.25
_STEPS = 32
_GUIDANCE = 15.0
# Reading the surface off takes what is left after the steps.
_STEPS_SHARE = 0.6
_EDGE = 96
_AT_ONCE = 16384
_MAX_FACES = 20_000
_log = logging.getLogger(__name__)


class ShapEModels:
    """Loads a pipeline when it is first asked, and builds with it, one model at a time; see `ModelSource`.

    Args:
        settings: Which pipeline, and how it builds.

    Source:
        Jun and Nichol, Shap-E: Generating Conditional 3D Implicit Functions, 2023.
    """

    follows_draft = False

    def __init__(self, settings: ShapESettings) -> None:
        self._settings = settings
        self._pipeline: Any = None
        # One thread for all: models never overlap, and this one stays free to notice that one is not wanted.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="models")

    @property
    def model(self) -> str:
        """Hub id, or name of the folder."""
        return diffusers_model.model_name(self._settings)

    def close(self) -> None:
        """Wait for what runs and end the thread."""
        self._thread.shutdown(cancel_futures=True)

    def generate(self, request: ModelRequest) -> Generator[float, None, Model]:
        """Yield how far it is, and return the model; see `ModelSource.generate`."""
        run = _Run(self._settings.steps or _STEPS)
        done: Future[Model] = self._thread.submit(self._build, run, request.prompt, request.seed)
        is_done = threading.Event()
        done.add_done_callback(lambda _: is_done.set())
        try:
            while not is_done.wait(_PATIENCE_S):
                yield run.fraction
        finally:
            # Also when the reader goes away: the step that runs is the last one.
            run.stop()
        return done.result()

    def _build(self, run: "_Run", prompt: str, seed: int) -> Model:
        if self._pipeline is None:
            self._pipeline = _loaded(self._settings)
        self._pipeline.progress_bar = run.steps
        guidance = self._settings.guidance
        output = self._pipeline(
            prompt,
            num_inference_steps=run.n_steps,
            guidance_scale=guidance if guidance is not None else _GUIDANCE,
            generator=torch.Generator("cpu").manual_seed(seed % 2**63),
            output_type="latent",
        )
        return model_of(self._pipeline.shap_e_renderer, output.images[0], run.check)


class _Stopped(Exception):
    """Nobody wants the model any more."""


class _Run:
    """How far one model is, seen from another thread.

    Args:
        n_steps: Of the pipeline.
    """

    def __init__(self, n_steps: int) -> None:
        self.n_steps = n_steps
        self.fraction = 0.0
        self._is_stopped = threading.Event()

    def stop(self) -> None:
        """Have the pipeline give up after the step that it is in."""
        self._is_stopped.set()

    def check(self) -> None:
        """Raise `_Stopped` if nobody wants the model any more."""
        if self._is_stopped.is_set():
            raise _Stopped

    def steps(self, iterable: Iterable[Any] | None = None, **_: Any) -> Iterator[Any]:
        """Yield the pipeline's steps, in place of its progress bar."""
        steps = list(iterable) if iterable is not None else []
        for number, step in enumerate(steps):
            self.check()
            yield step
            self.fraction = _STEPS_SHARE * (number + 1) / len(steps)


@torch.no_grad()
def model_of(renderer: Any, latent: Tensor, check: Callable[[], None]) -> Model:
    """Return what a latent stands for: +Y up, the middle at the origin, the longest side 1.

    Args:
        renderer: Of the pipeline; its fields have +Z up and reach from -1 to 1.
        latent: Of one model.
        check: Called between parts of the work; may raise.

    Raises:
        GeneratorFailed: If it is empty, or holds no proper numbers.
    """
    projected = renderer.params_proj(latent[None])
    for name, parameter in renderer.mlp.state_dict().items():
        if (known := projected.get(f"nerstf.{name}")) is not None:
            parameter.copy_(known.squeeze(0))
    axis = (np.arange(_EDGE) + 0.5) * (2 / _EDGE) - 1
    right, up, ahead = np.meshgrid(axis, axis, axis, indexing="ij")
    cells = np.stack([right, -ahead, up], -1).reshape(-1, 3)
    distances = _asked(renderer, cells, "signed_distance", check).reshape(_EDGE, _EDGE, _EDGE)
    surface = prepared(surface_of(distances / np.float32(2 / _EDGE)), _MAX_FACES)
    points = surface.vertices
    # `surface_of` places cells as if the grid had 64 to a side.
    x, y, z = (to_cells(points) * (2 / _EDGE) - 1).T
    colors = _asked(renderer, np.stack([x, -z, y], 1), "channels", check)
    low, high = points.min(0), points.max(0)
    return Model(
        vertices=((points - (low + high) / 2) / float((high - low).max())).astype(np.float32),
        faces=surface.faces,
        colors=(np.clip(colors, 0, 1) * 255).round().astype(np.uint8),
    )


def _asked(
    renderer: Any, positions: NDArray[np.floating], what: str, check: Callable[[], None]
) -> NDArray[np.float32]:
    """Return (N, C) values of the renderer's field at (N, 3) positions."""
    parameter = next(renderer.mlp.parameters())
    found = []
    for start in range(0, len(positions), _AT_ONCE):
        check()
        part = torch.from_numpy(positions[start : start + _AT_ONCE]).to(parameter.device, parameter.dtype)
        output = renderer.mlp(
            position=part[None], direction=None, ts=None, nerf_level="fine", rendering_mode="stf"
        )
        found.append(getattr(output, what)[0].float().cpu().numpy())
    values: NDArray[np.float32] = np.concatenate(found)
    if not np.isfinite(values.sum()):
        raise GeneratorFailed("The shape generator built something that holds no proper numbers.")
    return values


def _loaded(settings: ShapESettings) -> Any:
    name = diffusers_model.model_name(settings)
    try:
        silence()
        return _read(settings)
    except Exception as error:  # libraries of others raise whatever they like while they load
        _log.error("%s can't be loaded (%s)", name, first_line(error))
        raise Unavailable("The shape model can't be loaded; the server's log says why.") from error


def _read(settings: ShapESettings) -> Any:
    from diffusers import ShapEPipeline

    folder = Path(str(settings.model)).expanduser()
    device = chosen_device(settings.device, section=_SECTION)
    pipeline = ShapEPipeline.from_pretrained(
        str(folder) if folder.is_dir() else settings.model,
        dtype=chosen_dtype(settings.dtype, device),
        variant=settings.variant,
        use_safetensors=True,
    )
    if not isinstance(pipeline, ShapEPipeline):
        raise ModelError(f"{type(pipeline).__name__} is no Shap-E pipeline.")
    return pipeline.to(device)
