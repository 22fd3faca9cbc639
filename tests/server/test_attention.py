"""What the player looks at."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vrbridge.protocol.messages import Context, Nearby, Pose
from vrbridge.server.attention import UNKNOWN, Sight

HEAD = (0.0, 1.6, 0.0)
AHEAD = Context(
    head=Pose(position=HEAD),
    focus="anvil",
    nearby=(Nearby(id="door", position=(0, 1.6, -3)), Nearby(id=7, position=(0, 1.6, 3)), Nearby(id="fog")),
)
HALF = math.sqrt(0.5)
BEHIND = {"position": [0.0, 1.6, 4.0]}


def around(degrees: float, distance_m: float = 3.0) -> dict[str, Any]:
    """Return an anchor so far to the right of straight ahead."""
    angle = math.radians(degrees)
    return {"position": [distance_m * math.sin(angle), 1.6, -distance_m * math.cos(angle)]}


def order(context: Context | None, *anchors: dict[str, Any] | None) -> list[int]:
    """Return the numbers of anchors, what is looked at most first."""
    sight = Sight(context)
    return sorted(range(len(anchors)), key=lambda number: -sight.weight(anchors[number]))


def test_the_focus_goes_before_what_hangs_before_the_eyes_and_both_before_what_is_ahead() -> None:
    anchors = (around(0, 0.1), {"head": [0, 0, -1]}, {"object": "anvil"})
    assert order(AHEAD, *anchors) == [2, 1, 0]


def test_what_belongs_nowhere_goes_between_what_is_ahead_and_what_is_behind() -> None:
    sight = Sight(AHEAD)
    nowhere: list[dict[str, Any] | None] = [
        None, {}, {"object": "unknown"}, {"object": "fog"}, {"object": [1]}, {"position": [0, "up", 0]},
        {"position": "there"}, {"position": [1.7e308, 1.7e308, 1.7e308]},
    ]  # fmt: skip
    assert {sight.weight(anchor) for anchor in nowhere} == {UNKNOWN}
    assert sight.weight(around(89, 1000.0)) > UNKNOWN > sight.weight(around(91, 0.5))


def test_a_smaller_angle_goes_first_and_at_the_same_angle_the_nearer() -> None:
    anchors = (around(170), around(30), around(4, 9.0), around(-30, 2.0), around(2, 10.0), around(-4, 1.0))
    assert order(AHEAD, *anchors) == [5, 2, 4, 3, 1, 0]


def test_objects_are_found_among_what_is_nearby_whatever_their_ids_are() -> None:
    sight = Sight(AHEAD)
    assert sight.weight({"object": "door"}) == sight.weight(around(0, 3.0)) > 0
    assert sight.weight({"object": 7}) == sight.weight({"position": [0, 1.6, 3]}) < 0


def test_where_the_player_stands_is_as_near_as_can_be() -> None:
    assert Sight(AHEAD).weight({"position": list(HEAD)}) == 1.0


@given(st.floats(-180, 180), st.floats(0.01, 1e6), st.floats(-180, 180), st.floats(0.01, 1e6))
def test_no_distance_outweighs_five_degrees(a: float, a_m: float, b: float, b_m: float) -> None:
    sight = Sight(AHEAD)
    near, far = sight.weight(around(a, a_m)), sight.weight(around(b, b_m))
    assert -1 <= near <= 1
    if abs(a) + 5 <= abs(b) - 1e-3:
        assert near > far


@pytest.mark.parametrize(
    ("orientation", "ahead"),
    [
        ((0.0, HALF, 0.0, HALF), [-3, 1.6, 0]),  # turned left by 90°
        ((0.0, -HALF, 0.0, HALF), [3, 1.6, 0]),
        ((HALF, 0.0, 0.0, HALF), [0, 4.6, 0]),  # looking up
        ((0.0, 1.0, 0.0, 0.0), [0, 1.6, 3]),  # turned round
    ],
)
def test_turning_the_head_turns_the_order(
    orientation: tuple[float, float, float, float], ahead: list[float]
) -> None:
    turned = Sight(Context(head=Pose(position=HEAD, orientation=orientation)))
    straight = Sight(AHEAD).weight(around(0, 3.0))
    assert turned.weight({"position": ahead}) == pytest.approx(straight)
    assert turned.weight({"position": [-x + 2 * h for x, h in zip(ahead, HEAD, strict=True)]}) < -0.8


def test_the_gaze_wins_over_the_head_and_need_not_be_of_length_one() -> None:
    sight = Sight(Context(head=Pose(position=(0, 0, 0)), gaze=(5, 0, 0)))
    assert sight.weight({"position": [2, 0, 0]}) > 0.9
    assert sight.weight({"position": [0, 0, -2]}) == pytest.approx(0, abs=0.1)


@pytest.mark.parametrize("gaze", [(0.0, 0.0, 0.0), (1.7e308, 1.7e308, 1.7e308)])
def test_a_gaze_that_is_no_direction_says_nothing(gaze: tuple[float, float, float]) -> None:
    assert Sight(Context(head=Pose(position=HEAD), gaze=gaze)).weight(BEHIND) == UNKNOWN


def test_without_a_context_nothing_is_known() -> None:
    assert Sight(None).weight({"object": "anvil"}) == Sight(None).weight(BEHIND) == UNKNOWN
