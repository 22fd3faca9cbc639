"""What is away is asked less and less often, by one at a time."""

from vrbridge.scheduling.circuit import Circuit


def test_what_answers_is_always_asked() -> None:
    circuit = Circuit()
    assert circuit.may_ask(0.0)
    circuit.succeed()
    assert circuit.may_ask(0.0)
    assert not circuit.is_open


def test_after_a_failure_nobody_asks_until_the_pause_is_over_and_then_one_does() -> None:
    circuit = Circuit(first_s=1.0)
    circuit.fail(10.0)
    assert [circuit.may_ask(now) for now in (10.0, 10.9, 11.0, 11.0, 11.9)] == [
        False,
        False,
        True,
        False,
        False,
    ]
    # Whoever asked may have given up without an answer.
    assert circuit.may_ask(12.0)


def test_pauses_grow_to_a_bound() -> None:
    circuit = Circuit(first_s=1.0, longest_s=5.0)
    now = 0.0
    circuit.fail(now)
    pauses = []
    for _ in range(5):
        before = now
        while not circuit.may_ask(now):
            now += 0.5
        pauses.append(now - before)
        circuit.fail(now)
    assert pauses == [1.0, 2.0, 4.0, 5.0, 5.0]


def test_those_who_asked_at_the_same_time_fail_once() -> None:
    circuit = Circuit(first_s=1.0)
    for _ in range(50):
        circuit.fail(0.0)
    assert not circuit.may_ask(0.9)
    assert circuit.may_ask(1.0)


def test_an_answer_ends_the_pause_and_the_next_failure_is_a_first_one() -> None:
    circuit = Circuit(first_s=1.0)
    for now in (0.0, 1.0, 3.0):
        circuit.may_ask(now)
        circuit.fail(now)
    circuit.succeed()
    assert not circuit.is_open
    assert circuit.may_ask(3.0)
    circuit.fail(4.0)
    assert not circuit.may_ask(4.9)
    assert circuit.may_ask(5.0)
