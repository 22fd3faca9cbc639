"""What players note down."""

import msgspec

from vrbridge.bench.recording import DONE, Asked, Recording, merged


def wish(player: int) -> Asked:
    return Asked(
        phase="steady", player=player, kind="mesh", at=5.0, first_s=0.1, total_s=0.25, outcome=DONE,
        n_refused=1, work_s=0.2,
    )  # fmt: skip


def test_recordings_of_several_processes_become_one() -> None:
    one = Recording(words=[(1.0, 0.1)], asked=[wish(0)], n_connections=2, n_bytes=10)
    two = Recording(words=[(2.0, 0.2)], asked=[wish(1)], n_connections=3, n_unfinished=1)
    for code in (1006, 1006, 4509):
        two.closed(code)
    one.closed(1006)
    one.failed("protocol: gap")
    whole = merged([one, two])
    assert whole.words == [(1.0, 0.1), (2.0, 0.2)]
    assert [a.player for a in whole.asked] == [0, 1]
    assert (whole.n_connections, whole.n_bytes, whole.n_unfinished) == (5, 10, 1)
    assert whole.closes == {"1006": 3, "4509": 1}
    assert whole.failures == {"protocol: gap": 1}


def test_a_recording_crosses_between_processes_whole() -> None:
    sent = Recording(words=[(1.5, 0.25)], asked=[wish(3)], refusals=[(2.0, "overloaded")], n_lost=1)
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(sent), type=Recording) == sent


def test_a_wish_ends_its_time_after_it_began() -> None:
    assert wish(0).ended == 5.25
