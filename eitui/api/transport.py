"""httpx: which connection a request goes out on, how the service proves who it is, and what a failed call means."""

import asyncio
import os
import socket
import ssl
import sys
from collections.abc import Iterator, Mapping
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from typing import Any

from eitui.api.errors import ApiError, BadAnswer, BadSettings, Rejected, Unreachable
from eitui.config.endpoint import trust

__all__ = ["FAILURES", "Transport", "httpx", "translate", "verifying"]


class _NoCommandLine(MetaPathFinder):
    """Hides `httpx._main`, for the time of one import; a later import finds it.

    `import httpx` also imports that module, and with it click, pygments and rich (40 ms, a quarter of the start of
    `eitui status`), wherever those are installed; httpx carries on without it where it cannot be found.
    """

    def find_spec(self, fullname: str, path: object = None, target: object = None) -> ModuleSpec | None:
        """Refuse `httpx._main`; leave all else to others."""
        if fullname == "httpx._main":
            raise ModuleNotFoundError("hidden while eitui imports httpx", name=fullname)
        return None


_hidden = _NoCommandLine()
sys.meta_path.insert(0, _hidden)
try:
    import httpx
finally:
    sys.meta_path.remove(_hidden)


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


def verifying(environ: Mapping[str, str]) -> ssl.SSLContext:
    """Return what verifies certificates. Loading those that are trusted takes some 30 ms.

    Raises:
        SettingsError: `environ` names certificates that are not there.
        BadSettings: they cannot be read, or the keys of connections cannot be written where SSLKEYLOGFILE says.
    """
    trusted = trust(environ)
    try:
        if trusted.file is None and trusted.directory is None:
            return httpx.create_ssl_context(trust_env=False)
        return ssl.create_default_context(cafile=trusted.file, capath=trusted.directory)
    except OSError as error:
        why = f": {error.strerror.lower()}" if error.strerror and not isinstance(error, ssl.SSLError) else ""
        # Python writes TLS secrets there, for debugging.
        if error.filename is not None and error.filename == os.environ.get("SSLKEYLOGFILE"):
            raise BadSettings(
                f"The keys of connections cannot be written where SSLKEYLOGFILE says{why}",
                "Unset SSLKEYLOGFILE, or name a file that can be written.",
            ) from None
        raise BadSettings(
            f"The certificates cannot be read ({trusted.origin}){why}", "It must name certificates in PEM form."
        ) from None


FAILURES = (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, OSError, OverflowError, UnicodeError, ExceptionGroup)
"""What httpx was seen to raise from a call. OverflowError and ExceptionGroup: ports beyond 65535."""

_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)

_NETWORK = "Check the network, the endpoint and the proxy: `eitui doctor` shows which are used."

_CLOCK = "Check this machine's clock: `date` shows it."

_LISTENING = (
    "Someone may be listening in. If it is your own, or a proxy of your organisation reads along, name the certificate "
    "that signed it in SSL_CERT_FILE."
)


def translate(error: Exception, host: str, timeout_s: float) -> ApiError:
    """Return what `error`, one of `FAILURES` from a call to `host`, means to the user."""
    causes = tuple(_causes(error))
    sent = not isinstance(error, _NEVER_SENT)
    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError):
            why = getattr(cause, "verify_message", "") or "it could not be verified"
            what, advice = f"is not trusted: {why}", "Someone may be listening in."
            match getattr(cause, "verify_code", None):
                case 9:
                    what, advice = "is not valid yet", _CLOCK
                case 10:
                    what = "has expired"
                    advice = f"{_CLOCK} If it is right, the service's operator must renew the certificate."
                case 62 | 64:
                    what, advice = (
                        "is for another name",
                        "Check the endpoint: it must have the name in the certificate.",
                    )
                case 2 | 18 | 19 | 20 | 21:
                    what, advice = f"is signed by nobody who is trusted here ({why})", _LISTENING
            return Rejected(f"The certificate of {host} {what}", advice, final=True)
    if isinstance(error, TimeoutError | httpx.TimeoutException):
        return Unreachable(f"No answer from {host} within {timeout_s:g} s", _NETWORK, may_have_acted=sent)
    if isinstance(error, httpx.DecodingError):
        return BadAnswer(f"The answer of {host} is not compressed as it says it is")
    if isinstance(error, httpx.ProxyError):
        return Unreachable("The proxy did not let the call through", "Check HTTPS_PROXY, ALL_PROXY and NO_PROXY.")
    if isinstance(error, httpx.InvalidURL | httpx.UnsupportedProtocol | httpx.LocalProtocolError | UnicodeError) or any(
        isinstance(cause, OverflowError) for cause in causes
    ):
        return BadSettings(f"The request to {host} cannot be made as things are set", "Check the endpoint and the key.")

    reason = f"the call failed ({type(error).__name__})"
    if isinstance(error, httpx.RemoteProtocolError):
        reason = "it closed the connection, or does not speak HTTP"
    elif isinstance(error, httpx.ReadError | httpx.WriteError | httpx.CloseError):
        reason = "the connection broke"
    for cause in causes:
        if isinstance(cause, socket.gaierror):
            reason = "its name is not known"
        elif isinstance(cause, ssl.SSLError):
            reason = f"TLS failed ({getattr(cause, 'reason', None) or 'no reason given'})"
        elif isinstance(cause, OSError) and cause.strerror:
            # asyncio's own text for a connection that was refused is "Connect call failed" and an address.
            reason = (os.strerror(cause.errno) if cause.errno else cause.strerror).lower()
        else:
            continue
        break
    return Unreachable(f"{host} cannot be reached: {reason}", _NETWORK, may_have_acted=sent)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield `error` and all that led to it, each once."""
    seen: set[int] = set()
    waiting: list[BaseException | None] = [error]
    while waiting:
        current = waiting.pop(0)
        if current is None or id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        if isinstance(current, BaseExceptionGroup):
            waiting += current.exceptions
        waiting += [current.__cause__, current.__context__]
