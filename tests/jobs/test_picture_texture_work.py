"""Pictures of a back end become the same assets as those of the embedded generator."""

import io
from collections.abc import Generator, Sequence
from typing import Any

import numpy as np
import pytest
from PIL import Image

from vrbridge.errors import GeneratorFailed
from vrbridge.generators.texture.pictures import Color, Event, Picture, Preview, Step
from vrbridge.generators.texture.surface import Surface
from vrbridge.jobs.outputs import ASSET, PROGRESS, RESULT, WorkOutput
from vrbridge.jobs.picture_texture_work import PictureTextureWork

ORDER: dict[str, Any] = {
    "generator": "pictures",
    "prompt": "mossy brick wall",
    "seed": 4,
    "size_px": 128,
    "maps": ["base_color", "normal", "orm"],
    "formats": ["png"],
    "style": None,
}
GREEN = np.array([60, 160, 40], np.uint8)


def picture(px: int = 128, *, is_seamless: bool = True) -> Picture:
    return Picture(np.tile(GREEN.astype(np.float32) / 255, (px, px, 1)), is_seamless)


def preview(fraction: float) -> Preview:
    return Preview(np.full((40, 60, 3), int(200 * fraction), np.uint8), fraction)


class FakeSource:
    """Yields what it is given, and remembers what it was asked."""

    def __init__(self, events: Sequence[Event]) -> None:
        self.events = events
        self.asked: list[tuple[str, int, int]] = []
        self.n_yielded = 0
        self.is_stopped = False
        self.model = "before"

    def generate(self, prompt: str, *, size_px: int, seed: int) -> Generator[Event, None, None]:
        self.asked.append((prompt, size_px, seed))
        try:
            for event in self.events:
                self.n_yielded += 1
                yield event
            self.model = "painter-1"
        except GeneratorExit:
            self.is_stopped = True
            raise


def estimate(color: Color) -> Surface:
    level = np.full(color.shape[:2], 0.25, np.float32)
    return Surface(height=np.zeros_like(level), color=color, roughness=level, metallic=0 * level)


def work(source: FakeSource) -> PictureTextureWork:
    return PictureTextureWork(source, estimate=estimate, make_seamless=lambda color: 1 - color)


def run(events: Sequence[Event], **changed: Any) -> tuple[list[WorkOutput], FakeSource]:
    source = FakeSource(events)
    return list(work(source)(ORDER | changed)), source


def assets(outputs: list[WorkOutput]) -> dict[str, tuple[dict[str, Any], bytes]]:
    return {header["role"]: (header["meta"], bytes(data)) for name, header, data in outputs if name == ASSET}


def mean_color(data: bytes) -> Any:
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"), np.float64).mean((0, 1))


def test_a_finished_picture_gives_preview_maps_and_result_in_that_order() -> None:
    outputs, source = run([Step("load", 0.0), Step("generate", 0.5), Step("generate", 1.0), picture()])
    roles = [header["role"] for name, header, _ in outputs if name == ASSET]
    assert roles == ["preview", "base_color", "normal", "orm"]
    assert outputs[-1][0] == RESULT
    found = assets(outputs)
    assert np.abs(mean_color(found["preview"][1]) - GREEN).max() < 6
    assert np.abs(mean_color(found["base_color"][1]) - GREEN).max() < 1
    assert np.abs(mean_color(found["orm"][1]) - [255, 64, 0]).max() < 1
    assert source.asked == [("mossy brick wall", 128, 4)]


def test_progress_never_falls_and_never_says_that_it_is_done() -> None:
    steps = [Step("queue", 0.0), Step("generate", 0.3), Step("generate", 0.9)]
    outputs, _ = run([*steps, picture()])
    told = [header for name, header, _ in outputs if name == PROGRESS]
    fractions = [header["fraction"] for header in told]
    assert fractions == sorted(fractions)
    assert fractions[-1] < 1
    assert [header["stage"] for header in told] == ["queue", "generate", "generate", "maps", "encode"]


def test_the_first_preview_that_shows_something_is_passed_on_and_no_other() -> None:
    outputs, _ = run([preview(0.1), preview(0.6), preview(0.9), picture()])
    previews = [data for name, header, data in outputs if name == ASSET and header["role"] == "preview"]
    assert len(previews) == 1
    opened = Image.open(io.BytesIO(previews[0]))
    assert (opened.size, opened.format) == ((128, 128), "JPEG")
    assert abs(mean_color(bytes(previews[0]))[0] - 120) < 3


def test_meta_says_whose_picture_it_is() -> None:
    outputs, _ = run([picture()], formats=["bc1"])
    meta = assets(outputs)["base_color"][0]
    assert (meta["origin"], meta["model"], meta["seed"]) == ("generated", "painter-1", 4)
    assert (meta["width_px"], meta["format"], meta["metres_per_tile"]) == (128, "bc1", 1.0)
    header = outputs[-1][1]
    assert header["result"]["size_px"] == 128
    assert header["result"]["model"] == "painter-1"
    assert header["timing_ms"]["generate_ms"] > 0


def test_a_picture_that_does_not_tile_is_made_to() -> None:
    outputs, _ = run([picture(is_seamless=False)])
    assert np.abs(mean_color(assets(outputs)["base_color"][1]) - (255 - GREEN.astype(int))).max() < 1


@pytest.mark.parametrize("size_px", [64, 256])
def test_maps_have_the_size_that_was_asked_for(size_px: int) -> None:
    outputs, _ = run([picture(96)], size_px=size_px)
    for role in ("base_color", "normal", "orm"):
        meta, data = assets(outputs)[role]
        assert (meta["width_px"], Image.open(io.BytesIO(data)).size) == (size_px, (size_px, size_px))


def test_a_style_in_words_follows_the_prompt() -> None:
    _, source = run([picture()], style="dark and wet")
    assert source.asked[0][0] == "mossy brick wall, dark and wet"


def test_giving_the_work_up_stops_the_painting() -> None:
    source = FakeSource([Step("generate", step / 100) for step in range(100)])
    outputs = work(source)(ORDER)
    for _ in range(3):
        next(outputs)
    outputs.close()  # type: ignore[attr-defined]  # a generator, typed as the iterator that the worker needs
    assert source.is_stopped
    assert source.n_yielded == 3


def test_a_source_without_a_picture_is_an_error() -> None:
    with pytest.raises(GeneratorFailed, match="without a picture"):
        run([Step("generate", 0.5)])
