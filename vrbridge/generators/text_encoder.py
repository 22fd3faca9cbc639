"""Sentence vectors: a six-layer BERT encoder on the MiniLM weights, run by torch alone."""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt
import torch
from safetensors.torch import load_file
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn import functional

DIMENSIONS = 384
_HIDDEN = 1536
_HEADS = 12
_LAYERS = 6
_VOCABULARY = 30522
_POSITIONS = 512
# The weights were trained with sentences of at most this many tokens.
_MAX_TOKENS = 256
_BATCH = 32


class SentenceEncoder(Protocol):
    """What generators need of a text encoder."""

    def encode(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Return (N, D) float32, unit length, for N texts."""
        ...


class _Layer(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.query = nn.Linear(DIMENSIONS, DIMENSIONS)
        self.key = nn.Linear(DIMENSIONS, DIMENSIONS)
        self.value = nn.Linear(DIMENSIONS, DIMENSIONS)
        self.attended = nn.Linear(DIMENSIONS, DIMENSIONS)
        self.attended_norm = nn.LayerNorm(DIMENSIONS, eps=1e-12)
        self.widen = nn.Linear(DIMENSIONS, _HIDDEN)
        self.narrow = nn.Linear(_HIDDEN, DIMENSIONS)
        self.norm = nn.LayerNorm(DIMENSIONS, eps=1e-12)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        b, length, _ = x.shape
        split = (b, length, _HEADS, DIMENSIONS // _HEADS)
        q, k, v = (f(x).view(split).transpose(1, 2) for f in (self.query, self.key, self.value))
        attended = functional.scaled_dot_product_attention(q, k, v, attn_mask=mask)  # (B, heads, L, D/heads)
        attended = attended.transpose(1, 2).reshape(b, length, DIMENSIONS)
        x = self.attended_norm(x + self.attended(attended))
        out: Tensor = self.norm(x + self.narrow(functional.gelu(self.widen(x))))
        return out


class _Network(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.words = nn.Embedding(_VOCABULARY, DIMENSIONS)
        self.positions = nn.Embedding(_POSITIONS, DIMENSIONS)
        self.segment = nn.Parameter(torch.zeros(DIMENSIONS))
        self.norm = nn.LayerNorm(DIMENSIONS, eps=1e-12)
        self.layers = nn.ModuleList(_Layer() for _ in range(_LAYERS))

    def forward(self, tokens: Tensor, present: Tensor) -> Tensor:
        positions = torch.arange(tokens.shape[1], device=tokens.device)
        x = self.norm(self.words(tokens) + self.positions(positions) + self.segment)  # (B, L, D)
        mask = present.bool()[:, None, None, :]  # (B, 1, 1, L)
        for layer in self.layers:
            x = layer(x, mask)
        weight = present[:, :, None].to(x.dtype)
        mean = (x * weight).sum(1) / weight.sum(1)  # mean pooling, as the weights were trained
        return functional.normalize(mean, dim=1)  # (B, D)


class TextEncoder:
    """Turns sentences into vectors whose dot product says how close their meanings are.

    Args:
        folder: Holds `model.safetensors` and `tokenizer.json` of all-MiniLM-L6-v2.

    Raises:
        FileNotFoundError: If one of the files is missing.
        KeyError: If the weights are not those of a six-layer MiniLM.

    Source:
        Reimers and Gurevych, EMNLP 2019; model sentence-transformers/all-MiniLM-L6-v2.
    """

    def __init__(self, folder: Path) -> None:
        self._tokenizer: Tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.enable_truncation(_MAX_TOKENS)
        self._tokenizer.enable_padding()
        with torch.device("meta"):  # no time lost on random weights that are replaced at once
            network = _Network()
        network.load_state_dict(_renamed(load_file(folder / "model.safetensors")), assign=True)
        self._network = network.eval().requires_grad_(False)

    def encode(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Return sentence vectors.

        Args:
            texts: N sentences of any length; what is over 256 tokens is cut off.

        Returns:
            (N, 384) float32, unit length.
        """
        parts = [self._encode_batch(texts[i : i + _BATCH]) for i in range(0, len(texts), _BATCH)]
        return np.concatenate(parts) if parts else np.zeros((0, DIMENSIONS), np.float32)

    @torch.inference_mode()
    def _encode_batch(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        encoded = self._tokenizer.encode_batch(list(texts))
        tokens = torch.tensor([e.ids for e in encoded])  # (B, L)
        present = torch.tensor([e.attention_mask for e in encoded])  # (B, L)
        vectors: npt.NDArray[np.float32] = self._network(tokens, present).numpy()
        return vectors


def _renamed(published: dict[str, Tensor]) -> dict[str, Tensor]:
    """Return the published weights under this module's names."""
    embeddings = "embeddings."
    weights = {
        "words.weight": published[embeddings + "word_embeddings.weight"],
        "positions.weight": published[embeddings + "position_embeddings.weight"],
        # Sentences are single here, so every token has segment 0.
        "segment": published[embeddings + "token_type_embeddings.weight"][0].clone(),
    }
    names = {
        "query": "attention.self.query",
        "key": "attention.self.key",
        "value": "attention.self.value",
        "attended": "attention.output.dense",
        "attended_norm": "attention.output.LayerNorm",
        "widen": "intermediate.dense",
        "narrow": "output.dense",
        "norm": "output.LayerNorm",
    }
    for part in ("weight", "bias"):
        weights[f"norm.{part}"] = published[f"{embeddings}LayerNorm.{part}"]
        for i in range(_LAYERS):
            for ours, theirs in names.items():
                weights[f"layers.{i}.{ours}.{part}"] = published[f"encoder.layer.{i}.{theirs}.{part}"]
    return weights
