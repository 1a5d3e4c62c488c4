"""What a failed call means: from httpx's exceptions to ours.

httpx's messages are often empty, and may hold the key (a refused header) or a password (a proxy's address): they are
never repeated. What happened is read from the chain of causes instead.
"""

import os
import socket
import ssl
from collections.abc import Iterator

from eitui.api.errors import ApiError, BadAnswer, BadSettings, Rejected, Unreachable
from eitui.api.http import httpx

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
    untrusted = next((cause for cause in causes if isinstance(cause, ssl.SSLCertVerificationError)), None)
    if untrusted is not None:
        return _untrusted(untrusted, host)
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
    return Unreachable(f"{host} cannot be reached: {_reason(error, causes)}", _NETWORK, may_have_acted=sent)


def _untrusted(error: ssl.SSLCertVerificationError, host: str) -> Rejected:
    match getattr(error, "verify_code", None):
        case 9:
            what, advice = "is not valid yet", _CLOCK
        case 10:
            what, advice = (
                "has expired",
                f"{_CLOCK} If it is right, whoever runs the service must renew the certificate.",
            )
        case 62 | 64:
            what, advice = "is for another name", "Check the endpoint: it must have the name in the certificate."
        case 2 | 18 | 19 | 20 | 21:
            what, advice = f"is signed by nobody who is trusted here ({_why(error)})", _LISTENING
        case _:
            what, advice = f"is not trusted: {_why(error)}", "Someone may be listening in."
    return Rejected(f"The certificate of {host} {what}", advice, final=True)


def _why(error: ssl.SSLCertVerificationError) -> str:
    return getattr(error, "verify_message", "") or "it could not be verified"


def _reason(error: Exception, causes: tuple[BaseException, ...]) -> str:
    for cause in causes:
        if isinstance(cause, socket.gaierror):
            return "its name is not known"
        if isinstance(cause, ssl.SSLError):
            return f"TLS failed ({getattr(cause, 'reason', None) or 'no reason given'})"
        if isinstance(cause, OSError) and cause.strerror:
            # asyncio's own text for a connection that was refused is "Connect call failed" and an address.
            return (os.strerror(cause.errno) if cause.errno else cause.strerror).lower()
    if isinstance(error, httpx.RemoteProtocolError):
        return "it closed the connection, or does not speak HTTP"
    if isinstance(error, httpx.ReadError | httpx.WriteError | httpx.CloseError):
        return "the connection broke"
    return f"the call failed ({type(error).__name__})"


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
