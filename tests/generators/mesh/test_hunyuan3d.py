"""A server of Hunyuan3D gets an image and one job at a time; whatever it does is told in time."""

import logging
import threading
import time
from collections.abc import Generator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.generators.mesh.drafts import request_for
from tests.generators.mesh.fake_hunyuan3d import Script, hunyuan3d_server
from vrbridge.errors import GeneratorFailed, SettingsError, Unavailable
from vrbridge.generator_settings import Hunyuan3DSettings
from vrbridge.generators.mesh import hunyuan3d_link
from vrbridge.generators.mesh.draft_images import DraftImages
from vrbridge.generators.mesh.hunyuan3d import Hunyuan3DModels, check
from vrbridge.generators.mesh.model_source import ModelRequest
from vrbridge.generators.mesh.reference_image import Pixels, mean_color
from vrbridge.generators.mesh.voxels import Model

REQUEST = request_for("red ball", seed=5)


class Red:
    """An image that is there at once."""

    is_of_draft = False

    def generate(self, request: ModelRequest) -> Generator[float, None, Pixels]:
        yield 0.5
        pixels = np.full((8, 8, 4), 255, np.uint8)
        pixels[2:6, 2:6, 1:3] = 0
        pixels[:2, :, 3] = pixels[6:, :, 3] = 0
        pixels[:, :2, 3] = pixels[:, 6:, 3] = 0
        return pixels


def models(url: str, locks: Path, **settings: Any) -> Hunyuan3DModels:
    return Hunyuan3DModels(Hunyuan3DSettings(url=url, **settings), Red(), locks, {"KEY": "secret"})


def fetched(source: Hunyuan3DModels, request: ModelRequest = REQUEST) -> tuple[list[float], Model]:
    return finished(source.generate(request))


def finished(waiting: Generator[float, None, Model]) -> tuple[list[float], Model]:
    shares = []
    while True:
        try:
            shares.append(next(waiting))
        except StopIteration as end:
            return shares, end.value


def begun(source: Hunyuan3DModels, script: Script) -> Generator[float, None, Model]:
    """Return work that the server has just begun with."""
    waiting = source.generate(REQUEST)
    n_before = len(script.asked)
    for _ in waiting:
        if len(script.asked) > n_before and script.n_building:
            break
    return waiting


@pytest.mark.parametrize("version", ["2", "2.1"])
def test_an_image_is_sent_and_the_file_comes(version: Any, tmp_path: Path) -> None:
    script = Script(version=version)
    with hunyuan3d_server(script) as url:
        source = models(url, tmp_path, api_key_env="KEY", texture=True, num_inference_steps=20)
        shares, model = fetched(source, request_for("red ball", seed=2**40 + 5, max_faces=50))
    assert source.model == "hunyuan3d"
    assert not source.follows_draft
    assert len(model.faces) == 5120
    assert shares == sorted(shares)
    assert 0 <= shares[0] < shares[-1] <= 1
    [order] = script.asked
    assert order.pop("image")
    assert order == {"seed": 5, "texture": True, "face_count": 1000, "num_inference_steps": 20}
    assert script.images[0].shape == (8, 8, 4)
    assert script.images[0][..., 3].min() == 0
    assert set(script.keys) == {"Bearer secret"}


def test_the_draft_is_shown_where_nothing_paints(tmp_path: Path) -> None:
    script = Script()
    with hunyuan3d_server(script) as url:
        source = Hunyuan3DModels(Hunyuan3DSettings(url=url), DraftImages(), tmp_path)
        assert source.follows_draft
        fetched(source)
    assert script.images[0].shape == (512, 512, 4)
    assert 0.05 < (script.images[0][..., 3] == 255).mean() < 0.95


def test_a_model_without_colours_gets_those_of_the_image(tmp_path: Path) -> None:
    with hunyuan3d_server(Script()) as url:
        _, model = fetched(models(url, tmp_path))
    assert (model.colors == (255, 0, 0)).all()
    assert mean_color(np.zeros((2, 2, 4), np.uint8)).tolist() == [0, 0, 0]


def test_a_file_that_is_read_too_early_is_read_again(tmp_path: Path) -> None:
    script = Script(n_torn=2)
    with hunyuan3d_server(script) as url:
        _, model = fetched(models(url, tmp_path))
    assert len(model.faces) == 5120
    assert script.n_polls == 3


@pytest.mark.parametrize(
    "script", [Script(fails=True), Script(answers={"status": b'{"status": "texturing"}'})]
)
def test_what_is_processed_for_ever_is_given_up_and_the_next_one_begins(
    script: Script, tmp_path: Path
) -> None:
    began = time.monotonic()
    with hunyuan3d_server(script) as url:
        with pytest.raises(GeneratorFailed, match="too long"):
            fetched(models(url, tmp_path, timeout_s=1))
        assert time.monotonic() - began < 5
        script.fails, script.answers = False, {}
        assert len(fetched(models(url, tmp_path))[1].faces)


def test_two_workers_take_turns(tmp_path: Path) -> None:
    script = Script(gate=threading.Event())
    found: list[Model] = []
    with hunyuan3d_server(script) as url:
        first = begun(models(url, tmp_path), script)
        # Another source stands for another process: only the file is shared.
        other = threading.Thread(target=lambda: found.append(fetched(models(f"{url}/", tmp_path))[1]))
        other.start()
        for _ in range(4):
            next(first)
        assert len(script.asked) == 1
        script.gate.set()
        finished(first)
        other.join(20)
    assert len(found) == 1
    assert len(script.asked) == 2
    assert script.most_building == 1


def test_without_the_shared_folder_nobody_takes_turns(tmp_path: Path) -> None:
    # What the server itself does, so that the test above means something.
    script = Script(gate=threading.Event())
    with hunyuan3d_server(script) as url:
        waiting = [begun(models(url, tmp_path / name), script) for name in ("a", "b")]
        assert script.most_building == 2
        for one in waiting:
            one.close()


def test_a_turn_lasts_until_the_server_is_through_even_if_nobody_wants_the_model(tmp_path: Path) -> None:
    script = Script(gate=threading.Event())
    with hunyuan3d_server(script) as url:
        left = begun(models(url, tmp_path), script)
        began = time.monotonic()
        left.close()
        assert time.monotonic() - began < 0.5
        after = models(url, tmp_path).generate(REQUEST)
        for _ in range(5):
            next(after)
        assert len(script.asked) == 1
        script.gate.set()
        finished(after)
    assert script.most_building == 1


def test_what_is_given_up_before_its_turn_is_never_sent(tmp_path: Path) -> None:
    script = Script(gate=threading.Event())
    with hunyuan3d_server(script) as url:
        first = begun(models(url, tmp_path), script)
        second = models(url, tmp_path).generate(REQUEST)
        for _ in range(3):
            next(second)
        second.close()
        script.gate.set()
        finished(first)
        fetched(models(url, tmp_path))
    assert len(script.asked) == 2


def test_a_turn_that_does_not_come_is_told(tmp_path: Path) -> None:
    script = Script(gate=threading.Event())
    with hunyuan3d_server(script) as url:
        first = begun(models(url, tmp_path), script)
        with pytest.raises(Unavailable, match="builds for others"):
            fetched(models(url, tmp_path, timeout_s=0.6))
        first.close()


@pytest.mark.parametrize(
    ("script", "error", "said"),
    [
        (Script(statuses={"send": 401}), Unavailable, "another key: `mesh.hunyuan3d.api_key_env`"),
        (Script(statuses={"send": 503}), Unavailable, "busy"),
        (Script(statuses={"send": 500}), GeneratorFailed, "HTTP 500"),
        (Script(statuses={"send": 422}), GeneratorFailed, "numbers in `mesh.hunyuan3d`"),
        (Script(statuses={"status": 500}), GeneratorFailed, "HTTP 500"),
        (Script(statuses={"status": 502}), Unavailable, "busy"),
        (Script(answers={"send": b"[]"}), GeneratorFailed, "does not answer as"),
        (Script(answers={"send": b'{"error": "x"}'}), GeneratorFailed, "does not answer as"),
        (Script(answers={"status": b"<html>"}), GeneratorFailed, "does not answer as"),
        (Script(answers={"status": b'{"status": "error"}'}), GeneratorFailed, "says that the model failed"),
        (Script(answers={"status": b'{"status": "completed"}'}), GeneratorFailed, "model failed"),
        (
            Script(answers={"status": b'{"status": "completed", "model_base64": "?"}'}),
            GeneratorFailed,
            "does not answer as",
        ),
        (Script(body=b"glTF"), GeneratorFailed, "sent no model"),
    ],
)
def test_other_answers_are_told(script: Script, error: type[Exception], said: str, tmp_path: Path) -> None:
    with hunyuan3d_server(script) as url, pytest.raises(error, match=said):
        fetched(models(url, tmp_path))


def test_numbers_that_the_server_does_not_take_are_told(tmp_path: Path) -> None:
    script = Script(version="2.1")
    with hunyuan3d_server(script) as url, pytest.raises(GeneratorFailed, match="numbers"):
        fetched(models(url, tmp_path, num_inference_steps=50))


def test_a_server_that_is_not_there_is_told_without_what_was_asked(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with hunyuan3d_server(Script()) as url:
        gone = url
    with caplog.at_level(logging.DEBUG), pytest.raises(Unavailable, match="can't be reached") as told:
        fetched(models(gone, tmp_path, api_key_env="KEY"))
    assert told.value.retryable
    assert "can't be reached: ConnectError" in caplog.text
    assert "red ball" not in caplog.text
    assert "secret" not in caplog.text


def test_answers_without_end_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with hunyuan3d_server(Script()) as url:
        monkeypatch.setattr(hunyuan3d_link, "MAX_MODEL_BYTES", 1000)
        with pytest.raises(GeneratorFailed, match="over"):
            fetched(models(url, tmp_path))
        monkeypatch.undo()
        monkeypatch.setattr(hunyuan3d_link, "_MAX_ANSWER_BYTES", 1000)
        with pytest.raises(GeneratorFailed, match="over"):
            fetched(models(url, tmp_path))


def test_a_folder_that_can_not_be_written_to_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with hunyuan3d_server(Script()) as url, pytest.raises(Unavailable, match="cache folder"):
        fetched(models(url, tmp_path / "file"))


@pytest.mark.parametrize("url", ["", "ftp://x/y", "http://", "http://ann:secret@host"])
def test_addresses_that_are_none_are_refused(url: str) -> None:
    with pytest.raises(SettingsError, match=r"mesh\.hunyuan3d"):
        check(Hunyuan3DSettings(url=url))
    with pytest.raises(SettingsError, match="KEY, which is not set"):
        check(Hunyuan3DSettings(api_key_env="KEY"), {})
