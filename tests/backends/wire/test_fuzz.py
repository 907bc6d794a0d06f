"""Whatever a front end sends, the server answers it or hangs up on it, and goes on serving the others."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

import backends
from backends.wire.client import connect
from backends.wire.codec import PROTOCOL, Cancel, Hello, More, Request, Role, framed, packed
from backends.wire.server import Server
from backends.wire.verbs import DESK
from tests.support.plain_desk import AT, PlainDesk

HELLO = framed(Hello(protocol=PROTOCOL, version=backends.__version__, role=Role.DESK))
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats()
    | st.text(max_size=20)
    | st.binary(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
NAMES = st.sampled_from(["issue", "by", "text", "until", "interest", "limit", "query", "plan", "approval", "targets"])
VERBS = st.sampled_from([*sorted(DESK), "close", "__class__", "start", ""]) | st.text(max_size=10)
IDS = st.integers(-2, 5)
REQUESTS = st.builds(
    lambda number, verb, args: framed(Request(id=number, verb=verb, args=args)),
    IDS,
    VERBS,
    st.dictionaries(NAMES, VALUES, max_size=4).map(packed)
    | VALUES.map(packed)
    | st.binary(max_size=10).map(msgspec.Raw),
)
FRAMES = (
    REQUESTS
    | IDS.map(lambda number: framed(More(id=number)))
    | IDS.map(lambda number: framed(Cancel(id=number)))
    | VALUES.map(lambda value: (body := packed(value)) and len(body).to_bytes(4, "big") + bytes(body))
    | st.binary(max_size=30)
)


@settings(max_examples=60)
@given(st.booleans(), st.lists(FRAMES, max_size=12))
def test_no_frames_disturb_the_others(introduced: bool, frames: list[bytes]) -> None:
    asyncio.run(asyncio.wait_for(served(([HELLO] if introduced else []) + frames), 30))


async def served(frames: list[bytes]) -> None:
    """Send `frames` and hang up; then another front end asks, and gets its answer."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "engine.sock"
        server = Server(PlainDesk(), path, backends.__version__, lambda: AT)
        await server.open()
        reader, writer = await asyncio.open_unix_connection(str(path))
        try:
            writer.writelines(frames)
            writer.write_eof()
            await reader.read()
        except OSError:
            pass  # it hung up before everything was sent
        finally:
            writer.transport.abort()
        wire = await connect(path)
        assert await wire.fixes() == []
        await wire.close()
        await server.close()
