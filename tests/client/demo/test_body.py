"""Walking and looking."""

import math

import pytest

from tests.client.demo.walks import scene
from vrbridge.client.demo.body import Body


def test_a_player_walks_at_their_speed_and_stops_exactly_there() -> None:
    body = Body(scene())
    body.walk_to((0.0, 7.0))
    body.step(0.5)
    assert body.position == pytest.approx((0.0, 9.0))
    assert not body.is_there
    body.step(10)
    assert body.position == (0.0, 7.0)
    assert body.is_there


def test_the_context_says_what_is_near_the_nearest_first() -> None:
    body = Body(scene())
    body.place, body.focus, body.state = "the gate", "wall", {"weather": "rain"}
    context = body.context()
    assert [thing["id"] for thing in context["nearby"]] == ["wall"]
    assert (context["place"], context["focus"], context["state"]) == ("the gate", "wall", {"weather": "rain"})
    body.walk_to((0.9, 2.0))
    body.step(100)
    assert [thing["id"] for thing in body.context()["nearby"]] == ["smith", "door", "wall"]


@pytest.mark.parametrize(("position", "yaw"), [((0.0, 20.0), 0.0), ((-9.0, 6.0), -90.0), ((9.0, 6.0), 90.0)])
def test_head_and_gaze_turn_to_what_is_looked_at(position: tuple[float, float], yaw: float) -> None:
    body = Body(scene())
    body.walk_to(position)
    body.step(1000)
    body.focus = "wall"
    context = body.context()
    assert math.hypot(*context["gaze"]) == pytest.approx(1)
    _, y, _, w = context["head"]["orientation"]
    assert math.degrees(2 * math.atan2(y, w)) == pytest.approx(yaw)
    # −Z turned by the head's quaternion points the way of the gaze.
    flat = math.hypot(context["gaze"][0], context["gaze"][2])
    assert context["gaze"][0] / flat == pytest.approx(-2 * y * w)
    assert context["gaze"][2] / flat == pytest.approx(2 * y * y - 1)


def test_a_player_who_looks_at_nothing_looks_ahead() -> None:
    body = Body(scene())
    assert body.context()["gaze"] == [0.0, 0.0, -1.0]
    body.walk_to((5.0, 10.0))
    assert body.context()["gaze"] == [1.0, 0.0, 0.0]
