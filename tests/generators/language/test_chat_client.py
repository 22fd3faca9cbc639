"""A chat endpoint is asked, and whatever it does ends in words or in an error that says what to do."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest

from tests.generators.language.fake_endpoint import FakeEndpoint, Scripted, event, fake_endpoint, words
from vrbridge.errors import GeneratorFailed, Overloaded, RequestError, Unavailable
from vrbridge.generators.language.chat_client import ChatClient, Endpoint, PromptTooLong
from vrbridge.generators.language.completion import ChatMessage, Completion

COMPLETION = Completion([ChatMessage("user", "Hi")], 20, 0.5, seed=2**32 + 4, sampling={"min_p": 0.1})


@asynccontextmanager
async def client_of(
    fake: FakeEndpoint, *, token_timeout_s: float = 5.0, endpoint: Endpoint | None = None
) -> AsyncIterator[ChatClient]:
    client = ChatClient(
        endpoint or fake.endpoint, max_connections=2, connect_timeout_s=2, token_timeout_s=token_timeout_s
    )
    try:
        yield client
    finally:
        await client.close()


async def ask(client: ChatClient, completion: Completion = COMPLETION) -> list[str]:
    async with client.ask(completion) as reply:
        return [piece async for piece in reply]


async def test_pieces_arrive_as_they_are_said() -> None:
    async with (
        fake_endpoint(Scripted([words("Good ", "day", "!", tokens=7)])) as fake,
        client_of(fake) as client,
    ):
        async with client.ask(COMPLETION) as reply:
            assert [piece async for piece in reply] == ["Good ", "day", "!"]
        assert (reply.finish, reply.n_tokens, reply.tool_calls) == ("stop", 7, ())
        assert fake.headers[0]["authorization"] == "Bearer secret"
        body = fake.bodies[0]
        assert body["model"] == "small"
        assert body["stream"] is True
        assert body["seed"] == 5
        assert body["min_p"] == 0.1


async def test_characters_cut_between_packets_stay_whole() -> None:
    stream = words("Grüße, ", "Schmied 🔨")
    parts = [stream[i : i + 3] for i in range(0, len(stream), 3)]
    async with fake_endpoint(Scripted(parts)) as fake, client_of(fake) as client:
        assert "".join(await ask(client)) == "Grüße, Schmied 🔨"


async def test_answers_share_a_connection() -> None:
    async with fake_endpoint(Scripted([words("Hm.")])) as fake, client_of(fake) as client:
        for _ in range(3):
            assert await ask(client) == ["Hm."]
        assert fake.n_connections == 1


async def test_only_the_embedded_model_gets_its_own_options() -> None:
    async with fake_endpoint(Scripted([words("Hm.")])) as fake:
        other = Endpoint(fake.url + "/", "big")
        async with client_of(fake, endpoint=other) as client:
            await ask(client)
        assert "min_p" not in fake.bodies[0]
        assert "authorization" not in fake.headers[0]


async def test_calls_of_tools_are_put_together() -> None:
    def call(index: int, **function: str) -> bytes:
        return event(delta={"tool_calls": [{"index": index, "function": function}]})

    stream = [
        call(0, name="give", arguments=""),
        call(0, arguments='{"item": '),
        call(1, name="wave", arguments="{}"),
        call(0, arguments='"sword"}'),
        event(finish_reason="tool_calls"),
        b"data: [DONE]\n\n",
    ]
    async with fake_endpoint(Scripted(stream)) as fake, client_of(fake) as client:
        async with client.ask(COMPLETION) as reply:
            assert [piece async for piece in reply] == []
        assert [(c.name, c.arguments) for c in reply.tool_calls] == [
            ("give", '{"item": "sword"}'),
            ("wave", "{}"),
        ]
        assert reply.finish == "tool_calls"


@pytest.mark.parametrize(
    ("script", "error", "retry_after_s"),
    [
        (Scripted([event("Go")], then="cut"), GeneratorFailed, 2.0),
        (Scripted([event("Go")]), GeneratorFailed, None),
        (Scripted([b'data: {"error": {"message": "out of memory at /srv"}}\n\n']), GeneratorFailed, None),
        (Scripted([b"data: <html>\n\n"]), GeneratorFailed, None),
        (Scripted([b"<html>it works</html>"]), GeneratorFailed, None),
        (Scripted(status=500), GeneratorFailed, None),
        (Scripted(status=0), GeneratorFailed, 2.0),
        (Scripted(status=503, headers=["Retry-After: 7"]), Unavailable, 7.0),
        (Scripted(status=429, headers=["Retry-After: 3"]), Overloaded, 3.0),
        (Scripted(status=429, headers=["Retry-After: Wed, 21 Oct 2026 07:28:00 GMT"]), Overloaded, 2.0),
        (Scripted(status=429, headers=["Retry-After: nan"]), Overloaded, 2.0),
        (Scripted(status=503, headers=["Retry-After: inf"]), Unavailable, 2.0),
        (Scripted([b'data: {"choices": [{"delta": {"content": "\\ud800"}}]}\n\n']), GeneratorFailed, None),
        (Scripted([b'data: {"choices": [{"logprob": NaN}]}\n\n']), GeneratorFailed, None),
        (Scripted([b'data: {"choices": [null]}\n\n']), GeneratorFailed, None),
        (Scripted([b"data: " + b"[" * 100_000 + b"\n\n"]), GeneratorFailed, None),
        (Scripted([b"data: \xff\xfe\n\n"]), GeneratorFailed, None),
        (Scripted([b"data: " + b"x" * (2 << 20)]), GeneratorFailed, None),
        (Scripted(status=401), Unavailable, None),
        (Scripted(status=404), Unavailable, None),
        (Scripted([b'{"error": {"type": "exceed_context_size_error"}}'], status=400), PromptTooLong, None),
        (Scripted([b'{"error": "bad /home/x"}'], status=400), GeneratorFailed, None),
    ],
)
async def test_every_failure_has_its_error(
    script: Scripted, error: type[RequestError], retry_after_s: float | None
) -> None:
    async with fake_endpoint(script) as fake, client_of(fake) as client:
        with pytest.raises(error) as caught:
            await ask(client)
        assert caught.value.retryable
        assert caught.value.retry_after_s == retry_after_s
        assert "/" not in caught.value.message


@pytest.mark.parametrize("n_tokens", [-1, 2**40, 2**70])
async def test_a_count_that_can_not_be_is_not_believed(n_tokens: int) -> None:
    async with (
        fake_endpoint(Scripted([words("Good ", "day", tokens=n_tokens)])) as fake,
        client_of(fake) as client,
        client.ask(COMPLETION) as reply,
    ):
        assert [piece async for piece in reply] == ["Good ", "day"]
        assert reply.n_tokens == 2


async def test_a_connection_that_was_closed_meanwhile_costs_a_second_try_and_no_answer() -> None:
    scripts = [Scripted([words("Hm.")]), Scripted(status=0), Scripted([words("Yes.")])]
    async with fake_endpoint(*scripts) as fake, client_of(fake) as client:
        assert await ask(client) == ["Hm."]
        assert await ask(client) == ["Yes."]
        assert len(fake.bodies) == 3


async def test_silence_ends_the_answer() -> None:
    script = Scripted([event("Go")], then="hang")
    async with fake_endpoint(script) as fake, client_of(fake, token_timeout_s=0.05) as client:
        with pytest.raises(GeneratorFailed, match="silent"):
            await ask(client)
        async with asyncio.timeout(5):
            await fake.hung_up.wait()


async def test_an_endpoint_that_falls_silent_again_and_ends_nothing_hangs() -> None:
    silent, spoken = Scripted([event("Go")], then="hang"), Scripted([words("Hm.")])
    hangs: list[str] = []
    async with fake_endpoint(silent, spoken, silent, silent, silent) as fake:
        client = ChatClient(
            fake.endpoint,
            max_connections=2,
            connect_timeout_s=2,
            token_timeout_s=0.3,
            on_hang=lambda: hangs.append("hang"),
        )
        with pytest.raises(GeneratorFailed, match="silent"):
            await ask(client)
        assert await ask(client) == ["Hm."]
        with pytest.raises(GeneratorFailed, match="silent"):
            await ask(client)
        assert hangs == []
        with pytest.raises(GeneratorFailed, match="silent"):
            await ask(client)
        assert hangs == ["hang"]
        # Told once, and another endpoint starts anew.
        client.point(Endpoint(fake.url, "other"))
        with pytest.raises(GeneratorFailed, match="silent"):
            await ask(client)
        assert hangs == ["hang"]
        await client.close()


async def test_comments_that_keep_a_connection_open_do_not_hide_silence() -> None:
    times: Iterator[float] = iter(range(0, 100, 4))
    script = Scripted([event("Go"), *[b": still there\n\n"] * 3, words("on")])
    async with fake_endpoint(script) as fake:
        client = ChatClient(
            fake.endpoint,
            max_connections=1,
            connect_timeout_s=2,
            token_timeout_s=5,
            clock=lambda: next(times),
        )
        with pytest.raises(GeneratorFailed, match="silent"):
            await ask(client)
        await client.close()


async def test_leaving_early_hangs_up_so_that_the_model_stops() -> None:
    script = Scripted([event("Go "), event("on ")], then="hang")
    async with fake_endpoint(script) as fake, client_of(fake) as client:
        async with client.ask(COMPLETION) as reply:
            assert await anext(reply) == "Go "
        async with asyncio.timeout(5):
            await fake.hung_up.wait()


async def test_nobody_there_is_unavailable() -> None:
    async with fake_endpoint(Scripted()) as fake:
        gone = fake.endpoint
    async with client_of(fake, endpoint=gone) as client:
        with pytest.raises(Unavailable) as caught:
            await ask(client)
        assert caught.value.retry_after_s is not None
        client.point(None)
        with pytest.raises(Unavailable, match="starting"):
            await ask(client)


async def test_a_restarted_model_is_asked_at_its_new_address() -> None:
    async with (
        fake_endpoint(Scripted([words("old")])) as before,
        fake_endpoint(Scripted([words("new")])) as after,
        client_of(before) as client,
    ):
        assert await ask(client) == ["old"]
        client.point(after.endpoint)
        assert await ask(client) == ["new"]


async def test_a_schema_is_sent_in_the_common_form() -> None:
    schema = {"type": "object"}
    completion = Completion([ChatMessage("user", "Hi")], 20, 0.0, schema=schema, tools=[{"type": "function"}])
    async with fake_endpoint(Scripted([words("{}")])) as fake, client_of(fake) as client:
        await ask(client, completion)
        assert fake.bodies[0]["response_format"]["json_schema"]["schema"] == schema
        assert fake.bodies[0]["tools"] == [{"type": "function"}]
        assert "seed" not in fake.bodies[0]
