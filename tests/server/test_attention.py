"""What the player looks at."""

import math
from typing import Any

import pytest

from vrbridge.protocol.messages import Context, Nearby, Pose
from vrbridge.server.attention import weight

AHEAD = Context(
    head=Pose(position=(0, 1.6, 0)), focus="anvil", nearby=(Nearby(id="door", position=(0, 1.6, -3)),)
)
HALF_LEFT = math.sqrt(0.5)


@pytest.mark.parametrize(
    ("anchor", "expected"),
    [
        (None, 0.0),
        ({}, 0.0),
        ({"object": "anvil"}, 2.0),
        ({"head": [0, 0, -1]}, 1.5),
        ({"object": "door"}, 1.0),
        ({"object": "unknown"}, 0.0),
        ({"position": [0, 1.6, -4]}, 1.0),
        ({"position": [0, 1.6, 4]}, 0.0),
        ({"position": [4, 1.6, -4]}, HALF_LEFT),
        ({"position": [0, 1.6, 0]}, 1.0),
        ({"position": [0, "up", 0]}, 0.0),
        ({"position": "there"}, 0.0),
    ],
)
def test_what_is_straight_ahead_weighs_most(anchor: dict[str, Any] | None, expected: float) -> None:
    assert weight(anchor, AHEAD) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("orientation", "ahead"),
    [
        ((0.0, HALF_LEFT, 0.0, HALF_LEFT), [-3, 1.6, 0]),  # turned left by 90°
        ((0.0, -HALF_LEFT, 0.0, HALF_LEFT), [3, 1.6, 0]),
        ((HALF_LEFT, 0.0, 0.0, HALF_LEFT), [0, 4.6, 0]),  # looking up
    ],
)
def test_turning_the_head_turns_the_view(
    orientation: tuple[float, float, float, float], ahead: list[float]
) -> None:
    context = Context(head=Pose(position=(0, 1.6, 0), orientation=orientation))
    assert weight({"position": ahead}, context) == pytest.approx(1.0)
    assert weight({"position": [0, 1.6, 3]}, context) == pytest.approx(0.0, abs=1e-9)


def test_the_gaze_wins_over_the_head() -> None:
    context = Context(head=Pose(position=(0, 0, 0)), gaze=(1, 0, 0))
    assert weight({"position": [2, 0, 0]}, context) == pytest.approx(1.0)
    assert weight({"position": [0, 0, -2]}, context) == pytest.approx(0.0)


def test_without_a_context_nothing_weighs() -> None:
    assert weight({"object": "anvil"}, None) == 0.0
