"""What watches over the scenarios notices what must not happen."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest

from tests.chaos.player import Tally
from tests.chaos.witness import Witness

Message = dict[str, Any]
WELCOME: Message = {"type": "welcome", "resumed": False}
ACCEPTED: Message = {"type": "accepted", "seq": 1, "id": 1}
ASSET: Message = {"type": "asset", "seq": 2, "id": 1, "asset": 1, "bytes": 4}
CHUNK: Message = {"type": "chunk", "asset": 1, "offset": 0, "data": b"abcd"}
DONE: Message = {"type": "done", "seq": 3, "id": 1}


def _seen(messages: Sequence[Message]) -> Witness:
    witness = Witness()
    for message in messages:
        witness("received", message)
    return witness


def test_a_good_session_has_no_faults_even_when_it_is_resumed() -> None:
    resumed = WELCOME | {"resumed": True}
    witness = _seen([WELCOME, ACCEPTED, resumed, ASSET, CHUNK, resumed, DONE])
    assert witness.faults == []
    assert (witness.n_sessions, witness.n_resumed) == (1, 2)
    assert witness.ends == {(1, 1): 1}


@pytest.mark.parametrize(
    "messages",
    [
        [ACCEPTED, ACCEPTED],
        [ACCEPTED, DONE],
        [ACCEPTED, ASSET, DONE],
        [ACCEPTED, ASSET, CHUNK, CHUNK],
        [ACCEPTED, ASSET, CHUNK | {"offset": 1}],
        [ACCEPTED, ASSET, CHUNK, DONE, DONE | {"seq": 4}],
        [ACCEPTED, ASSET, CHUNK, DONE, CHUNK],
    ],
)
def test_gaps_repetitions_and_second_ends_are_faults(messages: Sequence[Message]) -> None:
    assert _seen([WELCOME, *messages]).faults


def test_a_tally_does_not_pass_with_a_fault_a_failure_or_a_request_without_an_end() -> None:
    Tally(n_asked=2, n_done=2).check()
    for wrong in (
        Tally(n_asked=1, n_done=1, faults=["something"]),
        Tally(n_asked=2, n_done=1),
        Tally(n_asked=1, failed=Counter({"internal": 1})),
    ):
        with pytest.raises(AssertionError):
            wrong.check()
