"""Models from an API server of Hunyuan3D, built after an image."""

import base64
import hashlib
from collections.abc import Generator, Mapping
from pathlib import Path

import numpy as np

from vrbridge.errors import GeneratorFailed, Unavailable
from vrbridge.generator_settings import Hunyuan3DSettings
from vrbridge.generators.mesh.hunyuan3d_job import TOO_LONG, Hunyuan3DJob
from vrbridge.generators.mesh.hunyuan3d_link import SECTION, Hunyuan3DLink
from vrbridge.generators.mesh.model_server import check_address, headers
from vrbridge.generators.mesh.model_source import ModelRequest
from vrbridge.generators.mesh.reference_image import Pixels, ReferenceImages, mean_color, png
from vrbridge.generators.mesh.voxels import Model

# Something is said at least that often, so that nobody takes the work for hanging.
_PATIENCE_S = 0.25
# Of the whole, for progress.
_IMAGE_SHARE = 0.15
# What 2.1 accepts; 2 takes any.
_SEEDS = 2**32
_MIN_FACES, _MAX_FACES = 1000, 100_000


class Hunyuan3DModels:
    """Asks one server for one model at a time; see `ModelSource`.

    The server begins whatever it is sent at once, on networks that take only one thing at a time, and can't
    be told to stop. So all workers that share a folder take turns, and a turn lasts until the model is
    built or its time is over, also if nobody wants it any more. Nothing is known of others who use the
    server, of workers on other machines, nor of a model whose worker has died.

    Args:
        settings: Which server, and how it builds.
        images: What it builds after.
        locks: Folder for what workers take in turns.
        environment: Where the key is looked up. None: the process's own.

    Raises:
        SettingsError: If it can't work as it is set; nobody is asked for that.
    """

    model = "hunyuan3d"

    def __init__(
        self,
        settings: Hunyuan3DSettings,
        images: ReferenceImages,
        locks: Path,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        check(settings, environment)
        self._settings = settings
        self._images = images
        self._headers = headers(settings.api_key_env, environment, section=SECTION)
        digest = hashlib.sha256(settings.url.rstrip("/").encode()).hexdigest()
        self._turns = locks / f"{digest[:16]}.lock"

    @property
    def follows_draft(self) -> bool:
        """Whether the image shows the draft."""
        return self._images.is_of_draft

    def generate(self, request: ModelRequest) -> Generator[float, None, Model]:
        """Yield how much of the time is over, and return the model; see `ModelSource.generate`."""
        image = yield from _scaled(self._images.generate(request))
        timeout_s = self._settings.timeout_s
        link = Hunyuan3DLink(self._settings.url, self._headers)
        job = Hunyuan3DJob(link, self._order(request, image), self._turns, timeout_s=timeout_s)
        queued_s = sent_s = 0.0
        try:
            while (model := job.model(within_s=_PATIENCE_S)) is None:
                if job.is_sent:
                    sent_s += _PATIENCE_S
                else:
                    queued_s += _PATIENCE_S
                if queued_s >= timeout_s:
                    raise Unavailable("The model server builds for others; try again.")
                if sent_s >= timeout_s:
                    job.end()
                    raise GeneratorFailed(TOO_LONG)
                yield _IMAGE_SHARE + (1 - _IMAGE_SHARE) * min(sent_s / timeout_s, 1.0)
        finally:
            job.leave()
        return _tinted(model, image)

    def _order(self, request: ModelRequest, image: Pixels) -> dict[str, object]:
        settings = self._settings
        order: dict[str, object] = {
            "image": base64.b64encode(png(image)).decode(),
            "seed": request.seed % _SEEDS,
            "texture": settings.texture,
            "face_count": min(max(request.max_faces, _MIN_FACES), _MAX_FACES),
            "num_inference_steps": settings.num_inference_steps,
            "guidance_scale": settings.guidance_scale,
            "octree_resolution": settings.octree_resolution,
        }
        return {name: value for name, value in order.items() if value is not None}


def check(settings: Hunyuan3DSettings, environment: Mapping[str, str] | None = None) -> None:
    """Make sure that the settings of the server can work.

    Raises:
        SettingsError: If they can't.
    """
    check_address(settings.url, section=SECTION, such_as="http://127.0.0.1:8081")
    headers(settings.api_key_env, environment, section=SECTION)


def _scaled(image: Generator[float, None, Pixels]) -> Generator[float, None, Pixels]:
    try:
        while True:
            yield _IMAGE_SHARE * next(image)
    except StopIteration as end:
        pixels: Pixels = end.value
        return pixels
    finally:
        image.close()


def _tinted(model: Model, image: Pixels) -> Model:
    """Return a model in the image's mean colour if it has none of its own."""
    if (model.colors != model.colors[0]).any():
        return model
    colors = np.tile(mean_color(image), (len(model.vertices), 1))
    return Model(model.vertices, model.faces, colors)
