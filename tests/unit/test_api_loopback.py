"""The client on real sockets, on loopback. The key is synthetic."""

import socket
from asyncio import StreamReader, StreamWriter, start_server
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from eitui.api.client import Client
from eitui.api.errors import Unreachable
from eitui.config import Secret

KEY = "ei_synthetic_key_0123456789abcdef"
STATE = b'{"success": true, "trials": []}'


@asynccontextmanager
async def service(*answers: bytes) -> AsyncIterator[tuple[int, list[int]]]:
    """A real server on loopback; yields its port, and the requests seen on each of its connections."""
    seen: list[int] = []

    async def serve(reader: StreamReader, writer: StreamWriter) -> None:
        seen.append(0)
        try:
            for answer in answers:
                if not await reader.readuntil(b"\r\n\r\n"):
                    break
                seen[-1] += 1
                writer.write(answer)
                await writer.drain()
        finally:
            writer.close()

    server = await start_server(serve, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1], seen


def plain(body: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%b" % (len(body), body)


async def test_a_real_connection_is_kept_from_call_to_call(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")  # is not asked on the way to loopback
    async with service(plain(STATE), plain(STATE)) as (port, seen):
        async with Client(f"http://127.0.0.1:{port}", Secret(KEY)) as client:
            assert await client.optimize_state_bytes(1) == STATE
            assert await client.optimize_state_bytes(1) == STATE
        assert seen == [2]


async def test_a_body_that_breaks_off_is_unreachable() -> None:
    async with service(plain(STATE)[:-3]) as (port, _), Client(f"http://127.0.0.1:{port}", Secret(KEY)) as client:
        with pytest.raises(Unreachable, match="closed the connection"):
            await client.optimize_state_bytes(1)


async def test_a_port_where_nobody_listens_is_unreachable() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: connections are refused
        async with Client(f"http://127.0.0.1:{taken.getsockname()[1]}", Secret(KEY)) as client:
            with pytest.raises(Unreachable, match=r"cannot be reached: connection refused$") as raised:
                await client.optimize_state_bytes(1)
    assert not raised.value.may_have_acted
