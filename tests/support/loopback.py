"""Servers on loopback that say, close and break what a test wants, and certificates for them."""

import asyncio
import ssl
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

KEY = "ei_synthetic_key_0123456789abcdef"

Serve = Callable[[int, StreamReader, StreamWriter, list[str]], Awaitable[None]]
"""Serves a connection: its number from 0, its two ends, and the methods seen on it so far."""


def answer(body: bytes, *headers: bytes) -> bytes:
    head = [b"HTTP/1.1 200 OK", b"content-length: %d" % len(body), *headers]
    return b"\r\n".join(head) + b"\r\n\r\n" + body


def state(number: int) -> bytes:
    return b'{"success": true, "number": %d}' % number


async def asked(reader: StreamReader, seen: list[str]) -> str:
    """Wait for a request, and note its method; return its head."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    seen.append(head.split(" ", 1)[0])
    length = next((int(line[15:]) for line in head.lower().split("\r\n") if line.startswith("content-length:")), 0)
    await reader.readexactly(length)
    return head


@asynccontextmanager
async def server(serve: Serve, *, tls: ssl.SSLContext | None = None) -> AsyncIterator[tuple[str, list[list[str]]]]:
    """A server on 127.0.0.1; yields its `host:port`, and the methods seen on each of its connections."""
    seen: list[list[str]] = []
    serving: list[asyncio.Task[None]] = []

    async def connected(reader: StreamReader, writer: StreamWriter) -> None:
        seen.append([])
        serving.append(asyncio.current_task())  # type: ignore[arg-type]  # there is one here
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            await serve(len(seen) - 1, reader, writer, seen[-1])
        await closed(writer)

    listening = await asyncio.start_server(connected, "127.0.0.1", 0, ssl=tls)
    async with listening:
        yield f"127.0.0.1:{listening.sockets[0].getsockname()[1]}", seen
        async with asyncio.timeout(30):
            await asyncio.gather(*serving)


async def closed(writer: StreamWriter) -> None:
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()


async def answering(number: int, reader: StreamReader, writer: StreamWriter, seen: list[str]) -> None:
    """Answer every request on a connection with its number. A `Serve`."""
    while True:
        await asked(reader, seen)
        writer.write(answer(state(number)))


def closing_after(answers: int, *, abruptly: bool) -> Serve:
    """Answer so often on a connection, and close it when one more request arrives on it."""

    async def serve(number: int, reader: StreamReader, writer: StreamWriter, seen: list[str]) -> None:
        for _ in range(answers):
            await asked(reader, seen)
            writer.write(answer(state(number)))
        await asked(reader, seen)
        if abruptly:
            writer.transport.abort()

    return serve
