"""Pictures of a ComfyUI server: followed, cancelled without touching what others run, and read with care."""

import io
import json
import logging
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.generators.texture.fake_comfyui import FakeComfyUi, comfyui
from vrbridge.errors import GeneratorFailed, Unavailable
from vrbridge.generator_settings import ComfyUiSettings
from vrbridge.generators.texture.comfyui_source import ComfyUiPictures, decoded
from vrbridge.generators.texture.comfyui_workflow import Workflow
from vrbridge.generators.texture.pictures import Event, Picture, Preview, Step
from vrbridge.settings import assets_dir

BUNDLED = assets_dir() / "workflows" / "comfyui_texture.json"
AGES = pytest.mark.parametrize("age", ["new", "middle", "old"])


@contextmanager
def source(server: FakeComfyUi, *, key: str | None = None, **settings: Any) -> Iterator[ComfyUiPictures]:
    given: dict[str, Any] = {"steps": 4, "size_px": 64} | settings
    made = ComfyUiPictures(ComfyUiSettings(url=server.url, **given), Workflow(BUNDLED), key=key)
    with closing(made) as pictures:
        yield pictures


def events(pictures: ComfyUiPictures, prompt: str = "bricks", seed: int = 1) -> Generator[Event, None, None]:
    return pictures.generate(prompt, size_px=512, seed=seed)


def until(found: Iterator[Event], condition: Callable[[Event], bool]) -> Event:
    return next(event for event in found if condition(event))


def is_running(event: Event) -> bool:
    return isinstance(event, Step) and event.stage == "generate" and event.fraction > 0


@AGES
def test_steps_and_previews_come_first_and_the_picture_last(age: str) -> None:
    with comfyui(age=age) as server, source(server) as pictures:
        *before, last = events(pictures, seed=7)
    assert isinstance(last, Picture)
    expected = np.random.default_rng(7).integers(0, 255, (64, 64, 3), np.uint8)
    assert np.array_equal(np.round(last.color * 255).astype(np.uint8), expected)
    assert last.color.dtype == np.float32
    assert not last.is_seamless
    fractions = [event.fraction for event in before if isinstance(event, Step)]
    assert fractions == sorted(fractions)
    assert fractions[-1] == pytest.approx(0.9)
    previews = [event for event in before if isinstance(event, Preview)]
    assert [preview.pixels.shape for preview in previews] == [(32, 32, 3)] * 4
    assert abs(int(previews[0].pixels[0, 0, 1]) - 200) < 8


def test_the_server_gets_the_flags_first_and_the_workflow_with_its_values() -> None:
    with comfyui() as server, source(server, prompt_suffix=", flat", guidance=1.5) as pictures:
        list(events(pictures, '"}} {{seed}} bricks', seed=2**64 + 5))
    assert server.flags == [{"supports_preview_metadata": True}]
    (body,) = server.asked("/prompt")
    nodes = body["prompt"]
    assert nodes["wanted"]["inputs"]["text"] == '"}} {{seed}} bricks, flat'
    sampler = nodes["sampler"]["inputs"]
    assert (sampler["seed"], sampler["steps"], sampler["cfg"]) == (5, 4, 1.5)
    assert nodes["lattice"]["inputs"] == {"width": 64, "height": 64, "batch_size": 1}
    assert nodes["checkpoint"]["inputs"]["ckpt_name"] == "rock.safetensors"
    assert len(body["prompt_id"]) == 36


@AGES
def test_the_first_checkpoint_is_taken_and_named_unless_one_is_set(age: str) -> None:
    with comfyui(age=age) as server:
        with source(server) as pictures:
            assert pictures.model == "comfyui"
            list(events(pictures))
            assert pictures.model == "rock"
        with source(server, checkpoint="moss.safetensors") as pictures:
            assert pictures.model == "moss"
            list(events(pictures))
    used = [body["prompt"]["checkpoint"]["inputs"]["ckpt_name"] for body in server.asked("/prompt")]
    assert used == ["rock.safetensors", "moss.safetensors"]


def test_places_in_the_queue_are_told() -> None:
    with comfyui(is_gated=True) as server, source(server) as pictures:
        assert server.permits is not None
        first = server.put("somebody")
        server.wait_until(lambda: server.running == first)
        second = server.put("somebody else")
        found = events(pictures)
        assert next(found) == Step("queue (2 ahead)", 0.0)
        server.permits.release(4)
        server.wait_until(lambda: server.running == second)
        until(found, lambda event: event == Step("queue (1 ahead)", 0.0))
        server.permits.release(4)
        until(found, lambda event: event == Step("generate", 0.0))
        server.permits.release(4)
        assert isinstance(list(found)[-1], Picture)


@AGES
def test_cancelling_what_waits_takes_it_out_of_the_queue_and_touches_nobody(age: str) -> None:
    with comfyui(age=age, is_gated=True) as server, source(server) as pictures:
        assert server.permits is not None
        other = server.put("somebody")
        server.wait_until(lambda: server.running == other)
        found = events(pictures)
        assert next(found) == Step("queue (1 ahead)", 0.0)
        found.close()
        assert "deleted" in server.ended.values()
        server.permits.release(8)
        server.wait_until(lambda: other in server.ended)
        assert server.ended[other] == "success"
    assert not [body for body in server.asked("/interrupt") if not body.get("prompt_id")]


@pytest.mark.parametrize("age", ["new", "middle"])
def test_cancelling_what_runs_stops_it_between_steps(age: str) -> None:
    with comfyui(age=age, is_gated=True) as server, source(server, steps=50) as pictures:
        assert server.permits is not None
        found = events(pictures)
        server.permits.release(2)
        until(found, is_running)
        mine = server.running
        assert mine is not None
        found.close()
        server.permits.release(50)
        server.wait_until(lambda: mine in server.ended)
        assert server.ended[mine] == "interrupted"
        assert server.n_steps_run[mine] <= 2


def test_an_old_server_is_never_told_to_interrupt_whatever_runs() -> None:
    with comfyui(age="old", is_gated=True) as server, source(server) as pictures:
        assert server.permits is not None
        found = events(pictures)
        server.permits.release(1)
        until(found, is_running)
        mine = server.running
        found.close()
        server.permits.release(10)
        server.wait_until(lambda: mine in server.ended)
    assert server.asked("/interrupt") == []
    assert server.ended[str(mine)] == "success"


def test_a_picture_of_others_that_is_interrupted_does_not_end_ours() -> None:
    with comfyui(is_gated=True) as server, source(server) as pictures:
        assert server.permits is not None
        other = server.put("somebody")
        server.wait_until(lambda: server.running == other)
        found = events(pictures)
        next(found)
        server._interrupt(other)
        server.permits.release(10)
        assert isinstance(list(found)[-1], Picture)
        assert server.ended[other] == "interrupted"


def test_somebody_who_interrupts_ours_fails_it() -> None:
    with comfyui(is_gated=True) as server, source(server) as pictures:
        assert server.permits is not None
        found = events(pictures)
        server.permits.release(1)
        until(found, is_running)
        server._interrupt(None)
        server.permits.release(4)
        with pytest.raises(GeneratorFailed, match="Somebody stopped"):
            list(found)


@pytest.mark.parametrize(
    ("exception", "said"),
    [("torch.OutOfMemoryError", "ran out of memory"), ("builtins.ValueError", "The picture server failed")],
)
def test_a_failure_is_said_without_the_player_s_words(
    exception: str, said: str, caplog: pytest.LogCaptureFixture
) -> None:
    with comfyui() as server, source(server) as pictures, caplog.at_level(logging.DEBUG, "vrbridge"):
        server.failure = exception
        with pytest.raises(GeneratorFailed, match=said):
            list(events(pictures, "secretword"))
        # It is over there: nothing is left to cancel.
        assert not [path for _, path, _ in server.requests if path.endswith("/cancel")]
    assert f"node KSampler failed with {exception}" in caplog.text
    assert "secretword" not in caplog.text


def test_a_refused_workflow_is_said_with_its_node(caplog: pytest.LogCaptureFixture) -> None:
    with (
        comfyui() as server,
        source(server, checkpoint="gone.safetensors") as pictures,
        pytest.raises(Unavailable, match="refused the workflow"),
    ):
        list(events(pictures, "secretword"))
    assert "CheckpointLoaderSimple.ckpt_name: value_not_in_list" in caplog.text
    assert "secretword" not in caplog.text


def test_a_server_without_a_model_is_said(caplog: pytest.LogCaptureFixture) -> None:
    with (
        comfyui(checkpoints=()) as server,
        source(server) as pictures,
        pytest.raises(Unavailable, match="has no model"),
    ):
        list(events(pictures))
    assert "has no checkpoint" in caplog.text


@pytest.mark.parametrize("is_done_meanwhile", [False, True])
def test_a_lost_connection_is_made_again_and_nothing_is_missed(is_done_meanwhile: bool) -> None:
    with comfyui(is_gated=True) as server, source(server) as pictures:
        assert server.permits is not None
        found = events(pictures)
        server.permits.release(2)
        until(found, is_running)
        mine = server.running
        server.drop_sockets()
        server.permits.release(4)
        if is_done_meanwhile:
            server.wait_until(lambda: mine in server.ended)
        assert isinstance(list(found)[-1], Picture)
    assert len(server.asked("/prompt")) == 1


def test_a_server_that_was_started_again_forgot_the_picture() -> None:
    with comfyui(is_gated=True) as server, source(server) as pictures:
        assert server.permits is not None
        found = events(pictures)
        server.permits.release(1)
        until(found, is_running)
        server.forget()
        server.drop_sockets()
        with pytest.raises(GeneratorFailed, match="forgot the picture"):
            list(found)


def test_a_picture_is_found_in_the_history_which_is_late() -> None:
    with comfyui() as server, source(server) as pictures:
        server.names_pictures = False
        server.history_delay_s = 0.3
        assert isinstance(list(events(pictures))[-1], Picture)


def test_a_picture_that_takes_too_long_is_cancelled() -> None:
    with comfyui(is_gated=True) as server, source(server, timeout_s=0.2) as pictures:
        with pytest.raises(GeneratorFailed, match=r"did not finish within 0\.2 s"):
            list(events(pictures))
        assert [path for _, path, _ in server.requests if path.endswith("/cancel")]


def test_a_server_that_says_nothing_is_waited_for_aloud() -> None:
    with comfyui(is_gated=True) as server, source(server) as pictures:
        found = events(pictures)
        assert sum(isinstance(next(found), Step) for _ in range(8)) == 8
        found.close()


def test_the_key_is_sent_and_never_logged(caplog: pytest.LogCaptureFixture) -> None:
    with comfyui(key="k-4711") as server, caplog.at_level(logging.DEBUG, "vrbridge"):
        with source(server, key="k-4711") as pictures:
            assert isinstance(list(events(pictures))[-1], Picture)
        with source(server, key="k-wrong") as pictures, pytest.raises(Unavailable):
            list(events(pictures))
    assert "api_key_env" in caplog.text
    assert "k-" not in caplog.text


def test_a_server_that_is_gone_is_said_without_the_password_of_its_address(
    caplog: pytest.LogCaptureFixture,
) -> None:
    settings = ComfyUiSettings(url="http://me:secret@127.0.0.1:9/", connect_timeout_s=1)
    made = ComfyUiPictures(settings, Workflow(BUNDLED))
    with closing(made) as pictures, pytest.raises(Unavailable, match="can't be reached"):
        list(events(pictures))
    assert "127.0.0.1:9 can't be reached" in caplog.text
    assert "secret" not in caplog.text


def test_what_is_no_picture_or_too_large_is_refused_before_it_is_read() -> None:
    bomb = io.BytesIO()
    Image.new("1", (20_000, 20_000)).save(bomb, "PNG")
    for data in (b"<html>", b"", bomb.getvalue(), bomb.getvalue()[:100]):
        assert decoded(data, max_px=4096) is None
        with comfyui() as server, source(server) as pictures:
            server.picture_bytes = data or b"\x00"
            with pytest.raises(GeneratorFailed, match="no picture"):
                list(events(pictures))


def test_the_bundled_workflow_is_a_workflow() -> None:
    nodes = json.loads(Path(BUNDLED).read_text())
    assert set(Workflow(BUNDLED).node_types) == {node["class_type"] for node in nodes.values()}
