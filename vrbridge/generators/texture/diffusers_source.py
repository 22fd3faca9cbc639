"""Pictures from a text-to-image pipeline of diffusers, in this process."""

import logging
import queue
import threading
from collections.abc import Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from torch import Tensor

from vrbridge.errors import GeneratorFailed, Refused, Unavailable, VrbridgeError
from vrbridge.generator_settings import PipelineSettings
from vrbridge.generators.texture.diffusers_model import model_name
from vrbridge.generators.texture.diffusers_pipeline import Pipeline, roll_offset
from vrbridge.generators.texture.pictures import Event, Picture, Step
from vrbridge.generators.texture.seamless import tiles_already

_HEARTBEAT_S = 1.0
"""While nothing happens, so often the last step is repeated: that is when a cancelled work notices."""
# Decoding the lattice takes what is left after the steps.
_STEPS_SHARE = 0.9
_log = logging.getLogger(__name__)


class DiffusersPictures:
    """Loads a pipeline in the background and paints with it, one picture at a time.

    Args:
        settings: Which pipeline, and how it paints.
        section: Of the settings, for errors.
        tiles: Whether pictures are to go on at the opposite edge.
    """

    def __init__(
        self, settings: PipelineSettings, *, section: str = "texture.diffusers", tiles: bool = True
    ) -> None:
        self._settings = settings
        self._section = section
        self._tiles = tiles
        self._n_threads = torch.get_num_threads()
        # One thread for all, so that pictures never overlap; this one stays free to notice that one is
        # not wanted any more.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="pictures")
        self._pipeline: Future[Pipeline] = self._thread.submit(self._load)

    @property
    def model(self) -> str:
        """Hub id, or name of the folder."""
        return model_name(self._settings)

    def close(self) -> None:
        """Wait for what runs and end the thread."""
        self._thread.shutdown(cancel_futures=True)

    def generate(self, prompt: str, *, size_px: int, seed: int) -> Generator[Event, None, None]:
        """Yield a step after each of the pipeline's, then the picture; see `PictureSource.generate`."""
        if self._pipeline.done() and self._pipeline.exception() is not None:
            # A hub that could not be reached may be there now.
            self._pipeline = self._thread.submit(self._load)
        yield from _waited_for(self._pipeline, Step("load", 0.0))
        run = _Run(self._ready(), n_threads=self._n_threads)
        done = self._thread.submit(run.paint, f"{prompt}{self._settings.prompt_suffix}", seed)
        try:
            yield from run.steps(done)
            yield done.result()
        finally:
            # Also when the reader goes away: the step that runs is the last one.
            run.stop()
            done.exception()

    def _load(self) -> Pipeline:
        torch.set_num_threads(self._n_threads)
        return Pipeline(self._settings, section=self._section, tiles=self._tiles)

    def _ready(self) -> Pipeline:
        try:
            return self._pipeline.result()
        except VrbridgeError as error:
            _log.error("%s", error.message)
            raise Unavailable("The picture model can't be loaded; the server's log says why.") from error


class _Stopped(Exception):
    """Nobody wants the picture any more."""


class _Run:
    """One picture, painted on the pipeline's thread and followed from another.

    Args:
        pipeline: Paints.
        n_threads: Of torch.
    """

    def __init__(self, pipeline: Pipeline, *, n_threads: int) -> None:
        self._pipeline = pipeline
        self._n_threads = n_threads
        self._n_steps = pipeline.n_steps()
        self._is_stopped = threading.Event()
        self._done: queue.SimpleQueue[int | None] = queue.SimpleQueue()
        self._place = (0, 0)

    def stop(self) -> None:
        """Have the pipeline give up after the step that it is in."""
        self._is_stopped.set()

    def steps(self, done: "Future[Picture]") -> Iterator[Event]:
        """Yield steps until the pipeline has ended, and one more every second without any."""
        done.add_done_callback(lambda _: self._done.put(None))
        fraction = 0.0
        while True:
            yield Step("generate", fraction)
            try:
                n_done = self._done.get(timeout=_HEARTBEAT_S)
            except queue.Empty:
                continue
            if n_done is None:
                return
            fraction = max(fraction, _STEPS_SHARE * min(1.0, n_done / self._n_steps))

    def paint(self, prompt: str, seed: int) -> Picture:
        """Return the picture; runs on the pipeline's thread.

        Raises:
            Refused: If the pipeline's safety checker objects.
            GeneratorFailed: If the picture holds no proper numbers.
        """
        # OpenMP keeps this number per thread.
        torch.set_num_threads(self._n_threads)
        extra: dict[str, Any] = {}
        if self._pipeline.has_step_callback:
            extra["callback_on_step_end"] = self._after_step
            if self._pipeline.is_rolled:
                extra["callback_on_step_end_tensor_inputs"] = ["latents"]
        with self._watched_door():
            self._check_wanted()
            return self._picture(self._pipeline(prompt, seed=seed, **extra))

    @contextmanager
    def _watched_door(self) -> Iterator[None]:
        """Stop before the network runs again: not every pipeline says when a step is done."""
        denoiser = self._pipeline.denoiser
        hook = denoiser.register_forward_pre_hook(self._before_network) if denoiser is not None else None
        try:
            yield
        finally:
            if hook is not None:
                hook.remove()

    def _picture(self, output: Any) -> Picture:
        if any(getattr(output, "nsfw_content_detected", None) or ()):
            raise Refused("The picture model's own safety check refused the picture.", field="params.prompt")
        color = np.asarray(output.images[0], np.float32)
        if color.ndim != 3 or color.shape[2] != 3:
            raise GeneratorFailed(f"The picture model made something of shape {color.shape}, not a picture.")
        if not np.isfinite(color.sum()):
            raise GeneratorFailed("The picture model made something that holds no proper numbers.")
        is_seamless = self._pipeline.is_wrapped or tiles_already(color)
        return Picture(np.clip(color, 0, 1), is_seamless)

    def _check_wanted(self) -> None:
        if self._is_stopped.is_set():
            raise _Stopped

    def _before_network(self, *_: object) -> None:
        self._check_wanted()

    def _after_step(self, _: Any, step: int, __: Any, tensors: dict[str, Any]) -> dict[str, Any]:
        self._check_wanted()
        self._done.put(step + 1)
        latents = tensors.get("latents")
        if self._pipeline.is_rolled and isinstance(latents, Tensor) and latents.ndim == 4:
            return {"latents": self._roll(latents, step)}
        return {}

    def _roll(self, latents: Tensor, step: int) -> Tensor:
        """Return the lattice rolled on to its next place, which is its first one after the last step."""
        height, width = latents.shape[-2:]
        is_last = step >= self._n_steps - 1
        place = (0, 0) if is_last else (roll_offset(step, height), roll_offset(step + 1, width))
        by = (place[0] - self._place[0], place[1] - self._place[1])
        self._place = place
        return latents.roll(by, (-2, -1))


def _waited_for(future: "Future[Any]", step: Step) -> Iterator[Event]:
    """Yield the same step every second until something is done."""
    finished = threading.Event()
    future.add_done_callback(lambda _: finished.set())
    while not finished.wait(_HEARTBEAT_S):
        yield step
