"""One answer of a character, from the player's words to the end."""

import contextlib
import logging
import time
from collections import OrderedDict
from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Protocol

from vrbridge.errors import RequestError, SettingsError
from vrbridge.generators.language.chat_client import ChatClient, PromptTooLong
from vrbridge.generators.language.completion import Completion
from vrbridge.generators.language.reply import Reply
from vrbridge.generators.language.speech import Speech
from vrbridge.generators.language.surroundings import Surroundings, surroundings_of
from vrbridge.jobs.conversation_keeper import ConversationKeeper, OpenTurn
from vrbridge.jobs.dialogue_actions import Actions, Intended, called, tools_of
from vrbridge.jobs.dialogue_emotion import Feelings
from vrbridge.jobs.dialogue_lines import Line, Lines
from vrbridge.jobs.dialogue_prompt import Prompt, Templates, brief_prompt, full_prompt
from vrbridge.jobs.embedding import Embed
from vrbridge.jobs.events import ActionChosen, Event, Finished, Spoken
from vrbridge.jobs.kind import Asker
from vrbridge.memory.personas import Persona
from vrbridge.protocol.params import ActionOffer
from vrbridge.settings import DialogueSettings

_log = logging.getLogger(__name__)


class SpokenCheck(Protocol):
    """Safety rules for one answer."""

    def pass_on(self, piece: str) -> str:
        """Return what may be shown after this piece; raise Refused if the answer must not go on."""
        ...

    def finish(self) -> str:
        """Return what was held back, at the end; raise Refused if it must not be shown."""
        ...


# A small model follows its line best when it is not left much choice.
_BRIEF_TEMPERATURE = 0.2
_BRIEF_SAMPLING: Mapping[str, object] = {
    "min_p": 0.1,
    "top_k": 40,
    "repeat_penalty": 1.0,
    "cache_prompt": True,
}
_MAX_LINES = 256


@dataclass(frozen=True, slots=True)
class Question:
    """A checked request."""

    npc: str
    persona: Persona
    text: str
    actions: tuple[ActionOffer, ...]
    max_tokens: int
    temperature: float | None
    seed: int
    language: str | None


@dataclass(frozen=True, slots=True)
class AnswerSettings:
    """How answers are made.

    Args:
        is_brief: Whether the model is small: it is given what to say instead of everything that there is.
        uses_tools: Whether the endpoint calls tools; otherwise actions are chosen here.
        temperature: Where the request names none.
        context_tokens: Of prompt and answer together.
    """

    is_brief: bool
    uses_tools: bool
    temperature: float
    context_tokens: int


def answer_settings(settings: DialogueSettings) -> AnswerSettings:
    """Return how answers are made with these settings.

    Raises:
        SettingsError: If a mode is unknown.
    """
    is_embedded = settings.url is None
    for name, value, known in (
        ("actions", settings.actions, ("auto", "grammar", "tools")),
        ("prompt", settings.prompt, ("auto", "brief", "full")),
    ):
        if value not in known:
            raise SettingsError(f"`dialogue.{name}` is one of {', '.join(known)}, not {value!r}.")
    return AnswerSettings(
        is_brief=is_embedded if settings.prompt == "auto" else settings.prompt == "brief",
        uses_tools=not is_embedded if settings.actions == "auto" else settings.actions == "tools",
        temperature=settings.temperature,
        context_tokens=settings.context_tokens,
    )


class Answerer:
    """Has characters answer.

    Args:
        client: The language model's endpoint.
        keeper: What was said before.
        embed: Sentence vectors.
        templates: Prompts.
        settings: How answers are made.
        new_check: Makes the safety rules for one answer.
        clock: Monotonic seconds.
    """

    def __init__(
        self,
        client: ChatClient,
        keeper: ConversationKeeper,
        embed: Embed,
        templates: Templates,
        settings: AnswerSettings,
        *,
        new_check: Callable[[], SpokenCheck],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client = client
        self._keeper = keeper
        self._embed = embed
        self._templates = templates
        self._settings = settings
        self._new_check = new_check
        self._clock = clock
        self._actions = Actions(client, embed)
        self._feelings = Feelings(embed)
        self._lines: OrderedDict[Persona, Lines] = OrderedDict()

    @property
    def languages(self) -> tuple[str, ...] | None:
        """What characters speak; None: whatever the request names, as far as the model can."""
        return ("en",) if self._settings.is_brief else None

    async def prepare(self, personas: Mapping[str, Persona], *, within_s: float) -> None:
        """Make what doesn't depend on players."""
        await self._feelings.prepare(within_s=within_s)
        if self._settings.is_brief:
            for persona in personas.values():
                await self._lines_of(persona).prepare(within_s=within_s)

    async def warm(self, personas: Mapping[str, Persona]) -> None:
        """Have the model read what is the same in all prompts of a character; what fails is read later.

        Reading takes longer than answering, and the model keeps what it has read.
        """
        if not self._settings.is_brief:
            return
        for persona in personas.values():
            line = Line(persona.greeting[0], "greeting")
            prompt = brief_prompt(self._templates.brief, persona, said="Good day!", line=line)
            completion = Completion(prompt.messages, 1, 0.0, sampling=_BRIEF_SAMPLING)
            try:
                async with self._client.ask(completion) as reply:
                    async for _ in reply:
                        pass
            except RequestError as error:
                _log.info("A character was not read ahead: %s", error.message)
                return

    async def answer(self, question: Question, asker: Asker) -> AsyncGenerator[Event, None]:
        """Yield the words, then the actions, then the end.

        However it ends, the player's words and what was spoken are remembered.

        Raises:
            RequestError: If the model fails, or safety rules forbid what it says.
        """
        asked = self._clock()
        turn = await self._keeper.begin(asker, npc=question.npc, said=question.text)
        spoken: list[str] = []
        try:
            around = surroundings_of(asker.context())
            intended = await self._intended(question, around)
            prompt = await self._prompt(question, turn, around, does_act=intended is not None)
            speech = self._speech(question, prompt.max_sentences)
            sent = self._clock()
            async with (
                self._ask(question, turn, around, prompt) as reply,
                contextlib.aclosing(self._spoken(reply, prompt.opening, speech)) as pieces,
            ):
                async for piece in pieces:
                    spoken.append(piece)
                    yield Spoken(piece)
            actions = await self._acted(question, intended, reply, speech)
        finally:
            await self._keeper.finish(turn, "".join(spoken))
        for action in actions:
            yield action
        generated = self._clock()
        emotion = await self._feelings.of(speech.text, mood=prompt.emotion or question.persona.emotion)
        finish = "action" if actions else "length" if reply.finish == "length" else "stop"
        yield Finished(
            {"text": speech.text, "emotion": emotion, "finish": finish, "tokens": reply.n_tokens},
            {"queued_ms": 1000 * (sent - asked), "generate_ms": 1000 * (generated - sent)},
        )

    def _speech(self, question: Question, max_sentences: int) -> Speech:
        name = question.persona.name
        labels = (name, f"{name}'s answer", question.npc)
        return Speech(labels, max_sentences=max_sentences, is_one_line=self._settings.is_brief)

    async def _intended(self, question: Question, around: Surroundings) -> Intended | None:
        if self._settings.uses_tools or not question.actions:
            return None
        return await self._actions.intended(question.text, question.actions, around)

    async def _prompt(
        self, question: Question, turn: OpenTurn, around: Surroundings, *, does_act: bool
    ) -> Prompt:
        if not self._settings.is_brief:
            return self._full_prompt(question, turn, around, self._settings.context_tokens)
        lines = self._lines_of(question.persona)
        line = await lines.choose(question.text, around, turn.earlier, seed=question.seed, does_act=does_act)
        return brief_prompt(self._templates.brief, question.persona, said=question.text, line=line)

    def _full_prompt(
        self, question: Question, turn: OpenTurn, around: Surroundings, context_tokens: int
    ) -> Prompt:
        return full_prompt(
            self._templates.full,
            question.persona,
            said=question.text,
            around=around,
            earlier=turn.earlier,
            language=question.language,
            max_tokens=context_tokens - question.max_tokens,
        )

    @contextlib.asynccontextmanager
    async def _ask(
        self, question: Question, turn: OpenTurn, around: Surroundings, prompt: Prompt
    ) -> AsyncGenerator[Reply, None]:
        completion = self._completion(question, prompt)
        async with contextlib.AsyncExitStack() as stack:
            try:
                reply = await stack.enter_async_context(self._client.ask(completion))
            except PromptTooLong:
                if self._settings.is_brief:
                    raise
                # The estimate was wrong for this vocabulary: the memory goes first.
                shorter = self._full_prompt(question, replace(turn, earlier=turn.earlier[-1:]), around, 0)
                completion = self._completion(question, shorter)
                reply = await stack.enter_async_context(self._client.ask(completion))
            yield reply

    def _completion(self, question: Question, prompt: Prompt) -> Completion:
        settings = self._settings
        temperature = settings.temperature if question.temperature is None else question.temperature
        return Completion(
            prompt.messages,
            max_tokens=question.max_tokens,
            temperature=temperature * _BRIEF_TEMPERATURE if settings.is_brief else temperature,
            seed=question.seed,
            stop=("\n",) if settings.is_brief else (),
            tools=tools_of(question.actions) if settings.uses_tools else (),
            sampling=_BRIEF_SAMPLING if settings.is_brief else {},
        )

    async def _spoken(self, reply: Reply, opening: str, speech: Speech) -> AsyncGenerator[str, None]:
        """Yield what may be said, once it may; the opening comes with the model's first word."""
        check = self._new_check()
        async for piece in reply:
            if text := check.pass_on(speech.feed(opening + piece)):
                yield text
            opening = ""
            if speech.has_ended:
                break
        if text := check.pass_on(speech.feed(opening) + speech.finish()) + check.finish():
            yield text

    async def _acted(
        self, question: Question, intended: Intended | None, reply: Reply, speech: Speech
    ) -> list[ActionChosen]:
        if self._settings.uses_tools:
            return called(reply.tool_calls, question.actions)
        if intended is None:
            return []
        action = await self._actions.chosen(intended, question.text, speech.text, seed=question.seed)
        return [action] if action is not None else []

    def _lines_of(self, persona: Persona) -> Lines:
        lines = self._lines.pop(persona, None)
        if lines is None:
            lines = Lines(persona, self._templates.intents, self._embed)
        self._lines[persona] = lines
        while len(self._lines) > _MAX_LINES:
            self._lines.popitem(last=False)
        return lines
