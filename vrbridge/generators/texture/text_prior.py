"""From words to the code of a material: near the codes of known pictures, never far from all of them."""

import re
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch

from vrbridge.generators.caption_words import CaptionWords, places
from vrbridge.generators.texture.layouts import WHOLE
from vrbridge.generators.texture.palette import Color, color_words, from_oklab, to_oklab
from vrbridge.generators.texture.tones import TONE_SIZE, mean_colors, with_mean_colors
from vrbridge.generators.texture.words import words_of

Codes = npt.NDArray[np.float32]

# What the prompt's words are worth in cosine, if all of them are in a caption; half of it against it if none.
_WORD_BONUS = 0.22
_COLOR_BONUS = 0.10
_N_NEAREST = 10
_NEAR = 0.1
_SHARPNESS = 28.0
# Score at which a prompt is as likely as not to mean what the nearest caption says.
_EVEN_SCORE = 0.62
_SCORE_WIDTH = 0.07
_JITTER = 0.12
# Colours are seen more exactly: much more, and gray stone is purple.
_TONE_JITTER = 0.03
# What a whole spread of difference in look counts, in cosine, where a layout is chosen.
_LOOK = 0.25
_SAME_KIND = 0.15
# Who says "concrete" means no dark blue one.
_UNSPOKEN_TINT = 0.04
_UNUSUAL = 1.0
_PATCHES = re.compile(r"\b(?:patches|bits|spots|clumps|islands|areas|pieces|remains|layer) of\b")
_SHADES = frozenset({"dark", "light", "pale", "bright", "deep", "colorful", "multicolored"})
_STOP_WORDS = frozenset(
    {
        "a", "an", "the", "of", "with", "and", "in", "on", "at", "some", "very", "old", "new",
        "surface", "texture", "material", "seamless", "tile", "tileable", "wall", "floor", "ground",
        "pattern", "it", "is", "like", "made", "from", "for", "to", "small", "large", "big",
    }
)  # fmt: skip
_MIXTURES = re.compile(
    r"\s+(?:with (?:(?:some|a few|small|large) )?"
    r"(?:patches|bits|spots|clumps|islands|areas|pieces|remains|a layer) of|with|and patches of"
    r"|(?:partly )?covered (?:in|with|by)|mixed with|overgrown with|and)\s+"
)


@dataclass(frozen=True, slots=True)
class Anchors:
    """What is known of the pictures that the network learned from.

    Attributes:
        captions: A of them, lower case.
        categories: Of each.
        sentences: (A, 384) unit sentence vectors of the captions.
        codes: (A, 64), of which the first 12 are the tone.
        tone_mean: (12,) that tones in codes are measured from.
        tone_scale: (12,) that they are measured in.
        bonus: (A,) what each is preferred by, in cosine: above 0 for pictures of a user's own.
    """

    captions: tuple[str, ...]
    categories: tuple[str, ...]
    sentences: npt.NDArray[np.float32]
    codes: Codes
    tone_mean: Codes
    tone_scale: Codes
    bonus: npt.NDArray[np.float32]

    def preferred_to(self, others: "Anchors", bonus: float) -> "Anchors":
        """Return these and others of the same style space, these preferred by at least a bonus in cosine."""
        return Anchors(
            captions=self.captions + others.captions,
            categories=self.categories + others.categories,
            sentences=np.concatenate([self.sentences, others.sentences]),
            codes=np.concatenate([self.codes, others.codes]),
            tone_mean=others.tone_mean,
            tone_scale=others.tone_scale,
            bonus=np.concatenate([np.maximum(self.bonus, np.float32(bonus)), others.bonus]),
        )

    def tones(self, codes: Codes) -> Codes:
        """Return the (N, 12) tones in (N, 64) codes."""
        return codes[:, :TONE_SIZE] * self.tone_scale + self.tone_mean

    def mean_colors(self) -> Codes:
        """Return (A, 3) mean colours in Oklab."""
        srgb = mean_colors(torch.from_numpy(self.tones(self.codes)))
        return to_oklab(srgb.clamp(0, 1).numpy())

    def toward(self, code: Codes, color: Color, strength: float) -> Codes:
        """Return a code (64,) whose mean colour is nearer to (3,) Oklab; 1 is there."""
        tone = torch.from_numpy(self.tones(code[None]))
        now = to_oklab(mean_colors(tone).clamp(0, 1).numpy())
        wanted = from_oklab(now + np.float32(strength) * (color - now))
        changed = with_mean_colors(tone, torch.from_numpy(wanted)).numpy()[0]
        return np.concatenate([(changed - self.tone_mean) / self.tone_scale, code[TONE_SIZE:]]).astype(
            np.float32
        )


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a prompt was taken for.

    Attributes:
        code: (64,).
        category: Of the nearest picture.
        caption: Of the picture whose look was chosen.
        nearest: Caption that the prompt came closest to.
        confidence: 0–1.
        layout: Number of the layout to start from, or None.
        is_own: Whether the nearest picture is a user's own.
    """

    code: Codes
    category: str
    caption: str
    nearest: str
    confidence: float
    layout: int | None
    is_own: bool


class TextPrior:
    """Finds codes for words.

    Args:
        anchors: Known pictures.
        with_layouts: (L,) numbers of those whose layouts are kept.
    """

    def __init__(self, anchors: Anchors, with_layouts: npt.NDArray[np.int32]) -> None:
        self._anchors = anchors
        self._with_layouts = with_layouts
        self._mean_colors = anchors.mean_colors()
        self._categories = np.array(anchors.categories)
        self._unusual = _from_usual(self._mean_colors, self._categories)
        self._n_named = np.array([len(tints(caption)) for caption in anchors.captions], np.int64)
        self._with_tint = places(tints(caption) for caption in anchors.captions)
        self._words = CaptionWords(anchors.captions, _STOP_WORDS)

    def meaning(
        self,
        prompt: str,
        vector: npt.NDArray[np.float32],
        random: np.random.Generator,
        color: Color | None = None,
    ) -> Meaning:
        """Return the code of a prompt.

        Args:
            prompt: English.
            vector: (384,) its unit sentence vector.
            random: Chooses among the pictures that fit about equally well, and varies the code a little.
            color: (3,) Oklab that the material should have, if the words say one.
        """
        shared = _WORD_BONUS * self._words.overlap(prompt)
        scores = self._anchors.sentences @ vector + shared + self._anchors.bonus
        best = int(scores.argmax())
        scores = scores - _UNSPOKEN_TINT * self._unspoken(prompt)
        if color is None:
            ranked = scores - _UNUSUAL * self._unusual
        else:
            ranked = scores - self._color_distance(color) * 0.9
        # A picture of the right colour is of no use if it shows something else.
        ranked = np.where(scores >= scores.max() - _NEAR, ranked, ranked - 1)
        nearest = np.argsort(-ranked)[:_N_NEAREST]
        chances = np.exp(_SHARPNESS * (ranked[nearest] - ranked[nearest[0]]))
        chosen = int(random.choice(nearest, p=chances / chances.sum()))
        jitter = np.full(self._anchors.codes.shape[1], _JITTER)
        jitter[:TONE_SIZE] = _TONE_JITTER
        code = self._anchors.codes[chosen] + random.normal(0, jitter)
        confidence = 1 / (1 + np.exp(-(scores[best] - _EVEN_SCORE) / _SCORE_WIDTH))
        return Meaning(
            code.astype(np.float32),
            self._anchors.categories[chosen],
            self._anchors.captions[chosen],
            self._anchors.captions[best],
            round(float(confidence), 3),
            self._layout(chosen, scores, random),
            bool(self._anchors.bonus[best] > 0),
        )

    def _layout(
        self, chosen: int, scores: npt.NDArray[np.float32], random: np.random.Generator
    ) -> int | None:
        """Return a layout near in words and look, None if there is none; parts that meet are of one kind."""
        categories = self._categories[self._with_layouts]
        own = self._anchors.categories[chosen]
        is_fitting = categories == own if own in WHOLE else ~np.isin(categories, list(WHOLE))
        fitting = np.flatnonzero(is_fitting)
        if not len(fitting):
            return None
        anchors = self._with_layouts[fitting]
        apart = self._anchors.codes[anchors, TONE_SIZE:] - self._anchors.codes[chosen, TONE_SIZE:]
        likeness = scores[anchors] - _LOOK * np.sqrt(np.square(apart).mean(1))
        likeness = likeness + _SAME_KIND * (categories[fitting] == own)
        chances = np.exp(_SHARPNESS * (likeness - likeness.max()))
        return int(random.choice(fitting, p=chances / chances.sum()))

    def _unspoken(self, prompt: str) -> npt.NDArray[np.float32]:
        """Return how many colours and shades each caption has that the prompt does not name."""
        n_unspoken = self._n_named.copy()
        for tint in tints(prompt) & self._with_tint.keys():
            n_unspoken[self._with_tint[tint]] -= 1
        return n_unspoken.astype(np.float32)

    def _color_distance(self, color: Color) -> npt.NDArray[np.float32]:
        """Return how far each picture is from a colour in Oklab; hue counts more than lightness."""
        apart = self._mean_colors - color
        distance: npt.NDArray[np.float32] = np.hypot(
            0.6 * apart[:, 0], 2.5 * np.hypot(apart[:, 1], apart[:, 2])
        )
        return distance


def names_patches(prompt: str) -> bool:
    """Return whether the prompt says that one material lies on another in patches."""
    return _PATCHES.search(prompt) is not None


def mixture_of(prompt: str) -> tuple[str, str] | None:
    """Return the ground and what lies on it in patches, if the prompt names two materials."""
    parts = _MIXTURES.split(prompt, maxsplit=1)
    return (parts[0].strip(), parts[1].strip()) if len(parts) == 2 and all(p.strip() for p in parts) else None


def _from_usual(colors: Codes, categories: npt.NDArray[np.str_]) -> npt.NDArray[np.float32]:
    """Return how far each of (A, 3) Oklab colours is from the middle one of its category."""
    apart = np.zeros_like(colors)
    for category in np.unique(categories):
        chosen = categories == category
        apart[chosen] = colors[chosen] - np.median(colors[chosen], 0)
    distance: npt.NDArray[np.float32] = np.hypot(0.3 * apart[:, 0], np.hypot(apart[:, 1], apart[:, 2]))
    return distance


def tints(text: str) -> frozenset[str]:
    """Return the colours and shades that a text names."""
    return frozenset(color_words(text)) | (_SHADES & set(words_of(text)))
