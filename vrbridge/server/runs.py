"""Carrying one request out: what a kind reports becomes messages of the session."""

import time
from contextlib import aclosing
from typing import Any

from vrbridge.errors import InternalError
from vrbridge.jobs.events import ActionChosen, AssetReady, Finished, Progressed, Spoken
from vrbridge.jobs.kind import Asker, Kind
from vrbridge.protocol.messages import Action, AssetHeader, Done, Progress, Text
from vrbridge.server.ledger import OpenRequest
from vrbridge.server.session import Session


async def carry_out(session: Session, request: OpenRequest, kind: Kind, checked: Any, asker: Asker) -> Done:
    """Run a request, send what it makes, and return its end, which is for the caller to send.

    Cancelling is safe: the work stops.

    Raises:
        RequestError: With the code that ends the request.
    """
    async with aclosing(kind.run(checked, asker)) as events:
        async for event in events:
            match event:
                case Finished():
                    return Done(id=request.id, result=dict(event.result), timing=_timing(request, event))
                case Progressed(stage, fraction):
                    session.send(Progress(id=request.id, stage=stage, fraction=fraction))
                case Spoken(text):
                    # Without waiting for room: answers are short, and one that waited for a client that takes
                    # nothing would keep the language model from the others.
                    _note_first(request)
                    session.send(Text(id=request.id, text=text, offset=request.n_characters))
                    request.n_characters += len(text)
                case ActionChosen(name, arguments):
                    session.send(Action(id=request.id, name=name, arguments=dict(arguments)))
                case AssetReady():
                    await session.room()
                    _note_first(request)
                    session.send_asset(_header(request.id, event), event.body)
    raise InternalError("The request ended without a result; try again.")


def _note_first(request: OpenRequest) -> None:
    if request.first_s is None:
        request.first_s = time.monotonic() - request.started


def _header(id: int, asset: AssetReady) -> AssetHeader:
    return AssetHeader(
        id=id,
        role=asset.role,
        media_type=asset.media_type,
        bytes=len(asset.body),
        digest=asset.digest,
        meta=dict(asset.meta),
    )


def _timing(request: OpenRequest, finished: Finished) -> dict[str, float]:
    total_ms = (time.monotonic() - request.started) * 1e3
    first_ms = total_ms if request.first_s is None else request.first_s * 1e3
    measured = {"generate_ms": 0.0, "encode_ms": 0.0} | dict(finished.timing_ms)
    # Everything that was neither generating nor encoding was waiting for it.
    queued_ms = max(0.0, total_ms - measured["generate_ms"] - measured["encode_ms"])
    timing = {"queued_ms": queued_ms} | measured | {"first_ms": first_ms, "total_ms": total_ms}
    return {name: round(value, 3) for name, value in timing.items()}
