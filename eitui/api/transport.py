"""Which connection a request goes out on."""

import asyncio
import ssl
from typing import Any

from eitui.api.http import httpx

_BROKEN = (httpx.NetworkError, httpx.RemoteProtocolError, ssl.SSLError)
"""What a connection ends in that the server has closed, or on which it says what is no answer."""


class Transport(httpx.AsyncBaseTransport):
    """Keeps connections for looking, and sends every change on a connection of its own.

    A server closes a connection that was idle for as long as it likes, perhaps at the moment when the next request is
    on its way: nobody can tell that from a service that is out of reach. So a GET on a connection that was used before
    and ends without an answer is sent again at once, once, on a new connection (RFC 9110, 9.2.2). A change cannot be
    sent again, and a new connection cannot be caught like this.
    """

    def __init__(self, kept: httpx.AsyncBaseTransport, fresh: httpx.AsyncBaseTransport) -> None:
        """Send over `kept`, which keeps connections from request to request, or `fresh`, which never does."""
        self._kept = kept
        self._fresh = fresh

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Return the answer to `request`, its body not read yet."""
        if request.method != "GET":
            return await self._fresh.handle_async_request(request)
        course = _Course()
        request.extensions = {**request.extensions, "trace": course}
        try:
            return await self._kept.handle_async_request(request)
        except _BROKEN:
            if not course.reused:
                raise
        return await self._fresh.handle_async_request(request)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._kept.aclose()
        await self._fresh.aclose()


class _Course:
    """What httpcore tells of one request on its way (its extension `trace`)."""

    def __init__(self) -> None:
        self.reused = False
        """Whether it went out on a connection that was used before."""
        self._connected = False
        self._waited = False

    async def __call__(self, event: str, info: Any) -> None:
        """Take note of an event.

        Raises:
            httpx.RemoteProtocolError: the answer was there before the question. httpcore looks for bytes left over
                from the answer before in the socket only, and not among those it has read already.
        """
        match event.partition(".")[2]:
            case "connect_tcp.started":
                self._connected = True
            case "send_request_headers.started":
                self.reused = not self._connected
            case "receive_response_headers.started":
                # An answer that comes over the network lets the loop turn first, and one that was read before does not.
                asyncio.get_running_loop().call_soon(self._turned)
            case "receive_response_headers.complete" if self.reused and not self._waited:
                raise httpx.RemoteProtocolError("The answer was there before the question")

    def _turned(self) -> None:
        self._waited = True
