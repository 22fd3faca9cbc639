"""One at a time, over all processes of this machine that share a folder."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

_PATIENCE_S = 0.25


@contextmanager
def turn(file: Path, is_wanted: Callable[[], bool]) -> Iterator[bool]:
    """Wait for a turn as long as it is wanted, and give whether it is ours.

    It ends with the block, or with the process.

    Args:
        file: Stands for what is taken in turns; is made if need be.
        is_wanted: Asked again and again.

    Raises:
        OSError: If the file can't be made.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(file, thread_local=False)
    while is_wanted():
        try:
            lock.acquire(timeout=_PATIENCE_S)
        except Timeout:
            continue
        break
    try:
        # Asked once more: it may have come just when nobody wanted it any more.
        yield lock.is_locked and is_wanted()
    finally:
        lock.release()
