"""What a status and the headers of an answer mean, and its body within bounds."""

import io
import json
import re
from collections.abc import Callable
from datetime import UTC
from http import HTTPStatus

from eitui.api.errors import ApiError, BadAnswer, Busy, Rejected, Unreachable
from eitui.api.lenient import prose
from eitui.api.transport import httpx
from eitui.config.hiding import STAND_IN
from eitui.domain.text import clean
from eitui.errors import Code

PROSE_BYTES = 64 * 1024
"""How much of a refusal's body is read."""

PROSE_LENGTH = 300
"""How much of it is shown, in characters."""

LONGEST_WAIT_S = 600.0
"""Longest Retry-After that is honoured, in seconds."""

Hide = Callable[[str], str]
"""Takes the API key out of a text of the service's, before it is cut: a part of the key would not be known again."""

_ENCODINGS = ("", "identity", "gzip", "x-gzip", "deflate")
_GATEWAY = (502, 504)

_REFUSED = {
    401: (
        "The API key was refused",
        "Set EI_API_KEY to a key from the project's Dashboard > Keys in the Studio.",
        Code.KEY_REFUSED,
    ),
    403: (
        "The API key does not allow this",
        "Use a key of this project, with its admin role.",
        Code.KEY_REFUSED,
    ),
    404: ("The service does not have this", "Check the project id and the endpoint.", None),
}
"""What a status means, what to do, and its code where that is final; 404 is an answer to the question."""


async def read_body(response: httpx.Response, limit: int, hide: Hide) -> bytes:
    """Return the decoded body of `response`.

    A chunk off the network is at most 64 KiB and inflates at most 1,032-fold, so that is all that a body made to
    explode takes beyond `limit`. Other compressions have no such bound and are refused: they were not asked for.

    Raises:
        BadAnswer: it is longer than `limit` bytes, or compressed in a way that was not asked for.
    """
    encoding = response.headers.get("content-encoding", "").strip().lower()
    if encoding not in _ENCODINGS:
        raise BadAnswer(f"The service's answer is compressed in an unknown way ({_quoted(encoding, hide, 40)})")
    declared = response.headers.get("content-length", "")
    if declared.isdecimal() and (len(declared) > 12 or int(declared) > limit):
        raise _too_large(limit)
    # BytesIO hands out what it gathered without a copy; joining chunks would hold a large body twice.
    body = io.BytesIO()
    async for chunk in response.aiter_bytes():
        if body.tell() + len(chunk) > limit:
            raise _too_large(limit)
        body.write(chunk)
    return body.getvalue()


def _too_large(limit: int) -> BadAnswer:
    size = f"{limit / 2**20:g} MiB" if limit >= 2**20 else f"{limit} bytes"
    return BadAnswer(f"The service's answer is larger than {size}")


def _quoted(text: str, hide: Hide, limit: int = PROSE_LENGTH) -> str:
    """Return a text of the service's, clean, without the key, and only then cut to `limit` characters."""
    # Cleaned first: what it leaves out may have stood between the characters of the key.
    return clean(hide(clean(text, len(text) + 1)), limit)


def check_json(response: httpx.Response, body: bytes, hide: Hide) -> None:
    """Refuse what is plainly no JSON object in UTF-8, in words that say what it is instead.

    Raises:
        BadAnswer: it is a web page, empty, or something else.
    """
    # Python's parser would take it, and nobody would know the key in it again.
    if b"\0" in body[:4]:
        raise BadAnswer("The service's answer is UTF-16 or UTF-32 text, and JSON is UTF-8")
    start = body[:64].lstrip(b"\xef\xbb\xbf \t\r\n")
    if start.startswith(b"{"):
        return
    kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if start.startswith(b"<") or kind == "text/html":
        raise BadAnswer(
            "The answer is a web page, not the API's",
            "Check the endpoint; a proxy or a network's log-in page may answer in the service's place.",
        )
    if not start:
        raise BadAnswer("The service's answer is empty")
    raise BadAnswer(
        f"The service's answer is not a JSON object (it calls itself {_quoted(kind, hide, 60) or 'nothing'})"
    )


async def service_refusal(response: httpx.Response, now: float, hide: Hide) -> ApiError:
    """Return what a response that is not a success means; `now` is in seconds since the Unix epoch."""
    status = response.status_code
    location = response.headers.get("location", "")
    if 300 <= status < 400 and not location:
        return BadAnswer(f"The service's answer has an unexpected status ({status})")
    if 300 <= status < 400:
        try:
            target = response.request.url.join(location)
            where = _quoted(f"{target.scheme}://{target.netloc.decode('ascii', 'replace')}", hide)
        except (httpx.InvalidURL, ValueError):
            where = "an address that cannot be read"
        return Rejected(
            f"The service redirects to {where} ({status})",
            "Redirects are not followed: the API key would go along. If you trust the address, set it as the endpoint.",
            final=True,
        )

    # The service's reason, where there is one that a person can read.
    try:
        body = await read_body(response, PROSE_BYTES, hide)
    except BadAnswer:
        body = b""
    reason = ""
    if b"\0" not in body:  # else it is not UTF-8 text, see `check_json`
        try:
            answer = json.loads(body)
        except (ValueError, RecursionError):
            answer = None
        if isinstance(answer, dict):
            reason = _quoted(prose(answer.get("error"), PROSE_BYTES), hide)
        elif response.headers.get("content-type", "").lower().startswith("text/plain"):
            reason = _quoted(body.decode(errors="replace").strip(), hide)
    reason = f": {reason}" if reason else ""

    phrases = {known.value: known.phrase for known in HTTPStatus}
    name = f"{status} {phrases.get(status, '')}".strip()
    if status in (429, 503):
        wait = retry_after(response.headers.get("retry-after", ""), now)
        advice = f"It asks to wait {wait:.0f} s." if wait else ""
        return Busy(f"The service is busy ({name}){reason}", advice, retry_after=wait, may_have_acted=status == 503)
    if status in _GATEWAY:
        return Unreachable(f"The service's gateway did not reach it ({name})", may_have_acted=True)
    if status in _REFUSED:
        what, advice, code = _REFUSED[status]
        final = code is not None
        return Rejected(f"{what} ({name}){reason}", advice, final=final, answered=not final, code=code)
    if 400 <= status < 600:
        failed = status >= 500
        return Rejected(f"The service {'failed' if failed else 'refused'} ({name}){reason}", may_have_acted=failed)
    return BadAnswer(f"The service's answer has an unexpected status ({name})")


def retry_after(header: str, now: float) -> float | None:
    """Return a Retry-After header as seconds from `now`, from 0 to 600; None where it says nothing that can be read.

    `now` is in seconds since the Unix epoch: the header may hold a date.
    """
    header = header.strip()
    if header.isascii() and header.isdigit():
        return min(float(header[:9]), LONGEST_WAIT_S)
    date = http_date(header)
    return None if date is None else min(max(date - now, 0.0), LONGEST_WAIT_S)


def http_date(header: str) -> float | None:
    """Return a date in a header as seconds since the Unix epoch; None where there is none that can be read."""
    from email.utils import parsedate_to_datetime

    try:
        date = parsedate_to_datetime(header)
        # A date without a zone is in UTC: every date of HTTP is.
        return (date if date.tzinfo is not None else date.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError, IndexError, TypeError):
        return None


_WINDOW = 2**20


def without(body: bytes, secret: str) -> bytes:
    """Return `body`, JSON in UTF-8, with `STAND_IN` wherever a string in it holds `secret`, which is ASCII.

    Upper and lower case count as the same, and so do the ways in which JSON can write a character.
    """
    # A window at a time: a large body is never held twice.
    wanted, view = secret.lower().encode("ascii"), memoryview(body)
    step = _WINDOW - len(wanted) + 1
    plain = any(wanted in bytes(view[at : at + _WINDOW]).lower() for at in range(0, len(body), step))
    # Nothing that writes JSON has a reason to write one of its characters as an escape (but `=`, `\/`). Matching a
    # whole secret that may be escaped takes a second for 40 MB, so it is only tried where one is found.
    one_escaped = b"|".join(way for char in sorted(set(secret)) for way in _escapes(char))
    if not plain and not re.search(one_escaped, body):
        return body
    # Both cases are spelt out: with the flag for it the search has no first characters to look for.
    ways = ([re.escape(case.encode()) for case in {char.lower(), char.upper()}] + _escapes(char) for char in secret)
    return re.sub(b"".join(b"(?:%b)" % b"|".join(way) for way in ways), STAND_IN.encode("ascii"), body)


def _escapes(char: str) -> list[bytes]:
    ways = [rb"\\u00(?i:%02x)" % ord(case) for case in {char.lower(), char.upper()}]
    return [*ways, re.escape(b"\\" + char.encode())] if char in '"\\/' else ways
