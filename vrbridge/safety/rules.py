"""The verdict on a text: allowed, or refused with a reason."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from vrbridge.errors import Refused
from vrbridge.safety.terms import Category, Together, load_terms
from vrbridge.safety.words import Word, words
from vrbridge.settings import SafetySettings

_OWN_TERMS: Final = "own_terms"


class _Part(NamedTuple):
    """Where a phrase belongs: rule by number, and its group in that rule."""

    rule: int
    group: int


class _Rule(NamedTuple):
    message: str
    n_groups: int
    within: int


class _Found(NamedTuple):
    group: int
    first: int
    last: int


class SafetyRules:
    """Decides about prompts, what players say, and what characters say.

    Args:
        settings: What the user switched off, or blocks besides the list.
        categories: The list.
    """

    def __init__(self, settings: SafetySettings, categories: Sequence[Category]) -> None:
        self._rules: list[_Rule] = []
        # First word → the phrases that begin with it.
        self._phrases: dict[str, list[tuple[tuple[str, ...], _Part]]] = defaultdict(list)
        self._longest = 0
        if not settings.enabled:
            return
        own = Category(
            name=_OWN_TERMS,
            message="This holds a term that the settings of this server block.",
            phrases=settings.blocked_terms,
        )
        for category in (*categories, own):
            self._add(category.message, Together(groups=(category.phrases,), within=0))
            for rule in category.together:
                self._add(category.message, rule)
        self._longest = max(
            (len(phrase) for found in self._phrases.values() for phrase, _ in found), default=0
        )

    @classmethod
    def load(cls, settings: SafetySettings, assets_dir: Path) -> "SafetyRules":
        """Return the rules of the bundled list.

        Raises:
            SettingsError: If the list is missing or damaged.
        """
        return cls(settings, load_terms(assets_dir / "safety" / "terms.toml"))

    @property
    def max_words(self) -> int:
        """How many words, at most, decide together: less context than that may miss something."""
        return max((rule.n_groups * self._longest + rule.within for rule in self._rules), default=0)

    def check(self, text: str, field: str) -> None:
        """Do nothing if the text is allowed.

        Args:
            text: What was asked or said.
            field: Path of the input, such as `params.prompt`.

        Raises:
            Refused: With a message that does not repeat the text.
        """
        message = self.verdict(words(text))
        if message is not None:
            raise Refused(message, field=field)

    def verdict(self, text: Sequence[Word]) -> str | None:
        """Return why a text is refused, or None if it is allowed."""
        found: dict[int, list[_Found]] = defaultdict(list)
        for part, first, last in self._occurrences(text):
            found[part.rule].append(_Found(part.group, first, last))
        for number, places in found.items():
            rule = self._rules[number]
            if any(_is_complete(place, places, rule, self._longest) for place in places if place.group == 0):
                return rule.message
        return None

    def _add(self, message: str, rule: Together) -> None:
        number = len(self._rules)
        self._rules.append(_Rule(message, len(rule.groups), rule.within))
        for group, phrases in enumerate(rule.groups):
            for phrase in phrases:
                # The shortest reading: what a plural of the list is reduced to.
                parts = tuple(
                    min(word, key=lambda reading: (len(reading), reading)) for word in words(phrase)
                )
                for spelling in {parts, ("".join(parts),)}:
                    if spelling and spelling[0]:
                        self._phrases[spelling[0]].append((spelling, _Part(number, group)))

    def _occurrences(self, text: Sequence[Word]) -> Iterator[tuple[_Part, int, int]]:
        for start, word in enumerate(text):
            for reading in word & self._phrases.keys():
                for phrase, part in self._phrases[reading]:
                    following = text[start : start + len(phrase)]
                    if len(following) == len(phrase) and all(
                        expected in there for expected, there in zip(phrase, following, strict=True)
                    ):
                        yield part, start, start + len(phrase) - 1


def _is_complete(start: _Found, places: Sequence[_Found], rule: _Rule, longest: int) -> bool:
    """Return whether every group has a place near this one; places come in the order of their first word."""
    reach = rule.within + longest
    low = bisect_left(places, start.first - reach, key=_first)
    high = bisect_right(places, start.last + reach, key=_first)
    near = {place.group for place in places[low:high] if _words_between(start, place) <= rule.within}
    return len(near | {start.group}) == rule.n_groups


def _first(place: _Found) -> int:
    return place.first


def _words_between(one: _Found, other: _Found) -> int:
    return max(one.first - other.last, other.first - one.last) - 1
