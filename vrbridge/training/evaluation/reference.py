"""What generated pictures are held against: the pictures of a data set, and their words."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from vrbridge.errors import DataError
from vrbridge.generators.text_encoder import SentenceEncoder
from vrbridge.training.dataset import TextureData
from vrbridge.training.evaluation.feature_cache import FeatureCache
from vrbridge.training.evaluation.feature_space import FeatureSpace, diversity, nearest
from vrbridge.training.evaluation.features import Features
from vrbridge.training.evaluation.retrieval import Sentences, TextMap

MIN_HELD_OUT = 8


@dataclass(frozen=True, slots=True)
class Reference:
    """Pictures to compare with; all features are standard, see `FeatureSpace`.

    Attributes:
        data: The pictures.
        space: Of the training pictures.
        training: (N, F) features.
        training_indices: (N,) which pictures of the data they are.
        held_out: (M, F) features of the pictures that nothing was trained on.
        held_out_captions: Their M captions.
        captions: The distinct ones of those.
        sentences: (C, D) vectors of `captions`.
        text_map: From features to sentence vectors, fitted on the training pictures.
        novelty: Mean distance of a held-out picture to its nearest training picture.
        variety: For each of `captions`, the mean distance between two training pictures of its category.
    """

    data: TextureData
    space: FeatureSpace
    training: Features
    training_indices: npt.NDArray[np.intp]
    held_out: Features
    held_out_captions: list[str]
    captions: list[str]
    sentences: Sentences
    text_map: TextMap
    novelty: float
    variety: dict[str, float]

    @classmethod
    def of(
        cls,
        data: TextureData,
        cache: FeatureCache,
        encoder: SentenceEncoder,
        progress: Callable[[int], None] | None = None,
    ) -> Self:
        """Return the reference that a data set makes.

        Args:
            data: With held-out pictures.
            cache: Computes features.
            encoder: Sentence vectors.
            progress: Called with how many pictures are done.

        Raises:
            DataError: If too few pictures are held out, or there is nothing else.
        """
        is_held_out = data.is_held_out
        if is_held_out.sum() < MIN_HELD_OUT or is_held_out.all():
            raise DataError(
                f"An evaluation needs {MIN_HELD_OUT} held-out pictures at least, and others; this folder has "
                f"{int(is_held_out.sum())} of {len(data)}. Use the data set that the network was trained on."
            )
        features = cache.of(list(data.color), progress)
        space = FeatureSpace.of(features[~is_held_out])
        standard = space.standard(features)
        training, held_out = standard[~is_held_out], standard[is_held_out]
        indices = np.flatnonzero(~is_held_out)
        held_out_captions = [data.captions[i] for i in np.flatnonzero(is_held_out)]
        captions = list(dict.fromkeys(held_out_captions))
        return cls(
            data=data,
            space=space,
            training=training,
            training_indices=indices,
            held_out=held_out,
            held_out_captions=held_out_captions,
            captions=captions,
            sentences=encoder.encode(captions),
            text_map=TextMap.fitted(training, encoder.encode([data.captions[i] for i in indices])),
            novelty=float(nearest(held_out, training)[0].mean()),
            variety=_variety(data, training, indices, captions),
        )


def _variety(
    data: TextureData, training: Features, indices: npt.NDArray[np.intp], captions: list[str]
) -> dict[str, float]:
    """Return how much training pictures of each caption's category differ; all of them, if it has but one."""
    category = np.array([data.categories[i] for i in indices])
    some = training[:: max(1, len(training) // 500)]
    of_all = diversity(some, [0] * len(some))
    varieties = {}
    for caption in captions:
        members = training[category == data.categories[data.captions.index(caption)]]
        varieties[caption] = diversity(members, [0] * len(members)) or of_all
    return varieties
