"""Props from a prompt and a seed, without a network: the nearest family, its parameters, its pieces."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np

from vrbridge.generators.glossary import english
from vrbridge.generators.mesh import MODEL
from vrbridge.generators.mesh.families import FAMILIES, Family
from vrbridge.generators.mesh.finishing import Placement, finish, placement
from vrbridge.generators.mesh.prop import Prop, SurfaceMaterial
from vrbridge.generators.mesh.sketch import FINEST, Piece, Sketch
from vrbridge.generators.mesh.surfaces import surface_of
from vrbridge.generators.mesh.traits import Traits
from vrbridge.generators.mesh.words import Description, describe
from vrbridge.generators.text_encoder import SentenceEncoder

# A noun that names the family outweighs any likeness of meaning.
_NOUN_BONUS = 0.5
# Cosines of MiniLM: below the first nothing is shared, from the second on it is a paraphrase.
_UNLIKE, _ALIKE = 0.3, 0.75
_NAMED_CONFIDENCE = 0.8
# Words after these describe the head noun before them: "a chest of drawers", "a shelf with books".
_JOINTS = frozenset(
    {"with", "of", "on", "in", "for", "under", "beside", "near", "and", "from", "holding", "made"}
)


@dataclass(frozen=True, slots=True)
class MeshPlan:
    """All that decides what a prop looks like.

    Args:
        family: Key of `FAMILIES`.
        confidence: 0–1, how well the family fits the prompt.
        nearest: The known description closest to the prompt.
        size_m: Longest side in metres; None: what is usual for the family, times `scale`.
        scale: Factor on the usual size.
        traits: Parameters of the family.
        materials: Role and material, one for each role of the family.
    """

    family: str
    confidence: float
    nearest: str
    size_m: float | None
    scale: float
    traits: Traits
    materials: tuple[tuple[str, SurfaceMaterial], ...]


class ParametricMeshes:
    """Plans and builds props; the same plan gives the same bytes.

    Args:
        encoder: Compares prompts with the descriptions of the families.
    """

    model = MODEL

    def __init__(self, encoder: SentenceEncoder) -> None:
        self._encoder = encoder
        self._anchors = [(name, text) for name, family in FAMILIES.items() for text in family.anchors]
        self._vectors = encoder.encode([text for _, text in self._anchors])  # (A, D)

    def plan(self, prompt: str, *, seed: int, size_m: float | None = None) -> MeshPlan:
        """Return the prop that a prompt asks for.

        Args:
            prompt: Any text; what fits nothing gets the nearest family and a low confidence.
            seed: 0 or more; draws what the prompt leaves open.
            size_m: Longest side in metres.
        """
        prompt = english(prompt)
        said = describe(prompt)
        name, confidence, nearest = self._family(prompt, said)
        rng = np.random.default_rng(_seed(name, seed))
        flags = frozenset(said.words) | frozenset(said.substances)
        traits = Traits(
            seed=int(rng.integers(2**31)),
            height=said.height * float(rng.uniform(0.95, 1.05)),
            width=said.width * float(rng.uniform(0.95, 1.05)),
            flags=flags,
            count=said.count,
        )
        materials = _materials(FAMILIES[name], said, rng)
        return MeshPlan(name, confidence, nearest, size_m, said.size, traits, materials)

    def build(self, plan: MeshPlan, *, detail: int = FINEST) -> Prop:
        """Return the prop at a detail from 0 (the silhouette) to 3."""
        return self.finish(plan, self.sketch(plan, detail=detail))

    def sketch(self, plan: MeshPlan, *, detail: int) -> tuple[Piece, ...]:
        """Return the pieces of a prop; cheap next to `finish`, and enough to count faces."""
        sketch = Sketch(detail, np.random.default_rng(plan.traits.seed + 1))
        FAMILIES[plan.family].build(sketch, plan.traits)
        return sketch.pieces

    def place(self, plan: MeshPlan, pieces: tuple[Piece, ...]) -> Placement:
        """Return where pieces of `sketch` go in the scene."""
        return placement(pieces, size_m=plan.size_m, scale=plan.scale)

    def finish(self, plan: MeshPlan, pieces: tuple[Piece, ...], place: Placement | None = None) -> Prop:
        """Return the prop that pieces of `sketch` make.

        Args:
            plan: What they were made for.
            pieces: At least one.
            place: Of the finest version; None: of these pieces.
        """
        return finish(pieces, dict(plan.materials), place or self.place(plan, pieces))

    def _family(self, prompt: str, said: Description) -> tuple[str, float, str]:
        likeness = self._vectors @ self._encoder.encode([prompt])[0]  # (A,)
        named = _named(said.words)
        score = likeness + np.array([_NOUN_BONUS * named.get(name, 0.0) for name, _ in self._anchors])
        best = int(np.argmax(score))
        name, nearest = self._anchors[best]
        confidence = float(np.clip((likeness[best] - _UNLIKE) / (_ALIKE - _UNLIKE), 0, 1))
        if name in named:
            confidence = max(confidence, _NAMED_CONFIDENCE * named[name])
        return name, round(confidence, 3), nearest


def _noun_families() -> Mapping[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for name, family in FAMILIES.items():
        for noun in family.nouns.split():
            found[noun] = (*found.get(noun, ()), name)
    return found


_NOUNS = _noun_families()


def _named(words: tuple[str, ...]) -> Mapping[str, float]:
    """Return families whose nouns occur, 0–1: the head noun counts fully, nouns around it less."""
    head_end = next((i for i, word in enumerate(words) if word in _JOINTS and i > 0), len(words))
    found: dict[str, float] = {}
    head_found = False
    for i in reversed(range(len(words))):
        pair = "_".join(words[max(0, i - 1) : i + 1])
        noun = _singular(pair) or _singular(words[i])
        if noun is None:
            continue
        is_head = i < head_end and not head_found
        head_found |= is_head
        for name in _NOUNS[noun]:
            found[name] = max(found.get(name, 0.0), 1.0 if is_head else 0.4)
    return found


def _singular(word: str) -> str | None:
    forms = (word, re.sub(r"s$", "", word), re.sub(r"es$", "", word))
    return next((form for form in forms if form in _NOUNS), None)


def _seed(name: str, seed: int) -> int:
    return int.from_bytes(blake2b(f"{name} {seed}".encode(), digest_size=8).digest(), "big")


def _materials(
    family: Family, said: Description, rng: np.random.Generator
) -> tuple[tuple[str, SurfaceMaterial], ...]:
    chosen = dict(family.roles)
    main = next(iter(chosen))
    accent = "fabric" if "fabric" in chosen else next(iter([role for role in chosen if role != main]), main)
    # A substance with a role of its own name is what the thing holds: the hay of a cart.
    whole = [name for name in _allowed(family, said.substances) if name not in chosen]
    if whole and chosen[main] not in whole and not (chosen[main] == "masonry" and whole[0] == "stone"):
        chosen[main] = whole[0]
    parts = [name for name in _allowed(family, said.accent_substances) if name not in family.roles.values()]
    if parts:
        chosen[accent] = parts[0]
    colors = {accent: said.accent_colors[:1], main: said.colors[:1]}
    return tuple(
        (role, surface_of(name, role, rng, next(iter(colors.get(role, ())), None)))
        for role, name in chosen.items()
    )


def _allowed(family: Family, names: tuple[str, ...]) -> list[str]:
    return [name for name in names if family.allowed is None or name in family.allowed]
