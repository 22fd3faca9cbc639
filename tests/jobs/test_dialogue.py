"""Dialogue requests are checked, bounded, and answered by characters."""

import asyncio
import contextlib
import time
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from tests.generators.language.fake_endpoint import Scripted, event
from tests.jobs.dialogue_fakes import GIVE, dialogue
from vrbridge.errors import InvalidParams, Overloaded, Refused, SettingsError, Unavailable
from vrbridge.jobs.events import Finished, Spoken
from vrbridge.jobs.kind import Asker, Estimate
from vrbridge.memory.personas import Personas


def forbid(text: str, field: str) -> None:
    if "forbidden" in text:
        raise Refused("This is not answered here.", field=field)


@pytest.mark.parametrize(
    ("params", "field"),
    [
        ({"npc": "smith"}, "params.text"),
        ({"npc": "smith", "text": "   "}, "params.text"),
        ({"npc": "smith", "text": "x" * 2001}, "params.text"),
        ({"npc": "nobody_we_know", "text": "Hi"}, "params.npc"),
        ({"npc": "smith", "text": "Hi", "temperature": 3}, "params.temperature"),
        ({"npc": "smith", "text": "Hi", "actions": [GIVE, GIVE]}, "params.actions[1].name"),
        (
            {"npc": "smith", "text": "Hi", "actions": [{"name": "a", "parameters": {"type": "array"}}]},
            "params.actions[0].parameters",
        ),
        ({"npc": "smith", "text": "Hi", "persona": {}}, "params.persona.name"),
    ],
)
async def test_bad_parameters_name_their_field(tmp_path: Path, params: dict[str, Any], field: str) -> None:
    async with dialogue(tmp_path) as bench:
        with pytest.raises(InvalidParams) as caught:
            bench.kind.check(params, bench.asker)
        assert caught.value.field == field


async def test_an_unknown_character_is_told_who_is_known(tmp_path: Path) -> None:
    async with dialogue(tmp_path) as bench:
        with pytest.raises(InvalidParams, match="smith"):
            bench.kind.check({"npc": "smit", "text": "Hi"}, bench.asker)


@pytest.mark.parametrize(
    ("params", "field"),
    [
        ({"text": "forbidden"}, "params.text"),
        ({"text": "Hi", "persona": {"name": "A", "knowledge": ["forbidden"]}}, "params.persona.knowledge"),
        ({"text": "Hi", "persona": {"name": "forbidden"}}, "params.persona.name"),
    ],
)
async def test_safety_rules_see_every_text(tmp_path: Path, params: dict[str, Any], field: str) -> None:
    async with dialogue(tmp_path, check_text=forbid) as bench:
        with pytest.raises(Refused) as caught:
            bench.kind.check({"npc": "smith", **params}, bench.asker)
        assert caught.value.field == field


async def test_defaults_and_limits_are_those_of_the_settings(tmp_path: Path) -> None:
    async with dialogue(tmp_path) as bench:
        question = bench.kind.check({"npc": "smith", "text": " Hi "}, bench.asker)
        assert (question.text, question.max_tokens, question.temperature) == ("Hi", 100, None)
        larger = bench.kind.check({"npc": "smith", "text": "Hi", "max_tokens": 2000}, bench.asker)
        assert larger.max_tokens == 100
        seeds = {bench.kind.check({"npc": "smith", "text": "Hi"}, bench.asker).seed for _ in range(8)}
        assert len(seeds) > 1


async def test_what_is_offered_is_told_while_a_model_answers(tmp_path: Path) -> None:
    async with dialogue(tmp_path) as bench:
        capability = bench.kind.capability()
        assert capability is not None
        assert capability["model"] == "small"
        assert capability["npcs"] == ["smith"]
        assert "joy" in capability["emotions"]
        assert capability["languages"] == ["en"]
        bench.client.point(None)
        assert bench.kind.capability() is None
        question = bench.kind.check({"npc": "smith", "text": "Hi"}, bench.asker)
        with pytest.raises(Unavailable):
            bench.kind.admit(question, bench.asker)


async def test_waiting_answers_are_bounded(tmp_path: Path) -> None:
    script = Scripted([event(" I")], then="hang")
    async with dialogue(tmp_path, script, slots=2, max_wait_s=3.5) as bench, asyncio.TaskGroup() as tasks:
        question = bench.kind.check({"npc": "smith", "text": "Who are you?"}, bench.asker)
        answers: list[asyncio.Task[None]] = []
        estimates: list[Estimate] = []

        async def listen(asker: Asker, has_begun: asyncio.Event) -> None:
            async for _ in bench.kind.run(question, asker):
                has_begun.set()

        for number in range(4):
            asker = Asker(f"session {number}", f"player {number}", 1)
            estimates.append(bench.kind.admit(question, asker))
            has_begun = asyncio.Event()
            answers.append(tasks.create_task(listen(asker, has_begun)))
            if number < 2:
                await has_begun.wait()
            while bench.kind.n_running + bench.kind.n_waiting <= number:  # noqa: ASYNC110 - one turn of the loop
                await asyncio.sleep(0)
        assert [estimate.position for estimate in estimates] == [0, 0, 1, 2]
        # Each of the two that are first guessed to take 2 s has just begun.
        assert estimates[3].eta_s == pytest.approx(5.0, abs=0.5)
        with pytest.raises(Overloaded) as caught:
            bench.kind.admit(question, bench.asker)
        assert caught.value.retry_after_s is not None
        for answer in answers:
            answer.cancel()
        await asyncio.wait(answers)
        assert bench.kind.n_running == 0
        assert bench.kind.admit(question, bench.asker).position == 0


async def test_one_sessions_questions_leave_room_for_others(tmp_path: Path) -> None:
    script = Scripted([event(" I")], then="hang")
    async with dialogue(tmp_path, script, slots=4, max_wait_s=4.0) as bench, asyncio.TaskGroup() as tasks:
        question = bench.kind.check({"npc": "smith", "text": "Who are you?"}, bench.asker)
        begun: dict[str, int] = {}
        refused: list[str] = []
        changed = asyncio.Event()

        async def listen(asker: Asker) -> None:
            try:
                async for _ in bench.kind.run(question, asker):
                    begun[asker.session] = begun.get(asker.session, 0) + 1
                    changed.set()
            except Overloaded:
                refused.append(asker.session)
                changed.set()

        flood = [tasks.create_task(listen(Asker("flood", "ann", number))) for number in range(8)]
        modest = [tasks.create_task(listen(Asker(f"modest {number}", "bob", 1))) for number in range(2)]
        # Half of the slots, and half of the wait: four guessed to take 2 s each.
        while len(refused) < 4 or sum(begun.values()) < 4:
            changed.clear()
            await changed.wait()
        assert begun == {"flood": 2, "modest 0": 1, "modest 1": 1}
        assert refused == ["flood"] * 4
        for task in (*flood, *modest):
            task.cancel()


async def test_a_question_that_waits_is_given_up_at_its_deadline_or_when_it_is_cancelled(
    tmp_path: Path,
) -> None:
    async with dialogue(tmp_path, Scripted([event(" I")], then="hang"), slots=1) as bench:
        question = bench.kind.check({"npc": "smith", "text": "Who are you?"}, bench.asker)
        running = bench.kind.run(question, bench.asker)
        await anext(running)
        soon = Asker("s2", "bob", 1, deadline=time.monotonic() + 0.5)
        with pytest.raises(Overloaded, match="deadline"):
            bench.kind.admit(question, soon)
        cancelled = asyncio.create_task(anext(bench.kind.run(question, Asker("s3", "cat", 1))))
        while bench.kind.n_waiting == 0:  # noqa: ASYNC110 - one turn of the loop
            await asyncio.sleep(0)
        cancelled.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await cancelled
        assert bench.kind.n_waiting == 0
        await running.aclose()
        assert len(bench.endpoint.bodies) == 1
        assert await bench.remembered("cat") == []


async def test_a_cancelled_answer_stops_the_model_and_is_remembered_as_far_as_spoken(tmp_path: Path) -> None:
    async with dialogue(tmp_path, Scripted([event(" bend")], then="hang")) as bench:
        question = bench.kind.check({"npc": "smith", "text": "Who are you?"}, bench.asker)
        has_spoken = asyncio.Event()

        async def listen() -> None:
            async for _ in bench.kind.run(question, bench.asker):
                has_spoken.set()

        task = asyncio.create_task(listen())
        async with asyncio.timeout(5):
            await has_spoken.wait()
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
            await bench.endpoint.hung_up.wait()
        assert bench.kind.n_running == 0
        assert await bench.remembered() == [("Who are you?", "Bram the smith. bend")]


async def test_a_character_may_come_with_the_request(tmp_path: Path) -> None:
    async with dialogue(tmp_path, Scripted([event(" fishmonger.", finish_reason="stop")])) as bench:
        persona = {"name": "Jo", "description": "A fishmonger.", "knowledge": "Trout is best.\n- Eels bite."}
        events = await bench.say("Who are you?", npc="jo", persona=persona)
        assert events[0] == Spoken("I am Jo, fishmonger.")
        assert isinstance(events[-1], Finished)
        assert "You are Jo" in bench.last_prompt() or "A fishmonger." in bench.last_prompt()


async def test_emotions_of_personas_are_known_ones(tmp_path: Path) -> None:
    async with dialogue(tmp_path) as bench:
        (tmp_path / "odd.toml").write_text('name = "Odd"\nemotion = "hunger"')
        with pytest.raises(SettingsError, match="hunger"):
            type(bench.kind)(
                bench.answerer,
                bench.client,
                Personas((tmp_path,)),
                check_text=forbid,
                slots=1,
                max_tokens=1,
                model="m",
            )


async def test_a_question_waits_for_a_model_that_restarts(tmp_path: Path) -> None:
    async def wait() -> None:
        bench.client.point(bench.endpoint.endpoint)

    async with dialogue(tmp_path, wait_for_model=wait) as bench:
        bench.client.point(None)
        assert isinstance((await bench.say("Who are you?"))[-1], Finished)


async def test_a_model_that_does_not_come_back_is_unavailable(tmp_path: Path) -> None:
    async def wait() -> None:
        raise Unavailable("The language model does not start.")

    async with dialogue(tmp_path, wait_for_model=wait) as bench:
        bench.client.point(None)
        with pytest.raises(Unavailable, match="does not start"):
            await bench.say("Who are you?")
        assert bench.kind.n_running == 0
        assert await bench.remembered() == []


async def test_the_schemas_of_all_actions_together_are_bounded(tmp_path: Path) -> None:
    async with dialogue(tmp_path) as bench:
        offers = [
            {"name": f"act_{i}", "parameters": {"description": "x" * 6000, "type": "object"}}
            for i in range(3)
        ]
        with pytest.raises(InvalidParams) as refused:
            bench.kind.check({"npc": "smith", "text": "Hi", "actions": offers}, bench.asker)
        assert refused.value.field == "params.actions"


async def test_what_answers_take_is_learned_though_nobody_asks_for_more_than_the_end(tmp_path: Path) -> None:
    moments = count(0.0, 10.0)
    wasted: list[tuple[str, str, float]] = []
    async with dialogue(
        tmp_path, clock=lambda: next(moments), on_waste=lambda *waste: wasted.append(waste)
    ) as bench:
        checked = bench.kind.check({"npc": "smith", "text": "Hi"}, bench.asker)
        assert bench.kind.admit(checked, bench.asker) == Estimate(0, 2.0)
        async with contextlib.aclosing(bench.kind.run(checked, bench.asker)) as events:
            async for happened in events:
                if isinstance(happened, Finished):
                    break
        assert bench.kind.admit(checked, bench.asker).eta_s == pytest.approx(0.8 * 2.0 + 0.2 * 10.0)
    assert wasted == []


@pytest.mark.parametrize(
    ("failure", "is_late", "reason"),
    [
        ("superseded", False, "superseded"),
        ("cancelled", True, "cancelled"),
        (None, True, "deadline_exceeded"),
        (None, False, "cancelled"),
    ],
)
async def test_an_answer_that_is_broken_off_is_wasted_work(
    tmp_path: Path, failure: str | None, is_late: bool, reason: str
) -> None:
    soon = time.monotonic() + 600.0
    moments = count(2 * soon, 10.0)
    wasted: list[tuple[str, str, float]] = []
    async with dialogue(
        tmp_path, clock=lambda: next(moments), on_waste=lambda *waste: wasted.append(waste)
    ) as bench:
        asker = replace(bench.asker, failure=lambda: failure, deadline=soon if is_late else None)
        running = bench.kind.run(bench.kind.check({"npc": "smith", "text": "Hi"}, asker), asker)
        await anext(running)
        await running.aclose()
    assert wasted == [("dialogue", reason, 10.0)]
