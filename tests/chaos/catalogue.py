"""All scenarios, in the order in which they are played."""

from dataclasses import dataclass
from functools import partial

from tests.chaos import bad_network, blocked, cuts, endings, expiry, hostile, mix, storms
from tests.chaos.stage import Play
from tests.chaos.suspended import suspended


@dataclass(frozen=True)
class Scenario:
    """Something that goes wrong, and how long it may take to go well.

    Args:
        name: For the command line.
        play: Raises AssertionError if the promise is broken.
        limit_s: Then it counts as hung.
        is_patient: Whether it waits most of the time, so that others may be played beside it.
    """

    name: str
    play: Play
    limit_s: float = 120.0
    is_patient: bool = False


SCENARIOS = (
    *(
        Scenario(f"suspended_{for_s}_s", partial(suspended, for_s=for_s), 60.0 + for_s, is_patient=True)
        for for_s in (150, 90, 30, 5)
    ),
    Scenario("half_open", hostile.half_open, is_patient=True),
    Scenario("half_open_and_idle", hostile.half_open_and_idle, is_patient=True),
    Scenario("never_reads", hostile.never_reads),
    Scenario("reads_one_byte_a_second", hostile.reads_one_byte_a_second),
    Scenario("slow_handshakes", hostile.slow_handshakes),
    Scenario("crowd_of_slow_handshakes", hostile.crowd_of_slow_handshakes),
    Scenario("stop_with_slow_peers", hostile.stop_with_slow_peers),
    Scenario("token_expires_in_mid_asset", expiry.expires_in_mid_asset),
    Scenario("blocked_briefly", blocked.blocked_briefly),
    Scenario("blocked_beyond_the_stall_limit", blocked.blocked_beyond_the_stall_limit),
    Scenario("listener_lost", storms.listener_lost, 240.0),
    Scenario("server_replaced", storms.server_replaced, 240.0),
    Scenario("stopped_under_load", endings.stopped_under_load, 300.0),
    Scenario("killed_under_load", endings.killed_under_load, 400.0),
    Scenario("mixed", mix.mixed),
    Scenario("cut_after_every_byte", cuts.cut_after_every_byte, 900.0),
    Scenario("cut_twice", cuts.cut_twice, 240.0),
    Scenario("bad_network", bad_network.bad_network, 600.0),
)
