"""Pictures from a ComfyUI server."""

import io
import logging
import time
import uuid
import warnings
from collections.abc import Generator, Iterator
from contextlib import ExitStack
from pathlib import Path

import numpy as np
from PIL import Image

from vrbridge.errors import GeneratorFailed, Unavailable
from vrbridge.generator_settings import ComfyUiSettings
from vrbridge.generators.texture.comfyui_link import ComfyUiLink, Disconnected, Listener
from vrbridge.generators.texture.comfyui_messages import (
    Failed,
    ImageFile,
    Interrupted,
    Message,
    PreviewArrived,
    Progressed,
    QueueChanged,
    Saved,
    Started,
    Succeeded,
    message_of,
    outcome_in_history,
)
from vrbridge.generators.texture.comfyui_workflow import Workflow
from vrbridge.generators.texture.pictures import Event, Picture, Preview, Step

MAX_PICTURE_PX = 4096
_FORMATS = ("PNG", "JPEG", "WEBP")
_HEARTBEAT_S = 1.0
"""While nothing is said, so often the last step is repeated: that is when a cancelled work notices."""
_LOOK_EVERY = 10
"""Heartbeats without a word after which the server is asked whether it still has the work."""
_SETTLE_S = 10.0
"""ComfyUI says that it is done a moment before its history knows."""
_MAX_RECONNECTS = 5
_SAMPLING_SHARE = 0.9
_log = logging.getLogger(__name__)


class ComfyUiPictures:
    """Has a ComfyUI server paint, one picture at a time.

    Args:
        settings: Where it is, and what it should do.
        workflow: What it runs.
        key: Sent as a bearer token, if any.
    """

    def __init__(self, settings: ComfyUiSettings, workflow: Workflow, *, key: str | None = None) -> None:
        self._settings = settings
        self._workflow = workflow
        self._link = ComfyUiLink(settings.url, key=key, connect_timeout_s=settings.connect_timeout_s)
        self._checkpoint = settings.checkpoint

    @property
    def model(self) -> str:
        """Name of the checkpoint, once it is known, or of the server's kind."""
        return Path(self._checkpoint).stem if self._checkpoint else "comfyui"

    def close(self) -> None:
        """Let go of the connections."""
        self._link.close()

    def generate(self, prompt: str, *, size_px: int, seed: int) -> Generator[Event, None, None]:
        """Yield places in the queue, steps and previews, then the picture; see `PictureSource.generate`."""
        run = _Run(self._link, self._workflow, timeout_s=self._settings.timeout_s)
        try:
            run.submit(self._values(prompt, seed))
            yield from run.followed()
            yield run.picture(is_seamless=self._settings.is_seamless)
        finally:
            run.close()

    def _values(self, prompt: str, seed: int) -> dict[str, str | int | float]:
        settings = self._settings
        return {
            "prompt": f"{prompt}{settings.prompt_suffix}",
            "negative_prompt": settings.negative_prompt,
            "seed": seed % 2**63,
            "width": settings.size_px,
            "height": settings.size_px,
            "steps": settings.steps,
            "guidance": settings.guidance,
            "checkpoint": self._known_checkpoint() if self._workflow.uses("checkpoint") else "",
        }

    def _known_checkpoint(self) -> str:
        if not self._checkpoint:
            names = self._link.checkpoints()
            if not names:
                _log.error("ComfyUI at %s has no checkpoint; put one into its models folder", self._link.name)
                raise Unavailable("The picture server has no model; the server's log says more.")
            self._checkpoint = names[0]
        return self._checkpoint


class _Run:
    """One prompt on the server, from its submission to its end."""

    def __init__(self, link: ComfyUiLink, workflow: Workflow, *, timeout_s: float) -> None:
        self._link = link
        self._workflow = workflow
        self._timeout_s = timeout_s
        self._deadline = time.monotonic() + timeout_s
        self._client_id = uuid.uuid4().hex
        # Chosen here, so that it can be cancelled even if the answer to the submission gets lost.
        self._prompt_id = str(uuid.uuid4())
        self._sockets = ExitStack()
        self._listener: Listener | None = None
        self._is_submitted = False
        self._is_over = False
        self._is_running = False
        self._n_ahead = 0
        self._asked_at = 0.0
        self._is_place_old = False
        self._fraction = 0.0
        self._images: tuple[ImageFile, ...] = ()

    def submit(self, values: dict[str, str | int | float]) -> None:
        """Have the server take it into its queue."""
        # Listening first: a prompt that is done at once is not missed.
        self._listen()
        self._is_submitted = True
        self._prompt_id = self._link.submit(
            self._workflow.filled(values), prompt_id=self._prompt_id, client_id=self._client_id
        )
        self._ask_place()

    def followed(self) -> Iterator[Event]:
        """Yield what happens until the server is done.

        Raises:
            GeneratorFailed: If the server fails, loses it, or takes too long.
            Unavailable: If the server went away and did not come back.
        """
        n_silent = 0
        while not self._is_over:
            yield self._step()
            if time.monotonic() > self._deadline:
                raise GeneratorFailed(
                    f"The picture server did not finish within {self._timeout_s:g} s; try again later."
                )
            try:
                data = self._receive()
            except Disconnected:
                yield from self._reconnected()
                continue
            n_silent = n_silent + 1 if data is None else 0
            if data is None:
                if n_silent % _LOOK_EVERY == 0:
                    self._look()
                continue
            message = message_of(data, self._prompt_id)
            if isinstance(message, PreviewArrived):
                yield from _preview(message.data, self._fraction)
            else:
                self._take(message)
        yield from self._settled()

    def picture(self, *, is_seamless: bool) -> Picture:
        """Return the picture that the server saved.

        Raises:
            GeneratorFailed: If there is none, or it can't be used.
        """
        if not self._images:
            raise GeneratorFailed("The picture server's workflow saved no picture.")
        kept = [image for image in self._images if image.type == "output"]
        data = self._link.picture((kept or self._images)[0])
        pixels = decoded(data, max_px=MAX_PICTURE_PX)
        if pixels is None:
            raise GeneratorFailed(
                f"The picture server made something that is no picture of at most {MAX_PICTURE_PX} pixels."
            )
        return Picture(pixels.astype(np.float32) / np.float32(255), is_seamless)

    def close(self) -> None:
        """Stop listening, and have the server drop what is not done."""
        self._sockets.close()
        if self._is_submitted and not self._is_over:
            try:
                self._link.cancel(self._prompt_id)
            except Unavailable:
                _log.warning("prompt %s could not be cancelled", self._prompt_id)

    def _step(self) -> Step:
        # A busy server says many times a second that its queue has changed.
        is_due = time.monotonic() - self._asked_at > _HEARTBEAT_S
        if self._is_place_old and is_due and not self._is_running:
            self._ask_place()
        if self._is_running:
            return Step("generate", self._fraction)
        return Step(f"queue ({self._n_ahead} ahead)" if self._n_ahead else "queue", 0.0)

    def _listen(self) -> None:
        self._sockets.close()
        self._listener = self._sockets.enter_context(self._link.listening(self._client_id))

    def _receive(self) -> str | bytes | None:
        assert self._listener is not None, "a run listens before it is followed"
        return self._listener.receive(within_s=_HEARTBEAT_S)

    def _take(self, message: Message) -> None:
        if isinstance(message, Started):
            self._is_running = True
        elif isinstance(message, Progressed):
            self._is_running = True
            share = _SAMPLING_SHARE * message.value / message.maximum
            self._fraction = max(self._fraction, share)
        elif isinstance(message, Saved):
            self._images += message.images
        elif isinstance(message, QueueChanged):
            self._is_place_old = True
        elif isinstance(message, Succeeded | Failed | Interrupted):
            self._end(message)

    def _end(self, message: Succeeded | Failed | Interrupted) -> None:
        self._is_over = True
        if isinstance(message, Interrupted):
            raise GeneratorFailed("Somebody stopped the picture on the picture server; try again.")
        if isinstance(message, Failed):
            _log.error(
                "ComfyUI at %s: node %s failed with %s",
                self._link.name,
                message.node_type,
                message.exception_type,
            )
            if "OutOfMemory" in message.exception_type:
                raise GeneratorFailed("The picture server ran out of memory; ask for something smaller.")
            raise GeneratorFailed("The picture server failed; the server's log says where.")

    def _ask_place(self) -> None:
        self._asked_at = time.monotonic()
        self._is_place_old = False
        place = self._link.n_ahead(self._prompt_id)
        self._n_ahead = place if place is not None else 0

    def _look(self) -> None:
        """Find out how it stands without having been told.

        Raises:
            GeneratorFailed: If the server does not know it.
        """
        is_waiting = self._link.n_ahead(self._prompt_id) is not None
        # In this order: the server moves it from the queue to the history in one go.
        entry = self._link.history(self._prompt_id)
        if entry is not None:
            end, images = outcome_in_history(entry)
            self._images = images
            self._take(end)
        elif not is_waiting:
            self._is_over = True
            raise GeneratorFailed("The picture server forgot the picture, as after a restart; try again.")

    def _reconnected(self) -> Iterator[Event]:
        """Yield the last step until the server listens again."""
        for attempt in range(_MAX_RECONNECTS):
            try:
                self._listen()
            except Unavailable:
                if attempt == _MAX_RECONNECTS - 1:
                    raise
            else:
                self._look()
                return
            for _ in range(attempt + 1):
                yield self._step()
                time.sleep(_HEARTBEAT_S)

    def _settled(self) -> Iterator[Event]:
        """Look for pictures that no message named, until the history has them."""
        latest = time.monotonic() + _SETTLE_S
        while not self._images:
            entry = self._link.history(self._prompt_id)
            if entry is not None:
                _, self._images = outcome_in_history(entry)
                return
            if time.monotonic() > latest:
                return
            yield self._step()
            time.sleep(_HEARTBEAT_S / 10)


def decoded(data: bytes, *, max_px: int) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]] | None:
    """Return (H, W, 3) uint8 pixels of a PNG, JPEG or WebP file; None if it is damaged or too large."""
    try:
        with warnings.catch_warnings(), Image.open(io.BytesIO(data), formats=_FORMATS) as picture:
            # Its size is checked here, before the first pixel is read.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            if max(picture.size) > max_px:
                return None
            return np.asarray(picture.convert("RGB"))
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None


def _preview(data: bytes, fraction: float) -> Iterator[Event]:
    pixels = decoded(data, max_px=MAX_PICTURE_PX)
    if pixels is not None:
        yield Preview(pixels, fraction)
