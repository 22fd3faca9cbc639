"""What a worker process can do; the only way from a job's name to a generator."""

import logging
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import torch
from torch.nn.modules.module import register_module_forward_pre_hook

from vrbridge.encoding.image import png
from vrbridge.errors import GeneratorFailed, SettingsError
from vrbridge.generator_settings import MeshSettings, TextureSettings
from vrbridge.generators.device import Device, device_of_worker, is_out_of_memory, names_here
from vrbridge.generators.device_choice import spread
from vrbridge.generators.kept_sentences import KeptSentences
from vrbridge.generators.mesh import back_ends
from vrbridge.generators.mesh.library import MeshLibrary
from vrbridge.generators.mesh.model_source import ModelSource
from vrbridge.generators.pacer import Pacer
from vrbridge.generators.text_encoder import SentenceEncoder, TextEncoder
from vrbridge.generators.texture.back_ends import PICTURES, opened
from vrbridge.generators.texture.library import TextureLibrary
from vrbridge.generators.texture.picture_finishing import map_reader
from vrbridge.generators.texture.seamless import MAX_OVERLAP, make_seamless, tiles_already
from vrbridge.interruption import pace, step
from vrbridge.jobs import device as devices
from vrbridge.jobs.batch_work import in_turns
from vrbridge.jobs.card_guard import CardGuard
from vrbridge.jobs.device import DeviceWork, WorkerDevices
from vrbridge.jobs.material_work import MaterialWork
from vrbridge.jobs.mesh_work import MeshWork
from vrbridge.jobs.outputs import MemberOutput, WorkOutput, result
from vrbridge.jobs.picture_texture_work import PictureTextureWork
from vrbridge.jobs.texture_work import TextureWork
from vrbridge.settings import GpuSettings

Handler = Callable[[dict[str, Any]], Iterator[WorkOutput]]

FACTORY = "vrbridge.jobs.work:create"
_log = logging.getLogger(__name__)


def create(config: dict[str, Any]) -> Mapping[str, Handler]:
    """Load the generators of one worker and run each once, so that the first job is as fast as the rest.

    Args:
        config: `text_encoder`: folder of the sentence encoder; `sentences`: where vectors of the server's own
            words are kept, if anywhere; `textures`: weights of texture networks by name;
            `texture_generator`: the one that is used by default; `texture_settings`: the `[texture]` section,
            if a back end paints instead; `meshes`: weights of mesh networks by name; `mesh_generator`: the
            one that is used by default; `mesh_settings`: the `[mesh]` section, if a back end's models replace
            what is built first; `locks`: folder for what workers take in turns; `threads`: of torch; `gpu`:
            the section of that name; `number`: of this worker, of `n_workers` on this machine.

    Raises:
        SettingsError: If there is no such device, or the networks don't fit into its memory.
    """
    torch.set_num_threads(max(1, config["threads"]))
    # Between two layers of any network, so that none has to know of it.
    register_module_forward_pre_hook(_step_before)
    gpu = msgspec.convert(config.get("gpu", {}), GpuSettings)
    number, n_workers = config.get("number", 0), config.get("n_workers", 1)
    device = device_of_worker(gpu, number=number, n_workers=n_workers)
    _log.info("generators run on %s", device.facts)
    pace(_pacer(device, gpu.yield_ms))
    try:
        handlers = _warmed_up(_loaded(config, device.name), config)
    except RuntimeError as error:
        if not is_out_of_memory(error):
            raise
        text = "The networks don't fit into the graphics card's memory: raise `gpu.max_vram_mb`, close what "
        raise SettingsError(text + 'else uses the card, or set `gpu.device = "cpu"`.') from error
    names = spread(gpu.device, names_here(), n_workers=n_workers)
    about = DeviceWork(WorkerDevices(own=device.facts, names=names))
    return _guarded(handlers, device) | {devices.CALL: about}


def _pacer(device: Device, yield_ms: float) -> Callable[[], None] | None:
    if device.accelerator is None or not yield_ms:
        return None
    return Pacer(device.accelerator.wait, yield_ms / 1e3, clock=time.perf_counter, sleep=time.sleep)


def _guarded(handlers: dict[str, Handler], device: Device) -> dict[str, Handler]:
    card = device.accelerator
    if card is None:
        return handlers
    # A dead card's own clean-up may hang.
    end = partial(os._exit, 1)
    return {name: CardGuard(work, card, end_process=end) for name, work in handlers.items()}


def _loaded(config: Mapping[str, Any], device: str) -> dict[str, Handler]:
    encoder = TextEncoder(Path(config["text_encoder"]), device)
    kept = _kept(encoder, config)
    networks = {name: Path(path) for name, path in config["textures"].items()}
    library = TextureLibrary(networks, kept, default=config["texture_generator"], device=device)
    shapes = MeshLibrary({name: Path(path) for name, path in config["meshes"].items()}, kept, device=device)
    textures = TextureWork(library.generator)
    texture: Handler = textures
    # Pictures are read by the default network, or else by any that is here.
    weights = networks.get(config["texture_generator"], next(iter(networks.values()), None))
    reader = map_reader(weights, device)
    # A line for each request to another server says nothing that its job does not.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    if config.get("texture_settings"):
        settings = msgspec.convert(config["texture_settings"], TextureSettings)
        pictures = PictureTextureWork(opened(settings), estimate=reader.estimate, make_seamless=make_seamless)
        texture = ByGenerator({PICTURES: pictures}, textures)
    return {
        "texture": texture,
        "material": MaterialWork(
            reader, tiles_already=tiles_already, make_seamless=make_seamless, kept_share=1 - MAX_OVERLAP
        ),
        "mesh": MeshWork(
            shapes.generator, library.generator(config["texture_generator"]), _models_of_others(config)
        ),
        "embed": EmbedWork(encoder, kept),
    }


def _warmed_up(handlers: dict[str, Handler], config: Mapping[str, Any]) -> dict[str, Handler]:
    """Return the handlers after each has run once."""
    own = {
        "texture": {"generator": config["texture_generator"]},
        "material": {"image": _warm_up_image()},
        "mesh": {"generator": config["mesh_generator"]},
    }
    for name, arguments in _WARM_UP.items():
        for _ in handlers[name](dict(arguments) | own.get(name, {})):
            pass
    return handlers


def _step_before(module: torch.nn.Module, inputs: object) -> None:
    step()


def _kept(encoder: TextEncoder, config: Mapping[str, Any]) -> SentenceEncoder:
    folder = config.get("sentences")
    return KeptSentences(encoder, Path(config["text_encoder"]), Path(folder)) if folder else encoder


def _models_of_others(config: Mapping[str, Any]) -> ModelSource | None:
    settings = config.get("mesh_settings")
    if not settings:
        return None
    return back_ends.opened(msgspec.convert(settings, MeshSettings), Path(config["locks"]))


class ByGenerator:
    """Hands an order to the work of the generator that it names.

    Args:
        works: By the name of the generator.
        default: For other names.
    """

    def __init__(self, works: Mapping[str, Handler], default: TextureWork) -> None:
        self._works = works
        self._default = default

    def __call__(self, arguments: dict[str, Any]) -> Iterator[WorkOutput]:
        """Yield what that work yields."""
        return self._works.get(arguments["generator"], self._default)(arguments)

    def batch(
        self, orders: Sequence[dict[str, Any]], *, is_stopped: Callable[[int], bool]
    ) -> Iterator[MemberOutput]:
        """Yield what each order alone yields; see `TextureWork.batch`."""
        if any(order["generator"] in self._works for order in orders):
            return in_turns(self, orders, is_stopped)
        return self._default.batch(orders, is_stopped=is_stopped)

    def batch_size(self, arguments: dict[str, Any]) -> int:
        """Return how many orders like this one are worth a batch; see `TextureWork.batch_size`."""
        return 1 if arguments["generator"] in self._works else self._default.batch_size(arguments)


class EmbedWork:
    """Carries out calls of `embed`: texts → sentence vectors.

    Args:
        encoder: The sentence encoder.
        own: One that may keep what it encodes; None: the same.
    """

    def __init__(self, encoder: SentenceEncoder, own: SentenceEncoder | None = None) -> None:
        self._encoder = encoder
        self._own = own or encoder

    def __call__(self, arguments: dict[str, Any]) -> Iterator[WorkOutput]:
        """Yield one result whose payload is (N, D) float32, little-endian.

        Args:
            arguments: `texts`; `are_own` if no player or engine wrote them, so that they may be kept.
        """
        encoder = self._own if arguments.get("are_own") else self._encoder
        vectors = encoder.encode(arguments["texts"])
        if not np.isfinite(vectors).all():
            raise GeneratorFailed("The sentence encoder made vectors that hold no proper numbers.")
        name, header, _ = result({"dimensions": vectors.shape[1]}, generate_s=0.0, encode_s=0.0)
        yield name, header, np.ascontiguousarray(vectors, dtype="<f4").tobytes()


def _warm_up_image() -> bytes:
    """Return a small picture that does not tile."""
    ramp = np.arange(64, dtype=np.uint8) * np.uint8(3)
    return png(np.repeat((ramp[:, None] + ramp[None] // 4)[:, :, None], 3, 2))


_WARM_UP: Mapping[str, Mapping[str, Any]] = {
    "texture": {
        "prompt": "dry grass",
        "seed": 1,
        "size_px": 128,
        "maps": ["base_color", "normal", "orm"],
        "formats": ["bc1", "etc2"],
        "style": None,
    },
    "material": {"size_px": 64, "maps": ["base_color"], "formats": ["png"], "metres_per_tile": None},
    "mesh": {
        "prompt": "wooden crate",
        "seed": 1,
        "max_faces": 1500,
        "lods": 3,
        "size_m": None,
        "collider": True,
        "format": "glb",
        "texture_px": 0,
        "texture_formats": [],
    },
    "embed": {"texts": ["hello"]},
}
