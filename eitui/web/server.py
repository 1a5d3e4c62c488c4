"""The HTTP server: one page, the files it needs, and a websocket for each browser's monitor."""

import asyncio
import importlib.util
import json
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from aiohttp import WSCloseCode, WSMessage, WSMsgType, web

from eitui.log import log
from eitui.web.child import Child
from eitui.web.guard import Guard

MOST_MONITORS = 20
"""Browsers that may watch at the same time: each has a process of its own."""

LARGEST_MESSAGE = 1 << 20
"""Longest message taken from a browser, in bytes: a text that is pasted."""

HEARTBEAT = 20.0
"""Seconds between signs of life; a browser that does not answer has gone away."""

LONGEST_TAB_TITLE = 200
"""Characters of the title."""

OPEN_THE_ADDRESS = "Open the address that `eitui serve` printed.\n"

_HEADERS = {
    # Nothing is fetched from elsewhere, and no other site may show the page within its own. The terminal's script sets
    # styles.
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "font-src 'self'; img-src data:; connect-src {socket}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",  # the address has the token in it
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
    "Server": "eitui",
}

_KINDS = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".ttf": "font/ttf"}

_TITLE = re.compile(rb"\x1b\][02];([^\x07\x1b]*)(?:\x07|\x1b\\)")

StartChild = Callable[[int, int], Awaitable[Child]]
"""Starts a monitor on so many columns and lines."""


def page_files() -> Mapping[str, Path]:
    """Return every file that is served, by its path below the token. Those of textual-serve are its `static/`.

    Its own page is not among them: it has a font fetched from another server.

    Raises:
        ModuleNotFoundError: textual-serve is not installed.
    """
    found = importlib.util.find_spec("textual_serve")
    if found is None or not found.submodule_search_locations:
        raise ModuleNotFoundError("textual_serve")
    static = Path(found.submodule_search_locations[0]) / "static"
    page = Path(str(files("eitui.web"))) / "page"
    own = {"": "index.html", "page.css": "page.css", "page.js": "page.js"}
    theirs = (
        "css/xterm.css",
        "js/textual.js",
        "fonts/RobotoMono-VariableFont_wght.ttf",
        "fonts/RobotoMono-Italic-VariableFont_wght.ttf",
    )
    return {name: page / file for name, file in own.items()} | {f"static/{name}": static / name for name in theirs}


@dataclass(frozen=True)
class _Address:
    """What a request's path says: `/TOKEN/REST`."""

    token: str
    rest: str | None
    """None where nothing, not even a slash, follows the token."""

    @classmethod
    def of(cls, path: str) -> "_Address":
        token, slash, rest = path.removeprefix("/").partition("/")
        return cls(token, rest if slash else None)


class Server:
    """Answers requests that `guard` lets through. Use it as an asynchronous context manager.

    Args:
        guard: who is answered.
        start: starts a monitor.
        served: the files, as `page_files` names them.
    """

    def __init__(self, guard: Guard, start: StartChild, served: Mapping[str, Path]) -> None:
        self._guard, self._start, self._files = guard, start, served
        self._sockets: set[web.WebSocketResponse] = set()
        app = web.Application()
        # One handler for all there is: no path can be added that the guard does not see.
        app.router.add_route("*", "/{path:.*}", self._answer)
        self._runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=2.0)

    async def listen(self, host: str, port: int) -> int:
        """Listen at `host` and `port` (0: any that is free); return the port.

        Raises:
            OSError: the port is taken, or the host is not this machine's.
        """
        await self._runner.setup()
        site = web.TCPSite(self._runner, host, port)
        await site.start()
        address: Any = self._runner.addresses[0]
        return int(address[1])

    async def close(self) -> None:
        """Take no more requests, and end every monitor."""
        sockets = tuple(self._sockets)
        await asyncio.gather(*(socket.close(code=WSCloseCode.GOING_AWAY) for socket in sockets), return_exceptions=True)
        await self._runner.cleanup()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        # As it was sent: a token has no character that would be encoded.
        address = _Address.of(request.raw_path.partition("?")[0])
        is_socket = address.rest == "socket"
        host, origin = request.headers.getall("Host", []), request.headers.get("Origin")
        refusal = "" if len(host) == 1 else "One Host is needed."
        refusal = refusal or self._guard.refusal(host[0], origin, needs_origin=is_socket)
        if refusal or not self._guard.knows(address.token):
            log.info("A request was refused: %s", refusal or "another token")
            return self._text(request, 403, f"{refusal} {OPEN_THE_ADDRESS}".lstrip())
        if request.method not in ("GET", "HEAD"):
            return self._text(request, 405, "This server only shows.\n")
        if is_socket and request.method == "GET":
            return await self._monitor(request)
        if address.rest is None:
            return web.Response(status=302, headers=self._headers(request) | {"Location": f"/{address.token}/"})
        path = self._files.get(address.rest)
        if path is None:
            return self._text(request, 404, "There is no such file.\n")
        body = await asyncio.to_thread(path.read_bytes)
        return web.Response(
            body=body,
            content_type=_KINDS[path.suffix],
            charset=None if path.suffix == ".ttf" else "utf-8",
            headers=self._headers(request),
        )

    def _text(self, request: web.Request, status: int, text: str) -> web.Response:
        return web.Response(status=status, text=text, headers=self._headers(request))

    def _headers(self, request: web.Request) -> dict[str, str]:
        # Not every browser takes 'self' for a websocket too. A host that was refused is not repeated.
        host = request.headers.get("Host", "")
        sockets = f"ws://{host} wss://{host}" if not self._guard.refusal(host, None) else "'none'"
        return {name: value.replace("{socket}", sockets) for name, value in _HEADERS.items()}

    async def _monitor(self, request: web.Request) -> web.StreamResponse:
        if len(self._sockets) >= MOST_MONITORS:
            return self._text(request, 503, f"{MOST_MONITORS} browsers watch already: close one.\n")
        socket = web.WebSocketResponse(heartbeat=HEARTBEAT, max_msg_size=LARGEST_MESSAGE, compress=False)
        self._sockets.add(socket)
        try:
            await socket.prepare(request)
            child = await self._start(_number(request.query.get("width"), 80), _number(request.query.get("height"), 24))
            log.info("A browser has a monitor: process %d", child.pid)
            shown = asyncio.create_task(_show(child, socket))
            try:
                async for message in socket:
                    if not _take(child, message):
                        log.info("A browser sent what is no message")
                        break
            finally:
                shown.cancel()
                # The browser does not wait for the end of what it has left.
                await asyncio.gather(shown, socket.close(), return_exceptions=True)
                await child.close()
                log.info("The monitor of process %d has ended", child.pid)
        finally:
            self._sockets.discard(socket)
        return socket


async def _show(child: Child, socket: web.WebSocketResponse) -> None:
    """Hand on what the monitor draws, no faster than the browser takes it; close the socket at its end."""
    try:
        while data := await child.read():
            await socket.send_bytes(data)
            if titles := _TITLE.findall(data):
                await socket.send_str(json.dumps(["title", titles[-1].decode("utf-8", "replace")[:LONGEST_TAB_TITLE]]))
    except ConnectionError:
        return  # The browser has gone.
    await socket.close()


def _take(child: Child, message: WSMessage) -> bool:
    """Do what the terminal's script asks for; return False for what it never sends."""
    if message.type is not WSMsgType.TEXT:
        return False
    try:
        asked = json.loads(message.data)
    except (ValueError, RecursionError):
        return False
    match asked:
        case ["stdin", str(typed)]:
            child.write(typed.encode("utf-8", "replace"))
        case ["resize", {"width": int(columns), "height": int(lines)}]:
            child.resize(columns, lines)
        case ["ping" | "focus" | "blur", *_]:
            pass  # aiohttp has its own heartbeat
        case _:
            return False
    return True


def _number(text: str | None, otherwise: int) -> int:
    return int(text) if text is not None and re.fullmatch(r"\d{1,4}", text, re.ASCII) else otherwise
