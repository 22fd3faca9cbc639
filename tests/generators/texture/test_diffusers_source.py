"""Pictures of a tiny random pipeline: seamless, repeatable, and stopped between two steps."""

import logging
import shutil
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import torch

from tests.generators.texture.tiny_pipelines import save_transformer_pipeline, save_unet_pipeline
from vrbridge.errors import Refused, Unavailable
from vrbridge.generator_settings import DiffusersSettings
from vrbridge.generators.texture.diffusers_source import DiffusersPictures
from vrbridge.generators.texture.pictures import Event, Picture, Step
from vrbridge.generators.texture.seamless import tiles_already

N_STEPS = 3


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_unet_pipeline(tmp_path_factory.mktemp("unet"))


@contextmanager
def source(folder: Path, **settings: Any) -> Iterator[DiffusersPictures]:
    given: dict[str, Any] = {"steps": N_STEPS, "device": "cpu"} | settings
    with closing(DiffusersPictures(DiffusersSettings(model=str(folder), **given))) as pictures:
        yield pictures


@pytest.fixture(scope="module")
def pictures(folder: Path) -> Iterator[DiffusersPictures]:
    with source(folder) as made:
        yield made


def paint(pictures: DiffusersPictures, prompt: str = "bricks", seed: int = 1) -> npt.NDArray[np.float32]:
    *_, last = pictures.generate(prompt, size_px=64, seed=seed)
    assert isinstance(last, Picture)
    return last.color


def network(pictures: DiffusersPictures) -> torch.nn.Module:
    denoiser = pictures._pipeline.result().denoiser
    assert denoiser is not None
    return denoiser


@contextmanager
def counted(pictures: DiffusersPictures) -> Iterator[list[int]]:
    """Note the batch size of each run of the network."""
    batches: list[int] = []
    hook = network(pictures).register_forward_hook(
        lambda _, arguments, output: batches.append(len(output[0]))
    )
    try:
        yield batches
    finally:
        hook.remove()


@contextmanager
def gated(pictures: DiffusersPictures) -> Iterator[threading.Semaphore]:
    """Let the network run only as often as the semaphore is released."""
    permits = threading.Semaphore(0)

    def wait(*_: object) -> None:
        permits.acquire()

    hook = network(pictures).register_forward_pre_hook(wait)
    try:
        yield permits
    finally:
        hook.remove()
        permits.release(1000)


def fractions(events: list[Event]) -> list[float]:
    return [event.fraction for event in events if isinstance(event, Step) and event.stage == "generate"]


def test_steps_come_first_and_a_picture_last(pictures: DiffusersPictures) -> None:
    *steps, last = pictures.generate("bricks", size_px=64, seed=1)
    assert isinstance(last, Picture)
    assert last.color.shape == (64, 64, 3)
    assert last.color.dtype == np.float32
    assert 0 <= last.color.min() < last.color.max() <= 1
    assert last.is_seamless
    seen = fractions(steps)
    assert seen == sorted(seen)
    assert set(np.round(seen, 3)) == {0.0, 0.3, 0.6, 0.9}


def test_the_model_is_called_by_its_folder(pictures: DiffusersPictures, folder: Path) -> None:
    assert pictures.model == folder.name


def test_the_same_seed_gives_the_same_picture_and_another_seed_or_prompt_another(
    pictures: DiffusersPictures, folder: Path
) -> None:
    first = paint(pictures)
    with source(folder) as again:
        assert np.array_equal(paint(again), first)
    assert not np.array_equal(paint(pictures, seed=2), first)
    assert not np.array_equal(paint(pictures, prompt="grass"), first)


def test_a_picture_is_as_smooth_across_its_edges_as_inside(pictures: DiffusersPictures) -> None:
    steps = np.zeros((2, 64))
    for seed in range(8):
        color = paint(pictures, seed=seed)
        for axis in (0, 1):
            steps[axis] += np.abs(color - np.roll(color, 1, axis)).mean((1 - axis, 2))
    # Row 0 is the step across the edge. The decoder doubles points, so that only every second is its like.
    ratios = steps[:, 0] / steps[:, 2::2].mean(1)
    assert np.abs(ratios - 1).max() < 0.15


def test_rolled_noise_gives_the_rolled_picture(pictures: DiffusersPictures) -> None:
    pipeline = pictures._pipeline.result()
    noise = torch.randn(1, 4, 32, 32, generator=torch.Generator().manual_seed(3))

    def painted(latents: torch.Tensor) -> npt.NDArray[np.float32]:
        result: npt.NDArray[np.float32] = pipeline("bricks", seed=1, latents=latents.clone()).images[0]
        return result

    straight = painted(noise)
    for down, right in ((8, 0), (0, 14), (16, 30)):
        rolled = painted(noise.roll((down, right), (2, 3)))
        assert np.abs(np.roll(straight, (2 * down, 2 * right), (0, 1)) - rolled).max() < 1e-4
        # Without the roll they are different pictures.
        assert np.abs(straight - rolled).max() > 0.1


@pytest.mark.parametrize("n_before", [1, 4])
def test_closing_stops_the_work_before_the_next_step(folder: Path, n_before: int) -> None:
    n_steps = 30
    with source(folder, steps=n_steps, guidance=0.0) as pictures:
        expected = paint(pictures)
        with counted(pictures) as batches, gated(pictures) as permits:
            events = pictures.generate("bricks", size_px=64, seed=1)
            permits.release(n_before)
            for event in events:
                if isinstance(event, Step) and event.fraction > 0.9 * n_before / n_steps - 1e-6:
                    break
            closer = threading.Thread(target=events.close)
            closer.start()
            # The network waits at its door for each run: an uncancelled picture would need 30.
            for _ in range(5):
                closer.join(0.5)
                permits.release()
            closer.join(10)
            assert not closer.is_alive()
            assert len(batches) <= n_before + 1
        # What is asked for next is painted as if nothing had been.
        assert np.array_equal(paint(pictures), expected)


def test_a_slow_step_says_again_and_again_that_it_goes_on(folder: Path) -> None:
    with source(folder) as pictures, gated(pictures) as permits:
        events = pictures.generate("bricks", size_px=64, seed=1)
        assert [next(events) for _ in range(3)] == [Step("generate", 0.0)] * 3
        permits.release(10)
        assert isinstance(list(events)[-1], Picture)


def test_models_for_few_steps_run_without_guidance_and_others_as_their_authors_meant(
    folder: Path, tmp_path: Path
) -> None:
    turbo = tmp_path / "My-Turbo"
    shutil.copytree(folder, turbo)
    with source(turbo, steps=0) as pictures:
        paint(pictures)
        with counted(pictures) as batches:
            paint(pictures)
    assert batches == [1] * 4
    with source(folder) as pictures:
        paint(pictures)
        with counted(pictures) as batches:
            paint(pictures)
    assert batches == [2] * N_STEPS


def test_a_player_s_words_never_reach_a_log(
    pictures: DiffusersPictures, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    with caplog.at_level(logging.DEBUG):
        paint(pictures, "x " * 80 + "secretword")
    assert "secretword" not in caplog.text
    assert "secretword" not in "".join(capfd.readouterr())


def test_a_model_that_can_not_be_loaded_is_said_in_the_log_and_tried_again(
    folder: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    damaged = tmp_path / "damaged"
    shutil.copytree(folder, damaged)
    weights = damaged / "unet" / "diffusion_pytorch_model.safetensors"
    kept = weights.read_bytes()
    weights.write_bytes(kept[: len(kept) // 2])
    with source(damaged) as pictures:
        with pytest.raises(Unavailable, match="can't be loaded"):
            paint(pictures)
        assert "The picture model damaged can't be loaded" in caplog.text
        weights.write_bytes(kept)
        assert paint(pictures).shape == (64, 64, 3)


def test_a_device_that_is_not_here_is_said(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    with source(folder, device="warp:7") as pictures, pytest.raises(Unavailable):
        paint(pictures)
    assert "`texture.diffusers.device`: 'warp:7' can't be used here." in caplog.text


def test_the_model_s_own_safety_check_refuses(folder: Path) -> None:
    def flag(*, images: Any, **_: Any) -> tuple[Any, list[bool]]:
        return images, [True]

    with source(folder) as pictures:
        pipe = pictures._pipeline.result()._pipe
        pipe.register_modules(safety_checker=None)
        object.__setattr__(pipe, "run_safety_checker", lambda images, *_: flag(images=images))
        with pytest.raises(Refused, match="safety check") as refusal:
            paint(pictures)
    assert refusal.value.field == "params.prompt"


def test_a_network_that_knows_its_edges_is_rolled_between_steps_and_measured(tmp_path: Path) -> None:
    folder = save_transformer_pipeline(tmp_path / "transformer")
    with source(folder, steps=8) as pictures:
        *steps, picture = pictures.generate("bricks", size_px=64, seed=1)
        assert pictures._pipeline.result().is_rolled
        assert isinstance(picture, Picture)
        assert picture.is_seamless == tiles_already(picture.color)
        assert fractions(steps)[-1] == pytest.approx(0.9)
        again = paint(pictures)
    assert np.array_equal(picture.color, again)
