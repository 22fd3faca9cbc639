"""`vrbridge tap`: what an engine and the server say to each other, as JSON lines."""

import asyncio
import json
import sys
import time
from collections.abc import Callable, Mapping
from typing import Annotated, Any
from urllib.parse import parse_qs, urlsplit

import typer
from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection
from websockets.asyncio.server import serve as listen
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidURI

from vrbridge.cli.private_server import DEFAULT_URL
from vrbridge.cli.terminal import notes
from vrbridge.client.address import address_of
from vrbridge.client.connector import SUBPROTOCOL
from vrbridge.client.wire import MustClose, decode
from vrbridge.errors import SettingsError

_SECRETS = {"token", "secret"}
# What players say and ask for, and what characters answer.
_WORDS = {"text", "prompt", "arguments", "persona", "state", "place", "name", "knowledge", "description"}
_MAX_MESSAGE_BYTES = 16 << 20
# Codes that only mean something inside one connection and can't be sent on.
_NOT_SENDABLE = {1005, 1006, 1015}


def tap(
    port: Annotated[int, typer.Option("--listen", help="Port to listen on; point the engine there.")] = 8766,
    url: Annotated[str, typer.Option(help="The server.")] = DEFAULT_URL,
    text: Annotated[bool, typer.Option("--text", help="Show what players say and ask for.")] = False,
) -> None:
    """Stand between an engine and the server and print every message as a line of JSON.

    Connect the engine to ws://127.0.0.1:8766/ws instead of the server. Binary values are shown as their size,
    tokens and secrets never, and words of players only with --text.
    """
    try:
        asyncio.run(_run(port, url, text))
    except OSError as error:
        raise SettingsError(f"Can't listen on port {port}: {error.strerror}. Choose another.") from error


def line(direction: str, data: bytes, *, at_s: float, with_text: bool) -> str:
    """Return one message as a line of JSON.

    Args:
        direction: `client` or `server`, whoever sent it.
        data: The message as it was on the wire.
        at_s: Seconds since the connection began.
        with_text: Show words of players and characters.
    """
    head = {"at_s": round(at_s, 4), "from": direction, "wire_bytes": len(data)}
    try:
        message = decode(data)
    except MustClose as error:
        return json.dumps(head | {"unreadable": error.reason})
    shown = {name: shown_value(name, value, with_text=with_text) for name, value in message.items()}
    return json.dumps(head | shown, ensure_ascii=False, default=str)


def shown_value(name: str, value: object, *, with_text: bool) -> object:
    """Return a field as it may be shown: no secrets, no bodies, words only if asked for."""
    if name in _SECRETS:
        return "(hidden)"
    if isinstance(value, bytes):
        return f"({len(value)} bytes)"
    if isinstance(value, Mapping):
        if name in _WORDS and not with_text:
            return "(hidden)"
        return {str(key): shown_value(str(key), item, with_text=with_text) for key, item in value.items()}
    if isinstance(value, list):
        return [shown_value(name, item, with_text=with_text) for item in value]
    if name in _WORDS and isinstance(value, str) and not with_text:
        return f"({len(value)} characters)"
    return value


async def relay(engine: ServerConnection, url: str, show: Callable[[str], None], *, with_text: bool) -> None:
    """Pass messages both ways between an engine's connection and a server until one of them closes."""
    started = time.monotonic()
    try:
        server = await connect(
            _same_session(engine, url),
            subprotocols=[SUBPROTOCOL],
            compression=None,
            max_size=_MAX_MESSAGE_BYTES,
            close_timeout=2,
        )
    except (OSError, InvalidHandshake, InvalidURI) as error:
        notes.print(f"Can't reach {url}: {type(error).__name__}", markup=False)
        await engine.close(1011, "the server behind the tap does not answer")
        return

    async def pump(source: Any, target: Any, name: str) -> None:
        try:
            async for data in source:
                raw = data if isinstance(data, bytes) else data.encode()
                show(line(name, raw, at_s=time.monotonic() - started, with_text=with_text))
                await target.send(data)
        except ConnectionClosed:
            pass
        code = source.close_code or 1006
        reason = source.close_reason or ""
        closed = {"at_s": round(time.monotonic() - started, 4), "from": name, "close": code}
        show(json.dumps(closed | ({"reason": reason} if reason else {})))
        await target.close(1001 if code in _NOT_SENDABLE else code, reason)

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(pump(engine, server, "client"), name="tap up")
        tasks.create_task(pump(server, engine, "server"), name="tap down")


def _same_session(engine: ServerConnection, url: str) -> str:
    """Return the server's address for the session that the engine goes on with, if it goes on with one."""
    assert engine.request is not None, "the handshake is over"
    query = parse_qs(urlsplit(engine.request.path).query)
    return address_of(url, query.get("session", [""])[0])


async def _run(port: int, url: str, with_text: bool) -> None:
    def show(text: str) -> None:
        sys.stdout.write(text + "\n")
        sys.stdout.flush()

    async def handle(engine: ServerConnection) -> None:
        await relay(engine, url, show, with_text=with_text)

    async with listen(
        handle, "127.0.0.1", port, subprotocols=[SUBPROTOCOL], compression=None, max_size=_MAX_MESSAGE_BYTES
    ) as listener:
        bound = next(iter(listener.sockets)).getsockname()[1]
        notes.print(
            f"Connect the engine to ws://127.0.0.1:{bound}/ws; it is passed on to {url}.", markup=False
        )
        await listener.serve_forever()
