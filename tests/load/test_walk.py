"""Where a player is."""

import math
import random

import pytest

from vrbridge.bench.walk import Walk
from vrbridge.client.wire import encode
from vrbridge.protocol.codec import decode_client
from vrbridge.protocol.messages import Context


def test_what_a_player_sees_is_a_context_that_the_server_takes() -> None:
    context = decode_client(encode(Walk(random.Random(1)).context(12.5)))
    assert isinstance(context, Context)
    assert context.head.position[1] == pytest.approx(1.65)
    assert math.hypot(*context.head.orientation) == pytest.approx(1)
    assert context.gaze is not None
    assert math.hypot(*context.gaze) == pytest.approx(1)


def test_players_walk_at_walking_speed_on_ways_of_their_own() -> None:
    one, two = Walk(random.Random(1)), Walk(random.Random(2))
    here, there = (one.context(now)["head"]["position"] for now in (0.0, 0.1))
    assert math.dist(here, there) == pytest.approx(0.12, rel=0.01)
    assert here != two.context(0.0)["head"]["position"]
