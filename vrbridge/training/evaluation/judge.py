"""Measures one source of textures after the other, all by the same pictures and words."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from vrbridge.generators.text_encoder import SentenceEncoder
from vrbridge.generators.texture.maps import TextureMaps
from vrbridge.training.evaluation.decoded import decoded, readable_forms
from vrbridge.training.evaluation.feature_cache import FeatureCache
from vrbridge.training.evaluation.feature_space import diversity, nearest
from vrbridge.training.evaluation.features import Features
from vrbridge.training.evaluation.kernel_distance import KernelDistance, distance_within, kernel_distance
from vrbridge.training.evaluation.normals import normal_faults
from vrbridge.training.evaluation.reference import Reference
from vrbridge.training.evaluation.retrieval import Retrieval
from vrbridge.training.evaluation.seams import seams
from vrbridge.training.evaluation.table import Row
from vrbridge.training.evaluation.textures import Generated, Textures, seeds

ROLES: Final = ("base_color", "normal", "orm", "height")

Pixels = npt.NDArray[np.uint8]
OnPicture = Callable[[int], None]
"""Called with how many pictures are done."""

# Standard features are twice as long as those that the kernel was made for, and its cube would hear the few
# longest ones only.
_KERNEL_SCALE: Final = np.float32(0.5)
_COPY_PERCENTILE: Final = 5
_N_ENCODED: Final = 24
_N_PAIRS: Final = 6


@dataclass(frozen=True, slots=True)
class Pair:
    """A generated picture and the training picture that is nearest to it, (S, S, 3) uint8 each."""

    prompt: str
    made: Pixels
    known: Pixels
    known_caption: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came out for one source.

    Attributes:
        row: The figures.
        pairs: The pictures that are nearest to a training picture.
    """

    row: Row
    pairs: list[Pair]


@dataclass(slots=True)
class _Made:
    """Pictures of one source: the colours of all, and all maps of the first seed."""

    texts: list[int] = field(default_factory=list)
    colors: list[Pixels] = field(default_factory=list)
    maps: list[TextureMaps] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)


class Judge:
    """Holds what all sources are measured with.

    Args:
        reference: Pictures and words of a data set.
        cache: Computes features.
        encoder: Sentence vectors.
        captions: Those held-out captions that pictures are made for.
        prompts: The list; every one is drawn once.
        n_seeds: How many pictures for each caption.
    """

    def __init__(
        self,
        reference: Reference,
        cache: FeatureCache,
        encoder: SentenceEncoder,
        *,
        captions: Sequence[str],
        prompts: Sequence[str],
        n_seeds: int,
    ) -> None:
        self._reference = reference
        self._cache = cache
        self._captions = list(captions)
        self._prompts = list(prompts)
        self._prompt_sentences = encoder.encode(self._prompts)
        self._n_seeds = n_seeds
        self._size_px = int(reference.data.color.shape[1])
        own = nearest(reference.held_out, reference.training)[0]
        self._copy_distance = float(np.percentile(own, _COPY_PERCENTILE))

    def n_pictures(self, textures: Textures) -> int:
        """Return how many pictures a source will be asked for."""
        return len(self._captions) * self._n_seeds + (len(self._prompts) if textures.takes_any_prompt else 0)

    def verdict(self, textures: Textures, on_picture: OnPicture) -> Verdict:
        """Return the measures of one source.

        Raises:
            GeneratorFailed: If it can't make a picture.
        """
        made = self._made(textures, self._captions, self._n_seeds, on_picture)
        features = self._features(made)
        listed = self._listed(textures, lambda done: on_picture(len(made.colors) + done))
        own = self._retrieval(features, made)
        distance, known = nearest(features, self._reference.training)
        kid = self._distance(textures, features)
        faults = normal_faults(maps.normal for maps in made.maps)
        row = Row(
            model=textures.model,
            n_pictures=len(made.colors),
            kid=kid.mean,
            kid_error=kid.standard_error,
            kid_subset=kid.subset,
            top_1=own.top_1,
            top_5=own.top_5,
            list_top_1=listed.top_1 if listed else None,
            list_top_5=listed.top_5 if listed else None,
            novelty=float(distance.mean()) / self._reference.novelty,
            copies=float((distance < self._copy_distance).mean()),
            diversity=self._diversity(features, made) if textures.takes_any_prompt else None,
            seams=_seam_ratios(made.maps),
            visible_seams=seams(made.colors).visible,
            roll_error=textures.roll_error() if isinstance(textures, Generated) else None,
            normal_length_error=faults.length_error,
            normal_curl=faults.curl,
            render_ms=1000 * float(np.median(made.seconds)),
        )
        return Verdict(row, self._pairs(made, distance, known))

    def _made(self, textures: Textures, texts: Sequence[str], n_seeds: int, on_picture: OnPicture) -> _Made:
        made = _Made()
        for place, seed in enumerate(seeds(n_seeds)):
            for number, text in enumerate(texts):
                started = time.perf_counter()
                maps = textures.render(text, seed, self._size_px)
                made.seconds.append(time.perf_counter() - started)
                made.texts.append(number)
                made.colors.append(maps.base_color)
                if place == 0:
                    made.maps.append(maps)
                on_picture(len(made.colors))
        return made

    def _features(self, made: _Made) -> Features:
        return self._reference.space.standard(self._cache.of(made.colors))

    def _retrieval(self, features: Features, made: _Made) -> Retrieval:
        gallery = self._reference.captions
        own = np.array([gallery.index(self._captions[number]) for number in made.texts])
        return self._reference.text_map.retrieval(features, own, self._reference.sentences)

    def _listed(self, textures: Textures, on_picture: OnPicture) -> Retrieval | None:
        if not textures.takes_any_prompt:
            return None
        made = self._made(textures, self._prompts, 1, on_picture)
        return self._reference.text_map.retrieval(
            self._features(made), np.array(made.texts), self._prompt_sentences
        )

    def _distance(self, textures: Textures, features: Features) -> KernelDistance:
        held_out = self._reference.held_out * _KERNEL_SCALE
        if textures.takes_any_prompt:
            return kernel_distance(features * _KERNEL_SCALE, held_out)
        # The same pictures would be at distance 0 for no merit of theirs.
        return distance_within(held_out)

    def _diversity(self, features: Features, made: _Made) -> float | None:
        if self._n_seeds < 2:
            return None
        real = float(np.mean([self._reference.variety[caption] for caption in self._captions]))
        return diversity(features, made.texts) / real if real else None

    def _pairs(self, made: _Made, distance: Features, known: npt.NDArray[np.intp]) -> list[Pair]:
        pairs: list[Pair] = []
        shown: set[int] = set()
        for number in np.argsort(distance):
            if made.texts[number] in shown:
                continue
            shown.add(made.texts[number])
            index = int(self._reference.training_indices[known[number]])
            data = self._reference.data
            color = np.asarray(data.color[index])
            pairs.append(
                Pair(self._captions[made.texts[number]], made.colors[number], color, data.captions[index])
            )
            if len(pairs) == _N_PAIRS:
                break
        return pairs


def _seam_ratios(maps: Sequence[TextureMaps]) -> dict[str, dict[str, float]]:
    ratios = {"before": {role: seams(getattr(one, role) for one in maps).ratio for role in ROLES}}
    some = maps[:: max(1, len(maps) // _N_ENCODED)][:_N_ENCODED]
    for name, form in readable_forms().items():
        ratios[name] = {
            role: seams(
                (
                    decoded(role, getattr(one, role), form, normal=one.normal if role == "orm" else None)
                    for one in some
                ),
                block_px=form.block_px,
            ).ratio
            for role in ROLES
        }
    return ratios
