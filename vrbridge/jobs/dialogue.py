"""The `dialogue` kind: what a character says."""

import contextlib
import secrets
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from typing import Any

import msgspec

from vrbridge.errors import (
    Cancelled,
    DeadlineExceeded,
    InvalidParams,
    RequestError,
    SettingsError,
    Unavailable,
)
from vrbridge.generators.language.action_schema import SchemaError, check_schema
from vrbridge.generators.language.chat_client import ChatClient
from vrbridge.generators.language.emotion import NAMES
from vrbridge.jobs.dialogue_answer import Answerer, Question
from vrbridge.jobs.dialogue_prompt import inline_persona
from vrbridge.jobs.events import Event, Finished
from vrbridge.jobs.kind import Asker, Estimate
from vrbridge.jobs.texture import MAX_RANDOM_SEED, CheckText
from vrbridge.memory.personas import Persona, Personas
from vrbridge.protocol.params import ActionOffer, DialogueParams, PersonaParams, parse_params
from vrbridge.scheduling.slots import Slots

# A first guess; then the mean of what answers took.
_FIRST_ANSWER_S = 2.0
_SMOOTHING = 0.2
_MAX_NAMES = 20
# Checking them takes the event loop some milliseconds a KiB.
_MAX_SCHEMAS_BYTES = 16384

WaitForModel = Callable[[], Awaitable[None]]


class DialogueKind:
    """Checks what players say and has characters answer.

    Args:
        answerer: Runs answers.
        client: The language model's endpoint.
        personas: Known characters.
        check_text: Safety rules for what players write.
        slots: Answers that the endpoint gives at once.
        max_wait_s: Estimated wait for one of them from which questions are refused.
        max_tokens: Most tokens of one answer, and the default.
        model: Name to tell clients.
        license: Of the model; None: unknown.
        wait_for_model: Returns when a model that restarts is back, or raises Unavailable. None: requests are
            refused while there is no model.
        clock: Monotonic seconds.
        on_waste: Called with the kind, the code that a request ended with, and the seconds of an answer that
            nobody got to its end.

    Raises:
        SettingsError: If a character feels something unknown.
    """

    name = "dialogue"

    def __init__(
        self,
        answerer: Answerer,
        client: ChatClient,
        personas: Personas,
        *,
        check_text: CheckText,
        slots: int,
        max_wait_s: float = 8.0,
        max_tokens: int,
        model: str,
        license: str | None = None,
        wait_for_model: WaitForModel | None = None,
        clock: Callable[[], float] = time.monotonic,
        on_waste: Callable[[str, str, float], None] = lambda kind, reason, seconds: None,
    ) -> None:
        _check_emotions(personas)
        self._answerer = answerer
        self._client = client
        self._personas = personas
        self._check_text = check_text
        self._slots = Slots(max(1, slots), max_wait_s=max_wait_s)
        self._max_tokens = max_tokens
        self._model = model
        self._license = license
        self._wait_for_model = wait_for_model
        self._clock = clock
        self._on_waste = on_waste
        self._answer_s = _FIRST_ANSWER_S

    @property
    def n_running(self) -> int:
        """Answers that are being given."""
        return self._slots.n_running

    @property
    def n_waiting(self) -> int:
        """Questions that wait for their turn."""
        return self._slots.n_waiting

    async def prepare(self, *, within_s: float = 30.0) -> None:
        """Make what doesn't depend on players: vectors of what characters can say, and of emotions."""
        await self._answerer.prepare(self._personas.all(), within_s=within_s)

    async def warm(self) -> None:
        """Have a model that was just started read every character; safe to cancel, and to leave out.

        It takes some tenths of a second a character, which the first player who asks would wait.
        """
        await self._answerer.warm(self._personas.all())

    def capability(self) -> Mapping[str, Any] | None:
        """Return what `welcome` says about dialogue, or None while no model answers."""
        if self._client.endpoint is None:
            return None
        languages = self._answerer.languages
        return {
            "model": self._model,
            "origin": "generated",
            "license": self._license,
            "max_tokens": self._max_tokens,
            "npcs": list(self._personas.names),
            "emotions": list(NAMES),
            "languages": list(languages) if languages is not None else None,
        }

    def check(self, params: Mapping[str, Any], asker: Asker) -> Question:
        """Return the checked question; see `Kind.check`."""
        parsed = parse_params(DialogueParams, params)
        if not parsed.text.strip():
            raise InvalidParams("`text` is empty.", field="params.text")
        self._check_text(parsed.text, "params.text")
        _check_actions(parsed.actions)
        return Question(
            npc=parsed.npc,
            persona=self._persona(parsed),
            text=parsed.text.strip(),
            actions=parsed.actions,
            max_tokens=min(parsed.max_tokens or self._max_tokens, self._max_tokens),
            temperature=parsed.temperature,
            seed=parsed.seed if parsed.seed is not None else secrets.randbelow(MAX_RANDOM_SEED),
            language=parsed.language,
        )

    def admit(self, checked: Question, asker: Asker) -> Estimate:
        """Return when it could be answered; see `Kind.admit`."""
        if self._client.endpoint is None and self._wait_for_model is None:
            raise Unavailable("The language model is starting; try again soon.", retry_after_s=2.0)
        waiting = self._slots.estimate(
            session=asker.session, tier=asker.tier, cost_s=self._answer_s, deadline=asker.deadline,
            weight=asker.weight,
        )  # fmt: skip
        # How long a model takes to start again is anybody's guess.
        return Estimate(waiting.position, None if self._client.endpoint is None else waiting.eta_s)

    async def run(self, checked: Question, asker: Asker) -> AsyncGenerator[Event, None]:
        """Answer; see `Kind.run`."""
        async with self._slots.turn(
            session=asker.session, tier=asker.tier, cost_s=self._answer_s, deadline=asker.deadline,
            weight=asker.weight,
        ):  # fmt: skip
            if self._client.endpoint is None and self._wait_for_model is not None:
                await self._wait_for_model()
            started = self._clock()
            is_done = False
            try:
                async with contextlib.aclosing(self._answerer.answer(checked, asker)) as events:
                    async for event in events:
                        if isinstance(event, Finished):
                            # Before it is handed over: nobody comes back for more.
                            is_done = True
                            self._answer_s += _SMOOTHING * (self._clock() - started - self._answer_s)
                        yield event
            except BaseException as error:
                if not is_done:
                    now = self._clock()
                    self._on_waste(self.name, _reason(error, asker, now=now), now - started)
                raise

    def _persona(self, parsed: DialogueParams) -> Persona:
        if parsed.persona is not None:
            return self._inline(parsed.persona)
        persona = self._personas.get(parsed.npc)
        if persona is None:
            known = ", ".join(self._personas.names[:_MAX_NAMES])
            raise InvalidParams(
                f"There is no character called {parsed.npc!r}. Known: {known}. Or send `persona`.",
                field="params.npc",
            )
        return persona

    def _inline(self, given: PersonaParams) -> Persona:
        knowledge = given.knowledge if isinstance(given.knowledge, str) else "\n".join(given.knowledge)
        for name, text in (
            ("name", given.name),
            ("description", given.description),
            ("style", given.style),
            ("knowledge", knowledge),
        ):
            if text:
                self._check_text(text, f"params.persona.{name}")
        return inline_persona(given.name, given.description, given.style, given.knowledge)


def _reason(error: BaseException, asker: Asker, *, now: float) -> str:
    """Return the code that a request ends with whose answer was broken off."""
    if isinstance(error, RequestError):
        return error.code
    # Who cancels it tells why, unless it is the deadline, or the end of the session.
    is_late = asker.deadline is not None and now >= asker.deadline
    return asker.failure() or (DeadlineExceeded.code if is_late else Cancelled.code)


def _check_emotions(personas: Personas) -> None:
    for npc, persona in personas.all().items():
        for emotion in (persona.emotion, *(topic.emotion for topic in persona.topics)):
            if emotion is not None and emotion not in NAMES:
                raise SettingsError(
                    f"The persona {npc}: unknown emotion {emotion!r}. Known: {', '.join(NAMES)}."
                )


def _check_actions(offers: Sequence[ActionOffer]) -> None:
    if sum(len(msgspec.json.encode(offer.parameters)) for offer in offers) > _MAX_SCHEMAS_BYTES:
        text = f"The parameters of all actions together have at most {_MAX_SCHEMAS_BYTES} bytes."
        raise InvalidParams(text, field="params.actions")
    names = set()
    for i, offer in enumerate(offers):
        if offer.name in names:
            raise InvalidParams(f"Two actions are called {offer.name!r}.", field=f"params.actions[{i}].name")
        names.add(offer.name)
        try:
            check_schema(offer.parameters)
        except SchemaError as error:
            raise InvalidParams(
                f"The parameters of {offer.name!r}: {error}.", field=f"params.actions[{i}].parameters"
            ) from error
