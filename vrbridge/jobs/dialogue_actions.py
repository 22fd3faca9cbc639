"""Whether a character does what the player asks for, and what exactly."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from vrbridge.errors import RequestError
from vrbridge.generators.language.action_arguments import narrowed, only_arguments, repaired
from vrbridge.generators.language.action_schema import is_valid, parse_arguments
from vrbridge.generators.language.chat_client import ChatClient
from vrbridge.generators.language.completion import ChatMessage, Completion, ToolCall
from vrbridge.generators.language.surroundings import Surroundings
from vrbridge.generators.language.words import content_stems, stem, words_of
from vrbridge.jobs.embedding import Embed
from vrbridge.jobs.events import ActionChosen
from vrbridge.protocol.params import ActionOffer

_log = logging.getLogger(__name__)
_EMBED_S = 0.15
_MAX_ARGUMENT_TOKENS = 128
_N_TRIES = 2
# Likeness of the player's words and an action, from which it is taken for asked.
_ASKED = 0.5
_BY_NAME = 0.35
_BY_CHOICE = 0.2
_AS_REQUEST = 0.15
_AS_QUESTION = -0.6
_NEGATIONS = frozenset(("don't", "not", "never", "stop", "no", "won't"))
_QUESTIONS = frozenset(
    ("what", "what's", "who", "who's", "why", "how", "when", "where", "where's", "which", "whose")
)
_REQUESTS = frozenset(("please", "can", "could", "would", "will", "let's", "let", "want", "need", "may"))
_WISHES = frozenset(("need", "want"))
# Different words for the same doing; one row each.
_SYNONYMS = (
    ("give", "hand", "pass", "bring", "get", "fetch", "lend", "sell", "buy", "have", "take"),
    ("open", "unlock", "unbar"),
    ("close", "shut", "lock"),
    ("follow", "come", "accompany", "join", "guide"),
    ("go", "walk", "move", "run", "leave"),
    ("stop", "halt", "wait", "stay"),
    ("show", "point", "present", "display"),
    ("light", "ignite", "kindle", "burn"),
    ("start", "begin", "activate", "enable", "switch", "turn"),
    ("attack", "fight", "hit", "strike", "kill"),
    ("repair", "fix", "mend"),
    ("play", "sing", "perform"),
    ("sit", "rest"),
    ("look", "see", "watch", "inspect", "examine"),
)


@dataclass(frozen=True, slots=True)
class Intended:
    """An action that fits the player's words; its arguments are not chosen yet."""

    offer: ActionOffer
    schema: Mapping[str, Any]


class Actions:
    """Chooses actions for a model that can't call tools.

    Args:
        client: Fills in arguments that the player's words don't settle.
        embed: Finds what is asked for in other words.
    """

    def __init__(self, client: ChatClient, embed: Embed) -> None:
        self._client = client
        self._embed = embed

    async def intended(
        self, said: str, offers: Sequence[ActionOffer], around: Surroundings
    ) -> Intended | None:
        """Return the offered action that the player asks for, or None."""
        words = words_of(said)
        if not offers or _NEGATIONS & set(words):
            return None
        meant = await self._meaning(said, offers)
        scores = [
            by_meaning + _by_words(words, offer) for by_meaning, offer in zip(meant, offers, strict=True)
        ]
        best = max(range(len(offers)), key=lambda i: scores[i])
        if scores[best] < _ASKED:
            return None
        looked_at = [around.focus.name] if around.focus is not None else []
        return Intended(offers[best], narrowed(offers[best].parameters, said, looked_at))

    async def chosen(self, intended: Intended, said: str, answer: str, *, seed: int) -> ActionChosen | None:
        """Return the action with arguments that fit its schema, or None if none can be found."""
        offer = intended.offer
        arguments: object = only_arguments(intended.schema)
        if arguments is not None and is_valid(arguments, offer.parameters):
            return _action(offer, arguments)
        for attempt in range(_N_TRIES):
            try:
                text = await self._arguments(intended, said, answer, seed=seed + attempt)
            except RequestError as error:
                _log.warning("No arguments for an action: %s", error.message)
                return None
            arguments = repaired(parse_arguments(text), intended.schema)
            if is_valid(arguments, offer.parameters):
                return _action(offer, arguments)
        return None

    async def _meaning(self, said: str, offers: Sequence[ActionOffer]) -> list[float]:
        texts = [said, *(_described(offer) for offer in offers)]
        vectors = await self._embed.embed(texts, within_s=_EMBED_S)
        return [0.0] * len(offers) if vectors is None else [float(x) for x in vectors[1:] @ vectors[0]]

    async def _arguments(self, intended: Intended, said: str, answer: str, *, seed: int) -> str:
        task = (
            f'The player says: "{said}"\nThe character answers: "{answer}"\n'
            f"The character does this: {_described(intended.offer)}. Give its arguments as JSON."
        )
        completion = Completion(
            [ChatMessage("user", task)],
            max_tokens=_MAX_ARGUMENT_TOKENS,
            temperature=0.0 if seed % _N_TRIES == 0 else 0.7,
            seed=seed,
            schema=intended.schema,
        )
        async with self._client.ask(completion) as reply:
            return "".join([piece async for piece in reply])


def tools_of(offers: Sequence[ActionOffer]) -> list[Mapping[str, Any]]:
    """Return offers in the form that chat endpoints take."""
    return [
        {
            "type": "function",
            "function": {
                "name": offer.name,
                "description": offer.description,
                "parameters": {"type": "object", "properties": {}} | offer.parameters,
            },
        }
        for offer in offers
    ]


def called(calls: Sequence[ToolCall], offers: Sequence[ActionOffer]) -> list[ActionChosen]:
    """Return what a model called, as far as it was offered and the arguments fit."""
    by_name = {offer.name: offer for offer in offers}
    actions = []
    for call in calls:
        offer = by_name.get(call.name)
        arguments = parse_arguments(call.arguments or "{}")
        if offer is not None and is_valid(arguments, offer.parameters):
            actions.append(_action(offer, arguments))
        else:
            _log.warning("The language model called something that does not fit what was offered")
    return actions


def _action(offer: ActionOffer, arguments: object) -> ActionChosen:
    assert isinstance(arguments, dict)
    return ActionChosen(offer.name, arguments)


def _described(offer: ActionOffer) -> str:
    name = offer.name.replace("_", " ").replace(".", " ").replace("-", " ")
    return f"{name}: {offer.description}" if offer.description else name


def _by_words(words: Sequence[str], offer: ActionOffer) -> float:
    """Return what the words themselves say for or against an action."""
    stems = {stem(word) for word in words}
    named = _widened(content_stems(_described(offer).split(":")[0]) | _doing(offer.description))
    has_choice = bool(stems & _choice_stems(offer.parameters))
    is_named = bool(_widened(stems) & named) or (has_choice and bool(_WISHES & set(words)))
    score = _BY_NAME if is_named else 0.0
    if is_named and has_choice:
        score += _BY_CHOICE
    if _REQUESTS & set(words) or _widened({stem(word) for word in words[:1]}) & named:
        score += _AS_REQUEST
    if words and words[0] in _QUESTIONS:
        score += _AS_QUESTION
    return score


def _doing(description: str) -> set[str]:
    """Return the stem of the first word, which is the verb in a description such as `Hand over an item`."""
    return {stem(word) for word in words_of(description)[:1]}


def _widened(stems: set[str]) -> set[str]:
    """Return stems and numbers of the rows of synonyms that they are in."""
    rows = {f"#{i}" for i, row in enumerate(_SYNONYMS) if any(stem(word) in stems for word in row)}
    return stems | rows


def _choice_stems(schema: Mapping[str, Any]) -> set[str]:
    properties = schema.get("properties") or {}
    found: set[str] = set()
    for part in properties.values():
        if isinstance(part, Mapping):
            for choice in part.get("enum") or ():
                found |= content_stems(str(choice).replace("_", " "))
    return found
