"""The client's side of the protocol without a socket."""

import contextlib
import hashlib
from typing import Any

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vrbridge.client.core import ClientCore
from vrbridge.client.errors import CannotConnect, RequestFailed, SessionLost
from vrbridge.client.events import Accepted, Asset, Done, Restarted, TextPiece
from vrbridge.client.outputs import Delivery, Welcomed
from vrbridge.client.wire import MustClose

WINDOW = 4096
CHUNK = 1024
RECEIVE = {"chunk_bytes": CHUNK, "window_bytes": WINDOW}


def core(**changes: Any) -> ClientCore:
    made = ClientCore(token=None, client={"name": "t"}, receive=RECEIVE, **changes)
    made.start_connection()
    return made


def give(to: ClientCore, type: str, **fields: Any) -> list[Any]:
    return list(to.receive(msgpack.packb({"type": type, **fields})))


def welcome(to: ClientCore, *, is_resumed: bool = False, **fields: Any) -> list[Any]:
    welcome = {"version": 1, "session": "s", "secret": "x", "resumed": is_resumed}
    return give(to, "welcome", **(welcome | fields))


def sent(of: ClientCore) -> list[dict[str, Any]]:
    messages = []
    while (message := of.take()) is not None:
        messages.append(message)
    return messages


def header(body: bytes, *, asset: int = 1, id: int = 1) -> dict[str, Any]:
    digest = "sha256:" + hashlib.sha256(body).hexdigest()
    kind = {"asset": asset, "id": id, "role": "orm", "media_type": "image/png"}
    return kind | {"bytes": len(body), "digest": digest, "meta": {}}


def test_requests_wait_for_welcome_and_hello_goes_first() -> None:
    client = core()
    client.request({"kind": "texture", "params": {}})
    assert [message["type"] for message in sent(client)] == ["hello"]
    assert welcome(client) == [Welcomed(False)]
    assert [message["type"] for message in sent(client)] == ["request"]


def test_a_gap_in_the_sequence_closes_with_4010() -> None:
    client = core()
    welcome(client)
    client.request({"kind": "dialogue", "params": {}})
    give(client, "accepted", id=1, position=0, seq=1)
    with pytest.raises(MustClose) as caught:
        give(client, "text", id=1, text="x", offset=0, seq=3)
    assert caught.value.code == 4010
    assert client.received == 1


def test_a_repeated_or_missing_chunk_closes_with_4010() -> None:
    for offset in (0, 2 * CHUNK):
        client = core()
        welcome(client)
        client.request({"kind": "texture", "params": {}})
        give(client, "asset", seq=1, **header(bytes(4 * CHUNK)))
        give(client, "chunk", asset=1, offset=0, data=bytes(CHUNK))
        with pytest.raises(MustClose) as caught:
            give(client, "chunk", asset=1, offset=offset, data=bytes(CHUNK))
        assert caught.value.code == 4010


@given(st.binary(max_size=200))
def test_any_bytes_are_a_message_or_close_the_connection(data: bytes) -> None:
    client = core()
    with contextlib.suppress(MustClose, CannotConnect):
        client.receive(data)


@pytest.mark.parametrize(
    "message",
    [
        {"type": "done", "seq": 1},
        {"type": "asset", "id": 1, "seq": 1},
        {"type": "chunk", "asset": 1},
        {"type": "text", "id": 1, "seq": 1, "text": 5},
        {"type": "welcome"},
    ],
)
def test_messages_without_their_fields_close_with_1002(message: dict[str, Any]) -> None:
    client = core()
    welcome(client)
    client.request({"kind": "dialogue", "params": {}})
    with pytest.raises(MustClose) as caught:
        give(client, **message)
    assert caught.value.code == 1002


def test_unknown_messages_count_but_mean_nothing() -> None:
    client = core()
    welcome(client)
    assert give(client, "novelty", seq=1) == []
    assert client.received == 1


def test_another_version_is_not_tried_again() -> None:
    with pytest.raises(CannotConnect, match="version 9"):
        welcome(core(), version=9)


@given(st.binary(min_size=1, max_size=9000), st.lists(st.integers(1, CHUNK), min_size=1, max_size=40))
def test_credit_is_never_short_of_what_comes_and_the_asset_is_whole(body: bytes, sizes: list[int]) -> None:
    client = core()
    welcome(client)
    client.request({"kind": "texture", "params": {}})
    outputs = give(client, "asset", seq=1, **header(body))
    limit, offset = WINDOW, 0
    while offset < len(body):
        piece = body[offset : offset + sizes[offset % len(sizes)]]
        assert offset + len(piece) <= limit
        outputs += give(client, "chunk", asset=1, offset=offset, data=piece)
        offset += len(piece)
        for message in sent(client):
            if message["type"] == "credit":
                assert limit < message["limit"] <= offset + WINDOW
                limit = message["limit"]
    (delivery,) = outputs
    assert isinstance(delivery.event, Asset)
    assert delivery.event.data == body


def test_credit_stops_while_nobody_takes_the_assets() -> None:
    client = core(max_held_bytes=10 * CHUNK)
    welcome(client)
    client.request({"kind": "texture", "params": {}})
    sent(client)
    for number in range(1, 12):
        give(client, "asset", seq=number, **header(bytes(CHUNK), asset=number))
        give(client, "chunk", asset=number, offset=0, data=bytes(CHUNK))
    stopped = [message["limit"] for message in sent(client) if message["type"] == "credit"][-1]
    assert stopped == 10 * CHUNK + WINDOW
    client.taken(11 * CHUNK)
    assert [message["limit"] for message in sent(client) if message["type"] == "credit"] == [
        11 * CHUNK + WINDOW
    ]


def test_a_resume_names_what_is_known_and_what_is_incomplete() -> None:
    client = core()
    welcome(client)
    client.request({"kind": "texture", "params": {}})
    give(client, "asset", seq=1, **header(bytes(5000)))
    give(client, "chunk", asset=1, offset=0, data=bytes(CHUNK))
    client.end_connection()
    client.start_connection()
    (hello,) = sent(client)
    assert hello["resume"] == {
        "session": "s",
        "secret": "x",
        "received": 1,
        "assets": [{"asset": 1, "offset": CHUNK}],
    }


def test_after_a_resume_only_what_was_never_accepted_is_sent_again() -> None:
    client = core()
    welcome(client)
    for _ in range(3):
        client.request({"kind": "texture", "params": {}})
    give(client, "accepted", id=1, position=0, seq=1)
    client.cancel(3)
    client.end_connection()
    client.start_connection()
    sent(client)
    welcome(client, is_resumed=True)
    again = [(message["type"], message.get("id")) for message in sent(client)]
    assert again == [("request", 2), ("request", 3), ("cancel", 3), ("ack", None)]


def test_a_lost_session_restarts_what_may_be_sent_again_and_fails_the_rest() -> None:
    client = core()
    welcome(client)
    client.request({"kind": "dialogue", "params": {}})
    client.request({"kind": "dialogue", "params": {}}, is_resent=False)
    client.end_connection()
    client.start_connection()
    sent(client)
    outputs = welcome(client, session="t")
    assert outputs[:2] == [Welcomed(False), Delivery(1, Restarted())]
    assert isinstance(outputs[2].event, SessionLost)
    assert [message["id"] for message in sent(client)] == [1]
    # The new session counts from 1, and what was said before may be said again.
    assert give(client, "accepted", id=1, position=0, seq=1) == [Delivery(1, Accepted(0))]
    assert give(client, "text", id=1, text="x", offset=0, seq=2) == [Delivery(1, TextPiece("x", 0))]


def test_text_that_is_told_again_is_told_once() -> None:
    client = core()
    welcome(client)
    client.request({"kind": "dialogue", "params": {}})
    assert len(give(client, "text", id=1, text="Hello", offset=0, seq=1)) == 1
    assert give(client, "text", id=1, text="Hello", offset=0, seq=2) == []
    assert len(give(client, "text", id=1, text=" you", offset=5, seq=3)) == 1


def test_acknowledgements_are_gathered_and_the_end_is_told_at_once() -> None:
    client = core()
    welcome(client)
    client.request({"kind": "dialogue", "params": {}})
    sent(client)
    for seq in range(1, 16):
        give(client, "text", id=1, text="a", offset=seq - 1, seq=seq)
    assert sent(client) == []
    give(client, "text", id=1, text="a", offset=15, seq=16)
    assert sent(client) == [{"type": "ack", "received": 16}]
    outputs = give(client, "done", id=1, result={}, timing={}, seq=17)
    assert outputs == [Delivery(1, Done({}, {}))]
    assert sent(client) == [{"type": "ack", "received": 17}]
    assert client.open_requests == ()


def test_a_window_that_could_stall_is_refused() -> None:
    receive = {"chunk_bytes": 1024, "window_bytes": 2047}
    with pytest.raises(ValueError, match="window_bytes"):
        ClientCore(token=None, client={}, receive=receive)


def test_a_request_over_the_limit_is_not_entered() -> None:
    client = core()
    welcome(client, limits={"max_message_bytes": 100})
    with pytest.raises(RequestFailed, match="100"):
        client.request({"kind": "texture", "params": {"prompt": "x" * 100}})
    assert client.open_requests == ()


def test_an_end_before_the_last_chunk_closes_with_4010_and_can_be_repaired() -> None:
    client = core()
    welcome(client)
    client.request({"kind": "texture", "params": {}})
    give(client, "asset", seq=1, **header(bytes(2 * CHUNK)))
    give(client, "chunk", asset=1, offset=0, data=bytes(CHUNK))
    with pytest.raises(MustClose) as caught:
        give(client, "done", id=1, result={}, timing={}, seq=2)
    assert caught.value.code == 4010
    client.start_connection()
    (hello,) = sent(client)
    assert hello["resume"]["received"] == 1
    assert hello["resume"]["assets"] == [{"asset": 1, "offset": CHUNK}]


@pytest.mark.parametrize("kind", ["accepted", "progress", "text", "action", "asset", "done", "error"])
def test_what_has_to_be_numbered_closes_with_1002_where_it_is_not(kind: str) -> None:
    client = core()
    welcome(client)
    client.request({"kind": "texture", "params": {}})
    end = {"result": {}, "timing": {}, "code": "internal", "message": "", "retryable": False}
    fields = header(b"x") | end | {"position": 0, "stage": "", "fraction": 0.5, "text": "", "offset": 0}
    with pytest.raises(MustClose) as caught:
        give(client, kind, **fields | {"name": "", "arguments": {}})
    assert caught.value.code == 1002


def test_what_was_cancelled_is_not_asked_for_again_in_a_new_session() -> None:
    client = core()
    welcome(client)
    client.request({"kind": "texture", "params": {}})
    client.cancel(1)
    client.start_connection()
    sent(client)
    (_, delivery) = welcome(client, session="t")
    assert isinstance(delivery.event, RequestFailed)
    assert delivery.event.code == "cancelled"
    assert sent(client) == []
    assert client.open_requests == ()


def test_a_scene_that_asks_without_end_is_told_to_wait_and_asking_goes_on_later() -> None:
    client = core()
    welcome(client, limits={"max_open_requests": 4})
    client.end_connection()
    failures: list[RequestFailed] = []
    for _ in range(100_000):
        try:
            client.request({"kind": "texture", "params": {}})
        except RequestFailed as failure:
            failures.append(failure)
    assert client.open_requests == tuple(range(1, 17))
    assert {(failure.code, failure.retryable) for failure in failures} == {("rate_limited", True)}
    client.start_connection()
    welcome(client, is_resumed=True)
    give(client, "done", id=3, result={}, timing={}, seq=1)
    assert client.request({"kind": "texture", "params": {}}) == 17


def test_a_connection_that_takes_nothing_is_given_no_more_than_it_could_send_soon() -> None:
    client = core()
    welcome(client)
    sent(client)
    ping = {"type": "ping", "t": 0.0}
    taken = [client.send(ping) for _ in range(2000)]
    assert taken == [True] * 1024 + [False] * 976
    assert client.take() == ping
    assert client.send(ping) is True


def test_what_the_player_heard_is_said_again_in_the_same_session_only() -> None:
    client = core()
    welcome(client)
    client.heard(1, 5)
    client.heard(1, 9)
    client.end_connection()
    client.heard(2, 3)
    client.start_connection()
    sent(client)
    welcome(client, is_resumed=True)
    heard = [(m["id"], m["characters"]) for m in sent(client) if m["type"] == "heard"]
    assert heard == [(1, 9), (2, 3)]
    client.start_connection()
    sent(client)
    welcome(client, session="t")
    assert sent(client) == []


def test_only_the_latest_of_what_was_heard_is_kept() -> None:
    client = core()
    welcome(client)
    client.end_connection()
    for id in range(1, 100):
        client.heard(id, 1)
    client.start_connection()
    sent(client)
    welcome(client, is_resumed=True)
    heard = [message["id"] for message in sent(client) if message["type"] == "heard"]
    assert heard == list(range(68, 100))
