"""What tests of every memory of conversations do."""

import threading
from collections.abc import Callable, Sequence
from typing import Final

from vrbridge.jobs.conversation_keeper import ConversationMemory
from vrbridge.memory.conversations import Turn
from vrbridge.memory.postgres_pool import Bounds

PATIENCE_S: Final = 100.0
PATIENT: Final = Bounds(statement_s=60, answer_s=60, start_s=60)
"""What is slow on a busy machine is not wrong."""


def talk(
    memory: ConversationMemory,
    said: str,
    answer: str,
    *,
    player: str = "ann",
    npc: str = "smith",
    session: str = "s1",
    id: int = 1,
) -> None:
    turn = memory.begin(player=player, npc=npc, session=session, request_id=id, said=said)
    assert turn is not None
    memory.finish(turn, answer)


def recall(memory: ConversationMemory, player: str = "ann", npc: str = "smith") -> list[Turn]:
    return memory.recall(player=player, npc=npc, limit=10)


def together(calls: Sequence[Callable[[], None]]) -> None:
    """Make calls at once, each on a thread of its own, and raise what one of them raises."""
    errors: list[BaseException] = []

    def guarded(call: Callable[[], None]) -> None:
        try:
            call()
        except BaseException as error:  # noqa: BLE001 - raised below, on the thread of the test
            errors.append(error)

    threads = [threading.Thread(target=guarded, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_S)
    if errors:
        raise errors[0]
    assert not any(thread.is_alive() for thread in threads)
