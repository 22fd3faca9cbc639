import hashlib
import io
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import torch
from PIL import Image

from tests.fakes import FakeTextEncoder
from tests.generators.texture.random_network import random_weights
from vrbridge.generators.texture.drawing import TextureGenerator
from vrbridge.generators.texture.neural import NeuralTextures
from vrbridge.generators.texture.parametric import ParametricTextures
from vrbridge.generators.texture.ruled import RuledTextures
from vrbridge.interruption import Interrupted, watch
from vrbridge.jobs.outputs import ASSET, PROGRESS, RESULT, WorkOutput
from vrbridge.jobs.texture_work import PREVIEW_PX, TextureWork

ORDER: dict[str, Any] = {
    "generator": "parametric",
    "prompt": "mossy brick wall",
    "seed": 4,
    "size_px": 256,
    "maps": ["base_color", "normal", "orm"],
    "formats": ["png"],
    "style": None,
}
KTX2 = b"\xabKTX 20\xbb\r\n\x1a\n"

_DIGEST = """
import hashlib, json, sys
from tests.fakes import FakeTextEncoder
from vrbridge.generators.texture.parametric import ParametricTextures
from vrbridge.jobs.texture_work import TextureWork
outputs = TextureWork(lambda _: ParametricTextures(FakeTextEncoder()))(json.loads(sys.argv[1]))
print(hashlib.sha256(b"".join(bytes(data) for _, _, data in outputs)).hexdigest())
"""


@pytest.fixture(scope="module", autouse=True)
def _one_thread() -> Iterator[None]:
    # Threads of one pass wait for each other in loops: beside other processes they take many times as long.
    n_threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(n_threads)


@pytest.fixture(scope="module")
def work() -> TextureWork:
    textures = ParametricTextures(FakeTextEncoder())
    return TextureWork(lambda _: textures)


def run(work: TextureWork, **changed: Any) -> list[WorkOutput]:
    return list(work(ORDER | changed))


def assets(outputs: list[WorkOutput]) -> dict[str, tuple[dict[str, Any], bytes]]:
    return {header["role"]: (header, bytes(data)) for name, header, data in outputs if name == ASSET}


def pixels(data: bytes) -> npt.NDArray[np.float64]:
    return np.asarray(Image.open(io.BytesIO(data)), np.float64)


def test_the_preview_is_the_first_output_then_the_maps_as_asked_and_the_result_last(
    work: TextureWork,
) -> None:
    outputs = run(work, maps=["height", "base_color"])
    assert [h["role"] for n, h, _ in outputs if n == ASSET] == ["preview", "height", "base_color"]
    assert outputs[0][1]["role"] == "preview"
    assert [name for name, _, _ in outputs].index(RESULT) == len(outputs) - 1
    fractions = [header["fraction"] for name, header, _ in outputs if name == PROGRESS]
    assert fractions == sorted(fractions)
    assert 0 < fractions[0] <= fractions[-1] < 1


def test_the_preview_is_a_small_jpeg_of_the_same_picture(work: TextureWork) -> None:
    found = assets(run(work))
    header, data = found["preview"]
    assert header["media_type"] == "image/jpeg"
    small, large = pixels(data), pixels(found["base_color"][1])
    assert small.shape == (PREVIEW_PX, PREVIEW_PX, 3)
    blocks = [p.reshape(32, len(p) // 32, 32, len(p) // 32, 3).mean((1, 3)) for p in (small, large)]
    assert np.corrcoef(blocks[0].ravel(), blocks[1].ravel())[0, 1] > 0.8
    assert np.abs(blocks[0].mean((0, 1)) - blocks[1].mean((0, 1))).max() < 12


def test_a_material_smaller_than_the_preview_has_a_preview_of_its_own_size(work: TextureWork) -> None:
    found = assets(run(work, size_px=64))
    assert found["preview"][0]["meta"]["width_px"] == 64
    grey = [pixels(found[role][1]).mean(2).ravel() for role in ("preview", "base_color")]
    assert np.corrcoef(*grey)[0, 1] > 0.95


@pytest.mark.parametrize("format_", ["bc1", "bc7", "etc2", "astc4x4", "rgba8"])
def test_gpu_formats_are_ktx2_with_every_level(work: TextureWork, format_: str) -> None:
    found = assets(run(work, formats=[format_], size_px=64))
    for role in ("base_color", "normal", "orm"):
        header, data = found[role]
        assert data.startswith(KTX2)
        assert header["media_type"] == "image/ktx2"
        assert (header["meta"]["format"], header["meta"]["levels"]) == (format_, 7)


def test_meta_says_what_a_client_needs(work: TextureWork) -> None:
    found = assets(run(work, formats=["bc5", "bc1"]))
    for role, format_, space in (
        ("base_color", "bc1", "srgb"),
        ("normal", "bc5", "linear"),
        ("orm", "bc1", "linear"),
    ):
        meta = found[role][0]["meta"]
        assert (meta["format"], meta["color_space"]) == (format_, space)
        assert (meta["width_px"], meta["height_px"], meta["seed"]) == (256, 256, 4)
        assert (meta["origin"], meta["model"]) == ("procedural", ParametricTextures.model)
        assert meta["metres_per_tile"] == 1.0
        assert meta["family"] == "brick"


def test_the_result_repeats_the_facts_and_says_how_long_it_took(work: TextureWork) -> None:
    header = run(work)[-1][1]
    result, timing = header["result"], header["timing_ms"]
    assert (result["family"], result["size_px"], result["seed"]) == ("brick", 256, 4)
    assert 0 <= result["confidence"] <= 1
    assert min(timing["generate_ms"], timing["encode_ms"]) > 0


def test_the_same_order_gives_the_same_bytes_in_another_process(work: TextureWork) -> None:
    order = '{"prompt": "wet cobblestone", "seed": 9, "size_px": 64, "style": null,'
    order += '"generator": "parametric", "formats": ["bc1", "etc2"], '
    order += '"maps": ["base_color", "normal", "orm", "height"]}'
    command = [sys.executable, "-c", _DIGEST, order]
    here = run(
        work,
        prompt="wet cobblestone",
        seed=9,
        size_px=64,
        maps=["base_color", "normal", "orm", "height"],
        formats=["bc1", "etc2"],
    )
    digest = hashlib.sha256(b"".join(bytes(data) for _, _, data in here)).hexdigest()
    assert subprocess.check_output(command, text=True).strip() == digest


def test_another_seed_gives_other_bytes(work: TextureWork) -> None:
    first, second = (assets(run(work, seed=seed, size_px=64)) for seed in (1, 2))
    for role in ("preview", "base_color", "normal", "orm"):
        assert first[role][1] != second[role][1]


def test_orm_holds_occlusion_roughness_and_metallic_in_that_order(work: TextureWork) -> None:
    metal = pixels(assets(run(work, prompt="stainless steel", size_px=64))["orm"][1])
    cloth = pixels(assets(run(work, prompt="woven cloth", size_px=64))["orm"][1])
    assert metal[:, :, 2].mean() > 200
    assert cloth[:, :, 2].max() == 0
    assert cloth[:, :, 1].mean() > 200 > 130 > metal[:, :, 1].mean()
    assert metal[:, :, 0].mean() > cloth[:, :, 0].mean()


def test_the_normals_are_the_slopes_of_the_height_with_y_up(work: TextureWork) -> None:
    found = assets(run(work, prompt="snow", maps=["normal", "height"]))
    normal, height = pixels(found["normal"][1]) / 127.5 - 1, pixels(found["height"][1])
    right = np.roll(height, -1, 1) - np.roll(height, 1, 1)
    up = np.roll(height, 1, 0) - np.roll(height, -1, 0)  # the first row is the top
    assert np.corrcoef(normal[:, :, 0].ravel(), -right.ravel())[0, 1] > 0.9
    assert np.corrcoef(normal[:, :, 1].ravel(), -up.ravel())[0, 1] > 0.9
    assert normal[:, :, 2].min() > 0


@pytest.mark.parametrize("prompt", ["", "🧱🐉", "asdf qwer", "x" * 500, "\x00"])
def test_any_prompt_gets_a_material(work: TextureWork, prompt: str) -> None:
    found = run(work, prompt=prompt, size_px=64, maps=["base_color"])
    assert set(assets(found)) == {"preview", "base_color"}
    assert 0 <= found[-1][1]["result"]["confidence"] <= 1


def test_leaving_after_the_preview_makes_nothing_more(work: TextureWork) -> None:
    outputs = work(ORDER | {"size_px": 2048})
    assert next(outputs)[1]["role"] == "preview"
    outputs.close()  # type: ignore[attr-defined]  # a generator, typed as the iterator that the worker needs
    with pytest.raises(StopIteration):
        next(outputs)


def test_an_interrupted_order_leaves_nothing_behind_that_changes_another(work: TextureWork) -> None:
    reference = run(work, formats=["bc1", "bc5"])
    try:
        for n_steps in (1, 2, 5, 20, 40, 60):
            watch(partial(next, iter([False] * (n_steps - 1) + [True])))
            with pytest.raises(Interrupted):
                run(work, formats=["bc1", "bc5"], seed=5)
            watch(None)
            assert assets(run(work, formats=["bc1", "bc5"])) == assets(reference)
    finally:
        watch(None)


@pytest.fixture(scope="module")
def network_work(tmp_path_factory: pytest.TempPathFactory) -> TextureWork:
    # To this clock everything takes no time, so that all that may be drawn together is.
    network = NeuralTextures(
        random_weights(tmp_path_factory.mktemp("weights")), FakeTextEncoder(), clock=lambda: 0.0
    )
    ruled = RuledTextures(network, ParametricTextures(FakeTextEncoder()))
    generators: dict[str, TextureGenerator] = {"network": network, "ruled": ruled}
    return TextureWork(generators.__getitem__)


def orders(size_px: int, **changed: Any) -> list[dict[str, Any]]:
    prompts = ("green grass", "white snow", "mossy red brick wall", "green grass and white snow", "snow")
    common = ORDER | {"generator": "network", "size_px": size_px} | changed
    return [common | {"prompt": prompt, "seed": seed} for seed, prompt in enumerate(prompts)]


def batch(
    work: TextureWork, wanted: list[dict[str, Any]], is_stopped: Callable[[int], bool] = lambda number: False
) -> tuple[list[list[WorkOutput]], list[BaseException | None]]:
    """Return what each order of a batch yielded, and what it ended with."""
    outputs: list[list[WorkOutput]] = [[] for _ in wanted]
    ends: dict[int, BaseException | None] = {}
    for number, output in work.batch(wanted, is_stopped=is_stopped):
        assert number not in ends
        if output is None or isinstance(output, BaseException):
            ends[number] = output
        else:
            outputs[number].append(output)
    return outputs, [ends[number] for number in range(len(wanted))]


def untimed(outputs: list[WorkOutput]) -> list[tuple[str, dict[str, Any], bytes]]:
    return [(n, {k: v for k, v in h.items() if k != "timing_ms"}, bytes(data)) for n, h, data in outputs]


@pytest.mark.parametrize("generator", ["network", "ruled"])
def test_a_batch_yields_to_the_byte_what_each_of_its_orders_yields_alone(
    network_work: TextureWork, generator: str
) -> None:
    wanted = orders(64, generator=generator, maps=["base_color", "height"])
    alone = [untimed(list(network_work(order))) for order in wanted]
    # Twice for the proof, the third time for what comes of it.
    for _ in range(3):
        outputs, ends = batch(network_work, wanted)
        assert [untimed(one) for one in outputs] == alone
        assert ends == [None] * len(wanted)


def test_what_fails_in_a_batch_fails_alone(network_work: TextureWork) -> None:
    wanted = orders(64)
    wanted[1]["generator"] = "unknown"
    wanted[2]["size_px"] = 65
    wanted[4]["formats"] = []
    outputs, ends = batch(network_work, wanted)
    assert [type(end) for end in ends] == [type(None), KeyError, ValueError, type(None), ValueError]
    for number in (0, 3):
        assert untimed(outputs[number]) == untimed(list(network_work(wanted[number])))


def test_orders_of_a_batch_are_stopped_one_by_one(network_work: TextureWork) -> None:
    wanted = orders(64)
    outputs, ends = batch(network_work, wanted, {1, 3}.__contains__)
    assert [type(end) for end in ends] == [type(None), Interrupted, type(None), Interrupted, type(None)]
    assert outputs[1] == outputs[3] == []
    assert untimed(outputs[4]) == untimed(list(network_work(wanted[4])))


@pytest.mark.timeout(400)
def test_previews_that_need_no_drawing_come_before_all_else_and_are_those_of_single_orders(
    network_work: TextureWork,
) -> None:
    wanted = [order for order in orders(512, maps=["height"]) if order["prompt"] in {"white snow", "snow"}]
    assets_of_both = [
        (number, output)
        for number, output in network_work.batch(wanted, is_stopped=lambda number: False)
        if isinstance(output, tuple) and output[0] == ASSET
    ]
    roles = [(number, header["role"]) for number, (_, header, _) in assets_of_both]
    assert roles == [(0, "preview"), (1, "preview"), (0, "height"), (1, "height")]
    alone = [untimed([one for one in network_work(order) if one[0] == ASSET]) for order in wanted]
    assert [untimed([one for n, one in assets_of_both if n == number]) for number in range(2)] == alone


def test_nothing_is_worth_a_batch_before_it_is_known_what_it_takes(
    work: TextureWork, network_work: TextureWork
) -> None:
    assert work.batch_size(ORDER) == 1
    for name in ("network", "ruled"):
        assert network_work.batch_size(ORDER | {"generator": name, "size_px": 1024}) == 1
