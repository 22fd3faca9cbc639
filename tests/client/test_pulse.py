"""When the other end of a connection is taken for dead."""

from vrbridge.client.pulse import MAX_BAD_TICKS, Pulse


def test_silence_is_asked_about_and_then_believed() -> None:
    pulse = Pulse()
    verdicts = [pulse.tick(n_received_bytes=n, n_sent=0, unsent_bytes=0) for n in (10, 10, 10, 10)]
    assert verdicts == ["alive", "ask", "ask", "dead"]


def test_one_byte_is_a_sign_of_life() -> None:
    pulse = Pulse()
    assert [pulse.tick(n_received_bytes=n // 2, n_sent=0, unsent_bytes=0) for n in range(2, 40)] == [
        "alive",
        "ask",
    ] * 19


def test_what_is_taken_slowly_is_not_stalled() -> None:
    pulse = Pulse()
    for tick in range(20):
        unsent_bytes = 1_000_000 - tick
        assert pulse.tick(n_received_bytes=tick + 1, n_sent=0, unsent_bytes=unsent_bytes) == "alive"


def test_a_buffer_that_is_always_full_is_not_stalled_while_messages_leave() -> None:
    pulse = Pulse()
    for tick in range(20):
        assert pulse.tick(n_received_bytes=tick + 1, n_sent=tick, unsent_bytes=65_536) == "alive"


def test_nothing_taken_is_dead_however_much_is_said() -> None:
    pulse = Pulse()
    verdicts = [
        pulse.tick(n_received_bytes=tick, n_sent=3, unsent_bytes=100) for tick in range(1, MAX_BAD_TICKS + 3)
    ]
    assert verdicts == ["alive"] * (MAX_BAD_TICKS) + ["dead"] * 2


def test_with_nothing_to_send_nothing_can_stall() -> None:
    pulse = Pulse()
    assert {pulse.tick(n_received_bytes=n, n_sent=3, unsent_bytes=0) for n in range(1, 20)} == {"alive"}
