"""Hypothesis strategies for every message of the wire."""

from typing import Any

from hypothesis import strategies as st

from vrbridge.protocol.messages import (
    MAX_INT,
    Accepted,
    Ack,
    Action,
    AssetHeader,
    AssetOffset,
    Cancel,
    Chunk,
    ClientInfo,
    ClientMessage,
    Context,
    Credit,
    Done,
    Error,
    Forget,
    Forgotten,
    GoAway,
    Heard,
    Hello,
    Limits,
    Nearby,
    Ping,
    Pong,
    Pose,
    Progress,
    Receive,
    Request,
    Resume,
    ServerInfo,
    ServerMessage,
    Skip,
    Text,
    Welcome,
)

counts = st.integers(0, MAX_INT)
finite = st.floats(allow_nan=False, allow_infinity=False)
numbers = st.floats(-1e12, 1e12)
texts = st.text(max_size=20)
formats = st.lists(st.sampled_from(["bc1", "etc2", "jpeg", "future"]), max_size=4).map(tuple)

plain_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-MAX_INT, MAX_INT) | finite | texts | st.binary(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)
plain_maps = st.dictionaries(texts, plain_values, max_size=4)

poses = st.builds(
    Pose, position=st.tuples(*[numbers] * 3), orientation=st.tuples(*[st.floats(-1.0, 1.0)] * 4)
)
keys = texts | st.integers(-MAX_INT, MAX_INT)

client_messages: st.SearchStrategy[ClientMessage] = st.one_of(
    st.builds(
        Hello,
        version=counts,
        token=st.none() | texts,
        client=st.builds(ClientInfo, name=texts, version=texts, engine=texts, device=texts),
        receive=st.builds(
            Receive,
            chunk_bytes=st.integers(256, 65536),
            window_bytes=st.integers(0, 1 << 30),
            texture_formats=formats,
            mesh_formats=formats,
            max_texture_px=st.integers(1, 65536),
            max_faces=st.integers(1, MAX_INT),
        ),
        resume=st.none()
        | st.builds(
            Resume,
            session=texts,
            secret=texts,
            received=counts,
            assets=st.lists(st.builds(AssetOffset, asset=counts, offset=counts), max_size=3).map(tuple),
        ),
    ),
    st.builds(
        Request,
        id=counts,
        kind=texts,
        params=plain_maps,
        priority=st.sampled_from(["interactive", "normal", "background"]),
        deadline_s=st.none() | st.floats(0, 86400, exclude_min=True),
        slot=st.none() | texts,
        anchor=st.none() | plain_maps,
    ),
    st.builds(Cancel, id=counts),
    st.builds(
        Context,
        head=poses,
        hands=st.none()
        | st.dictionaries(texts, st.none() | poses, max_size=2)
        | st.lists(st.none() | poses, max_size=2),
        gaze=st.none() | st.tuples(*[numbers] * 3),
        focus=st.none() | keys,
        place=st.none() | texts,
        nearby=st.none()
        | st.lists(
            st.builds(Nearby, id=keys, name=texts, position=st.none() | st.tuples(*[numbers] * 3)), max_size=3
        ).map(tuple),
        state=st.none() | plain_maps,
    ),
    st.builds(Credit, limit=counts),
    st.builds(Ack, received=counts),
    st.builds(Skip, asset=counts),
    st.builds(Heard, id=counts, characters=counts),
    st.builds(Forget, scope=st.sampled_from(["session", "player"])),
    st.builds(Ping, t=numbers),
)

server_messages: st.SearchStrategy[ServerMessage] = st.one_of(
    st.builds(
        Welcome,
        version=counts,
        session=texts,
        secret=texts,
        resumed=st.booleans(),
        capabilities=st.dictionaries(texts, plain_maps, max_size=2),
        limits=st.builds(
            Limits,
            max_message_bytes=counts,
            max_open_requests=counts,
            context_hz=finite,
            resume_window_s=finite,
            replay_messages=counts,
        ),
        server=st.builds(ServerInfo, name=texts, version=texts),
    ),
    st.builds(
        Accepted,
        seq=counts,
        id=counts,
        position=counts,
        eta_s=st.none() | finite,
        anchor=st.none() | plain_maps,
    ),
    st.builds(Progress, seq=counts, id=counts, stage=texts, fraction=finite),
    st.builds(Text, seq=counts, id=counts, text=texts, offset=counts),
    st.builds(Action, seq=counts, id=counts, name=texts, arguments=plain_maps),
    st.builds(
        AssetHeader,
        seq=counts,
        id=counts,
        asset=counts,
        role=texts,
        media_type=texts,
        bytes=counts,
        digest=texts,
        meta=plain_maps,
    ),
    st.builds(Chunk, asset=counts, offset=counts, data=st.binary(max_size=64).map(memoryview)),
    st.builds(
        Done, seq=counts, id=counts, result=plain_maps, timing=st.dictionaries(texts, finite, max_size=3)
    ),
    st.builds(
        Error,
        seq=counts,
        id=st.none() | counts,
        code=texts,
        message=texts,
        retryable=st.booleans(),
        retry_after_s=st.none() | finite,
        field=st.none() | texts,
    ),
    st.builds(Forgotten, seq=counts, scope=texts, items=counts),
    st.builds(GoAway, reconnect_after_s=finite, reason=texts),
    st.builds(Pong, t=numbers, server_s=finite),
)

# Anything that MessagePack can say, our wire's or not.
alien_values: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats()
    | texts
    | st.binary(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(texts | st.integers(-5, 5) | st.booleans() | st.none(), inner, max_size=3)
    ),
    max_leaves=6,
)
