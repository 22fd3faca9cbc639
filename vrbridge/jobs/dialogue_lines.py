"""What a character has to say about something: the line that a small model puts into words."""

import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vrbridge.generators.language.surroundings import Sight, Surroundings, listed, with_article
from vrbridge.generators.language.words import Rarity, content_stems, stems_of, words_of
from vrbridge.jobs.embedding import Embed, KnownTexts
from vrbridge.memory.conversations import Turn
from vrbridge.memory.personas import Persona

# Likeness from which a line answers the player's words.
_FITS = 0.45
# Likeness by words alone that needs no second opinion.
_CLEAR = 0.7
# Sentence vectors of different questions about one thing are this near.
_VECTOR_FITS = 0.55
# What a line merely mentions counts less than what it answers.
_MENTION = 0.75
_EMBED_S = 0.08
_DEICTIC = frozenset(("this", "that", "it", "these", "those"))
_WHERE = frozenset(("where", "where's", "find", "far"))
_QUESTIONS = frozenset(
    (
        "what",
        "what's",
        "who",
        "who's",
        "why",
        "how",
        "when",
        "where",
        "where's",
        "which",
        "whose",
        "do",
        "does",
    )
)
_MAX_SEEN = 3
_FORGETTING = re.compile(r"\b(remember|recall|forgot|forget|told you|my name|i say|i said)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Line:
    """What to say.

    Args:
        text: In the character's own words.
        topic: What it is about: `greeting`, `looking`, `topic`, `unknown`, …
        emotion: What the character feels about it. None: nothing in particular.
    """

    text: str
    topic: str
    emotion: str | None = None


@dataclass(frozen=True, slots=True)
class _Candidate:
    topic: str
    asks: tuple[str, ...]
    says: tuple[str, ...]
    emotion: str | None = None


class Lines:
    """Everything one character can say without thinking.

    Args:
        persona: The character.
        intents: What players say when they greet, ask what something is, and so on: `greeting`, `farewell`,
            `thanks`, `looking`, `seeing`, `place`, `remembering`.
        embed: Finds what is said in other words.
    """

    def __init__(self, persona: Persona, intents: Mapping[str, Sequence[str]], embed: Embed) -> None:
        self._persona = persona
        self._candidates = list(_candidates(persona, intents))
        texts = [text for c in self._candidates for text in (*c.asks, *c.says)]
        self._rarity = Rarity(texts)
        self._embed = embed
        asks = [(text, i) for i, c in enumerate(self._candidates) for text in c.asks or c.says]
        self._owners = np.array([i for _, i in asks])
        self._known = KnownTexts(embed, [text for text, _ in asks])
        self._ask_stems = [[stems_of(text) for text in c.asks] for c in self._candidates]
        self._say_stems = [[stems_of(text) for text in c.says] for c in self._candidates]

    async def prepare(self, *, within_s: float) -> None:
        """Make the vectors that don't depend on players."""
        await self._known.prepare(within_s=within_s)

    async def choose(
        self, text: str, around: Surroundings, earlier: Sequence[Turn], *, seed: int, does_act: bool = False
    ) -> Line:
        """Return what to say to a player's words.

        Args:
            text: What the player says.
            around: What the player sees.
            earlier: Turns before, oldest first.
            seed: Decides between lines that fit equally.
            does_act: Whether the character does at the same time what the player asked for.
        """
        pick = _Pick(seed, [turn.answer for turn in earlier[-3:]])
        if does_act:
            return Line(pick.of(self._persona.agreeing), "agreeing")
        scores = self._likeness(text)
        if scores.max() < _CLEAR and not _mentioned(text, around):
            scores = np.maximum(scores, await self._vector_likeness(text))
        best = self._candidates[int(scores.argmax())]
        fits = float(scores.max()) >= _FITS
        thing = _mentioned(text, around) or (around.focus if _is_deictic(text) else None)
        if thing is not None and not (fits and best.topic == "topic" and float(scores.max()) >= _CLEAR):
            return self._about(thing, text, pick)
        if not fits:
            return self._unknown(text, earlier, around, pick)
        return self._line(best, text, around, earlier, pick)

    def _line(
        self, best: _Candidate, text: str, around: Surroundings, earlier: Sequence[Turn], pick: "_Pick"
    ) -> Line:
        match best.topic:
            case "looking" if around.focus is not None:
                return self._about(around.focus, text, pick)
            case "looking" | "seeing":
                return self._seeing(around, pick)
            case "place":
                place = f"This is {with_article(around.place)}." if around.place else None
                return Line(place, "place") if place else self._seeing(around, pick)
            case "telling" if _is_question(text):
                return self._unknown(text, earlier, around, pick)
            case "remembering":
                return self._remembered(text, earlier, pick) or self._unknown(text, earlier, around, pick)
            case _:
                return Line(pick.of(best.says), best.topic, best.emotion)

    def _about(self, thing: Sight, text: str, pick: "_Pick") -> Line:
        where = thing.where(to_player=True)
        said = pick.of(self._persona.looking).format(thing=_bare(thing.name), where=where)
        more = self._mentioning(thing.name)
        if more is not None and not _WHERE & set(words_of(text)):
            said = f"{said} {pick.of(more.says)}"
        return Line(said, "looking")

    def _mentioning(self, name: str) -> _Candidate | None:
        """Return the topic that is about a thing."""
        wanted = content_stems(name)
        for candidate, asks in zip(self._candidates, self._ask_stems, strict=True):
            if candidate.topic == "topic" and wanted and any(wanted <= ask for ask in asks):
                return candidate
        return None

    def _seeing(self, around: Surroundings, pick: "_Pick") -> Line:
        if not around.near:
            return Line(pick.of(self._persona.empty), "seeing")
        # A small model mixes up the places of several things.
        nearest, *others = around.near[:_MAX_SEEN]
        things = [with_article(sight.name) for sight in others]
        things.append(f"{with_article(nearest.name)}, {nearest.where(to_player=True)}")
        return Line(pick.of(self._persona.seeing).format(things=listed(things)), "seeing")

    def _remembered(self, text: str, earlier: Sequence[Turn], pick: "_Pick") -> Line | None:
        """Return what the player said that fits best, or said last."""
        told = [turn.said for turn in earlier if not _is_question(turn.said)]
        if not told:
            return None
        wanted = content_stems(text)
        scores = [self._rarity.coverage(wanted, stems_of(said)) for said in told]
        best = max(range(len(told)), key=lambda i: (scores[i], i))
        said = told[best].strip().rstrip(".!")
        return Line(pick.of(self._persona.remembering).format(said=said[:120]), "remembering")

    def _unknown(self, text: str, earlier: Sequence[Turn], around: Surroundings, pick: "_Pick") -> Line:
        if _FORGETTING.search(text) and (line := self._remembered(text, earlier, pick)):
            return line
        wanted = content_stems(text)
        for name, value in around.state:
            if wanted & content_stems(name):
                return Line(f"The {name} is {value}.", "state")
        return Line(pick.of(self._persona.unknown), "unknown")

    def _likeness(self, text: str) -> NDArray[np.float64]:
        """Return (C,): how well each candidate fits, by words."""
        stems, content = stems_of(text), content_stems(text)
        scores = np.zeros(len(self._candidates))
        for i, (asks, says) in enumerate(zip(self._ask_stems, self._say_stems, strict=True)):
            asked = max((self._rarity.likeness(stems, ask) for ask in asks), default=0.0)
            said = max((self._rarity.coverage(content, say) for say in says), default=0.0) if content else 0.0
            scores[i] = max(asked, _MENTION * said)
        return scores

    async def _vector_likeness(self, text: str) -> NDArray[np.float64]:
        """Return (C,): how well each candidate fits, by meaning; zeros if that can't be told in time."""
        scores = np.zeros(len(self._candidates))
        known = await self._known.vectors(within_s=_EMBED_S)
        vector = await self._embed.embed([text], within_s=_EMBED_S) if known is not None else None
        if known is not None and vector is not None:
            # Brought to the scale of words: what fits by meaning fits.
            likeness = (known @ vector[0]) * (_FITS / _VECTOR_FITS)
            np.maximum.at(scores, self._owners, likeness.astype(np.float64))
        return scores


class _Pick:
    """Chooses between equals by a seed, and not what was said just now."""

    def __init__(self, seed: int, recent: Sequence[str]) -> None:
        self._random = random.Random(seed)  # noqa: S311 - nothing secret
        self._recent = recent

    def of(self, texts: Sequence[str]) -> str:
        fresh = [text for text in texts if not any(text[:24] in answer for answer in self._recent)]
        return self._random.choice(fresh or list(texts))


def _candidates(persona: Persona, intents: Mapping[str, Sequence[str]]) -> Iterator[_Candidate]:
    own = {
        "greeting": persona.greeting,
        "farewell": persona.farewell,
        "thanks": persona.thanks,
        "telling": persona.listening,
    }
    for name, asks in intents.items():
        yield _Candidate(name, tuple(asks), own.get(name, ()))
    for topic in persona.topics:
        yield _Candidate("topic", topic.asks, topic.says, topic.emotion)
    for fact in persona.knowledge:
        yield _Candidate("topic", (), (fact,))


def _bare(name: str) -> str:
    """Return `anvil` for `the anvil`, which templates put their own article before."""
    for article in ("the ", "a ", "an "):
        if name.lower().startswith(article):
            return name[len(article) :]
    return name


def _mentioned(text: str, around: Surroundings) -> Sight | None:
    """Return the thing near that the player names."""
    stems = stems_of(text)
    sights = [around.focus, *around.near] if around.focus is not None else list(around.near)
    for sight in sights:
        wanted = content_stems(sight.name)
        if wanted and wanted <= stems:
            return sight
    return None


def _is_deictic(text: str) -> bool:
    words = words_of(text)
    return bool(_DEICTIC & set(words)) and bool(_QUESTIONS & set(words)) and len(words) <= 6


def _is_question(text: str) -> bool:
    return text.rstrip().endswith("?") or (words_of(text) or [""])[0] in _QUESTIONS
