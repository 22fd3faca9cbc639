"""One model on an API server of Hunyuan3D, in turn and in time."""

import threading
import time
from collections.abc import Mapping
from concurrent.futures import Future
from contextlib import ExitStack
from pathlib import Path

from vrbridge.errors import DataError, GeneratorFailed, Unavailable, VrbridgeError
from vrbridge.generators.mesh.hunyuan3d_link import Hunyuan3DLink
from vrbridge.generators.mesh.model_file import read_glb
from vrbridge.generators.mesh.turn import turn
from vrbridge.generators.mesh.voxels import Model

TOO_LONG = "The model server took too long; what was built first stays."
_POLL_S = 0.5
# A file is there before it is whole, and a line may break for a moment: so often in a row, no more.
_TRIES = 4


class Hunyuan3DJob:
    """Starts at once, on a thread of its own, and keeps its turn until the server is through with it.

    Args:
        link: To the server; is closed in the end.
        order: What is sent.
        turns: File that stands for the server.
        timeout_s: For the model, once it has been sent. A server on which one fails never says so.
    """

    def __init__(
        self, link: Hunyuan3DLink, order: Mapping[str, object], turns: Path, *, timeout_s: float
    ) -> None:
        self._link = link
        self._order = order
        self._turns = turns
        self._timeout_s = timeout_s
        self._is_sent = threading.Event()
        self._is_left = threading.Event()
        self._is_ended = threading.Event()
        self._built: Future[Model] = Future()
        threading.Thread(target=self._run, name="model server", daemon=True).start()

    @property
    def is_sent(self) -> bool:
        """Whether it is its turn."""
        return self._is_sent.is_set()

    def model(self, *, within_s: float) -> Model | None:
        """Return the model, or None if there is none within that time.

        Raises:
            Unavailable: If the server can't be reached.
            GeneratorFailed: If it sends no model, or not in time.
        """
        try:
            return self._built.result(within_s)
        except TimeoutError:
            return None

    def leave(self) -> None:
        """Want the model no more: what was not sent is not sent, what was sent is only waited for."""
        self._is_left.set()

    def end(self) -> None:
        """Give the turn to the next one, whatever the server does."""
        self.leave()
        self._is_ended.set()
        self._link.close()

    def _run(self) -> None:
        try:
            with ExitStack() as stack:
                if self._is_given_turn(stack):
                    self._is_sent.set()
                    self._built.set_result(self._awaited(self._link.send(self._order)))
        except Exception as error:  # noqa: BLE001 - whatever goes wrong here is told on the other thread
            self._built.set_exception(error)
        finally:
            self._link.close()

    def _is_given_turn(self, stack: ExitStack) -> bool:
        try:
            return stack.enter_context(turn(self._turns, lambda: not self._is_left.is_set()))
        except OSError as error:
            raise Unavailable(
                "The cache folder can't be written to, where workers wait for their turns."
            ) from error

    def _awaited(self, uid: str) -> Model:
        deadline = time.monotonic() + self._timeout_s
        n_failed = 0
        while time.monotonic() < deadline and not self._is_ended.wait(_POLL_S):
            try:
                data = self._link.model(uid)
                if data is None:
                    n_failed = 0
                    continue
                if self._is_left.is_set():
                    break
                return read_glb(data, "the answer")
            except (DataError, Unavailable) as error:
                n_failed += 1
                if n_failed == _TRIES:
                    raise _told(error) from error
        raise GeneratorFailed(TOO_LONG)


def _told(error: VrbridgeError) -> VrbridgeError:
    if isinstance(error, DataError):
        return GeneratorFailed(f"The model server sent no model: {error.message}")
    return error
