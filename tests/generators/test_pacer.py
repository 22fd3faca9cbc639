"""A game gets its card back after every few milliseconds."""

from collections.abc import Iterator

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tests.generators.accelerators import FakeCard
from tests.generators.texture.random_network import random_network
from vrbridge.generators.pacer import SLICE_S, Pacer
from vrbridge.generators.texture.sampler import TextureSampler
from vrbridge.interruption import pace

REST_S = 0.008


@pytest.fixture(autouse=True)
def _pace_nothing_afterwards() -> Iterator[None]:
    yield
    pace(None)


def paced(card: FakeCard) -> Pacer:
    return Pacer(card.wait, REST_S, clock=card.clock, sleep=card.sleep)


def test_short_steps_are_added_up_and_followed_by_one_rest() -> None:
    card = FakeCard(work_s=[SLICE_S * 0.4] * 6)
    pacer = paced(card)
    for n_rests in (0, 0, 1, 1, 1, 2):
        pacer()
        assert len(card.rests) == n_rests
    assert set(card.rests) == {REST_S}


def test_a_long_step_is_followed_by_a_rest_at_once() -> None:
    card = FakeCard(work_s=[5 * SLICE_S])
    paced(card)()
    assert card.rests == [REST_S]


def test_time_that_the_cpu_takes_between_steps_is_not_the_cards() -> None:
    card = FakeCard(work_s=[SLICE_S * 0.1] * 5)
    pacer = paced(card)
    for _ in range(5):
        card.now += 1.0
        pacer()
    assert card.rests == []


@given(work_s=st.lists(st.floats(0, 0.02), max_size=200))
def test_the_card_never_works_longer_without_a_rest_than_a_slice_and_a_step(work_s: list[float]) -> None:
    card = FakeCard(work_s=list(work_s))
    pacer = paced(card)
    without_rest_s = 0.0
    for step_s in work_s:
        n_rests = len(card.rests)
        pacer()
        without_rest_s += step_s
        assert without_rest_s < SLICE_S + step_s + 1e-9
        if len(card.rests) > n_rests:
            without_rest_s = 0.0


def test_a_card_that_is_dead_is_not_waited_for() -> None:
    with pytest.raises(RuntimeError):
        paced(FakeCard(is_dead=True))()


def test_a_network_rests_between_its_layers() -> None:
    card = FakeCard(work_s=[2 * SLICE_S] * 1000)
    sampler = TextureSampler(random_network(), torch.device("cpu"), torch.float32)
    pace(paced(card))
    lattice = sampler.draw(sampler.noise(1, 16), torch.zeros(1, 64, 1, 1), 2)
    # Two evaluations of a flow of nine blocks of two convolutions, one before and one behind them.
    assert len(card.rests) >= 40
    n_drawn = len(card.rests)
    sampler.paint(lattice, sampler.forms(lattice), sampler.grain(1, 16))
    assert len(card.rests) >= n_drawn + 15
