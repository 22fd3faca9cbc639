"""Generators whose networks have gone bad; what a worker under test imports."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from tests.fakes import FakeTextEncoder
from vrbridge.generators.mesh.procedural import ProceduralMeshes
from vrbridge.generators.texture.parametric import ParametricTextures
from vrbridge.jobs.mesh_work import MeshWork
from vrbridge.jobs.outputs import WorkOutput, asset, result
from vrbridge.jobs.texture_work import TextureWork
from vrbridge.jobs.work import EmbedWork, Handler

WORDS: Mapping[str, float] = {"nan": np.nan, "inf": np.inf}


class UnhealthyEncoder:
    """Gives vectors of nothing but NaN, or infinity, for texts with that word."""

    def encode(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Return (N, 384) float32."""
        vectors = FakeTextEncoder().encode(texts)
        for row, text in enumerate(texts):
            for word, value in WORDS.items():
                if word in text.split():
                    vectors[row] = value
        return vectors


def create(_: dict[str, Any]) -> Mapping[str, Handler]:
    """Return the calls of a worker."""
    encoder = UnhealthyEncoder()
    textures = ParametricTextures(encoder)
    return {
        "texture": TextureWork(lambda _: textures),
        "mesh": MeshWork(lambda _: ProceduralMeshes(encoder), textures),
        "embed": EmbedWork(encoder),
        "meta": meta,
        "result": last,
    }


def meta(arguments: dict[str, Any]) -> Iterator[WorkOutput]:
    """Yield an asset whose facts hold such a number."""
    yield asset("lod0", "model/gltf-binary", b"mesh", {"bounds": {"min": [0.0, WORDS[arguments["prompt"]]]}})


def last(arguments: dict[str, Any]) -> Iterator[WorkOutput]:
    """Yield a good asset, then a result with such a number."""
    yield asset("lod0", "model/gltf-binary", b"mesh", {})
    yield result({"size_m": (1.0, WORDS[arguments["prompt"]])}, generate_s=0.0, encode_s=0.0)
