"""What is said to a chat endpoint, and what comes back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """One message of a conversation; `role` is `system`, `user` or `assistant`."""

    role: str
    content: str


@dataclass(frozen=True, slots=True)
class Completion:
    """What to complete, and how.

    Args:
        messages: The conversation. A last message of the assistant is continued, by the embedded model.
        max_tokens: Most tokens of the answer.
        temperature: 0 takes the likeliest token every time.
        seed: None: the endpoint chooses.
        stop: The answer ends before one of these.
        tools: Offered functions, in OpenAI's form.
        schema: JSON Schema that the answer must fit. None: free text.
        sampling: Further options of the embedded model, such as `min_p`.
    """

    messages: Sequence[ChatMessage]
    max_tokens: int
    temperature: float
    seed: int | None = None
    stop: Sequence[str] = ()
    tools: Sequence[Mapping[str, Any]] = ()
    schema: Mapping[str, Any] | None = None
    sampling: Mapping[str, Any] = field(default_factory=dict)

    def body(self, model: str, *, is_embedded: bool) -> bytes:
        """Return the JSON body of a streamed request.

        Args:
            model: The endpoint's name of the model.
            is_embedded: Other endpoints may refuse options that only llama.cpp knows.
        """
        body: dict[str, Any] = {
            "model": model,
            "messages": [{"role": message.role, "content": message.content} for message in self.messages],
            "max_tokens": self.max_tokens,
            "temperature": self.temperature,
            "stream": True,
            "stream_options": {"include_usage": True},
        }
        if self.seed is not None:
            # llama.cpp keeps 32 bits and takes 2^32 − 1 for "any".
            body["seed"] = self.seed % 0xFFFFFFFF
        if self.stop:
            body["stop"] = list(self.stop)
        if self.tools:
            body["tools"] = list(self.tools)
        if self.schema is not None:
            body["response_format"] = {
                "type": "json_schema",
                "json_schema": {"name": "answer", "schema": self.schema, "strict": True},
            }
        if is_embedded:
            body |= self.sampling
        return msgspec.json.encode(body)


@dataclass(slots=True)
class ToolCall:
    """A function that the model calls; `arguments` is JSON text that may be anything."""

    name: str = ""
    arguments: str = ""


class FunctionDelta(msgspec.Struct):
    """The next piece of a call."""

    name: str | None = None
    arguments: str | None = None


class ToolDelta(msgspec.Struct):
    """The next piece of the call number `index`."""

    index: int = 0
    function: FunctionDelta | None = None


class Delta(msgspec.Struct):
    """The next piece of an answer."""

    content: str | None = None
    tool_calls: list[ToolDelta] | None = None


class Choice(msgspec.Struct):
    """One answer; there is only one."""

    delta: Delta | None = None
    finish_reason: str | None = None


class Usage(msgspec.Struct):
    """Counted tokens."""

    completion_tokens: int = 0
    prompt_tokens: int = 0


class Chunk(msgspec.Struct):
    """One event of the stream."""

    choices: list[Choice] = []
    usage: Usage | None = None
    error: msgspec.Raw | None = None


_decoder: msgspec.json.Decoder[Chunk] = msgspec.json.Decoder(Chunk)


def decode_chunk(data: bytes) -> Chunk:
    """Return an event of the stream.

    Raises:
        ValueError: If it is not what chat endpoints send.
    """
    return _decoder.decode(data)
