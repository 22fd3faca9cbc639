"""Models of another server come whole, or it is said why not."""

import time
from collections.abc import Generator

import pytest

from tests.generators.mesh.drafts import request_for
from tests.generators.mesh.fake_model_server import Script, model_server
from vrbridge.errors import GeneratorFailed, SettingsError, Unavailable
from vrbridge.generator_settings import HttpMeshSettings
from vrbridge.generators.mesh import http_models
from vrbridge.generators.mesh.http_models import HttpModels, check
from vrbridge.generators.mesh.voxels import Model


def fetched(models: HttpModels) -> tuple[list[float], Model]:
    waiting: Generator[float, None, Model] = models.generate(request_for("red ball", seed=5))
    shares = []
    while True:
        try:
            shares.append(next(waiting))
        except StopIteration as end:
            return shares, end.value


def test_the_order_is_sent_and_the_file_comes() -> None:
    script = Script()
    with model_server(script) as url:
        models = HttpModels(HttpMeshSettings(url=url, api_key_env="KEY"), {"KEY": "secret"})
        _, model = fetched(models)
        assert models.model == url.split("/")[2]
    assert len(model.faces) == 5120
    assert script.asked == [{"prompt": "red ball", "seed": 5, "max_faces": 800}]
    assert script.keys == ["Bearer secret"]


def test_something_is_said_while_it_takes_long() -> None:
    with model_server(Script(delay_s=0.9)) as url:
        shares, model = fetched(HttpModels(HttpMeshSettings(url=url, timeout_s=10)))
    assert len(shares) >= 2
    assert shares == sorted(shares)
    assert 0 < shares[0] < shares[-1] <= 1
    assert len(model.faces)


def test_what_takes_too_long_is_given_up() -> None:
    began = time.monotonic()
    with (
        model_server(Script(delay_s=2)) as url,
        pytest.raises(GeneratorFailed, match="too long"),
    ):
        fetched(HttpModels(HttpMeshSettings(url=url, timeout_s=0.5)))
    assert time.monotonic() - began < 4


def test_a_request_that_is_given_up_is_broken_off_at_once() -> None:
    with model_server(Script(delay_s=1.5)) as url:
        waiting = HttpModels(HttpMeshSettings(url=url)).generate(request_for("ball"))
        next(waiting)
        began = time.monotonic()
        waiting.close()
        assert time.monotonic() - began < 0.5


@pytest.mark.parametrize(
    ("status", "error", "said"),
    [
        (401, Unavailable, "another key"),
        (403, Unavailable, "another key"),
        (503, Unavailable, "busy"),
        (500, GeneratorFailed, "HTTP 500"),
        (404, GeneratorFailed, "HTTP 404"),
    ],
)
def test_other_answers_are_told(status: int, error: type[Exception], said: str) -> None:
    with model_server(Script(status=status)) as url, pytest.raises(error, match=said):
        fetched(HttpModels(HttpMeshSettings(url=url)))


def test_a_server_that_is_not_there_is_told() -> None:
    with model_server(Script()) as url:
        gone = url
    with pytest.raises(Unavailable, match="can't be reached"):
        fetched(HttpModels(HttpMeshSettings(url=gone)))


def test_a_file_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_models, "MAX_MODEL_BYTES", 1000)
    with model_server(Script(body=b"x" * 2000)) as url, pytest.raises(GeneratorFailed, match="over"):
        fetched(HttpModels(HttpMeshSettings(url=url)))


def test_what_is_no_model_is_told() -> None:
    with model_server(Script(body=b"glTF")) as url, pytest.raises(GeneratorFailed, match="no model"):
        fetched(HttpModels(HttpMeshSettings(url=url)))


@pytest.mark.parametrize("url", ["", "ftp://x/y", "http://", "http://h:0/", "http://[::1", "nonsense"])
def test_addresses_that_are_none_are_refused(url: str) -> None:
    with pytest.raises(SettingsError, match=r"mesh\.http\.url"):
        check(HttpMeshSettings(url=url))


def test_secrets_stay_out_of_the_address_and_keys_have_to_be_set() -> None:
    with pytest.raises(SettingsError, match="api_key_env"):
        check(HttpMeshSettings(url="http://ann:secret@host/x"))
    with pytest.raises(SettingsError, match="KEY, which is not set"):
        check(HttpMeshSettings(api_key_env="KEY"), {})
