"""A real browser without a window: Chromium, over the DevTools protocol."""

import asyncio
import base64
import json
import os
import shutil
import subprocess
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pyte

PATIENCE = 60.0
"""Seconds until something that has not happened never will: a browser starts slowly on a busy machine."""


def chromium() -> str:
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert path, "Chromium is needed: apt-get install chromium"
    return path


class Page:
    """A page, and all that went over its connections."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._number = 0
        self._answers: dict[int, asyncio.Future[Any]] = {}
        self._changed = asyncio.Event()
        self.asked: list[str] = []
        """Addresses that were asked for, websockets too."""
        self.complaints: list[str] = []
        """What the browser wrote into its console as an error."""
        self._screen = pyte.Screen(400, 200)
        self._stream = pyte.ByteStream(self._screen)
        self.size = ""
        """The last size that the page told, as it was sent."""
        self.closed = False
        """Whether the websocket has been closed."""
        self._reading = asyncio.create_task(self._read())

    async def _read(self) -> None:
        async for message in self._socket:
            told = json.loads(message.data)
            if "id" in told:
                self._answers.pop(told["id"]).set_result(told)
            else:
                self._take(told.get("method"), told.get("params", {}))
            self._changed.set()

    def _take(self, method: str, what: Any) -> None:
        if method == "Network.requestWillBeSent":
            self.asked.append(what["request"]["url"])
        elif method == "Network.webSocketCreated":
            self.asked.append(what["url"])
        elif method == "Network.webSocketClosed":
            self.closed = True
        elif method == "Network.webSocketFrameSent" and "resize" in what["response"]["payloadData"]:
            self.size = what["response"]["payloadData"]
        elif method == "Network.webSocketFrameReceived" and what["response"]["opcode"] == 2:
            self._stream.feed(base64.b64decode(what["response"]["payloadData"]))
        elif method == "Log.entryAdded" and what["entry"]["level"] == "error":
            self.complaints.append(what["entry"]["text"])
        elif method == "Runtime.exceptionThrown":
            self.complaints.append(json.dumps(what))

    async def send(self, method: str, **what: Any) -> Any:
        """Send a command; return its result."""
        self._number += 1
        answer = self._answers[self._number] = asyncio.get_running_loop().create_future()
        await self._socket.send_json({"id": self._number, "method": method, "params": what})
        told = await asyncio.wait_for(answer, PATIENCE)
        assert "error" not in told, told
        return told["result"]

    async def evaluate(self, expression: str) -> Any:
        """Return the value of an expression of JavaScript."""
        done = await self.send("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in done, done
        return done["result"].get("value")

    async def type(self, text: str) -> None:
        """Press the keys of these characters."""
        for char in text:
            await self.send("Input.dispatchKeyEvent", type="keyDown", text=char, key=char)
            await self.send("Input.dispatchKeyEvent", type="keyUp", key=char)

    @property
    def text(self) -> str:
        """What a terminal shows of the bytes that came through the websocket."""
        return "\n".join(line.rstrip() for line in self._screen.display).rstrip()

    async def wait_for(self, condition: str | Callable[[], bool]) -> None:
        """Wait until a text is on the screen, or a condition holds."""
        async with asyncio.timeout(PATIENCE):
            while not (condition in self.text if isinstance(condition, str) else condition()):
                self._changed.clear()
                await self._changed.wait()

    async def close(self) -> None:
        await self.send("Page.close")
        self._reading.cancel()


class Browser:
    """A running Chromium. Make it with `browser`."""

    def __init__(self, session: aiohttp.ClientSession, port: int) -> None:
        self._session, self._port = session, port

    async def open(self, address: str, columns: int = 1200, lines: int = 800) -> Page:
        """Open a page, of so many pixels, in a tab of its own."""
        base = f"http://127.0.0.1:{self._port}"
        async with self._session.put(f"{base}/json/new?about:blank") as answer:
            where = (await answer.json())["webSocketDebuggerUrl"]
        page = Page(await self._session.ws_connect(where, max_msg_size=0))
        for domain in ("Network", "Page", "Runtime", "Log"):
            await page.send(f"{domain}.enable")
        metrics = {"width": columns, "height": lines, "deviceScaleFactor": 1, "mobile": False}
        await page.send("Emulation.setDeviceMetricsOverride", **metrics)
        await page.send("Page.navigate", url=address)
        return page


@asynccontextmanager
async def browser(home: Path) -> AsyncIterator[Browser]:
    """Run Chromium with an empty profile in `home`."""
    command = [
        chromium(), "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
        "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-proxy-server",
        "--remote-debugging-port=0", f"--user-data-dir={home}", "about:blank",
    ]  # fmt: skip
    process = subprocess.Popen(  # noqa: ASYNC220 - its end is waited for in a test
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=os.environ | {"HOME": str(home)}
    )
    try:
        assert process.stderr is not None
        async with asyncio.timeout(PATIENCE):
            line = b""
            while b"DevTools listening on ws://" not in line:
                line = await asyncio.to_thread(process.stderr.readline)
                assert line, "Chromium ended"
        port = int(line.partition(b"127.0.0.1:")[2].partition(b"/")[0])
        async with aiohttp.ClientSession() as session:
            yield Browser(session, port)
    finally:
        process.terminate()
        process.wait(PATIENCE)
        if process.stderr is not None:
            process.stderr.close()
