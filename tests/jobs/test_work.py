import subprocess
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
import pytest

from tests.fakes import FakeTextEncoder
from vrbridge.errors import SettingsError
from vrbridge.generators.device import opened
from vrbridge.generators.text_encoder import TextEncoder
from vrbridge.jobs.device import WorkerDevices
from vrbridge.jobs.outputs import RESULT
from vrbridge.jobs.work import FACTORY, EmbedWork, Handler, create


def test_the_factory_is_named_by_where_it_is() -> None:
    module, function = FACTORY.split(":")
    assert getattr(import_module(module), function) is create


def test_embedding_gives_one_unit_vector_for_each_text() -> None:
    encoder = FakeTextEncoder()
    texts = ["a wall", "a chair", ""]
    ((name, header, payload),) = EmbedWork(encoder)({"texts": texts})
    assert name == RESULT
    assert header["result"] == {"dimensions": 384}
    vectors = np.frombuffer(payload, "<f4").reshape(3, 384)
    assert np.array_equal(vectors, encoder.encode(texts))


def test_texts_of_the_servers_own_go_to_the_encoder_that_may_keep_them() -> None:
    class NoEncoder:
        def encode(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
            raise AssertionError(texts)

    own = EmbedWork(NoEncoder(), FakeTextEncoder())
    ((_, header, _),) = own({"texts": ["a wall", "a chair"], "are_own": True})
    assert header["result"] == {"dimensions": 384}
    players = EmbedWork(FakeTextEncoder(), NoEncoder())
    ((_, header, _),) = players({"texts": ["a wall", "a chair"]})
    assert header["result"] == {"dimensions": 384}


def test_a_worker_loads_no_readers_of_model_files_ahead() -> None:
    code = "import sys, vrbridge.jobs.work; sys.exit('trimesh' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


CONFIG: dict[str, Any] = {
    "textures": {},
    "texture_generator": "parametric",
    "meshes": {},
    "mesh_generator": "parametric",
    "threads": 1,
}


@pytest.fixture(scope="module")
def handlers(minilm_dir: Path) -> Mapping[str, Handler]:
    return create(CONFIG | {"text_encoder": str(minilm_dir)})


@pytest.mark.models
def test_words_of_the_rules_are_kept_for_the_next_start(minilm_dir: Path, tmp_path: Path) -> None:
    create(CONFIG | {"text_encoder": str(minilm_dir), "sentences": str(tmp_path)})
    # Materials, their states, and things.
    assert len(list(tmp_path.glob("*.npy"))) == 3


@pytest.mark.models
def test_a_worker_knows_its_calls(handlers: Mapping[str, Handler]) -> None:
    assert set(handlers) == {"texture", "material", "mesh", "embed", "device"}


@pytest.mark.models
def test_a_worker_says_what_it_and_the_others_run_on(minilm_dir: Path) -> None:
    gpu = {"device": "cpu", "max_vram_mb": 64, "yield_ms": 5}
    config = CONFIG | {"text_encoder": str(minilm_dir), "gpu": gpu, "number": 1, "n_workers": 2}
    ((name, header, _),) = create(config)["device"]({})
    assert name == RESULT
    devices = msgspec.convert(header["result"], WorkerDevices)
    assert devices.names == ("cpu", "cpu")
    assert devices.own == opened("cpu").facts


def test_a_worker_does_not_start_on_a_device_that_is_not_there() -> None:
    with pytest.raises(SettingsError, match=r"no 'cuda:99'; it has .*cpu"):
        create(CONFIG | {"text_encoder": "", "gpu": {"device": "cuda:99"}})


@pytest.mark.models
def test_the_real_encoder_is_behind_every_call(
    handlers: Mapping[str, Handler], text_encoder: TextEncoder
) -> None:
    ((_, _, payload),) = handlers["embed"]({"texts": ["a mossy wall"]})
    found = np.frombuffer(payload, "<f4")
    np.testing.assert_allclose(found, text_encoder.encode(["a mossy wall"])[0], atol=1e-5)
    *_, (_, header, _) = handlers["mesh"](
        {
            "prompt": "somewhere to sleep",
            "seed": 1,
            "generator": "parametric",
            "max_faces": 200,
            "lods": 1,
            "size_m": None,
            "collider": False,
            "format": "glb",
            "texture_px": 0,
            "texture_formats": [],
        }
    )
    assert header["result"]["family"] == "bed"


def test_a_folder_without_a_model_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(Exception, match="No such file"):
        create(CONFIG | {"text_encoder": str(tmp_path)})
