"""`eitui serve`: the monitor in a real browser, and how a server ends.

Needs Chromium (`apt-get install chromium`).
"""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import psutil
import pytest
from browser import PATIENCE, browser
from look_alike import LookAlike

EITUI = str(Path(sys.executable).with_name("eitui"))
ADDRESS = re.compile(r"http://127\.0\.0\.1:(\d+)/([\w-]{32})/\n")


class Server:
    """A running `eitui serve`."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        assert process.stdout is not None
        self.process = process
        self.address = process.stdout.readline()
        assert ADDRESS.fullmatch(self.address), self.address
        self.address = self.address.strip()

    def below(self) -> list[psutil.Process]:
        """All processes that it has started."""
        return psutil.Process(self.process.pid).children(recursive=True)

    def monitors(self) -> list[psutil.Process]:
        return [process for process in self.below() if "eitui.cli.served" in process.cmdline()]

    async def connect(self, session: aiohttp.ClientSession) -> "aiohttp.ClientWebSocketResponse[bool]":
        parts = urlsplit(self.address)
        origin = f"{parts.scheme}://{parts.netloc}"
        socket = await session.ws_connect(f"{self.address}socket?width=100&height=40", origin=origin)
        shown = b""
        while b"Trials" not in shown:
            message = await socket.receive(PATIENCE)
            assert message.type in (aiohttp.WSMsgType.BINARY, aiohttp.WSMsgType.TEXT), (message, shown)
            shown += message.data if message.type is aiohttp.WSMsgType.BINARY else b""
        return socket


@contextmanager
def serve(home: Path, *words: str, **environ: str) -> Iterator[Server]:
    process = subprocess.Popen(
        [EITUI, "serve", *words, "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={"PATH": os.environ["PATH"], "HOME": str(home), "PYTHONWARNINGS": "error"} | environ,
    )
    try:
        yield Server(process)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
        process.communicate(timeout=PATIENCE)


async def test_a_browser_shows_the_monitor_takes_keys_and_fetches_nothing_from_elsewhere(tmp_path: Path) -> None:
    with serve(tmp_path, "demo") as server:
        async with browser(tmp_path / "profile") as chromium:
            page = await chromium.open(server.address)
            await page.wait_for("completed")
            # The page has drawn it: of an empty one there is one colour.
            assert await page.evaluate("document.querySelectorAll('.xterm-screen canvas').length") > 0
            await page.send("Browser.grantPermissions", permissions=["clipboardReadWrite", "clipboardSanitizedWrite"])
            await page.type("y")
            await page.wait_for("Sent to the terminal's clipboard")
            copied = str(await page.evaluate("navigator.clipboard.readText()"))
            assert copied.startswith("trial_id\t"), copied
            await page.type("?")
            await page.wait_for("Moving")
            before = page.size
            await page.send(
                "Emulation.setDeviceMetricsOverride", width=640, height=400, deviceScaleFactor=1, mobile=False
            )
            await page.wait_for(lambda: page.size != before)
            assert {urlsplit(asked).netloc for asked in page.asked} == {urlsplit(server.address).netloc}
            assert page.complaints == []
            (monitor,) = server.monitors()
            await page.type("qq")
            await page.wait_for(lambda: page.closed)
            assert await page.evaluate("getComputedStyle(document.getElementById('ended')).display") == "block"
            monitor.wait(PATIENCE)

            second = await chromium.open(server.address)
            await second.wait_for("completed")
            everything = server.below()
            await second.close()
            gone, _ = psutil.wait_procs(everything, PATIENCE)
            assert len(gone) == len(everything) >= 2, "the monitor and its simulated service end with the page"


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGKILL, -9)])
async def test_the_end_of_the_server_is_that_of_its_monitors(tmp_path: Path, number: signal.Signals, code: int) -> None:
    with serve(tmp_path, "demo") as server:
        async with aiohttp.ClientSession() as session:
            first, second = await server.connect(session), await server.connect(session)
            assert len(server.monitors()) == 2, "each browser has its own"
            everything = server.below()
            server.process.send_signal(number)
            assert server.process.wait(PATIENCE) == code
            assert psutil.wait_procs(everything, PATIENCE)[1] == []
            await first.close()
            await second.close()


async def test_the_key_and_the_options_are_seen_by_no_other_user(tmp_path: Path) -> None:
    with LookAlike() as service:
        config = tmp_path / "config.toml"
        config.touch(0o600)
        environ = service.environment()
        key = environ.pop("EI_API_KEY")
        config.write_text(f'api_key = "{key}"\n')
        words = ("--config", str(config), "--interval", "17")
        with serve(tmp_path, *words, **environ) as server:
            async with aiohttp.ClientSession() as session:
                socket = await server.connect(session)
                (monitor,) = server.monitors()
                assert not {*words, key} & {*monitor.cmdline()}
                assert key not in monitor.environ().values()
                assert server.address not in monitor.environ().values()
                await socket.close()


def test_without_a_key_nothing_is_served(tmp_path: Path) -> None:
    done = subprocess.run(
        [EITUI, "serve", "--port", "0"], env={"PATH": os.environ["PATH"], "HOME": str(tmp_path)},
        capture_output=True, text=True, timeout=PATIENCE,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (2, "")
    assert "No API key is set" in done.stderr


def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    with serve(tmp_path, "demo") as server:
        port = str(urlsplit(server.address).port)
        done = subprocess.run(
            [EITUI, "serve", "demo", "--port", port], env={"PATH": os.environ["PATH"], "HOME": str(tmp_path)},
            capture_output=True, text=True, timeout=PATIENCE,
        )  # fmt: skip
    assert (done.returncode, done.stdout) == (2, "")
    assert f"Cannot listen at 127.0.0.1, port {port}: address already in use" in done.stderr


def test_an_address_for_others_is_served_with_a_warning(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [EITUI, "serve", "demo", "--port", "0", "--host", "0.0.0.0"], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True, env={"PATH": os.environ["PATH"], "HOME": str(tmp_path)},
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline().startswith("http://0.0.0.0:")
    process.send_signal(signal.SIGINT)
    assert "plain HTTP" in process.communicate(timeout=PATIENCE)[1]
