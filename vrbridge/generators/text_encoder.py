"""Sentence vectors: a six-layer BERT encoder on the MiniLM weights, run by torch alone."""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt
import torch
from safetensors.torch import load_file
from tokenizers import Tokenizer
from torch import Tensor
from torch.nn import functional

DIMENSIONS = 384
WEIGHTS = "model.safetensors"
_HEADS = 12
_LAYERS = 6
# The weights were trained with sentences of at most this many tokens.
_MAX_TOKENS = 256
_BATCH = 32


class SentenceEncoder(Protocol):
    """What generators need of a text encoder."""

    def encode(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Return (N, D) float32, unit length, for N texts."""
        ...


class RecentSentences:
    """Keeps the vectors of the last few texts: rules and a network read the same prompt one after the other.

    Args:
        encoder: Makes them.
        n_kept: Texts that are kept.
    """

    def __init__(self, encoder: SentenceEncoder, n_kept: int = 4) -> None:
        self._encoder = encoder
        self._n_kept = n_kept
        self._kept: OrderedDict[str, npt.NDArray[np.float32]] = OrderedDict()

    def encode(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Return (N, D) float32, unit length; of several texts none is kept."""
        if len(texts) != 1:
            return self._encoder.encode(texts)
        text = texts[0]
        if text not in self._kept:
            self._kept[text] = self._encoder.encode(texts)
        self._kept.move_to_end(text)
        while len(self._kept) > self._n_kept:
            self._kept.popitem(last=False)
        return self._kept[text]


class _Network:
    """The encoder's forward pass over the published weights.

    Functions rather than modules: building modules without their random weights needs torch's meta device,
    whose registration takes most of a second of a worker's start.

    Args:
        weights: By their published names.
        device: Where they are used.

    Raises:
        KeyError: If one is missing.
    """

    def __init__(self, weights: Mapping[str, Tensor], device: torch.device) -> None:
        self._weights = {name: weights[name].to(device) for name in _weight_names()}

    def __call__(self, tokens: Tensor, present: Tensor) -> Tensor:
        """Return (B, D) unit vectors of (B, L) tokens, of which those with a 1 in (B, L) `present` count."""
        positions = torch.arange(tokens.shape[1], device=tokens.device)
        x = functional.embedding(tokens, self._weights["embeddings.word_embeddings.weight"])  # (B, L, D)
        x = x + functional.embedding(positions, self._weights["embeddings.position_embeddings.weight"])
        # Sentences are single here, so every token has segment 0.
        x = x + self._weights["embeddings.token_type_embeddings.weight"][0]
        x = self._norm(x, "embeddings.LayerNorm")
        mask = present.bool()[:, None, None, :]  # (B, 1, 1, L)
        for i in range(_LAYERS):
            x = self._layer(x, mask, f"encoder.layer.{i}.")
        weight = present[:, :, None].to(x.dtype)
        mean = (x * weight).sum(1) / weight.sum(1)  # mean pooling, as the weights were trained
        return functional.normalize(mean, dim=1)  # (B, D)

    def _layer(self, x: Tensor, mask: Tensor, name: str) -> Tensor:
        b, length, _ = x.shape
        split = (b, length, _HEADS, DIMENSIONS // _HEADS)
        q, k, v = (
            self._dense(x, f"{name}attention.self.{part}").view(split).transpose(1, 2)
            for part in ("query", "key", "value")
        )
        attended = functional.scaled_dot_product_attention(q, k, v, attn_mask=mask)  # (B, heads, L, D/heads)
        attended = attended.transpose(1, 2).reshape(b, length, DIMENSIONS)
        attended = self._dense(attended, f"{name}attention.output.dense")
        x = self._norm(x + attended, f"{name}attention.output.LayerNorm")
        wide = functional.gelu(self._dense(x, f"{name}intermediate.dense"))
        return self._norm(x + self._dense(wide, f"{name}output.dense"), f"{name}output.LayerNorm")

    def _dense(self, x: Tensor, name: str) -> Tensor:
        return functional.linear(x, self._weights[f"{name}.weight"], self._weights[f"{name}.bias"])

    def _norm(self, x: Tensor, name: str) -> Tensor:
        weight, bias = self._weights[f"{name}.weight"], self._weights[f"{name}.bias"]
        return functional.layer_norm(x, (DIMENSIONS,), weight, bias, eps=1e-12)


def _weight_names() -> list[str]:
    embeddings = ("word_embeddings", "position_embeddings", "token_type_embeddings")
    names = ["embeddings.LayerNorm"]
    for i in range(_LAYERS):
        inner = ("query", "key", "value")
        names += [f"encoder.layer.{i}.attention.self.{part}" for part in inner]
        outer = ("attention.output.dense", "attention.output.LayerNorm", "intermediate.dense")
        names += [f"encoder.layer.{i}.{part}" for part in (*outer, "output.dense", "output.LayerNorm")]
    pairs = [f"{name}.{part}" for name in names for part in ("weight", "bias")]
    return [*(f"embeddings.{table}.weight" for table in embeddings), *pairs]


class TextEncoder:
    """Turns sentences into vectors whose dot product says how close their meanings are.

    Args:
        folder: Holds `model.safetensors` and `tokenizer.json` of all-MiniLM-L6-v2.
        device: Of the network.

    Raises:
        FileNotFoundError: If one of the files is missing.
        KeyError: If the weights are not those of a six-layer MiniLM.

    Source:
        Reimers and Gurevych, EMNLP 2019; model sentence-transformers/all-MiniLM-L6-v2.
    """

    def __init__(self, folder: Path, device: str = "cpu") -> None:
        self._device = torch.device(device)
        self._tokenizer: Tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.enable_truncation(_MAX_TOKENS)
        self._tokenizer.enable_padding()
        self._network = _Network(load_file(folder / WEIGHTS), self._device)

    def encode(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Return sentence vectors.

        Args:
            texts: N sentences of any length; what is over 256 tokens is cut off.

        Returns:
            (N, 384) float32, unit length.
        """
        # Texts of about the same length make the batches that need the least padding.
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
        vectors = np.zeros((len(texts), DIMENSIONS), np.float32)
        for start in range(0, len(texts), _BATCH):
            rows = order[start : start + _BATCH]
            vectors[rows] = self._encode_batch([texts[i] for i in rows])
        return vectors

    @torch.inference_mode()
    def _encode_batch(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        encoded = self._tokenizer.encode_batch(list(texts))
        tokens = torch.tensor([e.ids for e in encoded], device=self._device)  # (B, L)
        present = torch.tensor([e.attention_mask for e in encoded], device=self._device)  # (B, L)
        vectors: npt.NDArray[np.float32] = self._network(tokens, present).cpu().numpy()
        return vectors
