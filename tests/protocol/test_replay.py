"""What was sent is kept until it is acknowledged or there is too much of it."""

from hypothesis import given
from hypothesis import strategies as st

from vrbridge.protocol.replay import ReplayBuffer, Sent


def make(n: int = 0, *, max_messages: int = 100) -> tuple[ReplayBuffer, list[int]]:
    gone: list[int] = []
    replay = ReplayBuffer(max_messages=max_messages, on_gone=lambda sent: gone.append(sent.seq))
    for seq in range(1, n + 1):
        replay.add(Sent(seq, b"%d" % seq))
    return replay, gone


def rest(replay: ReplayBuffer) -> list[int]:
    seqs = []
    while (sent := replay.next()) is not None:
        seqs.append(sent.seq)
        replay.advance()
    return seqs


def test_nothing_is_sent_again_unasked() -> None:
    replay, _ = make(3)
    assert replay.next() is None


def test_everything_after_what_the_client_has_is_sent_again() -> None:
    replay, gone = make(5)
    replay.rewind(2)
    assert rest(replay) == [3, 4, 5]
    assert gone == [1, 2]


def test_asking_twice_gives_the_same_message() -> None:
    replay, _ = make(2)
    replay.rewind(0)
    assert replay.next() is replay.next()


def test_a_connection_lost_in_mid_replay_begins_again() -> None:
    replay, _ = make(4)
    replay.rewind(0)
    replay.advance()
    replay.advance()
    replay.rewind(1)
    assert rest(replay) == [2, 3, 4]


def test_what_is_acknowledged_is_gone() -> None:
    replay, gone = make(4)
    replay.acknowledge(3)
    assert (gone, len(replay), replay.oldest_resumable) == ([1, 2, 3], 1, 3)
    replay.acknowledge(1)
    assert gone == [1, 2, 3]


def test_an_acknowledgement_in_mid_replay_skips_nothing() -> None:
    replay, _ = make(5)
    replay.rewind(0)
    replay.advance()
    replay.acknowledge(1)
    assert rest(replay) == [2, 3, 4, 5]


def test_beyond_its_bound_the_oldest_is_given_up() -> None:
    replay, gone = make(5, max_messages=3)
    assert (gone, len(replay), replay.oldest_resumable) == ([1, 2], 3, 2)


@given(
    st.integers(1, 8), st.lists(st.sampled_from(["add", "ack", "rewind", "advance"]), max_size=60), st.data()
)
def test_it_holds_an_unbroken_run_up_to_the_last(
    max_messages: int, steps: list[str], data: st.DataObject
) -> None:
    replay, gone = make(max_messages=max_messages)
    seq = 0
    for step in steps:
        if step == "add" and replay.next() is None:
            seq += 1
            replay.add(Sent(seq, b""))
        elif step == "ack":
            replay.acknowledge(data.draw(st.integers(0, seq)))
        elif step == "rewind":
            replay.rewind(data.draw(st.integers(replay.oldest_resumable, seq)))
        elif step == "advance" and replay.next() is not None:
            replay.advance()
        assert len(replay) <= max_messages
        assert gone == list(range(1, replay.oldest_resumable + 1))
        assert len(replay) == seq - replay.oldest_resumable
    replay.rewind(replay.oldest_resumable)
    assert rest(replay) == list(range(replay.oldest_resumable + 1, seq + 1))
