"""A picture model paints the thing, and what goes wrong there is told."""

from collections.abc import Generator
from pathlib import Path

import numpy as np
import pytest

from tests.generators.mesh.drafts import request_for
from tests.generators.texture.tiny_pipelines import save_unet_pipeline
from vrbridge.errors import GeneratorFailed, Refused, SettingsError
from vrbridge.generator_settings import Hunyuan3DSettings, MeshSettings, ReferenceImageSettings
from vrbridge.generators.mesh.back_ends import chosen, opened
from vrbridge.generators.mesh.hunyuan3d import Hunyuan3DModels
from vrbridge.generators.mesh.painted_images import PaintedImages
from vrbridge.generators.mesh.reference_image import Pixels
from vrbridge.generators.texture.diffusers_source import DiffusersPictures
from vrbridge.generators.texture.pictures import Event, Picture, Preview, Step

SETTINGS = ReferenceImageSettings(steps=2, device="cpu")


class Painter:
    """Says what it was told to, and notes what it was asked for."""

    model = "painter"

    def __init__(self, *events: Event | Exception) -> None:
        self._events = events
        self.asked: list[tuple[str, int, int]] = []
        self.is_closed = False

    def generate(self, prompt: str, *, size_px: int, seed: int) -> Generator[Event, None, None]:
        self.asked.append((prompt, size_px, seed))
        try:
            for event in self._events:
                if isinstance(event, Exception):
                    raise event
                yield event
        finally:
            self.is_closed = True


def shown(images: PaintedImages) -> tuple[list[float], Pixels]:
    waiting = images.generate(request_for("red ball", seed=7))
    shares = []
    while True:
        try:
            shares.append(next(waiting))
        except StopIteration as end:
            return shares, end.value


def test_the_picture_comes_without_its_background() -> None:
    color = np.full((32, 32, 3), 0.96, np.float32)
    color[8:24, 8:24] = (0.9, 0, 0)
    painter = Painter(
        Step("generate", 0.2), Preview(np.zeros((8, 8, 3), np.uint8), 0.6), Picture(color, False)
    )
    images = PaintedImages(painter)
    shares, pixels = shown(images)
    assert not images.is_of_draft
    assert shares == [0.2, 0.6]
    assert painter.asked == [("red ball", 512, 7)]
    assert painter.is_closed
    assert (pixels[..., 3] == 255).sum() == 16 * 16


def test_no_picture_is_told() -> None:
    with pytest.raises(GeneratorFailed, match="safety check"):
        shown(PaintedImages(Painter(Step("generate", 0.1), Refused("Its safety check objects."))))
    with pytest.raises(GeneratorFailed, match="no picture"):
        shown(PaintedImages(Painter(Step("generate", 0.1))))


def test_a_picture_that_nobody_wants_is_given_up_at_once() -> None:
    painter = Painter(*[Step("generate", 0.1)] * 9)
    waiting = PaintedImages(painter).generate(request_for("ball"))
    next(waiting)
    waiting.close()
    assert painter.is_closed


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_unet_pipeline(tmp_path_factory.mktemp("unet"))


def test_a_pipeline_paints_one_thing_that_does_not_tile(folder: Path) -> None:
    settings = ReferenceImageSettings(model=str(folder), steps=2, device="cpu")
    assert settings.prompt_suffix == ", single object, white background"
    pictures = DiffusersPictures(settings, tiles=False)
    try:
        shares, pixels = shown(PaintedImages(pictures))
        pipeline = pictures._pipeline.result()
    finally:
        pictures.close()
    assert shares == sorted(shares)
    assert pixels.shape == (64, 64, 4)
    assert not pipeline.is_wrapped
    assert pipeline.denoiser is not None
    assert not pipeline.is_rolled
    assert {part.padding_mode for part in pipeline.denoiser.modules() if hasattr(part, "padding_mode")} == {
        "zeros"
    }


def test_the_settings_choose_who_paints(folder: Path, tmp_path: Path) -> None:
    def settings(model: str | None) -> MeshSettings:
        picture = ReferenceImageSettings(model=model, device="cpu")
        return MeshSettings(backend="hunyuan3d", hunyuan3d=Hunyuan3DSettings(picture=picture))

    fingerprints = set()
    for model, follows_draft in ((None, True), (str(folder), False)):
        back_end = chosen(settings(model))
        assert back_end is not None
        fingerprints.add(back_end.fingerprint)
        source = opened(settings(model), tmp_path)
        assert isinstance(source, Hunyuan3DModels)
        assert source.follows_draft == follows_draft
    assert len(fingerprints) == 2
    with pytest.raises(SettingsError, match=r"mesh\.hunyuan3d\.picture\.model"):
        chosen(settings("./nowhere"))
